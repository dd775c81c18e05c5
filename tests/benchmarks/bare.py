"""The floor: what a good engineer would write by hand in bare sqlite3 for the same questions, and nothing more.

No checks, no stamps, no merge by time: the later call wins.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.graphs import RecordedRun

BATCH = 5000

_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
)
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS run (run_id TEXT PRIMARY KEY, created_at INTEGER, updated_at INTEGER) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS metadata (run_id TEXT, key TEXT, value TEXT, PRIMARY KEY (run_id, key)) WITHOUT ROWID",
    # What finds the newest runs, and runs by a value, as the store does.
    "CREATE INDEX IF NOT EXISTS run_newest ON run (created_at, run_id)",
    "CREATE INDEX IF NOT EXISTS metadata_value ON metadata (key, value, run_id)",
    """CREATE TABLE IF NOT EXISTS artifact (
        run_id TEXT, name TEXT, path TEXT, metadata TEXT, PRIMARY KEY (run_id, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS artifact_path ON artifact (path)",
    """CREATE TABLE IF NOT EXISTS source (
        run_id TEXT, source_run_id TEXT, name TEXT, PRIMARY KEY (run_id, source_run_id, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS source_reverse ON source (source_run_id, run_id, name)",
)

_REPORT = """INSERT INTO run (run_id, created_at, updated_at) VALUES (?, ?, ?)
    ON CONFLICT (run_id) DO UPDATE SET updated_at = excluded.updated_at"""
_MENTION = "INSERT INTO run (run_id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_SET = """INSERT INTO metadata (run_id, key, value) VALUES (?, ?, ?)
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value"""
_LOG = """INSERT INTO artifact (run_id, name, path) VALUES (?, ?, ?)
    ON CONFLICT (run_id, name) DO UPDATE SET path = excluded.path, metadata = excluded.metadata"""
_LINK = "INSERT INTO source (run_id, source_run_id, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

_TEMPORARY = tuple(
    f"CREATE TEMP TABLE IF NOT EXISTS {name} (run_id TEXT PRIMARY KEY) WITHOUT ROWID" for name in ("up", "down", "both")
)
_CLEAR = ("DELETE FROM up", "DELETE FROM down", "DELETE FROM both")
_WALK_UP = """INSERT INTO up WITH RECURSIVE walk (run_id) AS (
        SELECT ? UNION SELECT s.source_run_id FROM walk CROSS JOIN source AS s ON s.run_id = walk.run_id
    ) SELECT run_id FROM walk"""
_WALK_DOWN = """INSERT INTO down WITH RECURSIVE walk (run_id) AS (
        SELECT ? UNION SELECT s.run_id FROM walk CROSS JOIN source AS s ON s.source_run_id = walk.run_id
    ) SELECT run_id FROM walk"""
_JOIN = "INSERT INTO both SELECT run_id FROM up UNION SELECT run_id FROM down"

_RUNS = "SELECT r.run_id, r.created_at, r.updated_at FROM both CROSS JOIN run AS r ON r.run_id = both.run_id"
_METADATA = "SELECT m.run_id, m.key, m.value FROM both CROSS JOIN metadata AS m ON m.run_id = both.run_id"
_ARTIFACTS = """
    SELECT a.run_id, a.name, a.path, a.metadata FROM down CROSS JOIN artifact AS a ON a.run_id = down.run_id
    UNION
    SELECT a.run_id, a.name, a.path, a.metadata FROM up CROSS JOIN source AS s ON s.run_id = up.run_id
    CROSS JOIN artifact AS a ON a.run_id = s.source_run_id AND a.name = s.name
    UNION
    SELECT a.run_id, a.name, a.path, a.metadata FROM up CROSS JOIN source AS s ON s.run_id = up.run_id
    CROSS JOIN artifact AS a ON a.run_id = s.source_run_id WHERE s.name = '' AND NOT EXISTS (
        SELECT 1 FROM source AS t WHERE t.run_id = s.run_id AND t.source_run_id = s.source_run_id AND t.name <> ''
    )"""
_USED = """
    SELECT s.source_run_id, s.name FROM up CROSS JOIN source AS s ON s.run_id = up.run_id"""
_SOURCES = """
    SELECT s.run_id, s.source_run_id, s.name FROM both CROSS JOIN source AS s ON s.run_id = both.run_id
    WHERE +s.source_run_id IN (SELECT run_id FROM both)"""


class BareAnswer(NamedTuple):
    """The rows of a lineage, with the metadata of each run decoded."""

    runs: list[tuple[str, int, int | None]]
    metadata: dict[str, dict[str, Any]]
    artifacts: list[tuple[str, str, str, str | None]]
    sources: list[tuple[str, str, str]]


class BareStore:
    """One file, one connection, one transaction a call."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=256, timeout=60)
        for statement in (*_SETTINGS, *_SCHEMA):
            self._connection.execute(statement)

    def __enter__(self) -> BareStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_metadata(self, run_id: str, metadata: dict[str, object]) -> None:
        with _Transaction(self._connection) as cursor:
            now = time.time_ns()
            cursor.execute(_REPORT, (run_id, now, now))
            cursor.executemany(_SET, [(run_id, key, json.dumps(value)) for key, value in metadata.items()])

    def add_artifact(self, run_id: str, name: str, path: str) -> None:
        with _Transaction(self._connection) as cursor:
            now = time.time_ns()
            cursor.execute(_REPORT, (run_id, now, now))
            cursor.execute(_LOG, (run_id, name, path))

    def add_source(self, run_id: str, source_run_id: str, name: str) -> None:
        now = time.time_ns()
        with _Transaction(self._connection) as cursor:
            cursor.execute(_REPORT, (run_id, now, now))
            cursor.execute(_MENTION, (source_run_id, now))
            cursor.execute(_LINK, (run_id, source_run_id, name))

    def record(self, run: RecordedRun) -> None:
        self._write([run])

    def record_many(self, many: Iterable[RecordedRun]) -> None:
        """All of it, in transactions of about 5,000 events."""
        batch: list[RecordedRun] = []
        size = 0
        for run in many:
            batch.append(run)
            size += len(run.metadata) + len(run.artifacts) + len(run.sources)
            if size >= BATCH:
                self._write(batch)
                batch, size = [], 0
        self._write(batch)

    def _write(self, batch: list[RecordedRun]) -> None:
        now = time.time_ns()
        with _Transaction(self._connection) as cursor:
            cursor.executemany(_REPORT, [(run.run_id, now, now) for run in batch])
            cursor.executemany(_MENTION, [(source, now) for run in batch for source, _ in run.sources])
            cursor.executemany(
                _SET,
                [(run.run_id, key, json.dumps(value)) for run in batch for key, value in run.metadata.items()],
            )
            cursor.executemany(_LOG, [(run.run_id, *artifact) for run in batch for artifact in run.artifacts])
            cursor.executemany(_LINK, [(run.run_id, *source) for run in batch for source in run.sources])

    def lineage(self, run_id: str) -> BareAnswer:
        """The run with all its ancestors and all its descendants, in one snapshot."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN")
        for statement in (*_TEMPORARY, *_CLEAR):
            cursor.execute(statement)
        cursor.execute(_WALK_UP, (run_id,))
        cursor.execute(_WALK_DOWN, (run_id,))
        cursor.execute(_JOIN)
        runs = cursor.execute(_RUNS).fetchall()
        metadata: dict[str, dict[str, Any]] = {row[0]: {} for row in runs}
        for owner, key, value in cursor.execute(_METADATA):
            metadata[owner][key] = json.loads(value)
        artifacts = cursor.execute(_ARTIFACTS).fetchall()
        there = {row[:2] for row in artifacts}
        there.update(cursor.execute(_USED))
        sources = [row for row in cursor.execute(_SOURCES) if not row[2] or row[1:] in there]
        cursor.execute("COMMIT")
        return BareAnswer(runs, metadata, artifacts, sources)

    def run_count(self) -> int:
        """How many runs have reported."""
        query = "SELECT count(*) FROM run WHERE updated_at IS NOT NULL"
        count: int = self._connection.execute(query).fetchone()[0]
        return count

    def close(self) -> None:
        self._connection.close()


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()

    def __enter__(self) -> sqlite3.Cursor:
        self._cursor.execute("BEGIN IMMEDIATE")
        return self._cursor

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._cursor.execute("COMMIT" if kind is None else "ROLLBACK")
