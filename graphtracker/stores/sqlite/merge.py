"""The merge of events into the SQLite store, inside a transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from graphtracker.model.encoding import dumps
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, stamp_time
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.rows import to_column

Known = dict[str, tuple[int, int]]
"""Run id → (its integer, a time that its created_at is not later than): what later merges need not look up."""

_MOST_KNOWN = 200_000


class Merge:
    """One batch of events, folded to what changes, then written."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._own: dict[str, tuple[int, int]] = {}  # run id → first and last event time of its own recording calls
        self._mentioned: dict[str, int] = {}  # run id → first event time of a fact that names it as a source
        self._metadata: list[MetadataSet] = []
        self._logged: list[ArtifactLogged] = []
        self._declared: dict[tuple[str, str], int] = {}
        self._sources: dict[tuple[str, str, str], int] = {}
        own, metadata, logged = self._own, self._metadata, self._logged
        mentioned, declared, sources = self._mentioned, self._declared, self._sources
        head, time, run_id = b"", 0, ""
        for event in events:
            begin = event[-1][:8]
            if event[0] != run_id or begin != head:  # else the same call goes on
                if begin != head:
                    head, time = begin, stamp_time(begin)
                run_id = event[0]
                seen = own.get(run_id)
                if seen is None:
                    own[run_id] = (time, time)
                elif not seen[0] <= time <= seen[1]:
                    own[run_id] = (min(seen[0], time), max(seen[1], time))
            kind = type(event)
            if kind is MetadataSet:
                metadata.append(event)  # type: ignore[arg-type]
            elif kind is ArtifactLogged:
                logged.append(event)  # type: ignore[arg-type]
            elif kind is SourceNamed:
                named: SourceNamed = event  # type: ignore[assignment]
                _, source, name, _ = named
                if mentioned.get(source, time) >= time:
                    mentioned[source] = time
                link = (run_id, source, name or "")
                if sources.get(link, time) >= time:
                    sources[link] = time
                if name and declared.get(artifact := (source, name), time) >= time:
                    declared[artifact] = time

    def write(self, cursor: sqlite3.Cursor, known: Known) -> Known:
        """Writes the changes; gives what is known of their runs once the caller has committed."""
        learned: Known = {}
        for run_id, (first, last) in self._own.items():
            learned[run_id] = _report(cursor, run_id, first, last, known.get(run_id))
        for run_id, time in self._mentioned.items():
            learned[run_id] = _mention(cursor, run_id, time, learned.get(run_id) or known.get(run_id))
        if self._logged:
            rows = [
                (learned[run_id][0], name, path, _to_text(metadata) if metadata else None, stamp_time(stamp), stamp)
                for run_id, name, path, metadata, stamp in self._logged
            ]
            cursor.executemany(sql.LOG_ARTIFACT, rows)
        if self._declared:
            declared = [(learned[run_id][0], name, time) for (run_id, name), time in self._declared.items()]
            cursor.executemany(sql.DECLARE_ARTIFACT, declared)
        if self._metadata:
            values = [
                (learned[run_id][0], key, to_column(value), stamp) for run_id, key, value, stamp in self._metadata
            ]
            cursor.executemany(sql.SET_METADATA, values)
        if self._sources:
            links = [(learned[c][0], learned[p][0], name, time) for (c, p, name), time in self._sources.items()]
            cursor.executemany(sql.ADD_SOURCE, links)
        return learned


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
    cursor.execute(sql.TOUCH_RUN, {"first": first, "last": last, "run": key})
    return key, min(created_at, first)


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
