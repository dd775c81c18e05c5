"""How long it takes to import a history, beside writing its events from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from graphtracker import GraphTracker
from graphtracker.exchange import ml_metadata
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event
from tests.benchmarks.graphs import RecordedRun, projects
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.support.ml_metadata_files import artifact, execution, written

Read = Callable[[], Iterable[list[Event]]]


def of_an_ml_metadata(folder: Path, *, runs: int = 10_000, rounds: int = 5) -> Result:
    """A file of runs with five properties, two artifacts and three sources each, ten of them in a context."""
    path = folder / "mlmd.db"
    written(path, **_in_ml_metadata(projects(runs, size=2500)))
    return _beside_writing(folder, "ml-metadata", lambda: ml_metadata.events(str(path), Report()), runs, rounds)


def _beside_writing(folder: Path, name: str, read: Read, runs: int, rounds: int) -> Result:
    known = list(read())
    number = sum(map(len, known))
    times = in_turn(
        rounds,
        lambda part: _copied(folder / f"ours{part}.db", read),
        lambda part: _copied(folder / f"floor{part}.db", lambda: known),
    )
    return ratio(f"import of {name}: {runs:,} runs, {number:,} events, to writing these", times, "<= 2.00 x")


def _copied(path: Path, read: Read) -> float:
    with GraphTracker(path) as tracker:
        return taken(lambda: tracker.copy_from(read()))


def _in_ml_metadata(many: Iterable[RecordedRun]) -> dict[str, Any]:
    """The runs as the script that writes with ml-metadata is told."""
    runs = list(many)
    artifacts = [(run.run_id, name, path) for run in runs for name, path in run.artifacts]
    return {
        "executions": [
            execution(run.run_id, name=run.run_id, state="COMPLETE", properties=_properties(run)) for run in runs
        ],
        "artifacts": [artifact(f"{run_id}/{name}", uri=path, state="LIVE") for run_id, name, path in artifacts],
        "contexts": [
            execution(f"pipeline {number}", "pipeline_run", name=f"pipeline {number}")
            for number in range(-(-len(runs) // _IN_A_CONTEXT))
        ],
        "associations": [[f"pipeline {number // _IN_A_CONTEXT}", run.run_id] for number, run in enumerate(runs)],
        "events": [event for run in runs for event in _events(run)],
    }


_IN_A_CONTEXT = 10
_KINDS = {int: "INT", float: "DOUBLE", str: "STRING", bool: "BOOLEAN"}


def _properties(run: RecordedRun) -> dict[str, Any]:
    return {key: (_KINDS[type(value)], value) for key, value in run.metadata.items()}


def _events(run: RecordedRun) -> Iterator[list[Any]]:
    for key in dict.fromkeys(f"{maker}/{name or 'model'}" for maker, name in run.sources):
        yield [run.run_id, key, "INPUT", ["input"], None]
    for name, _ in run.artifacts:
        yield [run.run_id, f"{run.run_id}/{name}", "OUTPUT", [name], None]
