"""The floor: bare sqlite3 with hand-written SQL and JSON, no checks and no merge by time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.bare import BareAnswer, BareStore
from tests.benchmarks.field.contender import Answer
from tests.benchmarks.graphs import RecordedRun


class Contender:
    """One file and one connection."""

    def __init__(self, folder: str, url: str) -> None:
        self._store = BareStore(Path(folder) / "bare.db")

    def call(self, run: RecordedRun) -> None:
        self._store.add_metadata(run.run_id, run.metadata)

    def record(self, run: RecordedRun) -> None:
        self._store.record(run)

    def load(self, many: Iterable[RecordedRun]) -> None:
        self._store.record_many(many)

    def lineage(self, run_id: str) -> BareAnswer:
        return self._store.lineage(run_id)

    def answer(self, found: BareAnswer) -> Answer:
        return Answer(
            {row[0]: found.metadata[row[0]] for row in found.runs}, [row[:3] for row in found.artifacts], found.sources
        )

    def run_count(self) -> int:
        return self._store.run_count()

    def close(self) -> None:
        self._store.close()
