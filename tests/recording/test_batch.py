"""Calls that are gathered, and written together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from graphtracker import GraphTracker, InvalidInput
from graphtracker.api import TrackerSource
from tests.support.recording import Stopped


@pytest.fixture
def two(new_url: Callable[[], str]) -> Iterator[tuple[GraphTracker, GraphTracker]]:
    """Two trackers on one store: one that writes, and one that sees what has been written."""
    url = new_url()
    with GraphTracker(url) as writing, GraphTracker(url) as watching:
        yield writing, watching


def test_calls_in_a_batch_are_written_on_leaving_it(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        for number in range(10):
            writing.add_metadata(f"{number}", n=number)
        assert watching.run_ids() == []
    assert len(watching.run_ids()) == 10


def test_a_read_inside_a_batch_sees_its_calls(tracker: GraphTracker) -> None:
    with tracker.batch():
        tracker.add_metadata("a", lr=1)
        assert tracker.metadata("a") == {"lr": 1}
        tracker.add_source("b", "a")
        assert set(tracker.lineage("a").runs) == {"a", "b"}
        tracker.add_metadata("a", lr=2)
    assert tracker.metadata("a") == {"lr": 2}


def test_a_batch_left_by_an_exception_writes_nothing_more(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch():
        writing.add_metadata("seen")
        writing.run_ids()
        writing.add_metadata("lost")
        raise Stopped
    assert writing.run_ids() == watching.run_ids() == ["seen"]
    writing.add_metadata("after")
    assert set(watching.run_ids()) == {"seen", "after"}


def test_a_refused_call_in_a_batch_that_goes_on_takes_only_itself_away(tracker: GraphTracker) -> None:
    with tracker.batch():
        tracker.add_metadata("before")
        with suppress(InvalidInput):
            tracker.record("bad", metadata={"good": 1, "bad": object()})
        tracker.add_metadata("after")
    assert set(tracker.run_ids()) == {"before", "after"}


def test_of_nested_batches_the_outermost_counts(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        writing.add_metadata("outer")
        with writing.batch():
            writing.add_metadata("inner")
        assert watching.run_ids() == []
        writing.add_metadata("outer again")
    assert set(watching.run_ids()) == {"outer", "inner", "outer again"}


def test_an_exception_that_leaves_the_outermost_batch_takes_the_inner_ones_along(
    two: tuple[GraphTracker, GraphTracker],
) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch():
        with writing.batch():
            writing.add_metadata("inner")
        raise Stopped
    assert watching.run_ids() == []


def test_another_thread_is_not_in_the_batch(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch():
        writing.add_metadata("mine")
        thread = threading.Thread(target=lambda: writing.add_metadata("other"))
        thread.start()
        thread.join()
        assert watching.run_ids() == ["other"]
    assert set(watching.run_ids()) == {"mine", "other"}


def test_a_batch_larger_than_a_transaction_is_all_there(tracker: GraphTracker) -> None:
    with tracker.batch():
        for number in range(6000):
            tracker.record(f"{number:04}", metadata={"n": number}, sources=[TrackerSource("data", None)])
    assert sorted(tracker.run_ids()) == [f"{number:04}" for number in range(6000)]
    assert len(tracker.consumers("data")) == 6000


def test_calls_in_a_batch_happened_in_their_order(tracker: GraphTracker) -> None:
    with tracker.batch():
        for lr in range(50):
            tracker.add_metadata("a", lr=lr)
    assert tracker.metadata("a") == {"lr": 49}
