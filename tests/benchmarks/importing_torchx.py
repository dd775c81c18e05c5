"""How long the history of a TorchX tracker takes to come in, against reading it, and against loading its events."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
from torchx.tracker.api import TrackerArtifact, TrackerSource
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker.exchange.torchx import events_told
from tests.benchmarks.importing import beside_loading, loaded
from tests.benchmarks.measuring import Result, in_turn, ratio, taken


class InMemory:
    """A tracker that answers at once: a chain of runs, each with five values, and an artifact that the next takes."""

    def __init__(self, runs: int) -> None:
        self._runs = runs

    def run_ids(self, **kwargs: str) -> Iterable[str]:
        return map(_id, range(self._runs))

    def metadata(self, run_id: str) -> Mapping[str, object]:
        return {
            "lr": 0.001,
            "optimizer": "adam",
            "seed": 7,
            "config": {"depth": 12, "betas": [0.9, 0.99]},
            "id": run_id,
        }

    def artifacts(self, run_id: str) -> Mapping[str, TrackerArtifact]:
        return {"model": TrackerArtifact("model", f"s3://models/{run_id}.pt", {"loss": 0.1})}

    def sources(self, run_id: str, artifact_name: str | None = None) -> Iterable[TrackerSource]:
        number = int(run_id.rpartition("-")[2])
        return [TrackerSource(_id(number - 1), "model")] if number else []


def of_a_folder(folder: Path, *, runs: int = 3000, rounds: int = 3) -> Result:
    """An import of an FsspecTracker's folder into a new store, to reading all of it through the tracker."""
    (folder / "runs").mkdir()
    source = FsspecTracker(fsspec.filesystem("file"), str(folder / "runs"))
    _fill(source, InMemory(runs))
    times = in_turn(
        rounds,
        lambda _: loaded(folder / "imported.db", events_told(source)),
        lambda _: taken(lambda: [_read(source, run_id) for run_id in source.run_ids()], time.process_time),
    )
    return ratio(f"import of a TorchX tracker of {runs:,} runs, to reading it", times, "<= 2.00 x")


def of_a_history(folder: Path, *, runs: int = 20_000, rounds: int = 3) -> Result:
    """An import of a tracker that answers at once."""
    read = partial(events_told, InMemory(runs))
    return beside_loading(folder, f"a TorchX tracker in memory of {runs:,} runs", read, rounds)


def _id(number: int) -> str:
    return f"local_cwd://torchx/run-{number}"


def _fill(target: Any, source: Any) -> None:
    for run_id in source.run_ids():
        target.add_metadata(run_id, **source.metadata(run_id))
        for name, artifact in source.artifacts(run_id).items():
            target.add_artifact(run_id, name, artifact.path, artifact.metadata)
        for other in source.sources(run_id):
            target.add_source(run_id, other.source_run_id, other.artifact_name)


def _read(source: Any, run_id: str) -> tuple[Any, ...]:
    return source.metadata(run_id), source.artifacts(run_id), list(source.sources(run_id))
