"""What in an SQLite store has a text in its id, its name or its path, inside the caller's read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import Any

from graphtracker.model.events import NOW, stamp_after, stamp_time
from graphtracker.model.times import utc
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.snapshot import Known, newest_found_first
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.damage import NamingDamage
from graphtracker.stores.sqlite.rows import Reader, text, to_metadata

_FEW = 1_000
"""Runs of a name that are sorted; where there are more, the newest are met soon on the way from the newest run."""


def named(cursor: sqlite3.Cursor, name: str, *, beginning: bool, limit: int) -> list[Known]:
    """Runs of this name, or of one that begins so, in the order of ``latest_first``."""
    wanted = {"text": name, "end": after_all(name), "t": NOW, "limit": limit}
    with NamingDamage(cursor):
        rows = cursor.execute(sql.BEGINNING if beginning else sql.NAMED, wanted)
        found = rows.fetchmany(_FEW + 1)
        if len(found) <= _FEW:
            return _latest(found, limit)
        if not beginning:
            wanted["end"] = name + "\0"  # what comes right behind the name
        newest = _latest(cursor.connection.execute(sql.NEWEST_OF_A_NAME, wanted), limit)
        return newest if len(newest) == limit else _latest([*found, *rows], limit)


def containing(cursor: sqlite3.Cursor, part: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
    """Runs whose ids contain the text and match, in the order of ``latest_first``."""
    with NamingDamage(cursor):
        rows = cursor.execute(sql.CONTAINING, {"text": part, "t": NOW})
        return _latest((row for row in rows if matches(text(row[0]))), limit)


def _latest(rows: Iterable[Any], limit: int) -> list[Known]:
    least = nsmallest(limit, rows, key=lambda row: (row[2] is None, -(row[1] // 1000), row[0]))
    return [Known(text(run_id), utc(created_at), reported_at is None) for run_id, created_at, reported_at in least]


def after_all(beginning: str) -> str | bytes:
    """What is greater than every text that begins so, and than no other: its last character, as far as it has a next.

    Behind the last character of all comes what is no text.
    """
    kept = beginning.rstrip("\U0010ffff")
    if not kept:
        return b""
    last = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if last == 0xD800 else last)


def keys(cursor: sqlite3.Cursor, beginning: str, limit: int) -> list[str]:
    """Metadata keys that begin so, in order."""
    wanted = {"text": beginning, "end": after_all(beginning), "limit": limit}
    with NamingDamage(cursor):
        short = [text(key) for (key,) in cursor.execute(sql.KEYS, wanted)]
        long = [text(key) for (key,) in cursor.execute(sql.LONG_KEYS, wanted)]
        return sorted({*short, *long})[:limit]


def found_by_text(
    cursor: sqlite3.Cursor, part: str, matches: Callable[[str], bool], limit: int
) -> list[Run | Artifact]:
    """Runs and artifacts that contain the text and match, in the order of ``newest_found_first``."""
    wanted = {"text": part, "t": NOW}
    ask = cursor.connection.execute
    with NamingDamage(cursor):
        found = [(row[0], row[1], "", None) for row in ask(sql.FOUND_RUNS, wanted) if matches(text(row[1]))]
        for stamp, created_at, run_id, run, *texts in ask(sql.FOUND_ARTIFACTS, wanted):
            if any(each is not None and matches(each) for each in texts):
                found.append((created_at if stamp is None else stamp_time(stamp), run_id, texts[0], run))
        newest = nsmallest(limit, found, key=lambda each: (-(each[0] // 1000), *each[1:3]))
        return newest_found_first(_value(cursor, *each[1:]) for each in newest)


def _value(cursor: sqlite3.Cursor, run_id: str, name: str, run: int | None) -> Run | Artifact:
    row = cursor.execute(sql.ONE_RUN, (run_id,)).fetchone()
    reader = Reader()
    if run is None:
        return reader.run(row, to_metadata(cursor.execute(sql.RUN_METADATA, (row[0], stamp_after(NOW)))))
    wanted = {"run": run, "name": name, "t": NOW}
    return reader.artifact(run_id, row[5] is not None, *cursor.execute(sql.ONE_ARTIFACT, wanted).fetchone()[1:])
