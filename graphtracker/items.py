"""TorchX's value classes as one writes them by hand: what may be left out has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from graphtracker import api


def _same_fields(one: Any, other: Any) -> bool:
    """So that one which a tracker returns is equal to one which was written by hand."""
    return all(getattr(one, field.name) == getattr(other, field.name) for field in fields(one))


@dataclass(eq=False)
class TrackerArtifact(api.TrackerArtifact):
    """An artifact with its name, its path, and its metadata, if any.

    >>> TrackerArtifact("model", "/m.pt") == api.TrackerArtifact("model", "/m.pt", None)
    True
    """

    metadata: Mapping[str, object] | None = None

    def __eq__(self, other: object) -> bool:
        return _same_fields(self, other) if isinstance(other, api.TrackerArtifact) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as TorchX's: it may be changed


@dataclass(eq=False)
class TrackerSource(api.TrackerSource):
    """A source: the id of a run, and which artifact of it, None for the whole run.

    >>> TrackerSource("prepare") == api.TrackerSource("prepare", None)
    True
    """

    artifact_name: str | None = None

    def __eq__(self, other: object) -> bool:
        return _same_fields(self, other) if isinstance(other, api.TrackerSource) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as TorchX's: it may be changed
