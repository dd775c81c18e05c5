"""A process's own connection to an SQLite store: opened on use, one thread at a time, never carried through a fork."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any

from graphtracker.errors import StoreError
from graphtracker.stores.contract import Answered
from graphtracker.stores.sqlite.file import SQLiteFile
from graphtracker.stores.sqlite.merge import Known, remember

# SQLite's locks belong to a process, and what it knows of them is copied by a fork: a child that opened the same file
# again would take itself to hold locks that it does not. So every connection is closed before a fork, once no thread is
# inside SQLite, and opened again on use by the parent and by the child.
_registry = threading.Lock()
_connections: weakref.WeakSet[SQLiteConnection] = weakref.WeakSet()
_held: list[SQLiteConnection] = []


def _before_fork() -> None:
    _registry.acquire()
    _held[:] = _connections
    for connection in _held:
        connection.lock.acquire()
        if not connection.file.memory:
            connection.disconnect()


def _after_fork() -> None:
    for connection in _held:
        connection.lock.release()
    _held.clear()
    _registry.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class SQLiteConnection:
    """The connection to one file, with what this process knows of the runs in it."""

    def __init__(self, file: SQLiteFile) -> None:
        self.file = file
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self.lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._writable = False
        self._identity: tuple[int, int] | None = None
        self._known: Known = {}
        with _registry:
            _connections.add(self)

    def __getstate__(self) -> dict[str, Any]:
        if self.file.memory:
            raise StoreError("a :memory: store belongs to one process and cannot be pickled; use a file")
        return {"file": self.file}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def write(self, work: Callable[[sqlite3.Cursor, Known], Known]) -> None:
        """Does ``work`` in a write transaction on the file, which is made if missing; all of it stays, or nothing.

        ``work`` is given what is known of runs, and returns what it learned of them.
        """
        with self._alone():
            connection = self._for_writing()
            cursor = connection.cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
                learned = work(cursor, self._known)
                cursor.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                cursor.close()
            remember(self._known, learned)

    def read(self, work: Callable[[sqlite3.Cursor | None], Answered]) -> Answered:
        """Returns what ``work`` makes of one snapshot; of None where there is no store, or nobody has begun it."""
        with self._alone():
            connection, kept = self._for_reading()
            if connection is None:
                return work(None)
            cursor = connection.cursor()
            try:
                cursor.execute("BEGIN")
                return work(cursor if cursor.execute("PRAGMA user_version").fetchone()[0] else None)
            finally:
                cursor.close()
                if connection.in_transaction:
                    connection.execute("COMMIT")
                if not kept:
                    connection.close()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        with self._alone():
            return self._connection is not None if self.file.memory else self.file.identity() is not None

    def close(self) -> None:
        """Ends the connection."""
        with self._alone():
            self.disconnect()

    def _alone(self) -> _Alone:
        """This thread alone, in the process that opened the connection, with SQLite's errors turned into ours."""
        if self.file.memory and self._pid != os.getpid():
            raise StoreError("a :memory: store belongs to the process that made it; use a file to share one")
        return _Alone(self)

    def _for_writing(self) -> sqlite3.Connection:
        self._let_go_of_another_file()
        if self._connection is None or not self._writable:
            self.disconnect()
            connection = self._keep(self.file.open_for_writing())
            self._writable = True
            self._identity = None if self.file.memory else self.file.identity()
            return connection
        return self._connection

    def _for_reading(self) -> tuple[sqlite3.Connection | None, bool]:
        """A connection, or None where there is no store, and whether it is kept."""
        self._let_go_of_another_file()
        if self._connection is not None:
            return self._connection, True
        identity = None if self.file.memory else self.file.identity()
        if identity is None:
            return None, False
        connection, kept = self.file.open_for_reading()
        if kept:
            self._keep(connection)
            self._identity = identity
        return connection, kept

    def _keep(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        self._connection = connection
        self._closing = weakref.finalize(self, _close, connection, self.lock)  # also where nobody closes the tracker
        return connection

    def _let_go_of_another_file(self) -> None:
        """Disconnects where the file has been removed or replaced: what went there would be lost."""
        if self._connection is not None and not self.file.memory and self.file.identity() != self._identity:
            self.disconnect()

    def disconnect(self) -> None:
        """Closes the connection, for whoever holds the lock; a store in memory ends with it."""
        if self._connection is not None:
            self._closing()
            self._connection, self._writable, self._known = None, False, {}


def _close(connection: sqlite3.Connection, lock: Any) -> None:
    """Closes it; not at the end of the process while another thread is inside it, which would crash."""
    if lock.acquire(blocking=False):
        try:
            connection.close()
        finally:
            lock.release()


class _Alone:
    """Holds a connection's lock; a class, because every recorded call passes here and generators take longer."""

    def __init__(self, connection: SQLiteConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.lock.acquire()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._connection.lock.release()
        if error is not None:
            self._connection.file.translate(error)
