"""The schema of the Neo4j store: constraints, indexes, in whose names its version stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from neo4j.exceptions import Neo4jError

from graphtracker.errors import SchemaMismatch
from graphtracker.model.display import quoted
from graphtracker.stores.neo4j.ask import Ask

VERSION = 2

_NAME = re.compile(r"graphtracker_v(\d+)_")


class _Part(NamedTuple):
    """A constraint, or an index alone, with the statement that makes it."""

    statement: str
    label: str
    properties: list[str]
    constraint: bool


_PARTS = {
    "graphtracker_v2_run_id": _Part("schema_run", "Run", ["run_id"], True),
    "graphtracker_v2_artifact": _Part("schema_artifact", "Artifact", ["run_id", "name"], True),
    "graphtracker_v2_artifact_place": _Part("schema_place", "Artifact", ["place"], False),
    "graphtracker_v2_run_created_at": _Part("schema_created_at", "Run", ["created_at"], False),
    "graphtracker_v2_run_name": _Part("schema_name", "Run", ["name"], False),
}

# Another process made the same at the same moment.
_MADE_ALREADY = (
    "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
    "Neo.ClientError.Schema.ConstraintAlreadyExists",
    "Neo.ClientError.Schema.IndexAlreadyExists",
    "Neo.ClientError.Schema.IndexWithNameAlreadyExists",
    "Neo.ClientError.Schema.ConstraintWithNameAlreadyExists",
)


@dataclass(frozen=True)
class Schema:
    """What a database has of our schema: the names of the parts that are missing."""

    missing: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether one may write."""
        return not self.missing


def found(ask: Ask) -> Schema:
    """What is there; raises SchemaMismatch where it is of another version, or something of others has our names."""
    there: dict[str, tuple[str, list[str], bool]] = {}
    for name, labels, properties, owner in ask("schema_show"):
        version = _NAME.match(name)
        if version and int(version[1]) != VERSION:
            way_out = "install a newer graphtracker" if int(version[1]) > VERSION else "name another database"
            raise SchemaMismatch(
                f"the database has schema version {version[1]} of graphtracker, this graphtracker knows {VERSION}; "
                f"{way_out}"
            )
        there[name] = ("".join(labels or []), properties or [], owner is not None)
    for name, part in _PARTS.items():
        _check(name, part, there)
    # The index of a constraint is there before the constraint is: another process may be making it.
    return Schema(
        frozenset(name for name, part in _PARTS.items() if name not in there or there[name][2] < part.constraint)
    )


def _check(name: str, part: _Part, there: dict[str, tuple[str, list[str], bool]]) -> None:
    if name in there:
        if there[name][:2] != (part.label, part.properties):
            raise SchemaMismatch(f"{quoted(name)} is not what graphtracker calls so; drop or rename it")
        return
    for other, (label, properties, _) in there.items():
        if (label, properties) == (part.label, part.properties):
            raise SchemaMismatch(
                f"the index or constraint {quoted(other)} on :{label} ({', '.join(properties)}) stands where "
                f"graphtracker's {quoted(name)} belongs; drop it, or use another database"
            )


def made(ask: Ask) -> Schema:
    """Makes what is missing; raises SchemaMismatch, and changes nothing, where nodes of others clash with it."""
    schema = found(ask)
    if any(_PARTS[name].constraint for name in schema.missing):
        for label, key in ask("schema_clashes"):
            raise SchemaMismatch(
                f"several :{label} nodes have the key {quoted(tuple(key))}, so the database holds someone else's "
                f":{label} nodes; nothing was changed; use another database, or relabel them"
            )
    for name, part in _PARTS.items():
        if name in schema.missing and not _make(ask, part.statement) and name in found(ask).missing:
            raise SchemaMismatch(f"an index called {quoted(name)} stands where that constraint belongs; drop it")
    return Schema(frozenset())


def _make(ask: Ask, statement: str) -> bool:
    """Whether it was made; False where something of that name or kind is there already."""
    try:
        ask(statement)
    except Neo4jError as error:
        if error.code == "Neo.DatabaseError.Schema.ConstraintCreationFailed":
            raise SchemaMismatch(
                f"the constraint of {statement} cannot be made: {error.message}; use another database"
            ) from error
        if error.code not in _MADE_ALREADY:
            raise
        return False
    return True
