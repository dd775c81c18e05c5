"""What a file says of each run, with what was logged at each place when.

It is in memory as long as it is small, then in a temporary file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from graphtracker.exchange.openlineage.lines import RunEvent
from graphtracker.exchange.openlineage.merged import Logged, Merged
from graphtracker.exchange.openlineage.overflow import Overflow
from graphtracker.exchange.report import Report
from graphtracker.model.events import ArtifactLogged, Event, stamp_time

_MOST = 64 << 20  # bytes of lines: what they say takes about twice as many in memory
_SIZE_OF_RUN, _SIZE_OF_LOGGED = 500, 200  # what one takes besides, in bytes of lines


class Index:
    """Filled first, then ``sort``ed, then asked."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._size = 0
        self._runs: dict[str, Merged] = {}
        self._logged: list[Logged] = []
        self._logged_at: dict[str, list[tuple[int, str, str]]] = {}
        self._overflow: Overflow | None = None

    def add(self, run_id: str, event: RunEvent, size: int) -> None:
        """Adds an event of a run, whose line has so many bytes."""
        merged = self._runs.get(run_id)
        if merged is None:
            merged = self._runs[run_id] = Merged()
            size += _SIZE_OF_RUN
        merged.add(event)
        self._grow(size)

    def add_logged(self, events: list[Event]) -> None:
        """Adds that artifacts of these very names were logged at their places."""
        before = len(self._logged)
        for event in events:
            if type(event) is ArtifactLogged and event.place:
                run_id, name, _, place, _, stamp = event
                self._logged.append((place, stamp_time(stamp), run_id, name))
        self._grow((len(self._logged) - before) * _SIZE_OF_LOGGED)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > _MOST:
            self._overflow = self._overflow or Overflow()
            self._move(self._overflow)

    def _move(self, overflow: Overflow) -> None:
        overflow.add(self._runs, self._logged, self._report)
        self._runs, self._logged, self._size = {}, [], 0

    def sort(self) -> None:
        """Ends the filling."""
        if self._overflow is not None:
            self._move(self._overflow)
            self._overflow.sort()
        elif self._runs:  # else, as in a file of ours, nothing will be asked
            for run_id, merged in self._runs.items():
                self._logged += merged.logged(run_id)
            for place, time, run_id, name in self._logged:
                self._logged_at.setdefault(place, []).append((time, run_id, name))
            for logged in self._logged_at.values():
                logged.sort()

    def runs(self) -> Iterator[tuple[str, Merged]]:
        """Each run, with all that its events say."""
        return iter(self._runs.items()) if self._overflow is None else self._overflow.runs()

    def newest(self, place: str, before: int) -> tuple[str, str] | None:
        """The (run id, name) of the artifact that was logged last at this place before this time."""
        if self._overflow is not None:
            return self._overflow.newest(place, before)
        logged = self._logged_at.get(place, ())
        position = bisect_left(logged, (before,))
        return logged[position - 1][1:] if position else None

    def close(self) -> None:
        """Removes what is in a file."""
        if self._overflow is not None:
            self._overflow.close()
