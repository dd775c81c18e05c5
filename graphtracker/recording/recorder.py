"""What a tracker writes to, or reads from: one store, announced before its first write."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from graphtracker import logs
from graphtracker.environment import default_url, inside_job
from graphtracker.model.counted import some_of
from graphtracker.model.display import quoted
from graphtracker.model.events import Event, Said
from graphtracker.model.gc_paused import gc_paused
from graphtracker.recording import forks
from graphtracker.recording.default_store import DefaultFile
from graphtracker.stores.contract import BATCH, Answered, Store
from graphtracker.stores.finding import names_of_others, printed_handles
from graphtracker.stores.loose_ends import loose_ends
from graphtracker.stores.opening import open_store
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.urls import parse

_HANDLES_ADVICE = "record by the second, as what TorchX launches does"
_NAMES_ADVICE = "each of these means the run of that id; give the whole id of the other to mean that"
_announced: set[str] = set()  # stores whose first write in this process has been logged

os.register_at_fork(after_in_child=_announced.clear)


class Recording(Store):
    """Where the verbs of a tracker go: a store, with what happens before its calls."""

    store: Store
    """The store itself."""


class Recorder(Recording):
    """One store; with ``spool``, a folder, a call ends there and is delivered behind it."""

    def __init__(self, url: str | os.PathLike[str] | None, *, spool: str | None = None) -> None:
        self._announced_after = -1  # the number of forks when its first write was last found logged
        self._default: DefaultFile | None = None
        if url is None:
            url, by_default = default_url()
            self._default = DefaultFile(url) if by_default else None
        self.url = parse(url).shown
        self.store = self._opened(url, spool)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_announced_after": -1}

    def _opened(self, url: str | os.PathLike[str], spool: str | None) -> Store:
        if spool is None:
            return open_store(url)
        from graphtracker.spool.spooled import Spooled  # 10 ms, for those who asked for it

        return Spooled(spool, url)

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Writes the events of one call."""
        if self._announced_after != forks.count:
            self._make_folder()
            self._announced_after = forks.count
            if self.url not in _announced:
                _announced.add(self.url)  # first: what handles log records may record, too
                self._announce()
        self.store.write(events, said=said)

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of the store."""
        return self.store.read(work)

    def events(self) -> Iterator[list[Event]]:
        """Every event of the store."""
        return self.store.events()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self.store.exists()

    def erase(self) -> None:
        """Leaves nothing of what was forgotten in the store's files."""
        self.store.erase()

    def close(self) -> None:
        """Ends connections."""
        self.store.close()

    def _make_folder(self) -> None:
        if self._default is not None:
            self._default.make_folder()

    def _announce(self) -> None:
        """Logs where this process records to, before its first write there."""
        if self._default is not None and inside_job():
            self._default.warn_of_it()
        else:
            logs.info("graphtracker records to %s", self.url)

    def health(self) -> dict[str, object]:
        """What is known of the store, in reading order; raises an error that says what is wrong."""
        if self._default is not None:
            self._default.check_folder()
        known = {"url": self.url, "default store": self._default is not None, "exists": self.store.exists()}
        told = {
            subject: some_of((f"{quoted(one)} is {what}{quoted(other)}" for one, other in found), len(found), advice)
            for subject, what, advice, found in (
                ("handles of one run", "", _HANDLES_ADVICE, self.read(printed_handles)),
                ("ids that are names of other runs", "also the name of ", _NAMES_ADVICE, self.read(names_of_others)),
            )
            if found
        }
        return {**known, **self.store.health(), **told, **self.read(loose_ends)}


def by_run(events: Iterable[Event]) -> list[list[Event]]:
    """The events of each run by itself, in their order."""
    parts: dict[str, list[Event]] = {}
    for event in events:
        parts.setdefault(event.run_id, []).append(event)
    return list(parts.values())


def write_all(
    batches: Iterable[list[Event]], write: Callable[[list[Event]], None], progress: Callable[[int], None] | None
) -> int:
    """Writes events in transactions of about 5,000; returns their number, which ``progress`` is told as it grows."""
    written = 0
    coming = iter(batches)
    while True:
        with gc_paused():  # not for longer: what the events come from may leave cycles
            waiting = _next_of(coming)
            if waiting:
                write(waiting)
        if not waiting:
            return written
        written += len(waiting)
        if progress is not None:
            progress(written)


def _next_of(batches: Iterator[list[Event]]) -> list[Event]:
    """The events of one transaction; none at the end."""
    found: list[Event] = []
    for events in batches:
        found += events
        if len(found) >= BATCH:
            break
    return found
