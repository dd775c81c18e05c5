"""A batch: the calls that are gathered, on their way to a recorder, to be written together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from graphtracker.errors import InvalidInput
from graphtracker.model.events import Event, Said
from graphtracker.recording import forks
from graphtracker.recording.recorder import Recording, by_run
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
        self._gathered: list[tuple[Said | None, list[Event]]] = []  # how they are said, and events, in order

    def __reduce__(self) -> tuple[object, ...]:
        return _same, (self._recording,)  # elsewhere a tracker without the batch: what waits here is written here

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Adds the events of one call."""
        self._check()
        with self._lock:
            if not self._gathered or self._gathered[-1][0] != said:
                self._gathered.append((said, []))
            self._gathered[-1][1].extend(events)
            waiting = sum(len(gathered) for _, gathered in self._gathered)
        if waiting >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered, in its order; raises, at the end, the first refusal of a forgotten run."""
        self._check()
        with self._lock:
            taken = self._gathered
            self._gathered = []  # what an inner call of this thread adds from here on waits there
        refusals: list[InvalidInput] = []
        while taken:
            said, events = taken[0]
            try:
                self._recording.write(events, said=said)
            except InvalidInput as refusal:
                parts = by_run(events)
                if len(parts) > 1:
                    taken[:1] = [(said, part) for part in parts]
                    continue
                refusals.append(refusal)
            except BaseException:
                with self._lock:
                    self._gathered[:0] = taken
                raise
            del taken[0]
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
