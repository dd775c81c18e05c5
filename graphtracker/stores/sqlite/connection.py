"""A process's own connection to an SQLite store: opened on use, one call at a time, never carried through a fork."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from graphtracker.errors import StoreError
from graphtracker.stores.contract import Answered
from graphtracker.stores.nesting import Nesting, Stack
from graphtracker.stores.sqlite.file import SQLiteFile
from graphtracker.stores.sqlite.forks import Unfinished, register
from graphtracker.stores.sqlite.merge import Known, remember

_MOST_TIMES = 3  # that one call gives way to inner ones: it must come to its end

_files = Nesting()  # of all of them: what one connection holds, another in the same thread would wait for in vain
os.register_at_fork(after_in_child=_files.renew)


_writing: Stack[SQLiteConnection] = Stack()  # by which this thread is in the middle of writing
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
        self._memory = self.file.memory
        self._nesting = Nesting() if self._memory else _files
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
        if self._memory:
            raise StoreError("a :memory: store belongs to one process and cannot be pickled; use a file")
        return {"file": self.file}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def write(self, work: Callable[[sqlite3.Cursor, Known], Known]) -> None:
        """Does ``work`` in a write transaction on the file, which is made if missing; all of it stays, or nothing.

        ``work`` is given what is known of runs, and returns what it learned of them.
        """
        if self._memory:
            self._check_process()
        nesting = self._nesting
        if not nesting.in_call:
            nesting.do(self._alone, self._commit, work)
            return
        outer = self._outer()
        if not self.in_call and (outer is None or outer._give_way()):
            self._beside(SQLiteConnection._commit, work)
        else:
            nesting.put_off(partial(self._alone, self._commit, work))

    def read(self, work: Callable[[sqlite3.Cursor | None], Answered]) -> Answered:
        """Returns what ``work`` makes of one snapshot; of None where there is no store, or nobody has begun it.

        It may be called again.
        """
        if self._memory:
            self._check_process()
        nesting = self._nesting
        if not nesting.in_call:
            answer: Answered = nesting.do(self._alone, self._read, work)
            return answer
        if self._memory:
            raise StoreError("a :memory: store cannot be read in the middle of another call on it; use a file")
        beside: Answered = self._beside(SQLiteConnection._read, work)
        return beside

    @property
    def in_call(self) -> bool:
        """Whether this thread is in the middle of a call that what it writes now has to wait for."""
        if not self._nesting.in_call or self._memory:
            return self._nesting.in_call
        outer = self._outer()
        if outer is None or outer._cursor is None:
            return outer is not None and outer._opening  # else it has begun nothing yet, or is through with it
        return outer._gave_way == _MOST_TIMES

    def _outer(self) -> SQLiteConnection | None:
        """The connection by which this thread is in the middle of writing to the same file."""
        there = reversed(_writing.items)  # the innermost holds the lock
        return next((outer for outer in there if outer.file.identity() == self.file.identity()), None)

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

    def _beside(self, call: Callable[..., Answered], work: Callable[..., Any]) -> Answered:
        """Does the call by a connection of its own, in the middle of another one."""
        beside = SQLiteConnection(self.file)
        try:
            return beside._alone(call, beside, work)
        finally:
            beside._alone(beside.disconnect)

    def exists(self) -> bool:
        """Whether there is anything to read."""
        self._check_process()
        return self._connection is not None if self._memory else self.file.identity() is not None

    def close(self) -> None:
        """Ends the connection."""
        self._check_process()
        if self._nesting.in_call:
            self._nesting.put_off(partial(self._alone, self.disconnect))
        else:
            self._nesting.do(self._alone, self.disconnect)

    def _check_process(self) -> None:
        if self._memory and self._pid != os.getpid():
            raise StoreError("a :memory: store belongs to the process that made it; use a file to share one")

    def _alone(self, work: Callable[..., Answered], *arguments: Any) -> Answered:
        """Does the work while no other thread does; raises SQLite's errors as ours.

        It is done anew where a fork in the middle of it, or an inner call, has closed what it worked with.
        """
        with self.lock:
            self._gave_way = 0
            while True:
                undone = self._undone
                try:
                    return work(*arguments)
                except (sqlite3.Error, OverflowError) as error:
                    if self._undone == undone and (self._connection is None or self._closing.alive):
                        self.file.translate(error)
                        raise
                    self.disconnect()  # one that was being opened has been kept since; or the process has begun to end

    def _commit(self, work: Callable[[sqlite3.Cursor, Known], Known]) -> None:
        writing = _writing.items
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

    def erase(self) -> bool:
        """Whether nothing of what was forgotten is left in the file and its log; not while this thread is in a call."""
        if self._nesting.in_call:
            return False
        erased: bool = self._nesting.do(self._alone, lambda: self.file.erase(self._for_writing()))
        return erased

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
            with contextlib.suppress(sqlite3.ProgrammingError):  # it was closed by a fork
                cursor.close()
                if connection.in_transaction:
                    connection.execute("COMMIT")

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
            self._identity = None if self._memory else self.file.identity()
            return connection
        return self._connection

    def _for_reading(self) -> tuple[sqlite3.Connection | None, bool]:
        """A connection, or None where there is no store, and whether it is kept."""
        self._let_go_of_another_file()
        if self._connection is not None:
            return self._connection, True
        identity = None if self._memory else self.file.identity()
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
        if self._connection is not None and not self._memory and self.file.identity() != self._identity:
            self.disconnect()

    def before_fork(self) -> None:
        """Closes the connection, for whoever holds the lock; a store in memory is the child's own copy."""
        if not self._memory:
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


def _close(connection: sqlite3.Connection, lock: Any) -> None:
    """Closes it; not at the end of the process while another thread is inside it, which would crash."""
    if lock.acquire(blocking=False):
        try:
            connection.close()
        finally:
            lock.release()
