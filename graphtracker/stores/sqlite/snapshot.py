"""What can be asked of an SQLite store, inside a read transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from graphtracker.model.events import Event
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.question import Answer, Question
from graphtracker.model.times import Times
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.filters import matching
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.lineage import answer
from graphtracker.stores.sqlite.replay import events_of, page_after
from graphtracker.stores.sqlite.rows import from_column, text, to_answer, to_artifact, to_metadata, to_run, to_source

Made = TypeVar("Made")


class SQLiteSnapshot(Snapshot):
    """The store as it was when the transaction of this cursor began."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        row = self._find(run_id)
        if row is None:
            return None
        with NamingDamage(self._cursor, lambda: row[:1]):
            return self._run(row[0], run_id, row[1], row[2], Times())

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""
        times = Times()
        rows = self._matching(where, parent_run_id, limit)
        with NamingDamage(self._cursor, lambda: [row[0] for row in rows]):
            return [self._run(*row, times) for row in rows]

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of reported runs that match, newest first, then by id."""
        return [run_id for _, run_id, _, _ in self._matching(where, parent_run_id, None)]

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""
        with NamingDamage(self._cursor):
            found = (run_id for (run_id,) in self._cursor.execute(sql.IDS_CONTAINING, (text,)) if matches(run_id))
            return list(islice(found, limit))

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        times = Times()
        return self._of_run(run_id, sql.RUN_ARTIFACTS, lambda *row: to_artifact(run_id, *row, times=times))

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        row = self._find(run_id)
        if row is None:
            return {}
        with NamingDamage(self._cursor, lambda: row[:1]):
            return self._metadata(row[0])

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return self._of_run(run_id, sql.RUN_SOURCES, partial(to_source, run_id))

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        row = self._find(run_id)
        if row is None:
            return []
        if artifact_name is None:
            return self._consumers(row[0], sql.RUN_CONSUMERS, row[:1])
        if self._cursor.execute(sql.HAS_ARTIFACT, (row[0], artifact_name)).fetchone() is None:
            return []
        return self._consumers(row[0], sql.ARTIFACT_CONSUMERS, {"run": row[0], "name": artifact_name})

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths."""
        with NamingDamage(self._cursor, lambda: self._integers(sql.RUNS_WITH_PATH, [(path,) for path in paths])):
            rows = {row for path in paths for row in self._cursor.execute(sql.FIND_PATH, (path,))}
            found = [to_artifact(text(row[0]), *row[1:], times=Times()) for row in rows]
        return sorted(found, key=lambda item: (item.run_id, item.name))

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        row = self._find(question.run_id)
        if row is None:
            return None
        with NamingDamage(self._cursor, lambda: self._integers(sql.ANSWERED, [()])):
            found = answer(self._cursor, row[0], question)
            if question.run_id not in found.runs:
                raise LookupError("a run has another id than the one it was found by")
            return found

    def graph(self) -> Answer:
        """Everything."""
        connection = self._cursor.connection
        statements = (sql.ALL_RUNS, sql.ALL_METADATA, sql.ALL_ARTIFACTS, sql.ALL_SOURCES)
        with NamingDamage(self._cursor), gc_paused():
            return to_answer(None, *(connection.execute(statement) for statement in statements))

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs, run by run; of all, page by page."""
        if run_ids is not None:
            yield from (events_of(self._cursor, run_id) for run_id in run_ids)
            return
        after: int | None = 0
        while after is not None:
            events, after = page_after(self._cursor, after)
            yield events

    def _find(self, run_id: str) -> tuple[int, int, int | None] | None:
        found: tuple[int, int, int | None] | None = self._cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
        return found

    def _run(self, run: int, run_id: str, created_at: int, updated_at: int | None, times: Times) -> Run:
        return to_run(run_id, self._metadata(run), created_at, updated_at, times)

    def _metadata(self, run: int) -> dict[str, object]:
        return to_metadata(self._cursor.execute(sql.RUN_METADATA, (run,)))

    def _of_run(self, run_id: str, statement: str, value: Callable[..., Made]) -> list[Made]:
        """What ``value`` makes of the rows of a run."""
        row = self._find(run_id)
        if row is None:
            return []
        with NamingDamage(self._cursor, lambda: row[:1]):
            return [value(*found) for found in self._cursor.execute(statement, row[:1])]

    def _consumers(self, run: int, statement: str, parameters: Any) -> list[str]:
        with NamingDamage(self._cursor, lambda: self._integers(sql.CONSUMERS_OF, [(f"[{run}]",)])):
            return [text(consumer) for (consumer,) in self._cursor.execute(statement, parameters)]

    def _matching(
        self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None
    ) -> list[tuple[int, str, int, int]]:
        with NamingDamage(self._cursor, lambda: self._integers(sql.RUNS_WITH_KEY, [(key,) for key in where])):
            kept = matching(where, self._values_of)
        most = -1 if limit is None or kept is not None else min(limit, LARGEST_INT)
        with NamingDamage(self._cursor):
            rows = self._cursor.execute(sql.RUNS, {"parent": parent_run_id, "limit": most}).fetchall()
        return rows if kept is None else [row for row in rows if row[0] in kept][:limit]

    def _values_of(self, key: str, wanted: object) -> Iterator[tuple[int, object]]:
        return ((run, from_column(value)) for run, value in self._cursor.execute(sql.KEY_VALUES, (key,)))

    def _integers(self, statement: str, each: Iterable[Any]) -> list[int]:
        """The runs that a statement finds for each of these parameters."""
        return [run for parameters in each for (run,) in self._cursor.execute(statement, parameters)]
