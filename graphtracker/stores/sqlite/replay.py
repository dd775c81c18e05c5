"""What an SQLite store holds, as the events that make it again, stamps kept."""

from __future__ import annotations

import sqlite3
from typing import Any

from graphtracker.model.display import quoted
from graphtracker.model.encoding import loads
from graphtracker.model.events import NOW, ArtifactLogged, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.fold import LINKS
from graphtracker.stores.replay import forgotten, logged, mentioned, of_run
from graphtracker.stores.sqlite import sql, writing_sql
from graphtracker.stores.sqlite.context import from_parts
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.rows import check_logged, check_set, from_column, text

_PAGE = 500  # runs


def page_after(cursor: sqlite3.Cursor, after: int, limit: int = _PAGE) -> tuple[list[Event], int | None]:
    """The events of the next runs behind this integer, and the integer of the last run; None where there is no more."""
    last = cursor.execute(sql.PAGE, (after, limit)).fetchone()[0]
    if last is None:
        return [], None
    with NamingDamage(cursor, lambda: range(after + 1, last + 1)):
        return _events(cursor, {"after": after, "last": last}), last


def _events(cursor: sqlite3.Cursor, between: dict[str, int]) -> list[Event]:
    ids: dict[int, str] = {}
    voided: set[int] = set()
    events: list[Event] = []
    for row in cursor.execute(sql.EVENT_RUNS, between):
        run, run_id, created_at, reported_at, updated_at, scope, forgotten_at, parts = row
        ids[run] = text(run_id)
        if parts is not None:
            events += from_parts(run_id, parts)
        if created_at != NOW:  # else nobody has spoken of it, but to forget it
            events += of_run(run_id, created_at, reported_at, updated_at)
        if scope is not None:
            voided.add(run)
            events.append(forgotten(run_id, scope == LINKS, forgotten_at))
    for run, key, value, stamp in cursor.execute(sql.EVENT_METADATA, between):
        check_set(key, stamp)
        events.append(MetadataSet(ids[run], key, from_column(value), stamp))
    for row in cursor.execute(sql.EVENT_ARTIFACTS, between):
        events += _of_artifact(ids[row[0]], row[0] in voided, *row[1:])
    for run, source_run_id, name, created_at in cursor.execute(sql.EVENT_SOURCES, between):
        if type(source_run_id) is not str or type(name) is not str:
            raise TypeError(f"a source is {quoted(name)} of {quoted(source_run_id)}")
        events.append(SourceNamed(ids[run], source_run_id, name or None, least_stamp(created_at)))
    return events


def _of_artifact(
    run_id: str,
    voided: bool,
    name: str,
    path: str | None,
    place: str | None,
    metadata: str | None,
    created_at: int,
    logged_at: int | None,
    stamp: bytes | None,
) -> list[Event]:
    known = mentioned(run_id, text(name), created_at, logged_at)
    if stamp is None or logged_at is None:
        return known
    values: Any = loads(metadata) if metadata else {}
    check_logged(name, path, place, values, stamp, forgotten=voided)
    there = place or ""  # none where it was forgotten, so that this says nothing but when
    event = ArtifactLogged(run_id, name, there if path is None else path, there, values or None, stamp)
    return [*known, *logged(event, logged_at)]


def events_of(cursor: sqlite3.Cursor, run_id: str) -> list[Event]:
    """The events of one run, those that tell of it while it is external too; none of one that is unknown."""
    row = cursor.execute(writing_sql.FIND_RUN, (run_id,)).fetchone()
    return [] if row is None else page_after(cursor, row[0] - 1, 1)[0]
