"""The background delivery of a process's spool to its store."""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from random import SystemRandom

from graphtracker import logs
from graphtracker.errors import StoreUnavailable, reason_of
from graphtracker.model.display import quoted
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.fitting import write_what_fits
from graphtracker.spool.writer import SpoolWriter
from graphtracker.stores.contract import BATCH, Store

_FIRST = 1.0  # seconds at most before the first one: a thousand replicas start at the same second
_SHORTEST_PAUSE = 0.5  # seconds
_LONGEST_PAUSE = 60.0  # seconds between two tries while the store is away
_IDLE = 30.0  # seconds with nothing to do, after which the thread ends: ten thousand replicas hold no connections
_chance = SystemRandom()  # not the one that a job may have seeded


class Delivery:
    """One thread that takes what a spool holds to a store, begun with an event, and ended when it has nothing to do.

    ``deliver_another`` looks at one of the spools of others, delivers it where it was left, and returns whether there
    may be more to look at now; ``rest`` is called before the thread ends.

    Delivery is at least once, which a store that merges by stamp makes exactly once. While the store is away it is
    tried again after pauses that grow, each cut short by chance, so that many processes do not come at once.

    Calls tell the thread what they want by queues and locks of C, which an inner call of the same thread may use in the
    middle of theirs, and which no interrupt leaves held (those of ``threading`` it may, and Thread.start uses them).
    """

    def __init__(
        self,
        spool: SpoolWriter,
        store: Callable[[], Store],
        deliver_another: Callable[[], bool],
        rest: Callable[[], None],
    ) -> None:
        self._spool = spool
        self._store = store
        self._deliver_another = deliver_another
        self._rest = rest
        self._others_left = True
        self._running = threading.Lock()  # held by the thread for as long as it runs
        self._starting = self._idle = self._ended = False
        self._thread = 0
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._waiters: list[SimpleQueue[None]] = []
        self._tries = self._failures = 0
        self._failed: Exception | None = None
        self.told = False
        """Whether the log says that the store cannot be used."""

    def wake(self) -> None:
        """Tells it that there is something to deliver."""
        if self._running.locked():
            if self._idle:
                self._bell.put(None)
        elif not self._starting:
            self._start()

    def _start(self) -> None:
        # The interpreter may be ending: then what the spool holds stays there.
        with contextlib.suppress(RuntimeError):
            _thread.start_new_thread(self._run, ())
            self._starting = True

    def flush(self, seconds: float) -> bool:
        """Waits, at most so long, until all that is in the spool now has been delivered; whether it has.

        It does not wait for a store of which a try has said that it cannot be used, and not only now.
        """
        deadline = time.monotonic() + seconds
        goals = [(file, file.size) for file in self._spool.waiting()]
        if not goals:
            return True
        delivered: SimpleQueue[None] = SimpleQueue()
        self._waiters.append(delivered)
        tries = self._tries
        try:
            if not self._running.locked():
                self._start()
            self._bell.put(None)
            while any(file.delivered < size for file, size in goals):
                rest = deadline - time.monotonic()
                if rest <= 0 or (self._tries > tries and self._hopeless):
                    return False
                with contextlib.suppress(Empty):
                    delivered.get(timeout=rest)
        finally:
            self._waiters.remove(delivered)
        return True

    @property
    def away(self) -> bool:
        """Whether the store could not be used at the last try."""
        return self._failures > 0

    @property
    def _hopeless(self) -> bool:
        return self._failed is not None and not isinstance(self._failed, StoreUnavailable)

    def stop(self) -> None:
        """Lets the thread begin nothing more."""
        self._ended = True
        self._bell.put(None)

    def end(self, seconds: float) -> None:
        """Ends the thread, and waits at most so long for it: it may be held up by a store that does not answer."""
        self.stop()
        if self._thread != threading.get_ident() and self._running.acquire(timeout=seconds):
            self._running.release()

    def _run(self) -> None:
        if not self._running.acquire(blocking=False):
            return
        try:
            self._thread = threading.get_ident()
            sys.settrace(threading.gettrace())  # a debugger of threads is one of this thread, too
            self._pause(_chance.uniform(0, _FIRST))
            while not self._ended and self._step():
                pass
        finally:
            self._starting = False
            self._running.release()
        if self._spool.waiting() and not self._ended:
            self.wake()  # it was recorded when the thread had made up its mind

    def _step(self) -> bool:
        """Does the next thing; whether the thread should go on."""
        try:
            waiting = self._spool.waiting()
            if waiting:
                self._deliver(waiting[0])
            elif self._others_left:
                self._look_after_another()
            else:
                return self._await_events()
        except Exception as error:  # noqa: BLE001  # a thread has nobody to raise to
            self._fail(error)
        return True

    def _deliver(self, file: SpoolFile) -> None:
        calls, place = file.next_calls(BATCH)
        unwritten = write_what_fits(self._store(), calls)
        if unwritten:
            file.damaged = True  # what the store did not take stays, for sync to tell of
            logs.loss(
                "graphtracker: the store does not take all of %s, which stays for `graphtracker sync`: %s",
                quoted(file.path), unwritten.reason,
            )  # fmt: skip
        self._failures, self._failed = 0, None
        self._spool.set_delivered(file, place)
        self._tell_waiters()

    def _tell_waiters(self) -> None:
        self._tries += 1
        for waiter in list(self._waiters):
            waiter.put(None)

    def _look_after_another(self) -> None:
        """One more of the spools that lie in the folder, while there is nothing of ours."""
        self._others_left = False  # if it fails
        self._others_left = self._deliver_another()

    def _fail(self, error: Exception) -> None:
        if self._ended:
            return
        self._failures, self._failed = min(self._failures + 1, 10), error
        self._tell_waiters()
        if not self.told:
            self.told = True
            place = ", ".join(file.path for file in self._spool.waiting()) or ", ".join(self._spool.folders)
            logs.warning(
                "graphtracker cannot deliver to its store yet, events wait in %s and the job goes on: %s",
                place, reason_of(error),
            )  # fmt: skip
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2**self._failures)
        self._pause(_chance.uniform(longest / 2, longest))

    def _await_events(self) -> bool:
        """Whether there was an event before long; else there is nothing to do."""
        self._idle = True
        try:
            if not self._spool.waiting() and not self._ended:
                self._bell.get(timeout=_IDLE)
            return True
        except Empty:
            self._look_after_another()  # others may have been looking when it was tried before
            if not self._others_left:
                self._rest()
            return self._others_left
        finally:
            self._idle = False

    def _pause(self, seconds: float) -> None:
        with contextlib.suppress(Empty):
            self._bell.get(timeout=seconds)
