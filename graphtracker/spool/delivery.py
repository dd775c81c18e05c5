"""The background delivery of a process's spool to its store."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from graphtracker import logs
from graphtracker.errors import reason_of
from graphtracker.model.display import quoted
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.fitting import write_what_fits
from graphtracker.spool.writer import SpoolWriter
from graphtracker.stores.contract import BATCH, Store

_FIRST = 1.0  # seconds at most before the first one: a thousand replicas start at the same second
_SHORTEST_PAUSE = 0.5  # seconds
_LONGEST_PAUSE = 60.0  # seconds between two tries while the store is away


class Delivery:
    """One thread that takes what a spool holds to a store, begun with the first event.

    ``deliver_another`` delivers one of the spools that others left, and returns whether there was one.

    Delivery is at least once, which a store that merges by stamp makes exactly once. While the store is away it is
    tried again after pauses that grow, each cut short by chance, so that many processes do not come at once.
    """

    def __init__(self, spool: SpoolWriter, store: Callable[[], Store], deliver_another: Callable[[], bool]) -> None:
        self._spool = spool
        self._store = store
        self._deliver_another = deliver_another
        self._others_left = True
        self._changed = threading.Condition()
        self._hurried = False
        self._ended = False
        self._idle = False
        self._failures = 0
        self.trouble: Exception | None = None
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Tells it that there is something to deliver."""
        if self._thread is None:
            self._start()
        elif self._idle:
            with self._changed:
                self._changed.notify_all()

    def _start(self) -> None:
        with self._changed:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="graphtracker-delivery", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the interpreter is ending: what the spool holds stays there
                    return
                self._thread = thread

    def flush(self, seconds: float) -> bool:
        """Waits, at most so long, until all that is in the spool now has been delivered; whether it has."""
        deadline = time.monotonic() + seconds
        goals = [(file, file.size) for file in self._spool.waiting()]
        if goals and self._thread is None:
            self._start()
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            while any(file.delivered < size for file, size in goals):
                rest = deadline - time.monotonic()
                if rest <= 0 or self._thread is None:
                    return False
                self._changed.wait(rest)
        return True

    @property
    def away(self) -> bool:
        """Whether the store could not be used at the last try."""
        return self._failures > 0

    def end(self, seconds: float) -> None:
        """Ends the thread, and waits at most so long for it: it may be held up by a store that does not answer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        self._pause(random.uniform(0, _FIRST))  # noqa: S311  # no cryptography
        while not self._ended:
            try:
                waiting = self._spool.waiting()
                if waiting:
                    self._deliver(waiting[0])
                elif self._others_left:
                    self._look_after_another()
                else:
                    self._rest()
            except Exception as error:  # noqa: BLE001  # a thread has nobody to raise to
                self._fail(error)

    def _deliver(self, file: SpoolFile) -> None:
        calls, place = file.next_calls(BATCH)
        unwritten = write_what_fits(self._store(), calls)
        if unwritten:
            file.damaged = True  # what the store did not take stays, for sync to tell of
            logs.warning(
                "graphtracker: the store does not take all of %s, which stays for `graphtracker sync`: %s",
                quoted(file.path), unwritten.reason,
            )  # fmt: skip
        self._failures = 0
        with self._changed:
            self._spool.set_delivered(file, place)
            self._changed.notify_all()

    def _look_after_another(self) -> None:
        """One more of the spools that processes which have ended left in the folder, while there is nothing of ours."""
        self._others_left = False  # if it fails they stay for the next process, or for sync
        self._others_left = self._deliver_another()

    def _fail(self, error: Exception) -> None:
        if self._ended:
            return
        if self.trouble is None:
            self.trouble = error
            place = ", ".join(file.path for file in self._spool.waiting()) or self._spool.folders[0]
            logs.warning(
                "graphtracker cannot deliver to its store yet, events wait in %s and the job goes on: %s",
                place, reason_of(error),
            )  # fmt: skip
        self._failures = min(self._failures + 1, 10)
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2**self._failures)
        self._pause(random.uniform(longest / 2, longest))  # noqa: S311  # no cryptography

    def _rest(self) -> None:
        """Waits for an event."""
        with self._changed:
            self._idle = True
            while not self._spool.waiting() and not self._ended:
                self._changed.wait()
            self._idle = False

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._hurried or self._ended, seconds)
            self._hurried = False
