"""How the parts of the Neo4j store send a statement of ``cypher/``: by its name, with its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import neo4j

from graphtracker.cypher import statement
from graphtracker.stores.neo4j.properties import READ_BY_KEY

_ALWAYS = {"own": READ_BY_KEY, "as_of": None}

# A server plans a statement anew for each order of magnitude that a list of its parameters has, and does not look into
# maps. Lists that a statement only looks into stay as they are: of a parameter it makes a set.
_UNWOUND = frozenset({"forgotten", "keys", "places", "run_ids", "wanted"})


class Ask(Protocol):
    """Sends a statement by its name, with its parameters; returns its rows as lists."""

    def __call__(self, name: str, parts: Mapping[str, str] | None = None, /, **parameters: Any) -> list[list[Any]]:
        """The rows of ``cypher/name.cypher``; ``parts`` are those that it has places for."""


def asking(run: Callable[..., neo4j.Result]) -> Ask:
    """Ask, by the ``run`` of a session or a transaction; a statement may name ``$own``: which properties are no
    metadata, ``$as_of``: the time it is about, now where none is given, and ``$rows``: the lists that it unwinds."""

    def ask(name: str, parts: Mapping[str, str] | None = None, /, **parameters: Any) -> list[list[Any]]:
        text = statement(name) if parts is None else completed(statement(name), parts)
        rows = {key: value for key, value in parameters.items() if key in _UNWOUND}
        return run(text, {**_ALWAYS, "rows": rows, **parameters}).values()

    return ask


def completed(text: str, parts: Mapping[str, str]) -> str:
    """The statement with its parts, each in the place of ``/* name */ true``; raises KeyError where one is lacking."""
    return _PLACE.sub(lambda place: parts[place[1]], text)


_PLACE = re.compile(r"/\* (\w+) \*/ true")
