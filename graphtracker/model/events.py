"""What is recorded: events, each one immutable, with the stamp of its writer.

A stamp is 20 bytes: event time (ns since 1970 UTC, offset so that it is never negative), writer id, sequence, each big
end first, so that the order of bytes is the order of stamps. Stores merge events by stamp and need nothing else.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import count, islice
from struct import Struct
from typing import Literal, NamedTuple

from graphtracker.errors import StoreError

STAMP = 20
"""Bytes of a stamp."""

NOW = (1 << 63) - 1
"""The event time, in ns, of a question about all that was recorded: none is later."""

TICK = 1000
"""Event times, in ns, are multiples of it: whole microseconds, which is what a datetime holds."""

_OFFSET = 1 << 63
_LAST_SEQUENCE = (1 << 32) - 1
_LAST_TIME = NOW - 10**6
_packed = Struct(">Q8sI").pack
_FARTHEST_CLOCK = 86_400 * 10**9  # ns that another machine's clock may be ahead


def stamp_time(stamp: bytes) -> int:
    """The event time of a stamp, in ns since 1970 UTC."""
    return int.from_bytes(stamp[:8], "big") - _OFFSET


def stamp_head(time: int) -> bytes:
    """What the stamps of an event time, in ns since 1970 UTC, begin with."""
    return (time + _OFFSET).to_bytes(8, "big")


def least_stamp(time: int) -> bytes:
    """The least stamp of an event time in ns since 1970 UTC."""
    return stamp_head(time) + bytes(12)


def stamp_after(time: int) -> bytes:
    """What is greater than the stamps up to this event time, in ns, and than no later one."""
    return least_stamp(time + 1) if time < NOW else b"\xff" * (STAMP + 1)


class Reported(NamedTuple):
    """A run reported."""

    run_id: str
    stamp: bytes


class MetadataSet(NamedTuple):
    """A metadata key of a run got a (plain) value."""

    run_id: str
    key: str
    value: object
    stamp: bytes


class ContextSet(NamedTuple):
    """A run got these values of its context, by keys of ``model.context``."""

    run_id: str
    values: dict[str, object]
    stamp: bytes


class ArtifactLogged(NamedTuple):
    """An artifact of a run got its path, the place of that, and its (plain) metadata, which is None when there is
    none."""

    run_id: str
    name: str
    path: str
    place: str
    metadata: dict[str, object] | None
    stamp: bytes


class SourceNamed(NamedTuple):
    """A run named another, or (unless ``artifact_name`` is None) an artifact of it, as its source."""

    run_id: str
    source_run_id: str
    artifact_name: str | None
    stamp: bytes


class Forgotten(NamedTuple):
    """The values of a run were taken out of the store, with ``links`` the run itself: for ever, whatever the stamp."""

    run_id: str
    links: bool
    stamp: bytes


class Mentioned(NamedTuple):
    """A run, or (unless ``artifact_name`` is None) an artifact of it, had been spoken of by then: this says nothing but
    that it was not created later. Copies say it of what no other event of theirs tells."""

    run_id: str
    artifact_name: str | None
    stamp: bytes


Event = Reported | MetadataSet | ContextSet | ArtifactLogged | SourceNamed | Forgotten | Mentioned

SILENT = frozenset({Forgotten, Mentioned})
"""Kinds of events that are no recording call of the run that they are about."""

Said = Literal["now", "at"]
"""How a call gives its events: now, or with a time of its own."""


class Writer:
    """Stamps the events of one process.

    Its sequence only grows and so does its event time, also where the system's clock steps back; a forked child must
    ``renew`` it. A call inside another one, of a signal handler or a finalizer, gets stamps of its own.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begins anew, as another writer."""
        self._lock = threading.RLock()
        self._time = 0
        self._begin()

    def _begin(self) -> None:
        self._id, self._numbers = os.urandom(8), count()

    def stamps(self, number: int, at: int | None = None) -> list[bytes]:
        """Stamps for so many events of one call, in ascending order; ``at`` is their event time in ns."""
        with self._lock:
            while True:
                writer, before = self._id, next(self._numbers)
                if at is None:
                    moment = time.time_ns() // TICK * TICK
                    if moment <= self._time:
                        moment = self._time + TICK
                    self._time = max(self._time, moment)  # before the sequence: a call behind that is later
                else:
                    moment = at
                sequence = [next(self._numbers)] if number == 1 else list(islice(self._numbers, number))
                if sequence[-1] > _LAST_SEQUENCE:
                    self._begin()
                elif sequence[-1] == before + number:
                    break  # else an inner call of this thread came between the time and the sequence
        time_part = moment + _OFFSET
        if number == 1:
            return [_packed(time_part, writer, sequence[0])]
        return [_packed(time_part, writer, each) for each in sequence]

    def move(self, moment: int) -> None:
        """Makes the event times of later calls greater than this one, in ns."""
        with self._lock:
            self._time = max(self._time, moment)


_writer = Writer()
os.register_at_fork(after_in_child=_writer.renew)

stamps = _writer.stamps
"""Stamps for the events of one call in this process."""


def stamped_later(events: Sequence[Event], beaten: Mapping[str, int]) -> list[Event]:
    """The events, those of the runs in ``beaten`` stamped anew: later than the time, in ns, that beat each run.

    This process's clock moves there with them (a hybrid logical clock: Kulkarni and others, "Logical Physical Clocks",
    2014), but not for more than a day: what lies further ahead was said by somebody, not by another machine's clock.
    Raises StoreError where no time is later.
    """
    latest = max(beaten.values())
    if latest > _LAST_TIME:
        raise StoreError(f"the store holds a value of a time that nothing can be later than ({latest} ns)")
    if latest - time.time_ns() <= _FARTHEST_CLOCK:
        _writer.move(latest)
        fresh = iter(stamps(len(events)))
    else:
        fresh = iter(stamps(len(events), latest // TICK * TICK + TICK))
    return [event._replace(stamp=next(fresh)) if event[0] in beaten else event for event in events]
