"""The merge of a batch into the SQLite store, inside a transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from operator import itemgetter

from graphtracker.model.encoding import dumps
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, stamp_time, stamped_later
from graphtracker.stores.fold import Fold
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.damage import name_damage
from graphtracker.stores.sqlite.rows import check_set, to_column

Known = dict[str, tuple[int, int]]
"""Run id → (its integer, a time that its created_at is not later than): what later merges need not look up."""

_MOST_KNOWN = 200_000


def merge(fold: Fold, cursor: sqlite3.Cursor, known: Known) -> Known:
    """Writes what a batch changes; returns what is known of its runs once the caller has committed."""
    learned: Known = {}
    try:
        _merge(fold, cursor, known, learned)
    except Exception as error:
        name_damage(error, cursor, [run for run, _ in learned.values()])
        raise
    return learned


def merge_to_stand(events: Sequence[Event], fold: Fold, cursor: sqlite3.Cursor, known: Known) -> Known:
    """As ``merge``; where the store holds a later value of one of its keys, the calls concerned are stamped anew."""
    learned: Known = {}
    try:
        while not _merge(fold, cursor, known, learned):
            beaten = _beaten(events, cursor, learned)
            if not beaten:
                break
            events = stamped_later(events, beaten)
            fold = Fold(events)
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN IMMEDIATE")
            known, learned = {}, {}
    except Exception as error:
        name_damage(error, cursor, [run for run, _ in learned.values()])
        raise
    return learned


def _beaten(events: Sequence[Event], cursor: sqlite3.Cursor, runs: Known) -> dict[str, int]:
    """Run id → the greatest time of a value that the store holds and that is later than that of one of the events."""
    latest = {
        (type(event), event.run_id, event[1]): event.stamp
        for event in sorted(events, key=itemgetter(-1))
        if isinstance(event, (MetadataSet, ArtifactLogged))
    }
    beaten: dict[str, int] = {}
    for (kind, run_id, name), stamp in latest.items():
        statement = sql.METADATA_STAMP if kind is MetadataSet else sql.ARTIFACT_STAMP
        (held,) = cursor.execute(statement, (runs[run_id][0], name)).fetchone()
        check_set(name, held)  # what is no stamp may be later than any that a clock gives
        if held > stamp:
            beaten[run_id] = max(stamp_time(held), beaten.get(run_id, 0))
    return beaten


def _merge(fold: Fold, cursor: sqlite3.Cursor, known: Known, learned: Known) -> bool:
    """Writes what a batch changes and adds what it learns of runs; whether all its values are the latest now."""
    stand = True
    for run_id, (first, last) in fold.reported.items():
        learned[run_id] = _report(cursor, run_id, first, last, known.get(run_id))
    for run_id, time in fold.mentioned.items():
        learned[run_id] = _mention(cursor, run_id, time, learned.get(run_id) or known.get(run_id))
    if fold.logged:
        rows = [
            (learned[run_id][0], name, path, _to_text(metadata) if metadata else None, stamp_time(stamp), stamp)
            for run_id, name, path, metadata, stamp in fold.logged
        ]
        if cursor.executemany(sql.LOG_ARTIFACT, rows).rowcount < len(rows):
            stand = False
            cursor.executemany(sql.AGE_ARTIFACT, [(row[4], row[0], row[1], row[4]) for row in rows])
    if fold.declared:
        declared = [(learned[run_id][0], name, time) for (run_id, name), time in fold.declared.items()]
        cursor.executemany(sql.DECLARE_ARTIFACT, declared)
    if fold.metadata:
        values = [(learned[run_id][0], key, to_column(value), stamp) for run_id, key, value, stamp in fold.metadata]
        if cursor.executemany(sql.SET_METADATA, values).rowcount < len(values):
            stand = False
    if fold.sources:
        links = [
            (learned[run_id][0], learned[source_id][0], name, time)
            for (run_id, source_id, name), time in fold.sources.items()
        ]
        cursor.executemany(sql.ADD_SOURCE, links)
    return stand


def remember(known: Known, learned: Known) -> None:
    """Adds what a committed merge learned; forgets all where it would grow without end."""
    if len(known) + len(learned) > _MOST_KNOWN:
        known.clear()
    known.update(learned)


def _report(
    cursor: sqlite3.Cursor, run_id: str, first: int, last: int, seen: tuple[int, int] | None
) -> tuple[int, int]:
    if seen is None:
        cursor.execute(sql.ADD_RUN, (run_id, first, last))  # first, because a run that records is mostly a new one
        if cursor.rowcount == 1:
            return cursor.lastrowid or 0, first
        seen = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()[:2]
    key, created_at = seen
    oldest = min(created_at, first)  # before SQLite does the same, to which any text is a time
    cursor.execute(sql.TOUCH_RUN, {"first": first, "last": last, "run": key})
    return key, oldest


def _mention(cursor: sqlite3.Cursor, run_id: str, time: int, seen: tuple[int, int] | None) -> tuple[int, int]:
    if seen is None:
        row = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
        if row is None:
            cursor.execute(sql.ADD_RUN, (run_id, time, None))
            return cursor.lastrowid or 0, time
        seen = row[:2]
    key, created_at = seen
    if created_at > time:
        cursor.execute(sql.AGE_RUN, (time, key))
    return key, min(created_at, time)


def _to_text(metadata: dict[str, object]) -> str:
    return dumps(dict(sorted(metadata.items())))
