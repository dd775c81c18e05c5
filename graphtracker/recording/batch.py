"""The events that each thread gathers to be written together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from graphtracker.model.events import Event
from graphtracker.recording import forks
from graphtracker.stores.contract import BATCH


class _Open(threading.local):
    """What this thread has gathered, None outside a block, with the number of forks before its process."""

    events: list[Event] | None = None
    forks = 0


class Batches:
    """The open batch of each thread, which ``write`` is given piece by piece."""

    def __init__(self, write: Callable[[Sequence[Event]], None]) -> None:
        self._write = write
        self._open = _Open()
        self.in_use = False
        """Whether any thread ever opened one; looked at by every recorded call before ``take``."""

    def take(self, events: Sequence[Event]) -> bool:
        """Adds the events of one call to this thread's batch; False where it has none."""
        batch = self._mine()
        if batch is None:
            return False
        batch += events
        if len(batch) >= BATCH:
            self.flush()
        return True

    def flush(self) -> None:
        """Writes what this thread has gathered."""
        batch = self._mine() if self.in_use else None
        if batch:
            self._write(batch)
            batch.clear()

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Opens a batch until the outermost block is left; after an exception nothing more of it is written."""
        if self._mine() is not None:
            yield
            return
        self._open.events, self._open.forks = [], forks.count
        self.in_use = True
        try:
            yield
            self.flush()
        finally:
            self._open.events = None

    def _mine(self) -> list[Event] | None:
        mine = self._open
        if mine.events is not None and mine.forks != forks.count:
            # A forked child goes on in its own batch: what stands in this one is the parent's to write.
            mine.events, mine.forks = [], forks.count
        return mine.events
