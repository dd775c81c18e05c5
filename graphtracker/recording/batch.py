"""A batch: the calls that are gathered, on their way to a recorder, to be written together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from graphtracker.errors import InvalidInput
from graphtracker.model.events import Event, Said
from graphtracker.recording import forks
from graphtracker.recording.recorder import Recording
from graphtracker.stores.contract import BATCH, Answered
from graphtracker.stores.snapshot import Snapshot


class Batch(Recording):
    """Gathers the events of calls and gives them to ``recording`` by about 5,000, the last ones when it ends, or before
    a read. Shared by threads; a forked child gathers its own, and never writes what its parent gathered."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.url, self.store = recording.url, recording.store
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self._forks = forks.count
        self._lock = threading.RLock()
        self._gathered: dict[Said | None, list[Event]] = {"now": [], "at": [], None: []}  # by how they are said

    def __reduce__(self) -> tuple[object, ...]:
        return _same, (self._recording,)  # elsewhere a tracker without the batch: what waits here is written here

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Adds the events of one call."""
        self._check()
        with self._lock:
            gathered = self._gathered[said]
            gathered += events
        if len(gathered) >= BATCH:
            self._flush(said)

    def flush(self) -> None:
        """Writes what has been gathered."""
        self._check()
        for said in self._gathered:
            self._flush(said)

    def _flush(self, said: Said | None) -> None:
        with self._lock:
            gathered = self._gathered[said]
            taken = gathered[:]
            del gathered[: len(taken)]  # what an inner call of this thread has added since stays
        if taken:
            try:
                self._recording.write(taken, said=said)
            except InvalidInput:
                self._write_apart(taken, said)
            except BaseException:
                with self._lock:
                    gathered[:0] = taken
                raise

    def _write_apart(self, events: Sequence[Event], said: Said | None) -> None:
        """Writes what each run recorded by itself; raises, at the end, the first refusal of one that is forgotten."""
        by_run: dict[str, list[Event]] = {}
        for event in events:
            by_run.setdefault(event.run_id, []).append(event)
        refusals: list[InvalidInput] = []
        while by_run:
            run_id, its_events = next(iter(by_run.items()))
            try:
                self._recording.write(its_events, said=said)
            except InvalidInput as refusal:
                refusals.append(refusal)
            except BaseException:
                with self._lock:
                    self._gathered[said][:0] = [event for left in by_run.values() for event in left]
                raise
            del by_run[run_id]
        if refusals:
            raise refusals[0]

    def end(self) -> None:
        """Takes nothing more; what has been gathered and not written is dropped."""
        self._ended = True
        self._begin()

    def _check(self) -> None:
        if self._ended:
            raise InvalidInput("this batch has ended; record on the tracker itself, or open another batch")
        if self._forks != forks.count:
            self._begin()

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of the store, once what has been gathered is there."""
        self.flush()
        return self._recording.read(work)

    def events(self) -> Iterator[list[Event]]:
        """Every event of the store, once what has been gathered is there."""
        self.flush()
        return self._recording.events()

    def exists(self) -> bool:
        """Whether there is anything to read, once what has been gathered is there."""
        self.flush()
        return self._recording.exists()

    def health(self) -> dict[str, object]:
        """What is known of the store, once what has been gathered is there."""
        self.flush()
        return self._recording.health()

    def close(self) -> None:
        """Writes what has been gathered; the connections are those of the tracker."""
        self.flush()


def _same(recording: Recording) -> Recording:
    return recording
