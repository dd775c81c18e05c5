"""What an SQLite store holds, as the events that make it again, stamps kept."""

from __future__ import annotations

import sqlite3
from typing import Any

from graphtracker.model.display import quoted
from graphtracker.model.encoding import loads
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.replay import logged, reported
from graphtracker.stores.sqlite import sql
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
    events: list[Event] = []
    for run, run_id, created_at, updated_at in cursor.execute(sql.EVENT_RUNS, between):
        ids[run] = text(run_id)
        events += reported(run_id, created_at, updated_at)
    for run, key, value, stamp in cursor.execute(sql.EVENT_METADATA, between):
        check_set(key, stamp)
        events.append(MetadataSet(ids[run], key, from_column(value), stamp))
    for run, name, path, metadata, created_at, stamp in cursor.execute(sql.EVENT_ARTIFACTS, between):
        values: Any = loads(metadata) if metadata else {}
        check_logged(name, path, values, stamp)
        events += logged(ArtifactLogged(ids[run], name, path, values or None, stamp), created_at)
    for run, source_run_id, name, created_at in cursor.execute(sql.EVENT_SOURCES, between):
        if type(source_run_id) is not str or type(name) is not str:
            raise TypeError(f"a source is {quoted(name)} of {quoted(source_run_id)}")
        events.append(SourceNamed(ids[run], source_run_id, name or None, least_stamp(created_at)))
    return events


def events_of(cursor: sqlite3.Cursor, run_id: str) -> list[Event]:
    """The events of one run; none of one that is unknown, or external."""
    row = cursor.execute(sql.FIND_RUN, (run_id,)).fetchone()
    return [] if row is None else page_after(cursor, row[0] - 1, 1)[0]
