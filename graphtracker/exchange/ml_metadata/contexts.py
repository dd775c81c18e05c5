"""What the contexts of an execution, or of an artifact, say of it."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import NamedTuple

from graphtracker.exchange.history import BEFORE_ALL
from graphtracker.exchange.ml_metadata import sql
from graphtracker.exchange.ml_metadata.rows import rows
from graphtracker.exchange.ml_metadata.values import value_of
from graphtracker.exchange.times import from_milliseconds

_KEPT = 1000  # contexts in memory: those of one pipeline run are met together


class _Context(NamedTuple):
    kind: str
    name: str
    updated: int
    properties: dict[str, object]
    parents: list[int]


class Contexts:
    """The contexts of a file, by id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._context = lru_cache(_KEPT)(self._read)
        self._together = lru_cache(_KEPT)(self._merged)

    def of(self, contexts: list[int]) -> tuple[dict[str, object], int]:
        """Metadata of what belongs to these contexts, hence to all above them, and when that last changed (ns)."""
        return self._together(tuple(contexts)) if contexts else ({}, BEFORE_ALL)

    def _merged(self, contexts: tuple[int, ...]) -> tuple[dict[str, object], int]:
        by_kind: dict[str, list[_Context]] = {}
        changed = BEFORE_ALL
        for context in self._with_parents(contexts):
            by_kind.setdefault(context.kind, []).append(context)
            changed = max(changed, context.updated)
        said: dict[str, object] = {}
        for kind, found in by_kind.items():
            said |= _said(f"contexts.{kind}", found)
        return said, changed

    def _with_parents(self, contexts: tuple[int, ...]) -> list[_Context]:
        """Each once, in the order of ids."""
        met: dict[int, _Context] = {}
        ahead = [*contexts]
        while ahead:
            number = ahead.pop()
            context = None if number in met else self._context(number)
            if context is not None:
                met[number] = context
                ahead += context.parents
        return [met[number] for number in sorted(met)]

    def _read(self, context: int) -> _Context | None:
        asked = {"context": context}
        row = next(rows(self._connection, sql.CONTEXT, asked), None)
        if row is None:
            return None
        kind, name, updated = row
        properties = {
            f"{'custom_properties' if custom else 'properties'}.{key}": value_of(*value)
            for key, custom, *value in rows(self._connection, sql.CONTEXT_PROPERTIES, asked)
        }
        parents = [parent for (parent,) in rows(self._connection, sql.PARENT_CONTEXTS, asked)]
        at = from_milliseconds(updated) or BEFORE_ALL
        return _Context(str(kind or "context"), str(name), at, properties, parents)


def _said(key: str, contexts: list[_Context]) -> dict[str, object]:
    if len(contexts) == 1:
        (context,) = contexts
        return {key: context.name} | {f"{key}.{name}": value for name, value in context.properties.items()}
    said: dict[str, object] = {key: [context.name for context in contexts]}
    for name in dict.fromkeys(name for context in contexts for name in context.properties):
        said[f"{key}.{name}"] = {
            context.name: context.properties[name] for context in contexts if name in context.properties
        }
    return said
