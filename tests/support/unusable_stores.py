"""Files in place of a store that cannot be used as one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from graphtracker import GraphTracker


def not_a_database(path: Path) -> None:
    path.write_text("These are notes, long enough to be looked into. " * 100, encoding="utf-8")


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")


def newer(path: Path) -> None:
    with GraphTracker(path) as tracker:
        tracker.add_metadata("run")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def damaged(path: Path) -> None:
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for number in range(2000):
            batch.add_metadata(f"run-{number}", value="x" * 50)
    content = bytearray(path.read_bytes())
    content[8192:-8192] = b"\xab" * (len(content) - 16384)
    path.write_bytes(content)


UNUSABLE = {"not a database": not_a_database, "foreign": foreign, "newer": newer, "folder": Path.mkdir}
