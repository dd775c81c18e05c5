"""graphtracker: ``record()`` a run, one ``batch()`` for many, ``lineage()`` for the question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphtracker import GraphTracker, Lineage, Run
from tests.benchmarks.field.contender import Answer
from tests.benchmarks.graphs import RecordedRun
from tests.benchmarks.recording import record_all


class Contender:
    """A GraphTracker on an SQLite file, or on the server where there is one."""

    def __init__(self, folder: str, url: str) -> None:
        self._tracker = GraphTracker(url or f"{folder}/lineage.db")

    def call(self, run: RecordedRun) -> None:
        self._tracker.add_metadata(run.run_id, **run.metadata)

    def record(self, run: RecordedRun) -> None:
        record_all(self._tracker, [run])

    def load(self, many: Iterable[RecordedRun]) -> None:
        with self._tracker.batch() as batch:
            record_all(batch, many)

    def lineage(self, run_id: str) -> Lineage:
        lineage = self._tracker.lineage(run_id)
        for run in lineage.runs.values():
            run.metadata.items()
        for artifact in lineage.artifacts.values():
            artifact.metadata.items()
        for source in lineage.sources:
            source.run_id  # noqa: B018  # reading is what is measured
        return lineage

    def answer(self, found: Lineage) -> Answer:
        if not found.complete:
            raise AssertionError(f"the lineage of {found.start} is cut: {found.reasons}")
        return Answer(
            {run_id: run.metadata for run_id, run in found.runs.items()},
            [(*key, item.path) for key, item in found.artifacts.items() if item.path is not None],
            [(source.run_id, source.source_run_id, source.artifact_name or "") for source in found.sources],
        )

    def ready_to_draw(self) -> None:
        """Imports what views and texts need, which an answer does not."""
        import networkx  # noqa: F401

        import graphtracker.drawing.graphviz.dot  # noqa: F401

    def view(self, found: Lineage) -> Any:
        """The networkx graph of an answer."""
        return found.graph

    def drawn(self, found: Lineage) -> int:
        """The DOT text of an answer, to its last line."""
        return sum(map(len, found.to_dot().splitlines()))

    def load_sweep(self, many: Iterable[RecordedRun]) -> None:
        self.load(many)

    def newest(self) -> list[str]:
        return _read(self._tracker.runs(limit=20))

    def newest_of_a_value(self) -> list[str]:
        return _read(self._tracker.runs(where="optimizer == 'adam'", limit=20))

    def within(self, least: float, end: float) -> list[str]:
        return _read(self._tracker.runs(where=f"{least!r} <= loss < {end!r}"))

    def best(self) -> list[str]:
        return _read(self._tracker.runs(order_by="loss", limit=1))

    def run_count(self) -> int:
        return len(self._tracker.run_ids())

    def close(self) -> None:
        self._tracker.close()


def _read(runs: list[Run]) -> list[str]:
    return [run.run_id for run in runs if run.metadata.items()]
