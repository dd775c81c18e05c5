"""The floor on Neo4j: hand-written Cypher through the bare driver, on the store that graphtracker has filled."""

from __future__ import annotations

from collections.abc import Iterable

from tests.benchmarks.bare_neo4j import BareNeo4j, Rows
from tests.benchmarks.field.contender import Answer
from tests.benchmarks.graphs import RecordedRun


class Contender:
    """One driver."""

    def __init__(self, folder: str, url: str) -> None:
        self._store = BareNeo4j(url)

    def call(self, run: RecordedRun) -> None:
        self._store.add_metadata(run.run_id, run.metadata)

    def record(self, run: RecordedRun) -> None:
        self._store.record(run)

    def load(self, many: Iterable[RecordedRun]) -> None:
        self._store.record_many(many)

    def lineage(self, run_id: str) -> Rows:
        return self._store.lineage(run_id)

    def answer(self, found: Rows) -> Answer:
        runs, artifacts = found
        sources = [(run_id, source, "") for run_id, row in runs.items() for source in row[5]]
        sources += [(run_id, *key) for run_id, row in runs.items() for key in row[6]]
        return Answer(
            {run_id: row[4] for run_id, row in runs.items()},
            [(*key, row[6]) for key, row in artifacts.items() if row[6] is not None],
            [source for source in sources if source[1] in runs],
        )

    def run_count(self) -> int:
        return self._store.run_count()

    def close(self) -> None:
        self._store.close()
