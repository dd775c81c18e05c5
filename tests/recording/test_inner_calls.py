"""A call inside another one of the same thread: of a signal handler, a finalizer, a child forked in between."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphtracker import GraphTracker, StoreError
from graphtracker.api import TrackerArtifact
from tests.support.forking import WAIT, await_child, fork, needs_fork

pytestmark = pytest.mark.usefixtures("unmeasured")

PLACES = ["file", "memory", "spool folder", "spooled"]


def opened(place: str, folder: Path) -> GraphTracker:
    if place == "spooled":
        return GraphTracker(folder / "lineage.db", spool=folder / "spool")
    names = {"file": str(folder / "lineage.db"), "memory": ":memory:", "spool folder": str(folder / "lineage.spool")}
    return GraphTracker(names[place])


@contextlib.contextmanager
def interrupted(handler: Callable[[], None], longest: float = 0.002) -> Iterator[None]:
    """Calls the handler again and again, at moments that chance chooses, whatever this thread is doing."""
    ended = False

    def handle(*_: object) -> None:
        try:
            if not ended:
                handler()
        finally:
            if not ended:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, longest))

    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-4)
        yield
    finally:
        ended = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def record(tracker: GraphTracker, run_id: str) -> None:
    """One call of many statements, each value of which says whose it is."""
    tracker.record(
        run_id,
        metadata={f"{run_id}.{number}": number for number in range(8)},
        artifacts=[TrackerArtifact(f"{run_id}.{number}", "/p", {"n": number}) for number in range(8)],
    )


def check(tracker: GraphTracker, whole: set[str], calls: int, inner: str = "inner") -> None:
    """Each run is there whole with what is its own, and so is each of the inner calls."""
    graph = tracker.graph()
    assert set(graph.runs) == whole | ({inner} if calls else set())
    for run_id in whole:
        assert set(graph.runs[run_id].metadata) == {f"{run_id}.{number}" for number in range(8)}
        assert {name for owner, name in graph.artifacts if owner == run_id} == set(graph.runs[run_id].metadata)
    if calls:
        assert set(graph.runs[inner].metadata) == {f"call-{number}" for number in range(calls)}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_signal_handler_records_is_its_own(place: str, tmp_path: Path) -> None:
    with opened(place, tmp_path) as tracker:
        calls = 0

        def inner() -> None:
            nonlocal calls
            tracker.add_metadata("inner", **{f"call-{calls}": "preempted"})
            calls += 1

        outer = 0
        with interrupted(inner):
            while calls < 200:
                record(tracker, f"run-{outer}")
                outer += 1
        check(tracker, {f"run-{number}" for number in range(outer)}, calls)


@pytest.mark.parametrize("longest", [0.001, 0.01])
def test_two_trackers_on_one_file_do_not_wait_for_each_other(longest: float, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker, GraphTracker(tmp_path / "lineage.db") as other:
        calls = 0

        def inner() -> None:
            nonlocal calls
            other.add_metadata("inner", **{f"call-{calls}": 1})
            calls += 1
            other.metadata("inner")

        outer = 0
        with interrupted(inner, longest):
            while calls < 100:
                record(tracker, f"run-{outer}")
                outer += 1
        check(tracker, {f"run-{number}" for number in range(outer)}, calls)


@pytest.mark.parametrize("place", ["file", "spool folder", "spooled"])
def test_a_signal_handler_may_ask_in_the_middle_of_a_call(place: str, tmp_path: Path) -> None:
    with opened(place, tmp_path) as tracker:
        record(tracker, "run-0")
        seen: list[int] = []

        def inner() -> None:
            seen.append(len(tracker.lineage("run-0").artifacts))

        outer = 0
        with interrupted(inner, 0.01):
            while len(seen) < 50:
                record(tracker, f"run-{outer}")
                assert len(tracker.lineage("run-0").artifacts) == 8
                outer += 1
        assert set(seen) == {8}
        check(tracker, {f"run-{number}" for number in range(outer)}, 0)


def test_a_memory_store_says_that_it_cannot_be_read_in_the_middle_of_a_call() -> None:
    with GraphTracker(":memory:") as tracker:
        said: list[str] = []

        def inner() -> None:
            try:
                tracker.graph()
            except StoreError as error:
                said.append(str(error))

        outer = 0
        with interrupted(inner):
            while not said:
                record(tracker, f"run-{outer}")
                outer += 1
        assert "use a file" in said[0]
        check(tracker, {f"run-{number}" for number in range(outer)}, 0)


@pytest.mark.parametrize("place", PLACES)
def test_what_a_finalizer_records_is_its_own(place: str, tmp_path: Path) -> None:
    with opened(place, tmp_path) as tracker:
        calls = 0

        class Context:
            """Marks itself ended, which the collector of cycles brings about at any moment."""

            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                nonlocal calls
                tracker.add_metadata("inner", **{f"call-{calls}": "ended"})
                calls += 1

        before = gc.get_threshold()
        gc.set_threshold(50)
        try:
            for number in range(500):
                Context()
                record(tracker, f"run-{number}")
            end = time.monotonic() + WAIT
            while calls < 500 and time.monotonic() < end:
                gc.collect()  # which does nothing while another thread, such as that of the delivery, is at it
        finally:
            gc.set_threshold(*before)
        assert calls == 500
        check(tracker, {f"run-{number}" for number in range(500)}, calls)


# An interrupt inside a finalizer (Hypothesis has one for the collector) goes no further than a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_leaves_nothing_held_or_halved(place: str, tmp_path: Path) -> None:
    with opened(place, tmp_path) as tracker:
        interrupts, tried, armed, returned = 0, 0, False, set[str]()

        def interrupt(*_: object) -> None:
            nonlocal armed
            if armed:
                armed = False
                raise KeyboardInterrupt

        record(tracker, "run-0")  # imports what it needs: an interrupt may leave Python's own lock for that held
        before = signal.signal(signal.SIGALRM, interrupt)
        while interrupts < 300:
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-3))
                while armed:
                    tried += 1
                    record(tracker, f"run-{tried}")
                    returned.add(f"run-{tried}")
            except KeyboardInterrupt:
                interrupts += 1
        signal.signal(signal.SIGALRM, before)
        other = threading.Thread(target=record, args=(tracker, "other"), daemon=True)
        other.start()
        other.join(WAIT)
        assert not other.is_alive(), "the lock is still held"
        there = set(tracker.graph().runs)
        assert returned <= there <= {f"run-{number}" for number in range(tried + 1)} | {"other"}
        check(tracker, there, 0)


@needs_fork
@pytest.mark.parametrize("place", ["file", "spool folder", "spooled"])
def test_a_fork_in_the_middle_of_a_call_leaves_two_processes_that_record(place: str, tmp_path: Path) -> None:
    with opened(place, tmp_path) as tracker:
        parent, children, calls = os.getpid(), list[int](), 0

        def child() -> None:
            with opened(place, tmp_path) as own:
                own.add_metadata("inner", **{f"call-{calls}": "child"})
            tracker.add_metadata("inner", **{f"call-{calls}": "child"})

        def begin() -> None:
            nonlocal calls
            children.append(fork(child))
            calls += 1

        outer = 0
        with interrupted(begin, 0.02):
            while calls < 30:
                record(tracker, f"run-{outer}")
                outer += 1
        assert os.getpid() == parent
        assert [await_child(child) for child in children] == [0] * calls
    with opened(place, tmp_path) as tracker:
        check(tracker, {f"run-{number}" for number in range(outer)}, calls)


def test_what_an_inner_call_cannot_write_is_raised_by_the_outer_one(tmp_path: Path) -> None:
    broken = GraphTracker(tmp_path / "missing" / "lineage.db")
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("before")
        with pytest.raises(StoreError, match="missing"):
            tracker._recorder.read(lambda _: broken.add_metadata("train"))
        tracker.add_metadata("after")
        assert tracker.run_ids() == ["after", "before"]
