"""The floor on Neo4j: what a good engineer would send by hand through the bare driver for the same rows.

Walks return list-valued records, grouped by their sets of keys; no checks, no frozen values, no closed answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import neo4j

from tests.benchmarks.graphs import Facts

BATCH = 1000  # runs a transaction

_STAMP = "8" + "0" * 39

_WRITE = """
UNWIND $rows AS row
MERGE (r:Run {run_id: row.run_id})
SET r.name = row.name
REMOVE r:External
WITH r, row, coalesce(r.`graphtracker.clock`, []) AS old
WITH r, row, old, [k IN keys(row.stamps)
  WHERE none(e IN old WHERE substring(e, 41) = k AND left(e, 40) > row.stamps[k])] AS won
SET r.`graphtracker.clock` = [e IN old WHERE NOT substring(e, 41) IN won] + [k IN won | row.stamps[k] + ' ' + k],
    r.created_at = coalesce(r.created_at, row.at), r.updated_at = row.at
FOREACH (k IN won | SET r[k] = row.metadata[k])
"""
_ARTIFACTS = """
UNWIND $rows AS row
MATCH (r:Run {run_id: row.run_id})
MERGE (a:Artifact {run_id: row.run_id, name: row.name})
SET a.path = row.path, a.created_at = row.at, a.updated_at = row.at, a.`graphtracker.clock` = row.stamp
MERGE (a)-[:GENERATED_BY]->(r)
"""
_USED = """
UNWIND $rows AS row
MATCH (c:Run {run_id: row.run_id})
MATCH (a:Artifact {run_id: row.source, name: row.name})
MERGE (c)-[u:USED]->(a) ON CREATE SET u.created_at = row.at
"""
_DERIVED = """
UNWIND $rows AS row
MATCH (c:Run {run_id: row.run_id})
MATCH (p:Run {run_id: row.source})
MERGE (c)-[d:DERIVED_FROM]->(p) ON CREATE SET d.created_at = row.at
"""
_ROWS = """
WITH DISTINCT n
WITH n, n:Run AS run, [k IN keys(n) WHERE NOT k IN
  ['run_id', 'name', 'path', 'created_at', 'updated_at', 'graphtracker.clock']] AS names
RETURN run, names, collect([n.run_id, n:External OR n:Declared,
  n.created_at.epochMillis * 1000 + n.created_at.microsecond % 1000,
  n.updated_at.epochMillis * 1000 + n.updated_at.microsecond % 1000, [k IN names | n[k]],
  CASE WHEN run THEN [(n)-[:DERIVED_FROM]->(p:Run) | p.run_id] ELSE n.name END,
  CASE WHEN run THEN [(n)-[:USED]->(a:Artifact) | [a.run_id, a.name]] ELSE n.path END])
"""
_UP = f"MATCH (s:Run {{run_id: $run_id}})(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n) {_ROWS}"
_DOWN = f"MATCH (s:Run {{run_id: $run_id}})(()<-[:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact))*(n) {_ROWS}"
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
        self._driver.close()

    def add_metadata(self, run_id: str, metadata: dict[str, object]) -> None:
        row = _run_row(run_id, metadata, datetime.now(timezone.utc))
        with self._driver.session(database="neo4j") as session:
            session.execute_write(lambda transaction: transaction.run(_WRITE, rows=[row]).consume())

    def record_many(self, many: Iterable[Facts]) -> None:
        """All of it, in transactions of so many runs; runs first, then artifacts, then sources."""
        facts = list(many)
        with self._driver.session(database="neo4j") as session:
            for query, rows in _statements(facts, datetime.now(timezone.utc)):
                for begin in range(0, len(rows), BATCH * 5):
                    part = rows[begin : begin + BATCH * 5]
                    session.execute_write(
                        lambda transaction, query=query, part=part: transaction.run(query, rows=part).consume()
                    )

    def lineage(self, run_id: str) -> Rows:
        """The rows of the run's ancestors and descendants, metadata as dicts."""
        return self._read((_UP, _DOWN), run_id=run_id)

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


def _run_row(run_id: str, metadata: dict[str, object], at: datetime) -> dict[str, Any]:
    name = run_id.rpartition("/")[2]
    stamps = dict.fromkeys(metadata, _STAMP)
    return {"run_id": run_id, "name": name, "metadata": metadata, "stamps": stamps, "at": at}


def _statements(facts: list[Facts], at: datetime) -> list[tuple[str, list[dict[str, Any]]]]:
    sources = [(each.run_id, source, name) for each in facts for source, name in each.sources]
    return [
        (_WRITE, [_run_row(each.run_id, each.metadata, at) for each in facts]),
        (
            _ARTIFACTS,
            [
                {"run_id": each.run_id, "name": name, "path": path, "stamp": _STAMP, "at": at}
                for each in facts
                for name, path in each.artifacts
            ],
        ),
        (_USED, [{"run_id": run, "source": source, "name": name, "at": at} for run, source, name in sources if name]),
        (_DERIVED, [{"run_id": run, "source": source, "at": at} for run, source, name in sources if not name]),
    ]
