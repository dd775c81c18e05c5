"""Store URLs: what they name, with their passwords hidden."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from graphtracker.environment import absolute
from graphtracker.errors import InvalidInput
from graphtracker.model.display import printable, quoted

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PASSWORD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:)\S*@")  # greedy: a password may hold any character
_SECRET_OPTION = re.compile(r"(?i)([?&;\s](?:password|token|secret)=)[^&;\s]*")

MEMORY = ":memory:"
NEO4J = "neo4j"
"""As a URL: the Neo4j that the environment names."""


@dataclass(frozen=True)
class StoreURL:
    """A store's scheme, the rest of its URL, and its options; ``shown`` is how messages name it."""

    scheme: str
    rest: str = field(repr=False)  # may hold a password
    shown: str
    options: dict[str, str] = field(default_factory=dict)


def without_password(text: str) -> str:
    """The text with every password in a URL written as ``***``, and printable.

    >>> without_password("neo4j://ada:secret@db.example:7687")
    'neo4j://ada:***@db.example:7687'
    """
    return printable(_SECRET_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1***@", text)))


def parse(url: str | os.PathLike[str]) -> StoreURL:
    """The parts of a store URL or path; raises InvalidInput where it is neither.

    A path is taken as it is (``~`` expanded). ``sqlite:///path.db`` is relative and ``sqlite:////path.db`` absolute, as
    in SQLAlchemy, with ``%XX`` escapes and ``?option=value``.
    """
    text = os.fspath(url) if isinstance(url, os.PathLike) else url
    if not isinstance(text, str):
        raise InvalidInput(f"a store URL must be text or a path, not {quoted(text)}")
    shown = without_password(text)
    _check_nameable(text, shown)
    if url == NEO4J:
        return StoreURL(NEO4J, "", shown)
    scheme = _SCHEME.match(text)
    if not scheme:
        return StoreURL("sqlite", _path(text), shown)
    if scheme[1].lower() != "sqlite":
        return _with_host(scheme[1].lower(), text[scheme.end() :], shown)
    rest, _, query = text[scheme.end() :].partition("?")
    path = unquote(rest)
    _check_nameable(path[1:], shown)
    if not path.startswith("/"):
        raise InvalidInput(f"{quoted(shown)} has a host; write sqlite:///relative.db or sqlite:////absolute.db")
    options = dict(parse_qsl(query, keep_blank_values=True))
    return StoreURL("sqlite", _path(path[1:]), shown, options)


def _with_host(scheme: str, rest: str, shown: str) -> StoreURL:
    credentials, at, place = rest.rpartition("@")  # a password may hold any character
    host, _, query = place.partition("?")
    return StoreURL(scheme, credentials + at + host, shown, dict(parse_qsl(query, keep_blank_values=True)))


def _check_nameable(text: str, shown: str) -> None:
    if not text or "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidInput(f"{quoted(shown)} names no store; give a path such as lineage.db, or a URL")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        raise InvalidInput(f"the store {quoted(shown)} stands in quotes; write it without them: {shown[1:-1]}")
    if text.startswith("sqlite:") and "://" not in text:
        raise InvalidInput(f"{quoted(shown)} is neither a path nor a URL; write sqlite:///lineage.db, or lineage.db")


def _path(text: str) -> str:
    return text if text == MEMORY else absolute(text)
