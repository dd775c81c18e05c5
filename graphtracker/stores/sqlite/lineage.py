"""Lineage on SQLite: the walk, its bounds, the rows of the answer, inside the caller's read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import chain

from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, Question, moment
from graphtracker.stores.bounds import choose
from graphtracker.stores.sqlite import lineage_sql, sql
from graphtracker.stores.sqlite.rows import Reader, to_answer


def answer(cursor: sqlite3.Cursor, start: int, question: Question) -> Answer:
    """The answer to a question about the run with this integer."""
    _clear(cursor)
    at = moment(question.as_of)
    first_down = _first_down(cursor, start, question, at)
    if not question.bounded:
        _walk(cursor, start, question, first_down, at, lineage_sql.WALK_UP, lineage_sql.WALK_DOWN)
        return _rows(cursor, start, question, at)
    chosen = choose(
        question,
        start,
        first_down,
        partial(_step, cursor, lineage_sql.SOURCES_OF, at),
        partial(_step, cursor, lineage_sql.CONSUMERS_OF, at),
        partial(_first_by_id, cursor),
    )
    cursor.execute(lineage_sql.CLEAR_KEPT)
    cursor.execute(lineage_sql.KEEP, (_json(chosen.kept),))
    _walk(cursor, start, question, first_down, at, lineage_sql.WALK_UP_KEPT, lineage_sql.WALK_DOWN_KEPT)
    found = _rows(cursor, start, question, at)
    frontier = _frontier(cursor, start, first_down, chosen.kept, at)
    if not frontier:
        return found
    return replace(found, reasons=found.reasons | chosen.reasons, frontier=frontier)


def _clear(cursor: sqlite3.Cursor) -> None:
    """Empties the temporary tables, which the first question on a connection makes."""
    try:
        for statement in lineage_sql.CLEAR:
            cursor.execute(statement)
    except sqlite3.OperationalError:
        for statement in lineage_sql.TEMPORARY:
            cursor.execute(statement)


def _first_down(cursor: sqlite3.Cursor, start: int, question: Question, at: int) -> list[int]:
    """Where the walk downstream begins: the run itself, or the runs one step after the one artifact."""
    if not question.downstream:
        return []
    if question.artifact_name is None:
        return [start]
    artifact = {"run": start, "name": question.artifact_name, "t": at}
    return [run for (run,) in cursor.execute(sql.ARTIFACT_CONSUMER_IDS, artifact)]


def _walk(
    cursor: sqlite3.Cursor, start: int, question: Question, first_down: list[int], at: int, up: str, down: str
) -> None:
    if question.upstream:
        cursor.execute(up, {"runs": _json([start]), "t": at})
    if first_down:
        cursor.execute(down, {"runs": _json(first_down), "t": at})
    for statement in lineage_sql.JOIN_WALKS:
        cursor.execute(statement)
    if not question.upstream and first_down != [start]:
        cursor.execute(lineage_sql.JOIN_START, (start,))


def _rows(cursor: sqlite3.Cursor, start: int, question: Question, at: int) -> Answer:
    connection = cursor.connection
    of_then = {"t": at, "later": stamp_after(at)}
    whole = cursor.execute(lineage_sql.WHOLE_UP, of_then).rowcount
    wanted = (lineage_sql.DOWN_ARTIFACTS, *([lineage_sql.WHOLE_ARTIFACTS] if whole else []), lineage_sql.USED_ARTIFACTS)
    artifact_rows = [connection.execute(statement, of_then) for statement in wanted]
    if question.artifact_name is not None:
        artifact = {"run": start, "name": question.artifact_name, "t": at}
        artifact_rows.append(connection.execute(sql.ONE_ARTIFACT, artifact))
    reader = Reader(at)
    if at < NOW:
        reader.overwritten = bool(cursor.execute(lineage_sql.ANSWER_OVERWRITTEN, of_then).fetchone()[0])
    with gc_paused():
        return to_answer(
            reader,
            question,
            connection.execute(lineage_sql.ANSWER_RUNS),
            connection.execute(lineage_sql.ANSWER_METADATA, of_then),
            chain.from_iterable(artifact_rows),
            chain.from_iterable(connection.execute(statement, of_then) for statement in lineage_sql.ANSWER_SOURCES),
        )


def _step(cursor: sqlite3.Cursor, statement: str, at: int, runs: set[int]) -> set[int]:
    return {run for (run,) in cursor.execute(statement, {"runs": _json(runs), "t": at})}


def _first_by_id(cursor: sqlite3.Cursor, runs: set[int], count: int) -> set[int]:
    by_id = sorted((run_id, run) for run, run_id in cursor.execute(lineage_sql.RUN_IDS_OF, (_json(runs),)))
    return {run for _, run in by_id[:count]}


def _frontier(
    cursor: sqlite3.Cursor, start: int, first_down: list[int], kept: set[int], at: int
) -> dict[str, frozenset[str]]:
    """Runs from which a walk would have gone on to a run that was not kept, with the directions of those walks."""
    cut: dict[int, set[str]] = {}
    for (run,) in cursor.execute(lineage_sql.CUT_UPSTREAM, {"t": at}):
        cut.setdefault(run, set()).add("upstream")
    for (run,) in cursor.execute(lineage_sql.CUT_DOWNSTREAM, {"t": at}):
        cut.setdefault(run, set()).add("downstream")
    if not kept.issuperset(first_down):
        cut.setdefault(start, set()).add("downstream")
    ids = cursor.execute(lineage_sql.RUN_IDS_OF, (_json(cut),)).fetchall()
    return {run_id: frozenset(cut[run]) for run, run_id in sorted(ids, key=lambda row: str(row[1]))}


def _json(runs: Iterable[int]) -> str:
    return f"[{','.join(map(str, runs))}]"
