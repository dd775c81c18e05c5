"""What can be asked of an SQLite store, inside a read transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from graphtracker.analysis.newest import newest_first, newest_of_two_runs
from graphtracker.model.encoding import dumps
from graphtracker.model.events import NOW, Event, stamp_after
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, JointQuestion, Question, moment
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Node, Run, Source
from graphtracker.stores.filters.conditions import Condition
from graphtracker.stores.filters.selection import Selection
from graphtracker.stores.snapshot import Belongings, Known, LooseEnds, Snapshot
from graphtracker.stores.sqlite import lineage_sql, sql
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.lineage import answer, joint_answer
from graphtracker.stores.sqlite.replay import events_of, page_after
from graphtracker.stores.sqlite.rows import Reader, RunRow, text, to_answer, to_metadata
from graphtracker.stores.sqlite.selecting import Selecting
from graphtracker.stores.sqlite.texts import containing, found_by_text, keys, named

Made = TypeVar("Made")

_PAGE = 1000  # external runs whose places are looked up together
_EVERYTHING = (
    lineage_sql.ALL_RUNS,
    lineage_sql.ALL_METADATA,
    lineage_sql.ALL_ARTIFACTS,
    lineage_sql.ALL_SOURCES,
)


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
            return self._run(Reader(), row)

    def runs(self, selection: Selection) -> list[Run]:
        """The runs that are asked for, in order."""
        return Selecting(self._cursor, selection).runs()

    def run_ids(self, selection: Selection) -> list[str]:
        """Their ids."""
        return Selecting(self._cursor, selection).run_ids()

    def named(self, text: str, *, beginning: bool, limit: int) -> list[Known]:
        """Runs of this name, or of one that begins so, the latest first."""
        return named(self._cursor, text, beginning=beginning, limit=limit)

    def containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
        """Runs whose ids contain the text and match, the latest first."""
        return containing(self._cursor, text, matches, limit)

    def find(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
        """Runs and artifacts that contain the text and match, the newest first."""
        return found_by_text(self._cursor, text, matches, limit)

    def keys(self, beginning: str, limit: int) -> list[str]:
        """Metadata keys that begin so, in order."""
        return keys(self._cursor, beginning, limit)

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        made = Reader().artifact
        found = self._find(run_id)
        forgotten = found is not None and found[5] is not None
        return self._of_run(run_id, sql.RUN_ARTIFACTS, lambda run, *row: made(run_id, forgotten, *row))

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        row = self._find(run_id)
        if row is None:
            return {}
        with NamingDamage(self._cursor, lambda: row[:1]):
            return self._metadata(row[0], NOW)

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return self._of_run(run_id, sql.RUN_SOURCES, partial(Reader().source, run_id))

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        row = self._find(run_id)
        if row is None:
            return []
        if artifact_name is None:
            return self._consumers(row[0], sql.RUN_CONSUMERS, row[:1])
        artifact = {"run": row[0], "name": artifact_name, "t": NOW}
        if self._cursor.execute(sql.HAS_ARTIFACT, artifact).fetchone() is None:
            return []
        return self._consumers(row[0], sql.ARTIFACT_CONSUMERS, artifact)

    def find_artifacts(self, place: str) -> list[Artifact]:
        """The logged artifacts at this place, the newest log first."""
        made = Reader().artifact
        with NamingDamage(self._cursor, lambda: self._integers(sql.RUNS_WITH_PLACE, [(place,)])):
            rows = self._cursor.execute(sql.FIND_PLACE, (place,))
            return newest_first([made(text(run_id), False, *row) for run_id, _, *row in rows])

    def newest_at(self, places: Iterable[str]) -> dict[str, list[Artifact]]:
        """Place → the newest log there, and the newest of another run."""
        made = Reader().artifact
        found: dict[str, list[Artifact]] = {}
        for place in places:
            with NamingDamage(self._cursor, lambda place=place: self._integers(sql.RUNS_WITH_PLACE, [(place,)])):
                rows = self._cursor.execute(sql.NEWEST_AT_PLACE, (place,))
                of_two_runs = until_two_runs(made(text(run_id), False, *row) for run_id, _, *row in rows)
                if newest := newest_of_two_runs(newest_first(of_two_runs)):
                    found[place] = newest
        return found

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        row = self._find(question.run_id, moment(question.as_of))
        if row is None:
            return None
        with NamingDamage(self._cursor, lambda: self._integers(sql.ANSWERED, [()])):
            found = answer(self._cursor, row[0], question)
            if question.run_id not in found.runs:
                raise LookupError("a run has another id than the one it was found by")
            return found

    def lineages(self, question: JointQuestion) -> Answer:
        """What is in the lineage of any of the starts."""
        at = moment(question.as_of)
        rows = {run_id: self._find(run_id, at) for run_id in {_run_of(start) for start in question.starts}}
        runs = {run_id: row[0] for run_id, row in rows.items() if row is not None}
        with NamingDamage(self._cursor, lambda: self._integers(sql.ANSWERED, [()])):
            return joint_answer(self._cursor, runs, question)

    def graph(self, as_of: datetime | None = None) -> Answer:
        """Everything."""
        reader = Reader(moment(as_of))
        of_then = {"t": reader.at, "later": stamp_after(reader.at)}
        ask = self._cursor.connection.execute
        with NamingDamage(self._cursor), gc_paused():
            if as_of is not None:
                reader.overwritten = bool(self._cursor.execute(lineage_sql.ALL_OVERWRITTEN, of_then).fetchone()[0])
            rows = [ask(statement, of_then) for statement in _EVERYTHING]
            return replace(to_answer(reader, None, *rows, everything=True), as_of=as_of)

    def belongings(self, run_ids: Sequence[str]) -> Belongings:
        """What these runs have, and who uses it."""
        wanted = {"run_ids": dumps(list(run_ids)), "t": NOW}
        made = Reader().artifact
        with NamingDamage(self._cursor):
            known = [text(run_id) for (run_id,) in self._cursor.execute(sql.THESE_RUNS, wanted)]
            logged = self._cursor.execute(sql.ARTIFACTS_OF_THESE, wanted)
            artifacts = [made(text(run_id), bool(forgotten), *row) for run_id, forgotten, _, *row in logged]
            consumers = [text(run_id) for (run_id,) in self._cursor.execute(sql.CONSUMERS_OF_THESE, wanted)]
        return Belongings(known, artifacts, consumers)

    def outdated(self, before: datetime, where: Condition | None) -> list[str]:
        """Ids of reported runs that match, last updated before then, and from which nothing younger descends."""
        kept = None if where is None else set(self.run_ids(Selection(where)))
        with NamingDamage(self._cursor):
            rows = self._cursor.execute(sql.OUTDATED, {"before": nanoseconds(before)})
            return [text(run_id) for _, run_id in rows if kept is None or run_id in kept]

    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """What leads nowhere."""
        ask = self._cursor.connection.execute
        placed: list[str] = []
        placed_in_all = 0
        with NamingDamage(self._cursor):
            externals = ask(sql.EXTERNALS)
            while page := [text(run_id) for (run_id,) in islice(externals, _PAGE)]:
                found = [page[number] for (number,) in ask(sql.TAKEN_PLACES, (dumps([*map(place, page)]),))]
                placed += found[: limit - len(placed)]
                placed_in_all += len(found)
            rows = ask(sql.DECLARED)
            declared = [(text(run_id), text(name)) for run_id, name in islice(rows, limit)]
            return LooseEnds(placed, placed_in_all, declared, len(declared) + sum(1 for _ in rows))

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs, run by run; of all, page by page."""
        if run_ids is not None:
            yield from (events_of(self._cursor, run_id) for run_id in run_ids)
            return
        after: int | None = 0
        while after is not None:
            events, after = page_after(self._cursor, after)
            yield events

    def _find(self, run_id: str, at: int = NOW) -> RunRow | None:
        """The row of a run that is there at this time; None where there is none."""
        row: RunRow | None = self._cursor.execute(sql.ONE_RUN, (run_id,)).fetchone()
        if row is None:
            return None
        reported_at: Any = row[3]
        if reported_at is not None and (type(reported_at) is not int or reported_at <= at):  # the rest is for readers
            return row
        return row if self._cursor.execute(sql.IS_NAMED, (row[0], at)).fetchone()[0] else None

    def _run(self, reader: Reader, row: RunRow) -> Run:
        return reader.run(row, self._metadata(row[0], reader.at))

    def _metadata(self, run: int, at: int) -> dict[str, object]:
        return to_metadata(self._cursor.execute(sql.RUN_METADATA, (run, stamp_after(at))))

    def _of_run(self, run_id: str, statement: str, value: Callable[..., Made]) -> list[Made]:
        """What ``value`` makes of the rows of a run."""
        row = self._find(run_id)
        if row is None:
            return []
        with NamingDamage(self._cursor, lambda: row[:1]):
            return [value(*found) for found in self._cursor.execute(statement, row[:1])]

    def _consumers(self, run: int, statement: str, parameters: Any) -> list[str]:
        with NamingDamage(
            self._cursor, lambda: self._integers(lineage_sql.CONSUMERS_OF, [{"runs": f"[{run}]", "t": NOW}])
        ):
            return [text(consumer) for (consumer,) in self._cursor.execute(statement, parameters)]

    def _integers(self, statement: str, each: Iterable[Any]) -> list[int]:
        """The runs that a statement finds for each of these parameters."""
        return [run for parameters in each for (run,) in self._cursor.execute(statement, parameters)]


def until_two_runs(artifacts: Iterable[Artifact]) -> Iterator[Artifact]:
    """Of artifacts whose log is the newest first as many as tell which are the first two runs; equal times count."""
    runs: dict[str, datetime | None] = {}
    for artifact in artifacts:
        if len(runs) > 1 and artifact.updated_at not in runs.values():
            return
        runs.setdefault(artifact.run_id, artifact.updated_at)
        yield artifact


def _run_of(node: Node) -> str:
    return node if isinstance(node, str) else node[0]
