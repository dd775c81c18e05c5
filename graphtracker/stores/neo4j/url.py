"""Where a Neo4j is, as whom to use it: from a store URL, else from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from graphtracker import environment
from graphtracker.errors import AccessDenied, InvalidInput
from graphtracker.model.display import quoted
from graphtracker.stores.urls import NEO4J, StoreURL, parse

_OPTIONS = ("connection_timeout", "database", "timeout")


@dataclass(frozen=True)
class Neo4jURL:
    """What a driver needs. ``timeout`` and ``connection_timeout`` are seconds: how long to wait for what another
    writer holds, and for a server that does not answer."""

    address: str
    shown: str
    username: str | None
    password: str | None = field(repr=False)
    database: str
    timeout: float
    connection_timeout: float

    @property
    def routed(self) -> bool:
        """Whether the driver asks which members the cluster has, and may try another one."""
        return self.address.startswith("neo4j")

    @property
    def patience(self) -> float:
        """Seconds that a first try waits for a connection: where there may be others, a silent member gets a part."""
        return self.connection_timeout * (0.75 if self.routed else 1.0)

    @property
    def for_others(self) -> str:
        """A URL of the same database without the password, with what this process knew from its environment."""
        scheme, _, host = self.address.partition("://")
        user = f"{quote(self.username, safe='')}@" if self.username else ""
        return f"{scheme}://{user}{host}/{quote(self.database, safe='')}"


def neo4j_url(url: StoreURL) -> Neo4jURL:
    """The parts of the URL; what it does not say comes from ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` (or the file that
    ``NEO4J_PASSWORD_FILE`` names) and ``NEO4J_DATABASE``. The URL ``neo4j`` stands for that in ``NEO4J_URI``.
    """
    if url.shown == NEO4J:
        url = _from_environment()
    credentials, at, host = url.rest.rpartition("@")
    address, slash, path = host.partition("/")
    _check_address(address, url)
    username, colon, password = credentials.partition(":")
    options = _options(url, {"database": unquote(path)} if slash and path else {})
    return Neo4jURL(
        f"{url.scheme}://{address}",
        url.shown,
        unquote(username) if at and username else _read(environment.NEO4J_USERNAME),
        unquote(password) if at and colon else _password(),
        str(options.get("database") or _read(environment.NEO4J_DATABASE) or "neo4j"),
        _seconds(url, options, "timeout", 60.0),
        _seconds(url, options, "connection_timeout", 8.0),
    )


def _read(name: str) -> str | None:
    """A variable without the line break at its end that it was set from a file or a secret with."""
    text = environment.read(name)
    return None if text is None else _without_line_break(text)


def _without_line_break(text: str) -> str:
    return text.rstrip("\r\n")


def _from_environment() -> StoreURL:
    text = _read(environment.NEO4J_URI)
    if not text:
        raise InvalidInput("the store 'neo4j' is the one that NEO4J_URI names, which is not set; give a URL")
    url = parse(text)
    if url.scheme == "sqlite" or not url.rest:
        raise InvalidInput(f"NEO4J_URI is {quoted(url.shown)}, which is no Neo4j URL such as neo4j://localhost:7687")
    return url


def _check_address(address: str, url: StoreURL) -> None:
    try:
        parts = urlsplit(f"//{address}")
        fine = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise InvalidInput(f"{quoted(url.shown)} names no host and port; write {url.scheme}://localhost:7687")


def _options(url: StoreURL, given: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(url.options) - set(_OPTIONS))
    if unknown:
        raise InvalidInput(f"unknown option {quoted(unknown[0])} in {quoted(url.shown)}; use {', '.join(_OPTIONS)}")
    return {**given, **url.options}


def _seconds(url: StoreURL, options: dict[str, str], name: str, default: float) -> float:
    text = options.get(name, str(default))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 1e6:
        raise InvalidInput(f"{name}={quoted(text)} in {quoted(url.shown)} is no number of seconds; write {name}=10")
    return seconds


def _password() -> str | None:
    password = _read(environment.NEO4J_PASSWORD)
    file = environment.read(environment.NEO4J_PASSWORD_FILE)
    if password is not None or not file:
        return password
    try:
        return _without_line_break(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AccessDenied(f"NEO4J_PASSWORD_FILE {quoted(file)} cannot be read: {quoted(error)}") from error
