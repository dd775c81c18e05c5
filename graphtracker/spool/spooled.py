"""A store with a spool in front of it: a call ends with a local append, delivery happens behind it."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphtracker import logs
from graphtracker.environment import exit_timeout
from graphtracker.errors import StoreError, reason_of
from graphtracker.model.display import quoted
from graphtracker.model.events import Event, Said
from graphtracker.model.signals import pass_on
from graphtracker.spool.delivery import Delivery
from graphtracker.spool.left_behind import Step, left_behind
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.sync import deliver
from graphtracker.spool.unsynced import UnsyncedSnapshot
from graphtracker.spool.writer import SpoolWriter, temporary_folder
from graphtracker.stores.contract import Answered, Store, browser_of
from graphtracker.stores.opening import delivery_url, open_store
from graphtracker.stores.snapshot import EmptySnapshot, Snapshot
from graphtracker.stores.urls import parse

_READ_WAIT = 0.5  # seconds that a read waits for what this process recorded to be delivered

_active: set[Spooled] = set()  # those that may have something to deliver when the process ends
_opening = threading.RLock()  # held while a driver is imported: a child forked meanwhile could never import it
_preparing = threading.Lock()  # held by the call that does so
_ending: float | None = None  # when the process stops waiting for deliveries, once it has begun to end


class Spooled(Store):
    """The store of a URL behind the spool of this process in a folder; each process has its own, also after a fork.

    ``folder`` may be None, where there is none but the temporary one; a ``quick`` store says at once that it cannot be
    read. The store itself is opened, and its driver
    imported, by the first call that is recorded: a thread may come to that when the process is ending, and an import
    fails then.
    """

    def __init__(self, folder: str | None, url: str | os.PathLike[str], *, quick: bool = False) -> None:
        self.url = parse(url).shown
        self._quick = quick
        self._named = url
        self._target = delivery_url(url)  # for whoever delivers what is left behind
        self._opened: Store | None = None
        folders = [] if folder is None else [folder]
        self._writer = SpoolWriter(folders, self._target, stand_in=temporary_folder)
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._reads: set[object] = set()
        folders = self._writer.folders
        self._others = left_behind(folders[0], self._target) if folders else iter(())
        self._delivery = Delivery(self._writer, self._store, self._deliver_another, self._rest)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("url", "_quick", "_named", "_target", "_opened", "_writer")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def _store(self) -> Store:
        if self._opened is None:
            with _opening:
                if self._opened is None:
                    self._opened = open_store(self._named)
        return self._opened

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Appends the events of one call to the spool; where no spool can be written, writes them to the store."""
        if self.take(events):
            return
        try:
            self._store().write(events, said=said)
        except Exception as error:
            self.tell_lost(len(events), reason_of(error))
            raise

    def take(self, events: Sequence[Event]) -> bool:
        """Appends the events of one call to the spool, and sees to their delivery; False where no folder takes them."""
        if self._pid != os.getpid():
            self._begin()
        if not self._writer.append(events):
            return False
        if self not in _active:
            _watch(self)
        if self._opened is None and not _preparing.locked():
            with _preparing:
                self._prepare()
        self._delivery.wake()
        if _ending is not None:
            self.finish(max(0.0, _ending - time.monotonic()))
        return True

    def tell(self, trouble: Exception) -> None:
        """Logs, once, what keeps the store from being used, and where the events wait; at the end ``finish`` does."""
        if not self._delivery.told and _ending is None:
            self._delivery.told = True
            logs.loss(
                "graphtracker cannot use its store yet, events wait in %s and the job goes on: %s",
                ", ".join(file.path for file in self._writer.waiting()) or "a spool", reason_of(trouble),
            )  # fmt: skip

    def tell_lost(self, count: int, reason: str) -> None:
        """Notes in the spool, where there is one, that events are neither there nor in the store."""
        self._writer.tell_lost(count, reason)

    def _prepare(self) -> None:
        """Opens the store, which imports its driver."""
        try:
            self._store()
        except Exception as error:  # noqa: BLE001  # whatever it is, the delivery tells of it
            pass_on(error)

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of the store, once it has all that this process recorded.

        Else it is given the store together with what waits for it; of a store that cannot be read, only what waits.
        """
        mine = object()
        self._reads.add(mine)
        try:
            if self._delivered():
                return self._store().read(work)
            if self._quick or not self._delivery.away:
                with contextlib.suppress(StoreError):
                    return self._store().read(lambda stored: work(UnsyncedSnapshot(stored, self._waiting())))
            return work(UnsyncedSnapshot(EmptySnapshot(), self._waiting()))
        finally:
            self._reads.discard(mine)

    def events(self) -> Iterator[list[Event]]:
        """Every event, the store's first, then what waits for it."""
        delivered = self._delivered()
        yield from self._store().events()
        if not delivered:
            yield from self._waiting()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return not self._delivered() or self._store().exists()

    def browser_url(self, run_id: str | None, browser: str | None) -> str:
        """The address of Neo4j Browser on the store; raises StoreError where it has none."""
        return browser_of(self._store()).browser_url(run_id, browser)

    def health(self) -> dict[str, object]:
        """What the store says of itself."""
        return self._store().health()

    def _delivered(self) -> bool:
        """Whether the store has all that this process recorded, after waiting for it a little."""
        return self._pid != os.getpid() or self._delivery.flush(_READ_WAIT)

    def _waiting(self) -> Iterator[list[Event]]:
        for file in self._writer.waiting():
            yield from file.events_waiting()

    def _deliver_another(self) -> bool:
        """Looks at one more spool here, and delivers it where an ended process left it for the same store; whether
        there may be more to look at now."""
        found = next(self._others, Step.LATER)
        if isinstance(found, SpoolReader):
            self._deliver_left(found)
        return found is not Step.LATER

    def _deliver_left(self, spool: SpoolReader) -> None:
        try:
            for line in deliver(spool, self._store()).trouble:
                logs.warning("graphtracker: %s", line)
        except BaseException:
            self._others = iter(())  # they stay for the next process, or for sync
            raise

    def _rest(self) -> None:
        """Lets go of all that a process with nothing to deliver need not keep."""
        if self._writer.close(unless_waiting=True) is None:
            return
        if self._opened is not None and not self._reads:
            self._opened.close()
        _active.discard(self)
        if self._writer.waiting():
            _active.add(self)  # an event has come meanwhile

    def close(self) -> None:
        """Delivers for as long as a process waits at its end, then ends connections; a later call begins again."""
        self.finish(exit_timeout())
        if self._opened is not None:
            self._opened.close()

    def finish(self, seconds: float) -> None:
        """Waits at most so long for the delivery, then ends it; what is left stays in the spool, as a log line says."""
        _active.discard(self)
        if self._pid != os.getpid():
            return
        deadline = time.monotonic() + seconds
        left = self._left(deadline)
        while left is None:  # other threads go on recording
            left = self._left(deadline)
        self._delivery.end(max(0.0, deadline - time.monotonic()))
        if left:
            logs.loss(
                "graphtracker could not deliver all events in time; they wait in %s: run `graphtracker sync %s`",
                quoted(left[0]), left[0] if len(left) == 1 else os.path.dirname(left[0]),
            )  # fmt: skip
        self._begin()
        if self._writer.waiting():
            self._delivery.wake()

    def _left(self, deadline: float) -> list[str] | None:
        """Ends the files; returns those that hold what could not be delivered in time, None where there is more."""
        delivered = self._delivery.flush(max(0.0, deadline - time.monotonic()))
        if not delivered:
            self._delivery.stop()  # else it may take what is left here for what others have left
        return self._writer.close(unless_waiting=delivered)


def _watch(spooled: Spooled) -> None:
    """Makes sure that a process that ends normally delivers first."""
    _active.add(spooled)
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None and "multiprocessing.util" in sys.modules:
        # Children of multiprocessing run no exit handlers of atexit, but finalizers of their own.
        util: Any = sys.modules["multiprocessing.util"]
        util.Finalize(None, _at_exit, exitpriority=0)


def _at_exit() -> None:
    global _ending
    _ending = time.monotonic() + exit_timeout()
    for spooled in list(_active):
        spooled.finish(max(0.0, _ending - time.monotonic()))


def _in_child() -> None:
    global _preparing, _ending
    _opening.release()
    _preparing, _ending = threading.Lock(), None
    _active.clear()


# At the end of a process what was registered last is run first. The first finalizer of weakref registers them all, and
# those of stores close connections: one is made before our own handler is registered, so that ours comes first.
weakref.finalize(Spooled, _active.clear)
atexit.register(_at_exit)
os.register_at_fork(before=_opening.acquire, after_in_parent=_opening.release, after_in_child=_in_child)
