"""The merge of a batch into the SQLite store, inside a transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from copy import copy
from operator import itemgetter

from graphtracker.model.encoding import dumps
from graphtracker.model.events import (
    NOW,
    ArtifactLogged,
    ContextSet,
    Event,
    MetadataSet,
    Said,
    stamp_time,
    stamped_later,
)
from graphtracker.model.values import run_name
from graphtracker.stores.contract import refused
from graphtracker.stores.fold import LINKS, VALUES, Fold
from graphtracker.stores.sqlite import writing_sql
from graphtracker.stores.sqlite.context import from_parts, to_parts
from graphtracker.stores.sqlite.damage import name_damage
from graphtracker.stores.sqlite.rows import check_set, to_row

Known = dict[str, tuple[int, int, int | None]]
"""Run id → (its integer, a time that its created_at is not later than, what of it is forgotten): what later merges need
not look up."""

_MOST_KNOWN = 200_000


def merge(events: Sequence[Event], fold: Fold, said: Said | None, cursor: sqlite3.Cursor, known: Known) -> Known:
    """Writes what a batch changes; returns what is known of its runs once the caller has committed.

    Where calls are made ``now`` and the store holds a later value of one of their keys, they are stamped anew. Raises
    InvalidInput for a call, of whatever time, on a run that is forgotten.
    """
    learned: Known = {}
    try:
        while not _merge(fold, said, cursor, known, learned) and said == "now":
            beaten = _beaten(events, cursor, learned)
            if not beaten:
                break
            events = stamped_later(events, beaten)
            fold = Fold(events)
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN IMMEDIATE")
            known, learned = {}, {}
    except Exception as error:
        name_damage(error, cursor, [run for run, _, _ in learned.values()])
        raise
    return learned


def _beaten(events: Sequence[Event], cursor: sqlite3.Cursor, runs: Known) -> dict[str, int]:
    """Run id → the greatest time of a value that the store holds and that is later than that of one of the events."""
    in_order = sorted(events, key=itemgetter(-1))
    latest = {
        (type(event), event.run_id, event[1]): event.stamp
        for event in in_order
        if isinstance(event, (MetadataSet, ArtifactLogged))
    }
    beaten = _beaten_context([event for event in in_order if isinstance(event, ContextSet)], cursor, runs)
    for (kind, run_id, name), stamp in latest.items():
        statement = writing_sql.METADATA_STAMP if kind is MetadataSet else writing_sql.ARTIFACT_STAMP
        (held,) = cursor.execute(statement, (runs[run_id][0], name)).fetchone()
        check_set(name, held)  # what is no stamp may be later than any that a clock gives
        if held > stamp:
            beaten[run_id] = max(stamp_time(held), beaten.get(run_id, 0))
    return beaten


def _beaten_context(events: Sequence[ContextSet], cursor: sqlite3.Cursor, runs: Known) -> dict[str, int]:
    latest = {(event.run_id, key): event.stamp for event in events for key in event.values}
    beaten: dict[str, int] = {}
    for run_id in {event.run_id for event in events}:
        for held in _held_context(cursor, runs[run_id][0], run_id):
            if any(held.stamp > latest.get((run_id, key), held.stamp) for key in held.values):
                beaten[run_id] = max(stamp_time(held.stamp), beaten.get(run_id, 0))
    return beaten


def _merge(fold: Fold, said: Said | None, cursor: sqlite3.Cursor, known: Known, learned: Known) -> bool:
    """Writes what a batch changes and adds what it learns of runs; whether all its values are the latest now."""
    forgotten, new = _report_all(fold, cursor, known, learned)
    if said and forgotten:
        raise refused(forgotten)
    for run_id, time in fold.mentioned.items():
        learned[run_id] = _mention(cursor, run_id, time, learned.get(run_id) or known.get(run_id))
    if forgotten:
        fold = _without(fold, forgotten)
    stand = True
    if fold.logged and not _log(fold.logged, cursor, learned):
        stand = False
    if fold.declared:
        declared = [(learned[run_id][0], name, time) for (run_id, name), time in fold.declared.items()]
        cursor.executemany(writing_sql.DECLARE_ARTIFACT, declared)
    if fold.metadata:
        values = [to_row(learned[run_id][0], key, value, stamp) for run_id, key, value, stamp in fold.metadata]
        if cursor.executemany(writing_sql.SET_METADATA, values).rowcount < len(values):
            stand = False
    for run_id, said_of_it in fold.context.items():
        if run_id not in new and not _set_context(cursor, learned[run_id][0], said_of_it):
            stand = False
    if fold.sources:
        links = [
            (learned[run_id][0], learned[source_id][0], name, time)
            for (run_id, source_id, name), time in fold.sources.items()
        ]
        cursor.executemany(writing_sql.ADD_SOURCE, links)
    for run_id, (scope, time) in fold.forgotten.items():
        learned[run_id] = _forget(cursor, run_id, scope, time, learned.get(run_id))
    return stand


def _report_all(fold: Fold, cursor: sqlite3.Cursor, known: Known, learned: Known) -> tuple[dict[str, int], set[str]]:
    """Adds what reporting says of runs; returns what of which is forgotten, and which are new."""
    forgotten: dict[str, int] = {}
    new: set[str] = set()
    for run_id, (first, last) in fold.reported.items():
        seen = known.get(run_id)
        if seen is None:  # a run that records is mostly a new one
            seen = _added(cursor, run_id, first, last, fold.context.get(run_id))
            if seen is not None:
                new.add(run_id)
                learned[run_id] = seen
                continue
        learned[run_id] = seen = _report(cursor, run_id, first, last, seen)
        if seen[2] is not None:
            forgotten[run_id] = seen[2]
    return forgotten, new


def _without(fold: Fold, forgotten: dict[str, int]) -> Fold:
    """A batch without what runs recorded that are forgotten, but for the times."""
    left = copy(fold)
    left.metadata = [event for event in fold.metadata if event.run_id not in forgotten]
    left.context = {run_id: events for run_id, events in fold.context.items() if run_id not in forgotten}
    left.sources = {link: time for link, time in fold.sources.items() if forgotten.get(link[0]) != LINKS}
    left.declared = dict(fold.declared)
    left.logged = []
    for event in fold.logged:
        if forgotten.get(event.run_id) == LINKS:
            key, time = (event.run_id, event.name), stamp_time(event.stamp)
            left.declared[key] = min(time, left.declared.get(key, time))
        elif event.run_id in forgotten:
            left.logged.append(event._replace(place="", path="", metadata=None))
        else:
            left.logged.append(event)
    return left


def _log(logged: Sequence[ArtifactLogged], cursor: sqlite3.Cursor, runs: Known) -> bool:
    """Whether each of these logs is the latest of its artifact now."""
    rows = []
    for run_id, name, path, place, metadata, stamp in logged:
        run, _, forgotten = runs[run_id]
        time = stamp_time(stamp)
        values = _to_text(metadata) if metadata else None
        written = None if path == place else path
        rows.append((run, name, written, None if forgotten else place, values, time, time, stamp))
    if cursor.executemany(writing_sql.LOG_ARTIFACT, rows).rowcount == len(rows):
        return True
    cursor.executemany(writing_sql.AGE_ARTIFACT, [{"run": row[0], "name": row[1], "time": row[5]} for row in rows])
    return False


def _set_context(cursor: sqlite3.Cursor, run: int, said: Sequence[ContextSet]) -> bool:
    """Merges what was said of a run's context: of each key the greatest stamp stands; whether none of these lost."""
    held = _held_context(cursor, run, said[0].run_id)
    cursor.execute(writing_sql.SET_CONTEXT, (to_parts([*held, *said]), run))
    return not held or max(event.stamp for event in held) <= min(event.stamp for event in said)


