"""What ``record`` is given: artifacts, sources, in any of the forms in which people write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.unpacking import type_name
from graphtracker.model.values import Artifact, Run
from graphtracker.recording.arguments import is_run

Artifacts = Iterable[Any] | Mapping[str, Any]
"""Artifacts one by one, or name → path."""

_ARTIFACTS = 'write artifacts={"model": "/m.pt"} or artifacts=[TrackerArtifact("model", "/m.pt")]'
_SOURCES = 'write sources=["prepare"] or, for one artifact, sources=[TrackerSource("prepare", "rows")]'


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


def as_artifact(item: Any) -> tuple[Any, Any, Any]:
    """(Name, path, metadata), not checked yet, of a TrackerArtifact, or of a pair of name and path; raises
    InvalidInput."""
    try:
        if type(item) is not tuple:
            return item.name, item.path, item.metadata
        name, path = item
        if not hasattr(path, "metadata"):
            return name, path, None
        if path.name == name:
            return name, path.path, path.metadata
    except (AttributeError, ValueError) as error:
        raise InvalidInput(f"{quoted(item)} is no artifact ({error}); {_ARTIFACTS}") from error
    raise InvalidInput(f"the artifact {quoted(path.name)} is given under the name {quoted(name)}")


def as_source(item: Any) -> tuple[Any, Any]:
    """(Source run id, artifact name or None), not checked yet, of a TrackerSource, a run or its id, an artifact or its
    (run id, name); raises InvalidInput."""
    try:
        if type(item) is tuple:
            source, name = item
            return source, name
        if hasattr(item, "source_run_id"):
            return item.source_run_id, item.artifact_name
        if isinstance(item, Artifact):
            return item.run_id, item.name
        if isinstance(item, str) or is_run(item):
            return item, None
        raise AttributeError(f"a {type_name(type(item))} has no source_run_id")
    except (AttributeError, ValueError) as error:
        raise InvalidInput(f"{quoted(item)} is no source ({error}); {_SOURCES}") from error
