"""The stores, chosen by the scheme of a URL; each is imported on use."""

from __future__ import annotations

import os
from importlib import import_module
from urllib.parse import quote, urlencode

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.stores.contract import Store
from graphtracker.stores.neo4j.url import neo4j_url
from graphtracker.stores.urls import MEMORY, StoreURL, parse

SPOOL_FOLDER = ".spool"
"""How a path ends that names a spool folder, also one that is not there yet."""

_SPOOL = "graphtracker.spool.store:SpoolStore"
_NEO4J = "graphtracker.stores.neo4j.store:Neo4jStore"
STORES = {
    "sqlite": "graphtracker.stores.sqlite.store:SQLiteStore",
    "neo4j": _NEO4J,
    "neo4j+s": _NEO4J,
    "neo4j+ssc": _NEO4J,
    "bolt": _NEO4J,
    "bolt+s": _NEO4J,
    "bolt+ssc": _NEO4J,
}
"""Scheme → import string of a Store that is made from a StoreURL."""


def open_store(url: str | os.PathLike[str]) -> Store:
    """The store of this URL or path, not yet connected; raises InvalidInput for what it does not know."""
    parsed = _known(url)
    target = _SPOOL if parsed.scheme == "sqlite" and is_spool(parsed.rest) else STORES[parsed.scheme]
    module, _, name = target.partition(":")
    return _made(getattr(import_module(module), name), parsed)


def delivery_url(url: str | os.PathLike[str]) -> str:
    """The URL, without a password, by which another process finds the same store; raises InvalidInput as the store."""
    parsed = _known(url)
    if parsed.scheme != "sqlite":
        return neo4j_url(parsed).for_others
    if parsed.rest == MEMORY or is_spool(parsed.rest):
        raise InvalidInput(f"a spool cannot be delivered to {quoted(parsed.shown)}; name a file or a server")
    options = f"?{urlencode(parsed.options)}" if parsed.options else ""
    return f"sqlite:///{quote(parsed.rest)}{options}" if options else parsed.rest


def memory_store() -> Store:
    """A new, empty store in memory."""
    return open_store(MEMORY)


def is_spool(path: str) -> bool:
    """Whether a path names spools rather than a database: ``….jsonl``, ``….spool``, or a folder with spools in it."""
    if path.endswith((".jsonl", SPOOL_FOLDER)):
        return True
    return os.path.isdir(path) and any(name.endswith(".jsonl") for name in _names(path))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _known(url: str | os.PathLike[str]) -> StoreURL:
    parsed = parse(url)
    if parsed.scheme not in STORES:
        raise InvalidInput(f"no store for {quoted(parsed.shown)}; give {_KNOWN}")
    return parsed


def _made(kind: type[Store], parsed: StoreURL) -> Store:
    return kind(parsed)  # type: ignore[call-arg]  # every store of the table takes its URL


_KNOWN = "a path such as lineage.db, sqlite:///lineage.db, :memory:, lineage.spool, or neo4j://localhost:7687"
