"""The way of events from a tracker to its store: stamped, batched, written."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphtracker import environment
from graphtracker.defaults import default_url
from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.stores.contract import Store
from graphtracker.stores.finding import printed_handles
from graphtracker.stores.opening import delivery_url, open_store
from graphtracker.stores.urls import parse

if TYPE_CHECKING:
    from graphtracker.spool.spooled import Spooling

BATCH = 5000
"""Facts in one transaction of a batch; a call is never split."""

logger = logging.getLogger("graphtracker")

_announced: set[str] = set()  # stores whose first write in this process has been logged
_forks = 0  # between this process and the one that imported this; far cheaper to look at than the process's id


def _in_child() -> None:
    global _forks
    _forks += 1
    _announced.clear()


os.register_at_fork(after_in_child=_in_child)


class _Batch(threading.local):
    """What each thread has gathered in its open batch, and in which process."""

    batch: list[Event] | None = None
    forks = 0


class Recorder:
    """One store, with this process's writer and each thread's open batch."""

    def __init__(self, url: str | os.PathLike[str] | None, *, spool: str | None = None) -> None:
        self._default_folder: Path | None = None  # of a store that nobody chose
        if url is None:
            url, by_default = default_url()
            self._default_folder = Path(url).parent if by_default else None
        self._named = url
        self.url = parse(url).shown
        self._spooling: Spooling | None = None
        if spool is None:
            self._opened: Store | None = open_store(url)
        else:
            from graphtracker.spool.spooled import Spooling

            self._opened = None  # until something is delivered or read: its driver takes long to import
            self._spooling = Spooling(spool, delivery_url(url), self._store)
        self._begin()

    def _begin(self) -> None:
        self._mine = _Batch()
        self._batched = False  # whether any thread ever opened a batch
        self._announced_after = -1  # the number of forks when its first write was last found logged

    @property
    def store(self) -> Store:
        """The store, opened."""
        return self._store()

    def _store(self) -> Store:
        if self._opened is None:
            self._opened = open_store(self._named)
        return self._opened

    def __getstate__(self) -> dict[str, Any]:
        kept = ("_named", "url", "_default_folder", "_opened", "_spooling")
        return {name: value for name, value in vars(self).items() if name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def write(self, events: Sequence[Event]) -> None:
        """Writes the events of one call, or adds them to this thread's batch."""
        batch = self._batch() if self._batched else None
        if batch is None:
            self._write(events)
            return
        batch += events
        if len(batch) >= BATCH:
            self._flush(batch)

    def reading(self) -> Store:
        """The store, with this thread's batch written to it, and what waits in the spool in its answers."""
        batch = self._batch()
        if batch:
            self._flush(batch)
        return self.store if self._spooling is None else self._spooling.reading()

    def close(self) -> None:
        """Delivers what waits, for as long as a process waits at its end; ends connections."""
        if self._spooling is not None:
            self._spooling.close()
        if self._opened is not None:
            self._opened.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Gathers the events of this thread until the outermost block is left; nothing more after an exception."""
        if self._batch() is not None:
            yield
            return
        self._mine.batch, self._mine.forks = [], _forks
        self._batched = True
        try:
            yield
            self._flush(self._batch() or [])
        finally:
            self._mine.batch = None

    def _batch(self) -> list[Event] | None:
        mine = self._mine
        if mine.batch is not None and mine.forks != _forks:
            # A forked child goes on in its own batch: what stands in this one is the parent's to write.
            mine.batch, mine.forks = [], _forks
        return mine.batch

    def _flush(self, batch: list[Event]) -> None:
        if batch:
            self._write(batch)
            batch.clear()

    def _write(self, events: Sequence[Event]) -> None:
        if self._announced_after != _forks:
            if self.url not in _announced:
                self._announce()
            self._announced_after = _forks
        if self._spooling is None:
            self.store.write(events)
        else:
            self._spooling.write(events)

    def _announce(self) -> None:
        if self._default_folder is not None:
            _make(self._default_folder)
        if self._default_folder is not None and environment.inside_job():
            import socket  # 5 ms, for a warning

            logger.warning(
                "this job was given no store: graphtracker records to %s on host %s, where it stays; "
                "name a store in the tracker's config or in %s",
                self.url, socket.gethostname(), environment.URL,
            )  # fmt: skip
        else:
            logger.info("graphtracker records to %s", self.url)
        _announced.add(self.url)

    def health(self) -> dict[str, object]:
        """Facts about the store, in reading order; raises what ails it."""
        if self._default_folder is not None:
            _check(self._default_folder)
        facts = {
            "url": self.url,
            "default store": self._default_folder is not None,
            "exists": self.store.exists(),
        }
        store = self.reading()
        handles = [f"{printed} is {own}" for printed, own in printed_handles(store)]
        more = {"handles of one run": "; ".join(handles)} if handles else {}
        return {**facts, **store.health(), **more}


def write_all(
    facts: Iterable[list[Event]], write: Callable[[list[Event]], None], progress: Callable[[int], None] | None
) -> int:
    """Writes events in transactions of about 5,000; gives their number, which ``progress`` is told as it grows."""
    written = 0
    waiting: list[Event] = []
    for events in facts:
        waiting += events
        if len(waiting) >= BATCH:
            write(waiting)
            written += len(waiting)
            waiting = []
            if progress is not None:
                progress(written)
    if waiting:
        write(waiting)
    return written + len(waiting)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unmakeable(folder, error.strerror) from error


def _check(folder: Path) -> None:
    """Raises what making the folder would raise, and makes nothing."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise _unmakeable(folder, "Not a directory")
    if not os.access(there, os.W_OK | os.X_OK):
        raise _unmakeable(folder, "Permission denied")


def _unmakeable(folder: Path, reason: str | None) -> StoreError:
    return StoreError(
        f"the default store's folder {quoted(str(folder))} cannot be made ({reason}); name a store in {environment.URL}"
    )
