"""What holds a fork off until no thread is inside SQLite, every connection closed.

SQLite's locks belong to a process, and what it knows of them is copied by a fork: a child that opened the same file
again would take itself to hold locks that it does not. Parent and child open their connections again on use.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sqlite3
import threading
import weakref
from collections import deque
from itertools import count
from operator import methodcaller
from typing import Any, Protocol

from graphtracker.stores.nesting import Nesting
from graphtracker.stores.sqlite.file import FileConnection


class Forked(Protocol):
    """What a fork must not find in use."""

    lock: Any
    """A reentrant lock: whoever holds it may be inside SQLite."""

    def before_fork(self) -> None:
        """Closes what a child must not inherit, for whoever holds the lock."""


class Unfinished:
    """What the thread that forks is in the middle of: SQLite keeps a connection, and its locks, for open cursors."""

    def __init__(self, nesting: Nesting) -> None:
        self.lock = threading.RLock()
        self._nesting = nesting

    def before_fork(self) -> None:
        """Closes cursors and connections to files, wherever a call has got to."""
        if self._nesting.in_call:
            there = [thing for thing in gc.get_objects() if type(thing) in (sqlite3.Cursor, FileConnection)]
            for thing in sorted(there, key=lambda thing: type(thing) is FileConnection):
                with contextlib.suppress(sqlite3.ProgrammingError):  # closed already, or never opened
                    if type(thing) is FileConnection or type(thing.connection) is FileConnection:
                        thing.close()


_MANY = 64  # connections, after which those that are gone are forgotten
_numbers = count()
_there: dict[int, weakref.ref[Forked]] = {}
_forking = threading.RLock()
_held: list[tuple[list[Any], list[bool]]] = []


def register(connection: Forked) -> None:
    """Closes the connection before each fork, for as long as it lives."""
    number = next(_numbers)
    _there[number] = weakref.ref(connection)  # without a callback, in which an interrupt would be lost
    if number % _MANY == 0:
        for other, reference in list(_there.items()):
            if reference() is None:
                _there.pop(other, None)


def _before() -> None:
    _forking.acquire()
    connections = [connection for reference in list(_there.values()) if (connection := reference()) is not None]
    locks = [connection.lock for connection in connections]
    taken: list[bool] = []
    _held.append((locks, taken))
    taken.extend(map(methodcaller("acquire"), locks))  # in C, so that no interrupt comes before one is noted
    for connection in connections:
        connection.before_fork()


def _after() -> None:
    locks, taken = _held.pop()
    deque(map(methodcaller("release"), locks[: len(taken)]), maxlen=0)  # as above
    _forking.release()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
