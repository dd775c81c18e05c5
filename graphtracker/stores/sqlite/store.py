"""The embedded store: one SQLite file for the processes of one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from graphtracker import logs
from graphtracker.model.events import NOW, Event, Said
from graphtracker.stores.contract import Answered, Store
from graphtracker.stores.fold import Fold
from graphtracker.stores.snapshot import EmptySnapshot, Snapshot
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.connection import SQLiteConnection
from graphtracker.stores.sqlite.damage import damage
from graphtracker.stores.sqlite.file import sqlite_file
from graphtracker.stores.sqlite.merge import merge
from graphtracker.stores.sqlite.replay import page_after
from graphtracker.stores.sqlite.snapshot import SQLiteSnapshot
from graphtracker.stores.urls import StoreURL

_MOST_TOLD = 20
"""Things that cannot be read that ``health`` names; who has more of them restores a copy."""


class SQLiteStore(Store):
    """A store in an SQLite file, or in memory for one process; made from its URL."""

    def __init__(self, url: StoreURL) -> None:
        self._file = sqlite_file(url)
        self._connection = SQLiteConnection(self._file)
        self.url = url.shown
        self._to_erase = False  # whether something is forgotten that may still be in the file

    def erase(self) -> None:
        """Leaves nothing in the file of what this process has forgotten; says so where something keeps it from that."""
        if self._to_erase:
            self._to_erase = not self._connection.erase()
            if self._to_erase:
                logs.warning(
                    "something of what is forgotten is left in its files (%s), since others use it or a call is under "
                    "way: it goes when this process closes the store after them, or forgets something", self.url,
                )  # fmt: skip

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Merges the events in one transaction; inside another call of this thread, when that one is through."""
        fold = Fold(events)
        self._connection.write(partial(merge, events, fold, said))
        self._to_erase = self._to_erase or bool(fold.forgotten)

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of one snapshot."""
        return self._connection.read(lambda cursor: work(EmptySnapshot() if cursor is None else SQLiteSnapshot(cursor)))

    def events(self) -> Iterator[list[Event]]:
        """Every event, page by page, each page in one snapshot."""
        after: int | None = 0
        while after is not None:
            events, after = self._connection.read(partial(_page, after=after))
            if events:
                yield events

    @property
    def in_call(self) -> bool:
        """Whether this thread is in the middle of a call on an SQLite file."""
        return self._connection.in_call

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self._connection.exists()

    def health(self) -> dict[str, object]:
        """Counts and settings, once SQLite's own quick check and a reading of every row have found no damage."""
        return self._connection.read(self._examined)

    def _examined(self, cursor: sqlite3.Cursor | None) -> dict[str, object]:
        if cursor is None:
            return {"store": "SQLite", "runs": 0}
        broken = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
        if broken != "ok":
            raise self._file.damaged(broken)
        found = damage(cursor.connection, _MOST_TOLD + 1)
        if found:
            raise self._file.damaged_by(found[:_MOST_TOLD], "; and more" if len(found) > _MOST_TOLD else "")
        counts = cursor.execute(sql.COUNTS, {"t": NOW}).fetchone()
        runs, external, artifacts, declared, metadata, sources, forgotten = counts
        return {
            "store": "SQLite",
            "SQLite version": sqlite3.sqlite_version,
            "schema version": cursor.execute("PRAGMA user_version").fetchone()[0],
            "journal mode": cursor.execute("PRAGMA journal_mode").fetchone()[0],
            "writable": self._file.obstacle() or True,
            "runs": runs,
            "external runs": external,
            "artifacts": artifacts,
            "declared artifacts": declared,
            "metadata values": metadata,
            "sources": sources,
            "forgotten runs": forgotten,
        }

    def close(self) -> None:
        """Ends the connection; the last one to close folds the write-ahead log into the file."""
        self.erase()
        self._connection.close()


def _page(cursor: sqlite3.Cursor | None, after: int) -> tuple[list[Event], int | None]:
    return ([], None) if cursor is None else page_after(cursor, after)
