"""Recording by way of a spool: a call ends with a local append, and the rest happens behind it."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphtracker.defaults import exit_timeout
from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.spool.delivery import Delivery, reason_of
from graphtracker.spool.sync import Synced, sync_left_behind
from graphtracker.spool.unsynced import UnsyncedStore
from graphtracker.spool.writer import SpoolWriter, temporary_folder
from graphtracker.stores.contract import Store

_READ_WAIT = 0.5  # seconds that a read waits for what this process recorded to be delivered

logger = logging.getLogger("graphtracker")

_active: set[Spooling] = set()  # those that may have something to deliver when the process ends


class Spooling:
    """The spool of this process for one store, and its delivery; each process has its own, also after a fork.

    ``store`` opens the store; ``target`` is its URL without a password, for whoever delivers what is left behind.
    """

    def __init__(self, folder: str, target: str, store: Callable[[], Store]) -> None:
        self._target = target
        self._store = store
        self._writer = SpoolWriter([folder, temporary_folder()], target)
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._delivery = Delivery(self._writer, self._store, self._deliver_others())

    def __getstate__(self) -> dict[str, Any]:
        return {"_target": self._target, "_store": self._store, "_writer": self._writer}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def write(self, events: Sequence[Event]) -> None:
        """Appends the events of one call to the spool; where no spool can be written, writes them to the store."""
        if self._pid != os.getpid():
            self._begin()
        if self._writer.append(events):
            if self not in _active:
                _watch(self)
            self._delivery.wake()
            return
        try:
            self._store().write(events)
        except Exception as error:
            self._writer.tell_lost(len(events), reason_of(error))
            raise

    def reading(self) -> Store:
        """The store, once it has all that this process recorded; else the two together, which is never complete."""
        if self._pid != os.getpid() or self._delivery.flush(_READ_WAIT):
            return self._store()
        store = None if self._delivery.away else self._store()
        try:
            return self._together(store)
        except StoreError:
            return self._together(None)

    def _together(self, store: Store | None) -> Store:
        return UnsyncedStore(store, self._target, self._waiting())

    def _waiting(self) -> Iterator[list[Event]]:
        for file in self._writer.waiting():
            yield from file.events_waiting()

    def _deliver_others(self) -> Iterator[Synced]:
        """One after the other of what processes that have ended left in the same folder for the same store."""
        for done in sync_left_behind(self._writer.folders[0], self._target, self._store()):
            for line in done.trouble:
                logger.warning("graphtracker: %s", line)
            yield done

    def close(self, seconds: float | None = None) -> None:
        """Waits at most so long (None: as long as a process waits at its end) for the delivery; then ends.

        What is left stays in the spool, which one line of log says. A later call begins again.
        """
        _active.discard(self)
        if self._pid != os.getpid():
            return
        deadline = time.monotonic() + (exit_timeout() if seconds is None else seconds)
        left = self._left(deadline)
        while left is None:  # other threads go on recording
            left = self._left(deadline)
        self._delivery.end(max(0.0, deadline - time.monotonic()))
        if left:
            logger.warning(
                "graphtracker could not deliver all facts in time; they wait in %s: run `graphtracker sync %s`",
                quoted(left[0]), left[0] if len(left) == 1 else os.path.dirname(left[0]),
            )  # fmt: skip
        self._begin()
        if self._writer.waiting():
            self._delivery.wake()

    def _left(self, deadline: float) -> list[str] | None:
        """Ends the files: gives those that hold what could not be delivered in time, or None where there is more."""
        delivered = self._delivery.flush(max(0.0, deadline - time.monotonic()))
        return self._writer.close(unless_waiting=delivered)


def _watch(spooling: Spooling) -> None:
    """Sees to it that a process that ends normally delivers first."""
    _active.add(spooling)
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None and "multiprocessing.util" in sys.modules:
        # Children of multiprocessing run no exit handlers of atexit, but finalizers of their own.
        util: Any = sys.modules["multiprocessing.util"]
        util.Finalize(None, _at_exit, exitpriority=0)


def _at_exit() -> None:
    deadline = time.monotonic() + exit_timeout() if _active else 0.0
    for spooling in list(_active):
        spooling.close(max(0.0, deadline - time.monotonic()))


def _in_child() -> None:
    _active.clear()


# What is registered last is run first, and the connections of stores are closed at the end by finalizers: the first of
# them registers all of them.
weakref.finalize(Spooling, _active.clear)
atexit.register(_at_exit)
os.register_at_fork(after_in_child=_in_child)
