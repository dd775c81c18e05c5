"""Lineage on SQLite: the walk, its bounds, the rows of the answer, inside the caller's read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, JointQuestion, Question, moment
from graphtracker.stores.bounds import Chosen, choose, choose_jointly
from graphtracker.stores.sqlite import lineage_sql, sql
from graphtracker.stores.sqlite.rows import Reader, to_answer


def answer(cursor: sqlite3.Cursor, start: int, question: Question) -> Answer:
    """The answer to a question about the run with this integer."""
    _clear(cursor)
    at = moment(question.as_of)
    first_down = _first_down(cursor, start, question, at)
    ups = [start] if question.upstream else []
    asked = [] if question.artifact_name is None else [(start, question.artifact_name)]
    if not question.bounded:
        _walk(cursor, ups, first_down, at, lineage_sql.WALK_UP, lineage_sql.WALK_DOWN)
        if not ups and first_down != [start]:
            _join(cursor, [start])
        return _rows(cursor, asked, question, at)
    chosen = choose(
        question,
        start,
        first_down,
        partial(_step, cursor, lineage_sql.SOURCES_OF, at),
        partial(_step, cursor, lineage_sql.CONSUMERS_OF, at),
        partial(_first_by_id, cursor),
    )
    return _cut(cursor, chosen, ups, {start: first_down}, [start], asked, question, at)


def joint_answer(cursor: sqlite3.Cursor, runs: Mapping[str, int], question: JointQuestion) -> Answer:
    """The answer about several starts at once; ``runs`` has the integers of those of their runs that are there."""
    _clear(cursor)
    at = moment(question.as_of)
    walked = [runs[start] for start in question.starts if isinstance(start, str) and start in runs]
    named = [(runs[start[0]], start[1]) for start in question.starts if isinstance(start, tuple) and start[0] in runs]
    asked = [(run, name) for run, name in named if _is_there(cursor, run, name, at)]
    starts = {*walked, *(run for run, _ in asked)}
    ups = sorted(starts) if question.upstream else []
    downs: dict[int, list[int]] = {} if question.upstream else {run: [run] for run in walked}
    for run, name in asked if question.downstream else ():
        downs.setdefault(run, []).extend(_consumers(cursor, run, name, at))
    if not question.bounded:
        _walk(cursor, ups, _all_of(downs), at, lineage_sql.WALK_UP, lineage_sql.WALK_DOWN)
        _join(cursor, starts)
        return _rows(cursor, asked, question, at)
    chosen = choose_jointly(
        question,
        starts,
        starts if question.upstream else set(walked),
        set(_all_of(downs)).difference(walked),
        partial(_step, cursor, lineage_sql.SOURCES_OF if question.upstream else lineage_sql.CONSUMERS_OF, at),
        partial(_first_by_id, cursor),
    )
    asked = [(run, name) for run, name in asked if run in chosen.kept]
    downs = {run: first for run, first in downs.items() if run in chosen.kept}
    found = _cut(cursor, chosen, ups, downs, starts & chosen.kept, asked, question, at)
    return found if starts <= chosen.kept else replace(found, reasons=found.reasons | chosen.reasons)


def _all_of(downs: Mapping[int, list[int]]) -> list[int]:
    return list(dict.fromkeys(chain.from_iterable(downs.values())))


def _cut(
    cursor: sqlite3.Cursor,
    chosen: Chosen[int],
    ups: list[int],
    downs: Mapping[int, list[int]],
    starts: Iterable[int],
    asked: list[tuple[int, str]],
    question: Question | JointQuestion,
    at: int,
) -> Answer:
    """The answer of a store that would hold only the runs that were chosen, and what it leaves out."""
    cursor.execute(lineage_sql.CLEAR_KEPT)
    cursor.execute(lineage_sql.KEEP, (_json(chosen.kept),))
    _walk(cursor, ups, _all_of(downs), at, lineage_sql.WALK_UP_KEPT, lineage_sql.WALK_DOWN_KEPT)
    _join(cursor, starts)
    found = _rows(cursor, asked, question, at)
    frontier = _frontier(cursor, downs, chosen.kept, at)
    return replace(found, reasons=found.reasons | chosen.reasons, frontier=frontier) if frontier else found


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
    return _consumers(cursor, start, question.artifact_name, at)


def _is_there(cursor: sqlite3.Cursor, run: int, name: str, at: int) -> bool:
    return cursor.execute(sql.HAS_ARTIFACT, {"run": run, "name": name, "t": at}).fetchone() is not None


def _consumers(cursor: sqlite3.Cursor, run: int, name: str, at: int) -> list[int]:
    """The runs one step after an artifact."""
    rows = cursor.execute(sql.ARTIFACT_CONSUMER_IDS, {"run": run, "name": name, "t": at})
    return [consumer for (consumer,) in rows]


def _walk(cursor: sqlite3.Cursor, ups: list[int], downs: list[int], at: int, up: str, down: str) -> None:
    if ups:
        cursor.execute(up, {"runs": _json(ups), "t": at})
    if downs:
        cursor.execute(down, {"runs": _json(downs), "t": at})
    for statement in lineage_sql.JOIN_WALKS:
        cursor.execute(statement)


def _join(cursor: sqlite3.Cursor, starts: Iterable[int]) -> None:
    """The runs of artifacts that are asked about are in the answer though no walk began at them."""
    cursor.execute(lineage_sql.JOIN_STARTS, (_json(starts),))


def _rows(cursor: sqlite3.Cursor, asked: list[tuple[int, str]], question: Question | JointQuestion, at: int) -> Answer:
    connection = cursor.connection
    of_then = {"t": at, "later": stamp_after(at)}
    whole = cursor.execute(lineage_sql.WHOLE_UP, of_then).rowcount
    wanted = (lineage_sql.DOWN_ARTIFACTS, *([lineage_sql.WHOLE_ARTIFACTS] if whole else []), lineage_sql.USED_ARTIFACTS)
    # One after the other: statements that are open at the same time take ever longer to open.
    artifact_rows = chain(
        (connection.execute(statement, of_then) for statement in wanted),
        (connection.execute(sql.ONE_ARTIFACT, {"run": run, "name": name, "t": at}) for run, name in asked),
    )
    reader = Reader(at)
    if at < NOW:
        reader.overwritten = bool(cursor.execute(lineage_sql.ANSWER_OVERWRITTEN, of_then).fetchone()[0])
    with gc_paused():
        found = to_answer(
            reader,
            question if isinstance(question, Question) else None,
            connection.execute(lineage_sql.ANSWER_RUNS),
            connection.execute(lineage_sql.ANSWER_METADATA, of_then),
            chain.from_iterable(artifact_rows),
            chain.from_iterable(connection.execute(statement, of_then) for statement in lineage_sql.ANSWER_SOURCES),
        )
    return found if isinstance(question, Question) else replace(found, as_of=question.as_of)


def _step(cursor: sqlite3.Cursor, statement: str, at: int, runs: set[int]) -> set[int]:
    return {run for (run,) in cursor.execute(statement, {"runs": _json(runs), "t": at})}


def _first_by_id(cursor: sqlite3.Cursor, runs: set[int], count: int) -> set[int]:
    by_id = sorted((run_id, run) for run, run_id in cursor.execute(lineage_sql.RUN_IDS_OF, (_json(runs),)))
    return {run for _, run in by_id[:count]}


def _frontier(
    cursor: sqlite3.Cursor, downs: Mapping[int, list[int]], kept: set[int], at: int
) -> dict[str, frozenset[str]]:
    """Runs from which a walk would have gone on to a run that was not kept, with the directions of those walks.

    ``downs`` has for each start the runs where the walk downstream begins: itself, or those one step after artifacts.
    """
    cut: dict[int, set[str]] = {}
    for (run,) in cursor.execute(lineage_sql.CUT_UPSTREAM, {"t": at}):
        cut.setdefault(run, set()).add("upstream")
    for (run,) in cursor.execute(lineage_sql.CUT_DOWNSTREAM, {"t": at}):
        cut.setdefault(run, set()).add("downstream")
    for start, first in downs.items():
        if not kept.issuperset(first):
            cut.setdefault(start, set()).add("downstream")
    ids = cursor.execute(lineage_sql.RUN_IDS_OF, (_json(cut),)).fetchall()
    return {run_id: frozenset(cut[run]) for run, run_id in sorted(ids, key=lambda row: str(row[1]))}


def _json(runs: Iterable[int]) -> str:
    return f"[{','.join(map(str, runs))}]"
