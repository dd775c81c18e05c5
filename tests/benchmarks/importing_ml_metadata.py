"""How long it takes to import what an ml-metadata keeps, beside loading the same events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from tests.benchmarks.graphs import RecordedRun, projects
from tests.benchmarks.importing import beside_loading
from tests.benchmarks.measuring import Result
from tests.support.ml_metadata_files import artifact, execution, written


def of_an_ml_metadata(folder: Path, *, runs: int = 10_000, rounds: int = 5) -> Result:
    """A file of runs with five properties, two artifacts and three sources each, ten of them in a context."""
    path = folder / "mlmd.db"
    written(path, **_in_ml_metadata(projects(runs, size=2500)))
    what = f"an ml-metadata of {runs:,} runs"
    return beside_loading(folder, what, lambda: events_of("ml-metadata", str(path), Report()), rounds)


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
