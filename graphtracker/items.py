"""TorchX's value classes as one writes them by hand: what may be left out has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from graphtracker import api


def _equal(self: Any, other: object, kind: type) -> bool:
    """Whether both have the same fields: one that a tracker returns is equal to one that was written by hand."""
    if not isinstance(other, kind):
        return NotImplemented
    return all(getattr(self, field.name) == getattr(other, field.name) for field in fields(self))


@dataclass(eq=False)
class TrackerArtifact(api.TrackerArtifact):
    """An artifact with its name, its path, and its metadata, if any.

    >>> TrackerArtifact("model", "/m.pt") == api.TrackerArtifact("model", "/m.pt", None)
    True
    """

    metadata: Mapping[str, object] | None = None

    def __eq__(self, other: object) -> bool:
        return _equal(self, other, api.TrackerArtifact)

    __hash__ = None  # type: ignore[assignment]  # as TorchX's: it may be changed


@dataclass(eq=False)
class TrackerSource(api.TrackerSource):
    """A source: the id of a run, and which artifact of it, None for the whole run.

    >>> TrackerSource("prepare") == api.TrackerSource("prepare", None)
    True
    """

    artifact_name: str | None = None

    def __eq__(self, other: object) -> bool:
        return _equal(self, other, api.TrackerSource)

    __hash__ = None  # type: ignore[assignment]  # as TorchX's: it may be changed
