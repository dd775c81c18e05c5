"""How the parts of the Neo4j store send a statement of ``cypher/``: by its name, with its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import neo4j

from graphtracker.cypher import statement
from graphtracker.stores.neo4j.properties import READ_BY_KEY

_ALWAYS = {"own": READ_BY_KEY, "as_of": None}


class Ask(Protocol):
    """Sends a statement by its name, with its parameters; returns its rows as lists."""

    def __call__(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        """The rows of ``cypher/name.cypher``."""


def asking(run: Callable[..., neo4j.Result]) -> Ask:
    """Ask, by the ``run`` of a session or a transaction; a statement may name ``$own``: which properties are no
    metadata, and ``$as_of``: the time it is about, now where none is given."""

    def ask(name: str, /, **parameters: Any) -> list[list[Any]]:
        return run(statement(name), {**_ALWAYS, **parameters}).values()

    return ask
