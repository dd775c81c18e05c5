"""Stamps: each writer's sequence and event time only grow, whatever comes in between."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from graphtracker.model import events
from graphtracker.model.events import ArtifactLogged, MetadataSet, Writer, least_stamp, stamp_time, stamped_later

SECOND = 10**9
DAY = 86_400 * SECOND


def _parts(stamp: bytes) -> tuple[bytes, int, int]:
    """Writer, sequence, event time."""
    return stamp[8:16], int.from_bytes(stamp[16:], "big"), stamp_time(stamp)


def _check_growing(calls: list[list[bytes]]) -> None:
    """Of each writer, event times grow with the sequence, and those of one call are one time and follow each other."""
    for stamps in calls:
        assert len({stamp[:16] for stamp in stamps}) == 1
        assert [_parts(stamp)[1] for stamp in stamps] == list(
            range(_parts(stamps[0])[1], _parts(stamps[0])[1] + len(stamps))
        )
    every = sorted(_parts(stamps[0]) for stamps in calls)
    for (writer, _, earlier), (other, _, later) in pairwise(every):
        assert writer != other or earlier < later
    assert len({stamp for stamps in calls for stamp in stamps}) == sum(map(len, calls))


def test_stamps_of_threads_grow_with_their_sequence() -> None:
    writer, calls = Writer(), list[list[bytes]]()

    def record() -> None:
        for number in range(2000):
            calls.append(writer.stamps(number % 3 + 1))

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 8000
    _check_growing(calls)


def _in_between(inner: Callable[[], object], at_each: int) -> Callable[..., object]:
    """A trace function that calls ``inner`` at every so-manieth line of events.py, as a signal handler would."""
    lines = 0

    def trace(frame: object, event: str, _: object) -> object:
        nonlocal lines
        if frame.f_code.co_filename != events.__file__:  # type: ignore[attr-defined]
            return None
        if event == "line":
            lines += 1
            if lines % at_each == 0:
                inner()
        return trace

    return trace


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("at_each", range(1, 12))
def test_a_call_in_the_middle_of_another_one_has_stamps_of_its_own(at_each: int) -> None:
    writer, calls = Writer(), list[list[bytes]]()
    inner_calls = 0

    def inner() -> None:
        nonlocal inner_calls
        sys.settrace(None)
        inner_calls += 1
        calls.append(writer.stamps(2))

    for _ in range(200):
        trace = _in_between(inner, at_each)
        sys.settrace(trace)  # type: ignore[arg-type]
        stamps = writer.stamps(3)
        sys.settrace(None)
        calls.append(stamps)
    assert inner_calls >= 200 // at_each
    _check_growing(calls)


@pytest.mark.usefixtures("unmeasured")
def test_an_interrupt_leaves_the_writer_free() -> None:
    writer, interrupts = Writer(), 0

    def interrupt(*_: object) -> None:
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for number in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 + number % 50 * 1e-6)
                while True:
                    writer.stamps(2)
            except InterruptedError:
                interrupts += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupts == 300
    given: list[list[bytes]] = []
    other = threading.Thread(target=lambda: given.append(writer.stamps(1)), daemon=True)
    other.start()
    other.join(30)
    assert given


def test_event_times_grow_where_the_clock_stands_or_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    writer, times = Writer(), [5 * SECOND, 5 * SECOND, SECOND, 6 * SECOND]
    monkeypatch.setattr(time, "time_ns", lambda: times.pop(0))
    calls = [writer.stamps(1) for _ in range(4)]
    assert [stamp_time(stamp) for (stamp,) in calls] == [5 * SECOND, 5 * SECOND + 1000, 5 * SECOND + 2000, 6 * SECOND]


def test_a_writer_that_has_used_up_its_sequence_goes_on_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_LAST_SEQUENCE", 20)
    writer = Writer()
    calls = [writer.stamps(3) for _ in range(30)]
    _check_growing(calls)
    assert len({stamps[0][8:16] for stamps in calls}) > 1


def test_calls_that_were_beaten_are_stamped_later_and_so_are_those_that_follow() -> None:
    ahead = (time.time_ns() + 90 * SECOND) // 1000 * 1000
    stamp, other = events.stamps(1)[0], events.stamps(1)[0]
    made = stamped_later([MetadataSet("r", "a", 1, stamp), MetadataSet("other", "a", 1, other)], {"r": ahead})
    assert stamp_time(made[0].stamp) > ahead
    assert made[1].stamp == other
    assert stamp_time(events.stamps(1)[0]) > stamp_time(made[0].stamp)


def test_a_time_that_lies_far_ahead_moves_the_call_alone() -> None:
    ahead = time.time_ns() // 1000 * 1000 + 400 * DAY
    stamps = events.stamps(2)
    made = stamped_later(
        [ArtifactLogged("r", "m", "/p", "/p", None, stamps[0]), MetadataSet("r", "a", 1, stamps[1])], {"r": ahead}
    )
    assert least_stamp(ahead) < made[0].stamp < made[1].stamp
    assert stamp_time(events.stamps(1)[0]) < ahead - 300 * DAY
