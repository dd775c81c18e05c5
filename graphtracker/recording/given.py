"""What ``record`` is given: artifacts, sources, in any of the forms in which people write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.values import Artifact, Run
from graphtracker.recording.arguments import is_run

Artifacts = Iterable[Any] | Mapping[str, Any]
"""Artifacts one by one, or name → path."""

_ARTIFACTS = 'write artifacts={"model": "/m.pt"} or artifacts=[TrackerArtifact("model", "/m.pt")]'
_SOURCES = 'write sources=["prepare"] or, for one artifact, sources=[TrackerSource("prepare", "rows")]'


class GivenArtifact(NamedTuple):
    """An artifact as it was given, not checked yet."""

    name: Any
    path: Any
    metadata: Any


class GivenSource(NamedTuple):
    """A source as it was given, not checked yet."""

    source_run_id: Any
    artifact_name: Any


def given_artifacts(artifacts: Any) -> Iterator[Any]:
    """One by one what ``as_artifact`` takes; raises InvalidInput for what holds no artifacts."""
    return _items(artifacts.items() if isinstance(artifacts, Mapping) else artifacts, "artifacts", _ARTIFACTS)


def given_sources(sources: Any) -> Iterator[Any]:
    """One by one what ``as_source`` takes; raises InvalidInput for what holds no sources."""
    return _items(sources, "sources", _SOURCES)


def _items(given: Any, what: str, way_out: str) -> Iterator[Any]:
    if isinstance(given, (str, bytes, Run, Artifact)) or not isinstance(given, Iterable):
        raise InvalidInput(f"{what} cannot be {quoted(given)}; {way_out}")
    return iter(given)


def as_artifact(item: Any) -> GivenArtifact:
    """The artifact of a TrackerArtifact, or of a pair of name and path; raises InvalidInput."""
    try:
        if isinstance(item, tuple) and len(item) == 2:
            name, path = item
            if not hasattr(path, "metadata"):
                return GivenArtifact(name, path, None)
            if path.name != name:
                raise InvalidInput(f"the artifact {quoted(path.name)} is given under the name {quoted(name)}")
            return GivenArtifact(name, path.path, path.metadata)
        return GivenArtifact(item.name, item.path, item.metadata)
    except AttributeError as error:
        raise InvalidInput(f"{quoted(item)} is no artifact ({error}); {_ARTIFACTS}") from error


def as_source(item: Any) -> GivenSource:
    """The source of a TrackerSource, a run or its id, an artifact or its (run id, name); raises InvalidInput."""
    try:
        if isinstance(item, str) or is_run(item):
            return GivenSource(item, None)
        if isinstance(item, Artifact):
            return GivenSource(item.run_id, item.name)
        if type(item) is tuple and len(item) == 2:
            return GivenSource(*item)
        return GivenSource(item.source_run_id, item.artifact_name)
    except AttributeError as error:
        raise InvalidInput(f"{quoted(item)} is no source ({error}); {_SOURCES}") from error
