"""The embedded store: one SQLite file for the processes of one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from graphtracker.model.events import Event
from graphtracker.model.gc_paused import no_collection
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.contract import Store
from graphtracker.stores.filters import matcher
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.connection import SQLiteConnection
from graphtracker.stores.sqlite.file import sqlite_file
from graphtracker.stores.sqlite.lineage import answer
from graphtracker.stores.sqlite.merge import Merge
from graphtracker.stores.sqlite.replay import of_run, page
from graphtracker.stores.sqlite.rows import Times, from_column, to_answer, to_artifact, to_run
from graphtracker.stores.urls import StoreURL

_LARGEST = (1 << 63) - 1
_PAGE = 500  # runs


class SQLiteStore(Store):
    """A store in an SQLite file, or in memory for one process; made from its URL."""

    def __init__(self, url: StoreURL) -> None:
        self._file = sqlite_file(url)
        self._connection = SQLiteConnection(self._file)
        self.url = url.shown

    def write(self, events: Sequence[Event]) -> None:
        """Merges the events in one transaction."""
        self._connection.write(Merge(events).write)

    def close(self) -> None:
        """Ends the connection; the last one to close folds the write-ahead log into the file."""
        self._connection.close()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self._connection.exists()

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""

        def read(cursor: sqlite3.Cursor) -> Run | None:
            row = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
            return None if row is None else to_run(run_id, _metadata(cursor, row[0]), row[1], row[2], Times())

        return self._connection.read(read, None)

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""

        def read(cursor: sqlite3.Cursor) -> list[Run]:
            rows = _matching(cursor, where, parent_run_id, limit)
            times = Times()
            return [to_run(row[1], _metadata(cursor, row[0]), row[2], row[3], times) for row in rows]

        return self._connection.read(read, [])

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return self._connection.read(
            lambda cursor: [row[1] for row in _matching(cursor, where, parent_run_id, None)], []
        )

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""

        def read(cursor: sqlite3.Cursor) -> list[str]:
            found = (run_id for (run_id,) in cursor.execute(sql.IDS_CONTAINING, (text,)) if matches(run_id))
            return list(islice(found, limit))

        return self._connection.read(read, [])

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        rows = self._of_run(run_id, sql.RUN_ARTIFACTS)
        times = Times()
        return [to_artifact(run_id, *row, times=times) for row in rows]

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        return {key: from_column(value) for key, value in self._of_run(run_id, sql.RUN_METADATA)}

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return [Source(run_id, source, name or None) for source, name in self._of_run(run_id, sql.RUN_SOURCES)]

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""

        def read(cursor: sqlite3.Cursor) -> list[str]:
            row = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
            if row is None:
                return []
            if artifact_name is None:
                return _first_column(cursor.execute(sql.RUN_CONSUMERS, row[:1]))
            if cursor.execute(sql.HAS_ARTIFACT, (row[0], artifact_name)).fetchone() is None:
                return []
            return _first_column(cursor.execute(sql.ARTIFACT_CONSUMERS, {"run": row[0], "name": artifact_name}))

        return self._connection.read(read, [])

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths."""

        def read(cursor: sqlite3.Cursor) -> list[Artifact]:
            rows = {row for path in paths for row in cursor.execute(sql.FIND_PATH, (path,))}
            return [to_artifact(*row, times=Times()) for row in sorted(rows, key=lambda row: row[:2])]

        return self._connection.read(read, [])

    def lineage(self, question: Question) -> Answer | None:
        """The answer in one snapshot, or None."""

        def read(cursor: sqlite3.Cursor) -> Answer | None:
            row = cursor.execute(sql.FIND_RUN, (question.run_id,)).fetchone()
            if row is None:
                return None
            return answer(cursor, row[0], question)

        return self._connection.read(read, None)

    def graph(self) -> Answer:
        """Everything in one snapshot."""

        def read(cursor: sqlite3.Cursor) -> Answer:
            connection = cursor.connection
            statements = (sql.ALL_RUNS, sql.ALL_METADATA, sql.ALL_ARTIFACTS, sql.ALL_SOURCES)
            with no_collection():
                return to_answer(*(connection.execute(statement) for statement in statements))

        return self._connection.read(read, Answer())

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every fact (of these runs) as events, page by page, each page in one snapshot."""
        if run_ids is not None:
            for run_id in run_ids:
                yield self._connection.read(partial(of_run, run_id=run_id), [])
            return
        after: int | None = 0
        while after is not None:
            nothing: tuple[list[Event], int | None] = ([], None)
            events, after = self._connection.read(partial(page, after=after, limit=_PAGE), nothing)
            if events:
                yield events

    def health(self) -> dict[str, object]:
        """Counts, settings and SQLite's own quick check."""

        def read(cursor: sqlite3.Cursor) -> dict[str, object]:
            damage = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
            if damage != "ok":
                raise self._file.damaged(damage)
            runs, external, artifacts, declared, metadata, sources = cursor.execute(sql.COUNTS).fetchone()
            return {
                "store": "SQLite",
                "SQLite version": sqlite3.sqlite_version,
                "schema version": cursor.execute("PRAGMA user_version").fetchone()[0],
                "journal mode": cursor.execute("PRAGMA journal_mode").fetchone()[0],
                "writable": self._file.obstacle() or True,
                "runs": runs,
                "external runs": external,
                "artifacts": artifacts,
                "declared artifacts": declared,
                "metadata values": metadata,
                "sources": sources,
            }

        return self._connection.read(read, {"store": "SQLite", "runs": 0})

    def _of_run(self, run_id: str, statement: str) -> list[Any]:
        def read(cursor: sqlite3.Cursor) -> list[Any]:
            row = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
            return [] if row is None else cursor.execute(statement, row[:1]).fetchall()

        return self._connection.read(read, [])


def _first_column(cursor: sqlite3.Cursor) -> list[str]:
    return [row[0] for row in cursor]


def _metadata(cursor: sqlite3.Cursor, run: int) -> dict[str, object]:
    return {key: from_column(value) for key, value in cursor.execute(sql.RUN_METADATA, (run,))}


def _matching(
    cursor: sqlite3.Cursor, where: Mapping[str, object], parent_run_id: str | None, limit: int | None
) -> list[tuple[int, str, int, int]]:
    if not where:
        return cursor.execute(
            sql.RUNS, {"parent": parent_run_id, "limit": -1 if limit is None else min(limit, _LARGEST)}
        ).fetchall()
    kept: set[int] | None = None
    for key, wanted in where.items():
        matches = matcher(wanted)
        found = {run for run, value in cursor.execute(sql.KEY_VALUES, (key,)) if matches(from_column(value))}
        kept = found if kept is None else kept & found
    rows = [row for row in cursor.execute(sql.RUNS, {"parent": parent_run_id, "limit": -1}) if kept and row[0] in kept]
    return rows[:limit]
