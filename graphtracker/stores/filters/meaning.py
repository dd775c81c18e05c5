"""What a filter means: the plain reading of it, by which every store answers.

Numbers are compared with numbers by value (1 = 1.0; a bool is none; nan equals nan and is neither less nor more), text
with text by code point, times with times: a day is its first instant, and what has no offset is in UTC. Of unlike types
``==`` and ``<`` are False and ``!=`` is True. Other values are equal where their JSON encoding is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from graphtracker.model.equality import MISSING, equal, instant, is_number, is_time
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.filters.conditions import (
    ArtifactKey,
    ArtifactPath,
    Comparison,
    Condition,
    ContextKey,
    Every,
    Field,
    HasArtifact,
    MetadataKey,
    Not,
    Operator,
    Own,
    Place,
    Wanted,
)

Artifacts = Callable[[], Mapping[str, Artifact]]
"""Returns the artifacts of a run, by name; only asked where a field is one of theirs."""


def no_artifacts() -> Mapping[str, Artifact]:
    """None, for filters that say nothing about any."""
    return {}


def matches(condition: Condition, run: Run, artifacts: Artifacts = no_artifacts) -> bool:
    """Whether a run matches; a field that it has not is MISSING."""
    if isinstance(condition, Comparison):
        value = value_of(condition.field, run, artifacts)
        return value is not MISSING and passes(condition.operator, condition.wanted, value)
    if isinstance(condition, Not):
        return not matches(condition.condition, run, artifacts)
    if isinstance(condition, Every):
        return all(matches(part, run, artifacts) for part in condition.conditions)
    return any(matches(part, run, artifacts) for part in condition.conditions)


def asks_for_artifacts(field: Field) -> bool:
    """Whether it is a field of an artifact."""
    return isinstance(field, (HasArtifact, ArtifactPath, ArtifactKey))


def value_of(field: Field, run: Run, artifacts: Artifacts = no_artifacts) -> object:
    """The value of a field, MISSING where the run has it not, as of the time that the run is told of."""
    if isinstance(field, MetadataKey):
        return _first(field.places, run.metadata)
    if isinstance(field, Own):
        value = getattr(run, _ATTRIBUTES[field.name])
        return MISSING if value is None else value
    if isinstance(field, ContextKey):
        return run.context.get(field.key, MISSING)
    artifact = artifacts().get(field.artifact_name)
    if artifact is None or artifact.declared:
        return MISSING
    if isinstance(field, HasArtifact):
        return True
    if isinstance(field, ArtifactPath):
        return MISSING if artifact.path is None else artifact.path
    return _first(field.places, artifact.metadata)


_ATTRIBUTES = {
    "id": "run_id",
    "name": "name",
    "created": "created_at",
    "reported": "reported_at",
    "updated": "updated_at",
    "external": "external",
    "forgotten": "forgotten",
}


def _first(places: tuple[Place, ...], metadata: Mapping[str, object]) -> object:
    found = (_inside(metadata[place.key], place.path) for place in places if place.key in metadata)
    return next((value for value in found if value is not MISSING), MISSING)


def _inside(value: Any, path: tuple[str | int, ...]) -> object:
    for step in path:
        if isinstance(value, dict):
            value = next((item for key, item in value.items() if key == step and type(key) is type(step)), MISSING)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def passes(operator: Operator, wanted: tuple[Wanted, ...], value: object) -> bool:
    """Whether a value that is there stands so to what is wanted."""
    if operator in _ORDER:
        return _stands(_ORDER[operator], wanted[0], value)
    if operator in ("==", "in"):
        return any(_same(each, value) for each in wanted)
    if operator in ("!=", "not in"):
        return not any(_same(each, value) for each in wanted)
    if operator in ("holds", "lacks"):
        return _holds(wanted[0], value) is (operator == "holds")
    return operator == "has" or (value is None) is (operator == "is None")


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _stands(order: Callable[[Any, Any], bool], wanted: Wanted, value: Any) -> bool:
    other: Any = wanted.time if wanted.time is not None and is_time(value) else wanted.value
    if is_time(value) and is_time(other):
        return order(instant(value), instant(other))
    if not (isinstance(value, str) and isinstance(other, str)) and not (is_number(value) and is_number(other)):
        return False
    try:
        return bool(order(value, other))
    except ArithmeticError:  # Decimal's NaN is in no order
        return False


def _same(wanted: Wanted, value: object) -> bool:
    return equal(wanted.time if wanted.time is not None and is_time(value) else wanted.value, value)


def _holds(wanted: Wanted, value: object) -> bool:
    if isinstance(value, str):
        return isinstance(wanted.value, str) and wanted.value in value
    return isinstance(value, (list, set, frozenset)) and any(_same(wanted, item) for item in value)
