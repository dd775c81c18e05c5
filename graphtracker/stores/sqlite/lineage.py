"""Lineage on SQLite: the walk, its bounds, the rows of the answer, inside the caller's read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import chain

from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, Question
from graphtracker.stores.bounds import choose
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.rows import to_answer


def answer(cursor: sqlite3.Cursor, start: int, question: Question) -> Answer:
    """The answer to a question about the run with this integer."""
    _clear(cursor)
    first_down = _first_down(cursor, start, question)
    if not question.bounded:
        _walk(cursor, start, question, first_down, sql.WALK_UP, sql.WALK_DOWN)
        return _rows(cursor, start, question)
    chosen = choose(
        question,
        start,
        first_down,
        partial(_step, cursor, sql.SOURCES_OF),
        partial(_step, cursor, sql.CONSUMERS_OF),
        partial(_first_by_id, cursor),
    )
    cursor.execute(sql.CLEAR_KEPT)
    cursor.execute(sql.KEEP, (_json(chosen.kept),))
    _walk(cursor, start, question, first_down, sql.WALK_UP_KEPT, sql.WALK_DOWN_KEPT)
    found = _rows(cursor, start, question)
    frontier = _frontier(cursor, start, first_down, chosen.kept)
    if not frontier:
        return found
    return replace(found, reasons=chosen.reasons, frontier=frontier)


def _clear(cursor: sqlite3.Cursor) -> None:
    """Empties the temporary tables, which the first question on a connection makes."""
    try:
        for statement in sql.CLEAR:
            cursor.execute(statement)
    except sqlite3.OperationalError:
        for statement in sql.TEMPORARY:
            cursor.execute(statement)


def _first_down(cursor: sqlite3.Cursor, start: int, question: Question) -> list[int]:
    """Where the walk downstream begins: the run itself, or the runs one step after the one artifact."""
    if not question.downstream:
        return []
    if question.artifact_name is None:
        return [start]
    return [run for (run,) in cursor.execute(sql.ARTIFACT_CONSUMER_IDS, {"run": start, "name": question.artifact_name})]


def _walk(cursor: sqlite3.Cursor, start: int, question: Question, first_down: list[int], up: str, down: str) -> None:
    if question.upstream:
        cursor.execute(up, (_json([start]),))
    if first_down:
        cursor.execute(down, (_json(first_down),))
    for statement in sql.JOIN_WALKS:
        cursor.execute(statement)
    if not question.upstream and first_down != [start]:
        cursor.execute(sql.JOIN_START, (start,))


def _rows(cursor: sqlite3.Cursor, start: int, question: Question) -> Answer:
    whole = cursor.execute(sql.WHOLE_UP).rowcount
    wanted = (sql.DOWN_ARTIFACTS, *([sql.WHOLE_ARTIFACTS] if whole else []), sql.USED_ARTIFACTS)
    artifact_rows = [cursor.connection.execute(statement) for statement in wanted]
    if question.artifact_name is not None:
        artifact_rows.append(cursor.connection.execute(sql.ONE_ARTIFACT, (start, question.artifact_name)))
    with gc_paused():
        return to_answer(
            question,
            cursor.connection.execute(sql.ANSWER_RUNS),
            cursor.connection.execute(sql.ANSWER_METADATA),
            chain.from_iterable(artifact_rows),
            chain.from_iterable(cursor.connection.execute(statement) for statement in sql.ANSWER_SOURCES),
        )


def _step(cursor: sqlite3.Cursor, statement: str, runs: set[int]) -> set[int]:
    return {run for (run,) in cursor.execute(statement, (_json(runs),))}


def _first_by_id(cursor: sqlite3.Cursor, runs: set[int], count: int) -> set[int]:
    by_id = sorted((run_id, run) for run, run_id in cursor.execute(sql.RUN_IDS_OF, (_json(runs),)))
    return {run for _, run in by_id[:count]}


def _frontier(cursor: sqlite3.Cursor, start: int, first_down: list[int], kept: set[int]) -> dict[str, frozenset[str]]:
    """Runs from which a walk would have gone on to a run that was not kept, with the directions of those walks."""
    cut: dict[int, set[str]] = {}
    for (run,) in cursor.execute(sql.CUT_UPSTREAM):
        cut.setdefault(run, set()).add("upstream")
    for (run,) in cursor.execute(sql.CUT_DOWNSTREAM):
        cut.setdefault(run, set()).add("downstream")
    if not kept.issuperset(first_down):
        cut.setdefault(start, set()).add("downstream")
    ids = cursor.execute(sql.RUN_IDS_OF, (_json(cut),)).fetchall()
    return {run_id: frozenset(cut[run]) for run, run_id in sorted(ids, key=lambda row: str(row[1]))}


def _json(runs: Iterable[int]) -> str:
    return f"[{','.join(map(str, runs))}]"
