"""The stores, chosen by the scheme of their URL and imported on use."""

from __future__ import annotations

import os
from importlib import import_module

from graphtracker.display import quoted
from graphtracker.errors import InvalidInput
from graphtracker.stores.contract import Store
from graphtracker.urls import StoreURL, parse

_NEO4J = "graphtracker.stores.neo4j:Neo4jStore"
STORES = {
    "sqlite": "graphtracker.stores.sqlite:SQLiteStore",
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
    parsed = parse(url)
    target = STORES.get(parsed.scheme)
    if target is None or parsed.rest.endswith(".jsonl"):
        raise InvalidInput(f"no store for {quoted(parsed.shown)}; give {_KNOWN}")
    module, _, name = target.partition(":")
    return _made(getattr(import_module(module), name), parsed)


def _made(kind: type[Store], parsed: StoreURL) -> Store:
    return kind(parsed)  # type: ignore[call-arg]  # every store of the table takes its URL


_KNOWN = "a path such as lineage.db, sqlite:///lineage.db, :memory:, or neo4j://localhost:7687"
