"""graphtracker: what ML runs came from, and what was made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphtracker.analysis.contrast import Contrast, Explanation
    from graphtracker.analysis.difference import Pair
    from graphtracker.analysis.impact import Affected, Impact
    from graphtracker.analysis.stale import Stale, Staleness
    from graphtracker.difference import Difference
    from graphtracker.errors import (
        AccessDenied,
        ArtifactNotFound,
        GraphTrackerError,
        InvalidInput,
        MissingExtra,
        NotFound,
        RunNotFound,
        SchemaMismatch,
        StoreError,
        StoreUnavailable,
        TooLarge,
    )
    from graphtracker.items import TrackerArtifact, TrackerSource
    from graphtracker.lineage import IncompleteLineage, Lineage
    from graphtracker.model.equality import MISSING
    from graphtracker.model.handles import same_run
    from graphtracker.model.values import Artifact, Run, Source
    from graphtracker.recording.files import file_metadata
    from graphtracker.recording.forgetting import Forgetting
    from graphtracker.recording.verification import Checked, Verification
    from graphtracker.tracker import GraphTracker

    __version__: str

__all__ = [
    "AccessDenied",
    "Affected",
    "Artifact",
    "ArtifactNotFound",
    "Checked",
    "Contrast",
    "Difference",
    "Explanation",
    "Forgetting",
    "GraphTracker",
    "GraphTrackerError",
    "Impact",
    "IncompleteLineage",
    "InvalidInput",
    "Lineage",
    "MISSING",
    "MissingExtra",
    "NotFound",
    "Pair",
    "Run",
    "RunNotFound",
    "SchemaMismatch",
    "Source",
    "Stale",
    "Staleness",
    "StoreError",
    "StoreUnavailable",
    "TooLarge",
    "TrackerArtifact",
    "TrackerSource",
    "Verification",
    "file_metadata",
    "same_run",
]

_MODULES = {
    "Affected": "analysis.impact",
    "Artifact": "model.values",
    "Checked": "recording.verification",
    "Contrast": "analysis.contrast",
    "Difference": "difference",
    "Explanation": "analysis.contrast",
    "Forgetting": "recording.forgetting",
    "GraphTracker": "tracker",
    "Impact": "analysis.impact",
    "IncompleteLineage": "lineage",
    "Lineage": "lineage",
    "MISSING": "model.equality",
    "Pair": "analysis.difference",
    "Run": "model.values",
    "Source": "model.values",
    "Stale": "analysis.stale",
    "Staleness": "analysis.stale",
    "TrackerArtifact": "items",
    "TrackerSource": "items",
    "Verification": "recording.verification",
    "file_metadata": "recording.files",
    "same_run": "model.handles",
}


if not TYPE_CHECKING:  # a type checker sees the names above, and that there are no others

    def __getattr__(name: str) -> object:  # loaded on first use, so that importing graphtracker costs nothing
        if name == "__version__":
            from importlib.metadata import PackageNotFoundError, version

            try:
                return version("graphtracker")
            except PackageNotFoundError:  # in a bundle that left the metadata behind, such as a zipapp
                return "unknown"
        if name not in __all__:
            raise AttributeError(f"module 'graphtracker' has no attribute {name!r}")
        from importlib import import_module  # in here, so that it is no name of ours

        return getattr(import_module(f"graphtracker.{_MODULES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__")), "__version__"])
