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
    "CREATE TABLE run (run_id TEXT PRIMARY KEY, begun INTEGER, ended INTEGER, number INTEGER) WITHOUT ROWID",
    "CREATE TABLE renamed (run_id TEXT, name TEXT, place TEXT, path TEXT, PRIMARY KEY (run_id, name, place))"
    " WITHOUT ROWID",
    "CREATE TABLE logged (place TEXT, time INTEGER, run_id TEXT, name TEXT, PRIMARY KEY (place, time, run_id, name))"
    " WITHOUT ROWID",
)

_RUNS = """
INSERT INTO run
SELECT run_id, min(time), max(CASE WHEN state = :end THEN time END), min(number) FROM line GROUP BY run_id
"""

# Where a run writes to two places that have one name, the least of them keeps it.
_NAMES = """
INSERT INTO renamed
SELECT run_id, name, place, path FROM (
    SELECT run_id, name, place, min(path) AS path, row_number() OVER (PARTITION BY run_id, name ORDER BY place) AS nth
    FROM output WHERE path IS NOT NULL GROUP BY run_id, name, place
) WHERE nth > 1
"""

# A START tells what a run is about to write: it is there when the run ends.
_LOGGED = """
INSERT OR IGNORE INTO logged
SELECT output.place,
       CASE WHEN output.state = :start THEN coalesce(run.ended, output.time) ELSE output.time END,
       output.run_id,
       coalesce(renamed.path, output.name)
FROM output
LEFT JOIN run ON run.run_id = output.run_id
LEFT JOIN renamed ON output.path IS NOT NULL AND renamed.run_id = output.run_id
    AND renamed.name = output.name AND renamed.place = output.place
ORDER BY 1, 2, 3, 4
"""

_LINES = """
SELECT run.number, run.begun, line.run_id, line.time, line.state, line.said
FROM run JOIN line USING (run_id) ORDER BY run.number, line.time, line.state, line.number
"""

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
        self._database.execute("BEGIN")
        self._database.execute(_RUNS, {"end": END})
        self._database.execute(_NAMES)
        self._database.execute(_LOGGED, {"start": START})
        self._database.execute("COMMIT")
        self._any_renamed = self._database.execute("SELECT count(*) FROM renamed").fetchone()[0] > 0

    def runs(self) -> Iterator[tuple[str, int, Iterator[RunEvent]]]:
        """Each run in the order of its first line: its id, the time of its first event, its events in the order of
        their times."""
        rows = self._database.execute(_LINES)
        for (_, begun, run_id), group in groupby(rows, itemgetter(0, 1, 2)):
            yield run_id, begun, (RunEvent(*row[2:5], *marshal.loads(row[5])) for row in group)  # noqa: S302  # our own

    def renamed(self, run_id: str) -> dict[tuple[str, str], str]:
        """(Name, place) → how the artifact is called, of those that are not called by their name."""
        if not self._any_renamed:  # hardly any are
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
