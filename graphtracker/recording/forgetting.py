"""What is taken out of a store when runs are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphtracker.model.values import Artifact
from graphtracker.stores.snapshot import Snapshot

_AT_ONCE = 5000  # runs that are asked for together


@dataclass(frozen=True)
class Forgetting:
    """The runs that were (``dry_run``: would be) forgotten, with what they had.

    ``artifacts`` are (run id, name) pairs of what they logged; ``paths``, as they were written but for relative ones,
    say where its files lie, which nothing here touches; ``consumers`` are the ids of runs that were made from them and
    stay. All are in the order of text. Without ``links`` only values are forgotten.
    """

    runs: tuple[str, ...]
    artifacts: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    consumers: tuple[str, ...]
    links: bool
    dry_run: bool

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}
        return {**plain, "artifacts": [list(artifact) for artifact in self.artifacts]}


def _path(artifact: Artifact) -> str | None:
    """Where its file lies, for whoever works in another folder than the process that logged it."""
    place = artifact.place or ""
    return place if place.startswith("/") and not (artifact.path or "").startswith("/") else artifact.path


def plan(snapshot: Snapshot, run_ids: Sequence[str], *, links: bool) -> Forgetting:
    """What forgetting those of these runs that are known would take."""
    runs: set[str] = set()
    artifacts: set[tuple[str, str]] = set()
    paths: set[str] = set()
    consumers: set[str] = set()
    for begin in range(0, len(run_ids), _AT_ONCE):
        found = snapshot.belongings(run_ids[begin : begin + _AT_ONCE])
        runs.update(found.run_ids)
        artifacts.update((artifact.run_id, artifact.name) for artifact in found.artifacts)
        paths.update(path for path in map(_path, found.artifacts) if path is not None)
        consumers.update(found.consumers)
    consumers -= runs
    return Forgetting(
        tuple(sorted(runs)),
        tuple(sorted(artifacts)),
        tuple(sorted(paths)),
        tuple(sorted(consumers)),
        links=links,
        dry_run=True,
    )
