"""The floor on Neo4j: what a good engineer would send by hand through the bare driver for the same rows.

Walks return list-valued records, grouped by their sets of keys; no checks, no frozen values, no closed answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import neo4j

from tests.benchmarks.graphs import RecordedRun

BATCH = 5000  # rows a transaction

_STAMP = "8" + "0" * 39

_WRITE = """
UNWIND $rows AS row
MERGE (r:Run {run_id: row[0]})
SET r.name = row[1]
REMOVE r:External
WITH r, row, coalesce(r.`graphtracker.clock`, []) AS old
WITH r, row, old, [v IN row[2] WHERE none(e IN old WHERE substring(e, 41) = v[0] AND left(e, 40) > v[1])] AS won
SET r.`graphtracker.clock` = [e IN old WHERE none(v IN won WHERE substring(e, 41) = v[0])]
                           + [v IN won | v[1] + ' ' + v[0]],
    r.created_at = coalesce(r.created_at, $at), r.updated_at = $at
FOREACH (v IN won | SET r[v[0]] = v[2])
"""
_ARTIFACTS = """
UNWIND $rows AS row
MATCH (r:Run {run_id: row[0]})
MERGE (a:Artifact {run_id: row[0], name: row[1]})
SET a.path = row[2], a.created_at = $at, a.updated_at = $at, a.`graphtracker.clock` = row[3]
MERGE (a)-[:GENERATED_BY]->(r)
"""
_USED = """
UNWIND $rows AS row
MATCH (c:Run {run_id: row[0]})
MATCH (a:Artifact {run_id: row[1], name: row[2]})
MERGE (c)-[u:USED]->(a) ON CREATE SET u.created_at = $at
"""
_DERIVED = """
UNWIND $rows AS row
MATCH (c:Run {run_id: row[0]})
MATCH (p:Run {run_id: row[1]})
MERGE (c)-[d:DERIVED_FROM]->(p) ON CREATE SET d.created_at = $at
"""
_ROWS = """
WITH DISTINCT n
WITH n, n:Run AS run, [k IN keys(n) WHERE NOT k IN
  ['run_id', 'name', 'path', 'place', 'created_at', 'reported_at', 'logged_at', 'updated_at', 'graphtracker.clock']
] AS names
RETURN run, names, collect([n.run_id, n:External OR n:Declared,
  n.created_at.epochMillis * 1000 + n.created_at.microsecond % 1000,
  n.updated_at.epochMillis * 1000 + n.updated_at.microsecond % 1000, [k IN names | n[k]],
  CASE WHEN run THEN [(n)-[:DERIVED_FROM]->(p:Run) | p.run_id] ELSE n.name END,
  CASE WHEN run THEN [(n)-[:USED]->(a:Artifact) | [a.run_id, a.name]] ELSE n.path END])
"""
_UP = f"MATCH (s:Run {{run_id: $run_id}})(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n) {_ROWS}"
_DOWN = f"MATCH (s:Run {{run_id: $run_id}})(()<-[:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact))*(n) {_ROWS}"
_WHOLE = f"""
MATCH (s:Run {{run_id: $run_id}})(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(d)
WITH DISTINCT d WHERE d:Run
MATCH (d)-[:DERIVED_FROM]->(p:Run)
WHERE NOT EXISTS {{ (d)-[:USED]->(:Artifact)-[:GENERATED_BY]->(p) }}
WITH DISTINCT p
MATCH (p)<-[:GENERATED_BY]-(n:Artifact)
{_ROWS}
"""
_BY_ID = f"UNWIND $run_ids AS id MATCH (r:Run {{run_id: id}})<-[:GENERATED_BY*0..1]-(n) {_ROWS}"

Rows = tuple[dict[str, Any], dict[tuple[str, str], Any]]
"""Run id → its row, artifact → its row."""


class BareNeo4j:
    """One driver, one managed transaction a call."""

    def __init__(self, url: str) -> None:
        self._driver = neo4j.GraphDatabase.driver(url, telemetry_disabled=True, notifications_min_severity="OFF")

    def __enter__(self) -> BareNeo4j:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._driver.close()

    def add_metadata(self, run_id: str, metadata: dict[str, object]) -> None:
        self._write(_WRITE, [_run_row(run_id, metadata)])

    def record(self, run: RecordedRun) -> None:
        """All that a run records, in one transaction."""
        at = datetime.now(timezone.utc)

        def write(transaction: neo4j.ManagedTransaction) -> None:
            for query, rows in _statements([run]):
                if rows:
                    transaction.run(query, rows=rows, at=at).consume()

        with self._driver.session(database="neo4j") as session:
            session.execute_write(write)

    def run_count(self) -> int:
        """How many runs have reported."""
        query = "MATCH (r:Run) WHERE NOT r:External RETURN count(r)"
        found, _, _ = self._driver.execute_query(query, database_="neo4j")
        count: int = found[0][0]
        return count

    def record_many(self, many: Iterable[RecordedRun]) -> None:
        """All of it, in transactions of so many rows; runs first, then artifacts, then sources."""
        for query, rows in _statements(list(many)):
            for begin in range(0, len(rows), BATCH):
                self._write(query, rows[begin : begin + BATCH])

    def _write(self, query: str, rows: list[list[Any]]) -> None:
        at = datetime.now(timezone.utc)
        with self._driver.session(database="neo4j") as session:
            session.execute_write(lambda transaction: transaction.run(query, rows=rows, at=at).consume())

    def lineage(self, run_id: str) -> Rows:
        """The rows of the run's ancestors and descendants, artifacts of whole-run sources too; metadata as dicts."""
        return self._read((_UP, _WHOLE, _DOWN), run_id=run_id)

    def rows_of(self, run_ids: list[str]) -> Rows:
        """The rows of these runs and of their artifacts."""
        return self._read((_BY_ID,), run_ids=run_ids)

    def _read(self, queries: Iterable[str], **parameters: object) -> Rows:
        with self._driver.session(database="neo4j") as session:
            return session.execute_read(lambda transaction: _rows(transaction, queries, parameters))


def _rows(transaction: neo4j.ManagedTransaction, queries: Iterable[str], parameters: dict[str, object]) -> Rows:
    runs: dict[str, Any] = {}
    artifacts: dict[tuple[str, str], Any] = {}
    for query in queries:
        for run, names, rows in transaction.run(query, parameters).values():
            for row in rows:
                row[4] = dict(zip(names, row[4], strict=True))
                if run:
                    runs[row[0]] = row
                else:
                    artifacts[row[0], row[5]] = row
    return runs, artifacts


def _run_row(run_id: str, metadata: dict[str, object]) -> list[Any]:
    return [run_id, run_id.rpartition("/")[2], [[key, _STAMP, value] for key, value in metadata.items()]]


def _statements(runs: list[RecordedRun]) -> list[tuple[str, list[list[Any]]]]:
    artifacts = [[run.run_id, name, path, _STAMP] for run in runs for name, path in run.artifacts]
    sources = [[run.run_id, source, name] for run in runs for source, name in run.sources]
    return [
        (_WRITE, [_run_row(run.run_id, run.metadata) for run in runs]),
        (_ARTIFACTS, artifacts),
        (_USED, [source for source in sources if source[2]]),
        (_DERIVED, [source for source in sources if not source[2]]),
    ]
