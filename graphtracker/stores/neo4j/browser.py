"""The address of Neo4j Browser on a store, with a query in its editor."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from graphtracker.cypher import statement
from graphtracker.errors import InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.browser_files import PREFIX
from graphtracker.stores.neo4j.url import Neo4jURL

_ANYWHERE = ("", "localhost", "0.0.0.0", "::", "127.0.0.1")  # noqa: S104  # what a server says that was told no name

# Browser splits an address after it has decoded it, so nothing that an address is split at may stand in it as it is.
_PLAIN = re.compile(r"[^A-Za-z0-9 _.:/-]")
_QUOTED = {"'": r"\'", "\\": r"\\"}  # Cypher reads \u0027 before it looks for the end of a text


def literal(text: str) -> str:
    r"""The text as a Cypher literal that survives the address of Neo4j Browser.

    >>> literal("a&b's")
    "'a\\u0026b\\'s'"
    """
    return f"'{_PLAIN.sub(_escaped, text)}'"


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    units = character.encode("utf-16-be").hex()
    return _QUOTED.get(character) or "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def query(run_id: str | None) -> str:
    """The query that shows a run's lineage, or the recent runs."""
    if run_id is None:
        return statement(f"{PREFIX}recent_runs")
    return statement(f"{PREFIX}lineage_of_a_run").replace("$run_id", literal(run_id))


def address(ask: Ask, url: Neo4jURL, run_id: str | None, browser: str | None) -> str:
    """The address of Neo4j Browser, connected to this store, with the query in its editor."""
    begin = _checked(browser) if browser is not None else _served(ask, url)
    login = "NO_AUTH" if url.username is None else "NATIVE"
    options = {"dbms": url.address, "db": url.database, "preselectAuthMethod": login}
    options |= {"cmd": "edit", "arg": query(run_id)}
    return f"{begin}?{urlencode(options, quote_via=quote, safe='')}"


def _checked(browser: str) -> str:
    parts = urlsplit(browser)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidInput(f"{quoted(browser)} is no address of Neo4j Browser; write http://localhost:7474/browser/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/browser/", "", ""))


def _served(ask: Ask, url: Neo4jURL) -> str:
    """Where the server says that it serves Browser, with the host by which we reach it where it names none."""
    said = {name: value for name, value in ask("http_address")}  # noqa: C416  # pairs come as lists
    for scheme in ("http", "https"):
        if said.get(f"server.{scheme}.enabled") == "true":
            host, _, port = str(said.get(f"server.{scheme}.advertised_address", "")).rpartition(":")
            if host.strip("[]") in _ANYWHERE:
                host = urlsplit(url.address).netloc.rpartition("@")[2].removesuffix(f":{urlsplit(url.address).port}")
            return f"{scheme}://{host}:{port}/browser/"
    raise StoreError("the server serves no Neo4j Browser; name one with --browser URL")
