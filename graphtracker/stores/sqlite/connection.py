"""A process's own connection to an SQLite store: opened on use, one call at a time, never carried through a fork."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from graphtracker.errors import StoreError
from graphtracker.stores.contract import Answered
from graphtracker.stores.nesting import Nesting
from graphtracker.stores.sqlite.file import SQLiteFile
from graphtracker.stores.sqlite.forks import Unfinished, register
from graphtracker.stores.sqlite.merge import Known, remember

_MOST_TIMES = 3  # that one call gives way to inner ones: it must come to its end

_files = Nesting()  # of all of them: what one connection holds, another in the same thread would wait for in vain
os.register_at_fork(after_in_child=_files.renew)


class _Writing(threading.local):
    """The connections by which this thread is in the middle of writing, those of inner calls last."""

    def __init__(self) -> None:
        self.connections: list[SQLiteConnection] = []


_writing = _Writing()
_unfinished = Unfinished(_files)
register(_unfinished)


class SQLiteConnection:
    """The connection to one file, with what this process knows of the runs in it.

    Threads wait for each other. A call inside another one of the same thread (a signal handler's, a finalizer's) must
    not wait: it has a connection of its own, for which an outer one that writes gives way, and begins anew afterwards.
    Where that one has done so too often, or is in memory, what is written inside it is put off until it is through.
    """

    def __init__(self, file: SQLiteFile) -> None:
        self.file = file
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self.lock = threading.RLock()
        self._nesting = Nesting() if self.file.memory else _files
        self._connection: sqlite3.Connection | None = None
        self._writable = False
        self._identity: tuple[int, int] | None = None
        self._known: Known = {}
        self._opening = False  # the file, into which the schema is written
        self._cursor: sqlite3.Cursor | None = None  # of the transaction that is being written
        self._gave_way = 0  # times in the present call
        self._undone = 0  # times that a call has been undone in the middle
        self._seen: int | None = None  # the data_version that goes with what is known
        register(self)

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
        self._check_process()
        outer = self._outer()
        if self._nesting.in_call and not self.in_call and (outer is None or outer._give_way()):
            self._beside(lambda beside: partial(beside._commit, work))
        else:
            self._in_turn(partial(self._alone, partial(self._commit, work)))

    def read(self, work: Callable[[sqlite3.Cursor | None], Answered]) -> Answered:
        """Returns what ``work`` makes of one snapshot; of None where there is no store, or nobody has begun it.

        It may be called again.
        """
        self._check_process()
        if not self._nesting.in_call:
            return self._nesting.do(partial(self._alone, partial(self._read, work)))
        if self.file.memory:
            raise StoreError("a :memory: store cannot be read in the middle of another call on it; use a file")
        return self._beside(lambda beside: partial(beside._read, work))

    @property
    def in_call(self) -> bool:
        """Whether this thread is in the middle of a call that what it writes now has to wait for."""
        if not self._nesting.in_call or self.file.memory:
            return self._nesting.in_call
        outer = self._outer()
        if outer is None or outer._cursor is None:
            return outer is not None and outer._opening  # else it has begun nothing yet, or is through with it
        return outer._gave_way == _MOST_TIMES

    def _outer(self) -> SQLiteConnection | None:
        """The connection by which this thread is in the middle of writing to the same file."""
        there = _writing.connections
        return (
            next((outer for outer in there if outer.file.identity() == self.file.identity()), None) if there else None
        )

    def _give_way(self) -> bool:
        """Undoes what this thread is in the middle of writing, which begins anew; False where that cannot be."""
        cursor = self._cursor
        if cursor is not None:
            try:
                cursor.close()  # so that whoever goes on with it learns of this
            except sqlite3.ProgrammingError:
                return False  # the collector has run, and called us, inside SQLite's own code
            self._gave_way += 1
            self._undone += 1
            if cursor.connection.in_transaction:
                cursor.connection.execute("ROLLBACK")
        return True

    def _beside(self, call: Callable[[SQLiteConnection], Callable[[], Answered]]) -> Answered:
        """Does the call by a connection of its own, in the middle of another one."""
        beside = SQLiteConnection(self.file)
        try:
            return beside._alone(call(beside))
        finally:
            beside._alone(beside.disconnect)

    def exists(self) -> bool:
        """Whether there is anything to read."""
        self._check_process()
        return self._connection is not None if self.file.memory else self.file.identity() is not None

    def close(self) -> None:
        """Ends the connection."""
        self._check_process()
        self._in_turn(partial(self._alone, self.disconnect))

    def _in_turn(self, work: Callable[[], None]) -> None:
        if self._nesting.in_call:
            self._nesting.put_off(work)
        else:
            self._nesting.do(work)

    def _check_process(self) -> None:
        if self.file.memory and self._pid != os.getpid():
            raise StoreError("a :memory: store belongs to the process that made it; use a file to share one")

    def _alone(self, work: Callable[[], Answered]) -> Answered:
        """Does the work while no other thread does; raises SQLite's errors as ours."""
        with self.lock:
            try:
                self._gave_way = 0
                return self._again_where_undone(work)
            except (sqlite3.Error, OverflowError) as error:
                self.file.translate(error)
                raise

    def _again_where_undone(self, work: Callable[[], Answered]) -> Answered:
        """Does the work; anew where a fork in the middle of it, or an inner call, has closed what it worked with."""
        while True:
            undone = self._undone
            try:
                return work()
            except sqlite3.Error:
                if self._undone == undone:
                    raise
                self.disconnect()  # one that was being opened has been kept since

    def _commit(self, work: Callable[[sqlite3.Cursor, Known], Known]) -> None:
        writing = _writing.connections
        writing.append(self)
        try:
            connection = self._for_writing()
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # what an interrupt has left
            cursor = self._cursor = connection.cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
                self._look_for_others(cursor)
                learned = work(cursor, self._known)
                cursor.execute("COMMIT")
            finally:
                self._cursor = None
                if self._connection is connection and connection.in_transaction:  # first: then an interrupt may come
                    connection.execute("ROLLBACK")
                cursor.close()
        finally:
            writing.pop()
        remember(self._known, learned)

    def _read(self, work: Callable[[sqlite3.Cursor | None], Answered]) -> Answered:
        connection, kept = self._for_reading()
        if connection is None:
            return work(None)
        try:
            return self._snapshot(connection, work)
        finally:
            if not kept:
                connection.close()

    def _snapshot(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Cursor | None], Answered]) -> Answered:
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # what an interrupt has left
        cursor = connection.cursor()
        try:
            cursor.execute("BEGIN")
            version = cursor.execute("PRAGMA user_version").fetchone()[0]
            self.file.check_version(version)
            return work(cursor if version else None)
        finally:
            _end_snapshot(connection, cursor)

    def _look_for_others(self, cursor: sqlite3.Cursor) -> None:
        """Forgets what was known of runs where another connection has written: it may have put a backup back."""
        seen = cursor.execute("PRAGMA data_version").fetchone()[0]
        if seen != self._seen:
            self._known.clear()
            self.file.check_version(cursor.execute("PRAGMA user_version").fetchone()[0])
            self._seen = seen

    def _for_writing(self) -> sqlite3.Connection:
        self._let_go_of_another_file()
        if self._connection is None or not self._writable:
            self.disconnect()
            self._opening = True
            try:
                connection = self._keep(self.file.open_for_writing())
            finally:
                self._opening = False
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
        self._closing = weakref.finalize(self, _close, connection, self.lock)  # also where nobody closes the tracker
        self._connection = connection
        return connection

    def _let_go_of_another_file(self) -> None:
        """Disconnects where the file has been removed or replaced: what went there would be lost."""
        if self._connection is None:
            return
        closed = not self._closing.alive  # by Python, when the process began to end
        if closed or (not self.file.memory and self.file.identity() != self._identity):
            self.disconnect()

    def before_fork(self) -> None:
        """Closes the connection, for whoever holds the lock; a store in memory is the child's own copy."""
        if not self.file.memory:
            self._undone += 1
            self.disconnect()

    def disconnect(self) -> None:
        """Closes the connection, for whoever holds the lock; a store in memory ends with it."""
        if self._connection is not None:
            try:
                self._closing.detach()
                self._connection.close()
            finally:
                self._connection, self._writable, self._known, self._seen = None, False, {}, None


def _end_snapshot(connection: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
    try:
        cursor.close()
        if connection.in_transaction:
            connection.execute("COMMIT")
    except sqlite3.ProgrammingError:
        return  # closed by a fork


def _close(connection: sqlite3.Connection, lock: Any) -> None:
    """Closes it; not at the end of the process while another thread is inside it, which would crash."""
    if lock.acquire(blocking=False):
        try:
            connection.close()
        finally:
            lock.release()
