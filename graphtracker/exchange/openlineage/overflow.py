"""What a file too large for memory says of each run, with what was logged at each place when.

It is in a database in a temporary file, which keeps no more than its cache in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from graphtracker.exchange.openlineage.merged import Logged, Merged
from graphtracker.exchange.report import Report

_TABLES = (
    "CREATE TABLE said (run_id TEXT, packed BLOB)",
    "CREATE TABLE logged (place TEXT, time INTEGER, run_id TEXT, name TEXT)",
)

_SORTED = "CREATE INDEX sorted ON logged (place, time, run_id, name)"

_SAID = "SELECT run_id, packed FROM said ORDER BY run_id"

_NEWEST = """
SELECT run_id, name FROM logged WHERE place = ? AND time < ? ORDER BY time DESC, run_id DESC, name DESC LIMIT 1
"""


class Overflow:
    """Filled first, then ``sort``ed, then asked."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-32768", *_TABLES):
            self._database.execute(statement)

    def add(self, runs: dict[str, Merged], logged: Iterable[Logged], report: Report) -> None:
        """Adds what was said of runs, of which more may have been said before, with what others logged."""
        self._database.execute("BEGIN")
        rows = ((run_id, merged.packed(report)) for run_id, merged in runs.items())
        self._database.executemany("INSERT INTO said VALUES (?, ?)", rows)
        self._database.executemany("INSERT INTO logged VALUES (?, ?, ?, ?)", logged)
        self._database.execute("COMMIT")

    def sort(self) -> None:
        """Ends the filling."""
        logged = (row for run_id, merged in self.runs() for row in merged.logged(run_id))
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO logged VALUES (?, ?, ?, ?)", logged)
        self._database.execute(_SORTED)
        self._database.execute("COMMIT")

    def runs(self) -> Iterator[tuple[str, Merged]]:
        """Each run, in the order of ids, with all that was said of it."""
        for run_id, rows in groupby(self._database.execute(_SAID), itemgetter(0)):
            merged = Merged()
            for _, packed in rows:
                merged.add_packed(packed)
            yield run_id, merged

    def newest(self, place: str, before: int) -> tuple[str, str] | None:
        """The (run id, name) of the artifact that was logged last at this place before this time."""
        found: tuple[str, str] | None = self._database.execute(_NEWEST, (place, before)).fetchone()
        return found

    def close(self) -> None:
        """Removes it."""
        self._database.close()
