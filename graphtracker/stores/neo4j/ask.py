"""How the parts of the Neo4j store send a statement of ``cypher/``: by its name, with its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import neo4j

from graphtracker.cypher import statement
from graphtracker.stores.neo4j.properties import READ_BY_KEY

_ALWAYS = {"own": READ_BY_KEY, "as_of": None}


class Ask(Protocol):
    """Sends a statement by its name, with its parameters; returns its rows as lists."""

    def __call__(self, name: str, parts: Mapping[str, str] | None = None, /, **parameters: Any) -> list[list[Any]]:
        """The rows of ``cypher/name.cypher``; ``parts`` are those that it has places for."""


def asking(run: Callable[..., neo4j.Result]) -> Ask:
    """Ask, by the ``run`` of a session or a transaction; a statement may name ``$own``: which properties are no
    metadata, and ``$as_of``: the time it is about, now where none is given."""

    def ask(name: str, parts: Mapping[str, str] | None = None, /, **parameters: Any) -> list[list[Any]]:
        text = statement(name) if parts is None else completed(statement(name), parts)
        return run(text, {**_ALWAYS, **parameters}).values()

    return ask


def completed(text: str, parts: Mapping[str, str]) -> str:
    """The statement with its parts, each in the place of ``/* name */ true``; raises KeyError where one is lacking."""
    return _PLACE.sub(lambda place: parts[place[1]], text)


_PLACE = re.compile(r"/\* (\w+) \*/ true")