def _held_context(cursor: sqlite3.Cursor, run: int, run_id: str) -> list[ContextSet]:
    ((parts,),) = cursor.execute(writing_sql.RUN_CONTEXT, (run,)).fetchall()
    return [] if parts is None else from_parts(run_id, parts)


def remember(known: Known, learned: Known) -> None:
    """Adds what a committed merge learned; forgets all where it would grow without end."""
    if len(known) + len(learned) > _MOST_KNOWN:
        known.clear()
    known.update(learned)


def _added(
    cursor: sqlite3.Cursor, run_id: str, first: int, last: int, context: Sequence[ContextSet] | None
) -> tuple[int, int, int | None] | None:
    """Adds a run that reports, with its context; None where it is there already."""
    parts = to_parts(context) if context else None
    cursor.execute(writing_sql.ADD_RUN, (run_id, _name(run_id), first, first, last, parts))
    return (cursor.lastrowid or 0, first, None) if cursor.rowcount == 1 else None


def _name(run_id: str) -> str | None:
    name = run_name(run_id)
    return None if name == run_id else name


def _report(
    cursor: sqlite3.Cursor, run_id: str, first: int, last: int, seen: tuple[int, int, int | None] | None
) -> tuple[int, int, int | None]:
    key, created_at, forgotten = seen or cursor.execute(writing_sql.FIND_RUN, (run_id,)).fetchone()
    oldest = min(created_at, first)  # before SQLite does the same, to which any text is a time
    if forgotten == LINKS:
        cursor.execute(writing_sql.AGE_RUN, {"time": first, "run": key})
    else:
        cursor.execute(writing_sql.BEGIN_RUN, {"first": first, "run": key})
        cursor.execute(writing_sql.TOUCH_RUN, {"last": last, "run": key})
    return key, oldest, forgotten


def _mention(
    cursor: sqlite3.Cursor, run_id: str, time: int, seen: tuple[int, int, int | None] | None
) -> tuple[int, int, int | None]:
    if seen is None:
        seen = cursor.execute(writing_sql.FIND_RUN, (run_id,)).fetchone()
        if seen is None:
            cursor.execute(writing_sql.ADD_RUN, (run_id, _name(run_id), time, None, None, None))
            return cursor.lastrowid or 0, time, None
    key, created_at, forgotten = seen
    if created_at > time:
        cursor.execute(writing_sql.AGE_RUN, {"time": time, "run": key})
    return key, min(created_at, time), forgotten


def _forget(
    cursor: sqlite3.Cursor, run_id: str, scope: int, time: int, seen: tuple[int, int, int | None] | None
) -> tuple[int, int, int | None]:
    """Forgets the run, which need not be known yet: what of it comes later is void."""
    key, created_at, _ = seen or _mention(cursor, run_id, NOW, None)
    cursor.execute(writing_sql.FORGET, {"run": key, "forgotten": scope, "time": time})
    for statement in (
        writing_sql.FORGET_VALUES if scope == VALUES else (*writing_sql.FORGET_VALUES, *writing_sql.FORGET_LINKS)
    ):
        cursor.execute(statement, (key,))
    ((forgotten,),) = cursor.execute(writing_sql.FORGOTTEN, (key,)).fetchall()
    return key, created_at, forgotten


def _to_text(metadata: dict[str, object]) -> str:
    return dumps(dict(sorted(metadata.items())))
