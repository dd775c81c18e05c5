"""What is recorded: events, each one immutable, with the stamp of its writer.

A stamp is 20 bytes: event time (ns since 1970 UTC, offset so that it is never negative), writer id, sequence, each big
end first, so that the order of bytes is the order of stamps. Stores merge events by stamp and need nothing else.
"""

from __future__ import annotations

import os
import threading
import time
from struct import Struct
from typing import NamedTuple

STAMP = 20
"""Bytes of a stamp."""

_OFFSET = 1 << 63
_LAST_SEQUENCE = (1 << 32) - 1
_packed = Struct(">Q8sI").pack
_TICK = 1000  # event times are whole microseconds, which is what a datetime holds


def stamp_time(stamp: bytes) -> int:
    """The event time of a stamp, in ns since 1970 UTC."""
    return int.from_bytes(stamp[:8], "big") - _OFFSET


def least_stamp(time: int) -> bytes:
    """The least stamp of an event time in ns since 1970 UTC."""
    return (time + _OFFSET).to_bytes(8, "big") + bytes(12)


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


class ArtifactLogged(NamedTuple):
    """An artifact of a run got its path and its (plain) metadata, which is None when there is none."""

    run_id: str
    name: str
    path: str
    metadata: dict[str, object] | None
    stamp: bytes


class SourceNamed(NamedTuple):
    """A run named another, or (unless ``artifact_name`` is None) an artifact of it, as its source."""

    run_id: str
    source_run_id: str
    artifact_name: str | None
    stamp: bytes


Event = Reported | MetadataSet | ArtifactLogged | SourceNamed


class Writer:
    """Stamps the events of one process.

    Its sequence only grows and so does its event time, also where the system's clock steps back; a forked child must
    ``renew`` it.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begins anew, as another writer."""
        self._lock = threading.Lock()
        self._id = os.urandom(8)
        self._sequence = 0
        self._time = 0

    def stamps(self, count: int, at: int | None = None) -> list[bytes]:
        """Stamps for ``count`` events of one call, in ascending order; ``at`` is their event time in ns."""
        with self._lock:
            first = self._sequence
            if first + count > _LAST_SEQUENCE:
                self._id, first = os.urandom(8), 0
            self._sequence = first + count
            if at is None:
                at = time.time_ns() // _TICK * _TICK
                if at <= self._time:
                    at = self._time + _TICK
                self._time = at
            time_part, writer = at + _OFFSET, self._id
        if count == 1:
            return [_packed(time_part, writer, first)]
        return [_packed(time_part, writer, number) for number in range(first, first + count)]


_writer = Writer()
os.register_at_fork(after_in_child=_writer.renew)

stamps = _writer.stamps
"""Stamps for the events of one call in this process."""
