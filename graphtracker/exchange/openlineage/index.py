"""What a file says of each run, with what was logged at each place when.

It is a database in a temporary file, which keeps no more than its cache in memory.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from graphtracker.errors import InvalidInput
from graphtracker.exchange.openlineage.lines import END, GOES_ON, START, Broken, RunEvent
from graphtracker.model.events import ArtifactLogged, Event, stamp_time
from graphtracker.model.limits import checked_path

_PAGE = 10_000  # rows that wait to be written together

_TABLES = (
    "CREATE TABLE line (number INTEGER PRIMARY KEY, run_id TEXT, time INTEGER, state INTEGER, said BLOB)",
    "CREATE TABLE output (run_id TEXT, time INTEGER, state INTEGER, name TEXT, path TEXT, place TEXT)",
    "CREATE TABLE renamed (run_id TEXT, name TEXT, place TEXT, path TEXT, PRIMARY KEY (run_id, name, place))"
    " WITHOUT ROWID",
    "CREATE TABLE ended (run_id TEXT PRIMARY KEY, time INTEGER) WITHOUT ROWID",
    "CREATE TABLE logged (place TEXT, time INTEGER, run_id TEXT, name TEXT, PRIMARY KEY (place, time, run_id, name))"
    " WITHOUT ROWID",
)

# Where a run writes to two places that have one name, the least of them keeps it.
_NAMES = """
INSERT INTO renamed
SELECT run_id, name, place, path FROM (
    SELECT run_id, name, place, min(path) AS path, row_number() OVER (PARTITION BY run_id, name ORDER BY place) AS nth
    FROM output WHERE path IS NOT NULL GROUP BY run_id, name, place
) WHERE nth > 1
"""

_RENAME = """
UPDATE output SET name = coalesce(
    (SELECT r.path FROM renamed r WHERE r.run_id = output.run_id AND r.name = output.name AND r.place = output.place),
    name
)
WHERE path IS NOT NULL
"""

# A START tells what a run is about to write: it is there when the run ends.
_ENDED = """
INSERT INTO ended
SELECT run_id, max(time) FROM line
WHERE state = :end AND run_id IN (SELECT run_id FROM output WHERE state = :start) GROUP BY run_id
"""

_WAIT = """
UPDATE output SET time = coalesce((SELECT e.time FROM ended e WHERE e.run_id = output.run_id), time)
WHERE state = :start
"""

_LOGGED = """
INSERT OR IGNORE INTO logged SELECT place, time, run_id, name FROM output ORDER BY 1, 2, 3, 4
"""

_LINES = "SELECT run_id, time, state, said FROM line ORDER BY run_id, time, state, number"

_RENAMED = "SELECT name, place, path FROM renamed WHERE run_id = ?"

_NEWEST = """
SELECT run_id, name FROM logged WHERE place = ? AND time < ? ORDER BY time DESC, run_id DESC, name DESC LIMIT 1
"""


class Index:
    """Filled first, then ``sort``ed, then asked."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-32768", *_TABLES):
            self._database.execute(statement)
        self._any_lines = self._any_renamed = False
        self._lines: list[tuple[int, str, int, int, bytes]] = []
        self._outputs: list[tuple[str, int, int, str, str | None, str]] = []

    def add(self, number: int, event: RunEvent) -> None:
        """Adds the event of a line, by its number; raises Broken for what nests too deep."""
        run_id, time, state, *said = event
        try:
            self._lines.append((number, run_id, time, state, marshal.dumps(said)))
        except ValueError as error:
            raise Broken("it nests too deep") from error
        for name, path, place, _ in event.outputs:
            if _is_text(path):
                self._outputs.append((run_id, time, state, name, path, place))
        self._any_lines = True
        if len(self._lines) >= _PAGE:
            self._flush()

    def add_logged(self, events: list[Event]) -> None:
        """Adds that artifacts of these very names were logged at their places."""
        for event in events:
            if type(event) is ArtifactLogged and event.place:
                run_id, name, _, place, _, stamp = event
                self._outputs.append((run_id, stamp_time(stamp), GOES_ON, name, None, place))
        if len(self._outputs) >= _PAGE:
            self._flush()

    def _flush(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?)", self._lines)
        self._database.executemany("INSERT INTO output VALUES (?, ?, ?, ?, ?, ?)", self._outputs)
        self._database.execute("COMMIT")
        self._lines, self._outputs = [], []

    def sort(self) -> None:
        """Ends the filling."""
        self._flush()
        if not self._any_lines:  # as in a file of ours: nothing will be asked
            return
        states = {"start": START, "end": END}
        self._database.execute("BEGIN")
        self._database.execute(_NAMES)
        self._any_renamed = self._database.execute("SELECT EXISTS (SELECT * FROM renamed)").fetchone()[0] > 0
        if self._any_renamed:  # hardly any are
            self._database.execute(_RENAME)
        self._database.execute(_ENDED, states)
        self._database.execute(_WAIT, states)
        self._database.execute(_LOGGED)
        self._database.execute("COMMIT")

    def runs(self) -> Iterator[tuple[str, Iterator[RunEvent]]]:
        """Each run, in the order of ids, with its events in the order of their times."""
        rows = self._database.execute(_LINES)
        for run_id, group in groupby(rows, itemgetter(0)):
            yield run_id, (RunEvent(*row[:3], *marshal.loads(row[3])) for row in group)  # noqa: S302  # our own

    def renamed(self, run_id: str) -> dict[tuple[str, str], str]:
        """(Name, place) → how the artifact is called, of those that are not called by their name."""
        if not self._any_renamed:
            return {}
        return {(name, place): path for name, place, path in self._database.execute(_RENAMED, (run_id,))}

    def newest(self, place: str, before: int) -> tuple[str, str] | None:
        """The (run id, name) of the artifact that was logged last at this place before this time."""
        found: tuple[str, str] | None = self._database.execute(_NEWEST, (place, before)).fetchone()
        return found

    def close(self) -> None:
        """Removes it."""
        self._database.close()


def _is_text(path: str) -> bool:
    """Whether it has no lone surrogates, which no database takes."""
    try:
        checked_path(path)
    except InvalidInput:
        return False
    return True
