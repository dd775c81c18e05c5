"""Which fields of a filter no run has, with what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from graphtracker.errors import InvalidInput
from graphtracker.model.context import KEYS
from graphtracker.model.display import printable, quoted
from graphtracker.model.flattened import flattened
from graphtracker.stores.filters.conditions import (
    TIMES,
    ArtifactKey,
    ArtifactPath,
    Comparison,
    ContextKey,
    Field,
    HasArtifact,
    MetadataKey,
    Own,
    Place,
    keys_of,
)
from graphtracker.stores.filters.parsing import field as field_called
from graphtracker.tracker import GraphTracker

_LONGEST_COMPARED = 200  # characters of a key
_MOST_COMPARED = 1_000  # keys
_NEWEST = 100  # runs whose nested keys are compared


def unknown_fields(tracker: GraphTracker, fields: Iterable[Field]) -> Iterator[str]:
    """A sentence for each of these fields that no run has, which names what is near it."""
    for field in dict.fromkeys(fields):
        if not isinstance(field, Own) and not tracker.run_ids(Comparison(field, "has"), None, 1):
            what = "the key " if isinstance(field, MetadataKey) else ""
            yield f"no run has {what}{quoted(_name(field))}{_near(tracker, field)}"


def _name(field: Field) -> str:
    """How people write it."""
    if isinstance(field, Own):
        return field.name
    if isinstance(field, ContextKey):
        return f"context.{field.key}"
    if isinstance(field, MetadataKey):
        return _dotted(field.places[0])
    inside = (
        "path"
        if isinstance(field, ArtifactPath)
        else ""
        if isinstance(field, HasArtifact)
        else _dotted(field.places[0])
    )
    return f"artifact.{field.artifact_name}{inside and '.'}{inside}"


def _dotted(place: Place) -> str:
    return ".".join(map(str, (place.key, *place.path)))


def _near(tracker: GraphTracker, field: Field) -> str:
    """What may have been meant."""
    name = _name(field)
    if isinstance(field, MetadataKey) and name in KEYS:
        return f"; what a run is remembered by is context.{name}"
    if isinstance(field, MetadataKey) and name in _OTHER_WORDS:
        return f"; a filter calls it {_OTHER_WORDS[name]}"
    if isinstance(field, MetadataKey) and not _means_metadata(name):
        return f"; {printable(name)} == … asks for what is no metadata of the run"
    known = {each[:_LONGEST_COMPARED]: None for each in _known(tracker, field)}
    inside = [each for each in known if each.endswith(f".{name}")][:3]  # of a path, its end
    parts = [name, *(keys_of(field)[1:])]
    near = [each for part in parts for each in get_close_matches(part[:_LONGEST_COMPARED], known, n=3)]
    return f"; near it: {', '.join(map(quoted, dict.fromkeys([*inside, *near])))}" if near or inside else ""


def _known(tracker: GraphTracker, field: Field) -> Iterator[str]:
    """What there is of its kind: keys, and what the newest runs have in nested ones."""
    newest = tracker.runs_with_artifacts(limit=_NEWEST)
    if isinstance(field, (HasArtifact, ArtifactPath, ArtifactKey)):
        for _, artifacts in newest:
            for name, artifact in artifacts.items():
                yield from (f"artifact.{name}", f"artifact.{name}.path")
                yield from (f"artifact.{name}.{key}" for key in flattened(artifact.metadata))
        return
    yield from (f"context.{key}" for key in KEYS)
    yield from tracker.keys(limit=_MOST_COMPARED)
    for run, _ in newest:
        yield from flattened(run.metadata)


def _means_metadata(key: str) -> bool:
    """Whether a filter that has this as a field asks for metadata of the run, or for nothing."""
    try:
        return isinstance(field_called(key), MetadataKey)
    except InvalidInput:
        return True


_OTHER_WORDS = {
    **{f"{time}_at": time for time in TIMES},
    "run_id": "id",
}
"""What filters call otherwise than Python does."""
