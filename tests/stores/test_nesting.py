"""Calls inside calls of one thread, one after the other."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, StoreError
from graphtracker.stores.nesting import Nesting


def test_what_is_put_off_is_done_in_its_order_when_the_call_is_through() -> None:
    nesting, done = Nesting(), list[str]()

    def outer() -> None:
        assert nesting.in_call
        nesting.put_off(lambda: done.append("first"))
        nesting.put_off(lambda: nesting.put_off(lambda: done.append("third")))
        nesting.put_off(lambda: done.append("second"))
        done.append("outer")

    nesting.do(outer)
    assert done == ["outer", "first", "second", "third"]
    assert not nesting.in_call


def test_a_failure_of_one_is_raised_when_the_others_are_done() -> None:
    nesting, done, tries = Nesting(), list[str](), list[int]()

    def fail() -> None:
        raise StoreError("full")

    def interrupted() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise KeyboardInterrupt

    def outer() -> None:
        for work in (fail, interrupted, lambda: done.append("last")):
            nesting.put_off(work)

    with pytest.raises(StoreError, match="full"):
        nesting.do(outer)
    assert (done, len(tries)) == (["last"], 3)


def test_a_memory_store_puts_off_what_is_recorded_in_the_middle_of_a_call() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_metadata("before")
        tracker._recorder.read(lambda _: tracker.add_metadata("inner"))
        assert set(tracker.run_ids()) == {"before", "inner"}
