"""What a filter says of a run, as a tree of frozen values.

A ``Comparison`` is about one field of a run; a run that lacks the field passes none. What a comparison means is said in
``meaning``; how each store looks for it, in the stores.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, get_args

Step = str | int
"""A key of a mapping, or the number of an item of a list."""


OwnName = Literal["id", "name", "created", "reported", "updated", "external", "forgotten"]
OWN: tuple[OwnName, ...] = get_args(OwnName)
"""The words for what a run is itself."""


class Own(NamedTuple):
    """What the run is itself."""

    name: OwnName


class ContextKey(NamedTuple):
    """What the run is remembered by."""

    key: str


class Place(NamedTuple):
    """Where a value may stand: under a metadata key, as a whole or deeper inside."""

    key: str
    path: tuple[Step, ...] = ()


class MetadataKey(NamedTuple):
    """The value at the first of these places where there is one: ``a.b`` is a key, else a path in the mapping ``a``."""

    places: tuple[Place, ...]


class HasArtifact(NamedTuple):
    """True where the run logged an artifact of this name; else the field is missing."""

    artifact_name: str


class ArtifactPath(NamedTuple):
    """The path of an artifact, as it was written."""

    artifact_name: str


class ArtifactKey(NamedTuple):
    """A metadata value of an artifact, at the first of these places where there is one."""

    artifact_name: str
    places: tuple[Place, ...]


Field = Own | ContextKey | MetadataKey | HasArtifact | ArtifactPath | ArtifactKey

TIMES = ("created", "reported", "updated")
"""Of what a run is itself, those that are times."""

FLAGS = ("external", "forgotten")
"""Of what a run is itself, those that are so or not: alone in a filter they mean that it is."""


class Wanted(NamedTuple):
    """What a field is compared with: a plain value, and of text the time that it is, where a time may stand there."""

    value: object
    time: datetime | None = None


Operator = Literal["has", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "holds", "lacks", "is None", "is not None"]
"""``in`` is one of several, ``holds`` is text that contains it, or a list that has it; ``lacks`` is the contrary."""


class Comparison(NamedTuple):
    """Whether a field is there and stands so to what is wanted; ``in`` and ``not in`` alone take other than one."""

    field: Field
    operator: Operator
    wanted: tuple[Wanted, ...] = ()


class Not(NamedTuple):
    """Whether a run does not match."""

    condition: Condition


class Every(NamedTuple):
    """Whether a run matches each of these; of none, any run does."""

    conditions: tuple[Condition, ...]


class Some(NamedTuple):
    """Whether a run matches one of these; of none, no run does."""

    conditions: tuple[Condition, ...]


Condition = Comparison | Not | Every | Some


def comparisons_of(condition: Condition) -> list[Comparison]:
    """All comparisons in a condition, from left to right."""
    if isinstance(condition, Comparison):
        return [condition]
    parts = (condition.condition,) if isinstance(condition, Not) else condition.conditions
    return [found for part in parts for found in comparisons_of(part)]


def keys_of(field: Field) -> list[str]:
    """The metadata keys of a run under which the field may stand."""
    return [place.key for place in field.places] if isinstance(field, MetadataKey) else []


def dotted(names: tuple[str, ...], path: tuple[Step, ...] = ()) -> tuple[Place, ...]:
    """The places of ``a.b.c``: the longest key first, what is left of it a path inside."""
    return tuple(Place(".".join(names[:end]), names[end:] + path) for end in range(len(names), 0, -1))
