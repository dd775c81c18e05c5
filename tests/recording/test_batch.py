"""Calls that are gathered, and written together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress

import pytest

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.api import TrackerSource
from tests.support.recording import NOON, Stopped


@pytest.fixture
def two(new_url: Callable[[], str]) -> Iterator[tuple[GraphTracker, GraphTracker]]:
    """Two trackers on one store: one that writes, and one that sees what has been written."""
    url = new_url()
    with GraphTracker(url) as writing, GraphTracker(url) as watching:
        yield writing, watching


def test_calls_in_a_batch_are_written_on_leaving_it(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch() as batch:
        for number in range(10):
            batch.add_metadata(f"{number}", n=number)
        assert watching.run_ids() == []
    assert len(watching.run_ids()) == 10


def test_a_read_inside_a_batch_sees_its_calls(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        batch.add_metadata("a", lr=1)
        assert batch.metadata("a") == {"lr": 1}
        batch.add_source("b", "a")
        assert set(batch.lineage("a").runs) == {"a", "b"}
        batch.add_metadata("a", lr=2)
    assert tracker.metadata("a") == {"lr": 2}


def test_a_batch_left_by_an_exception_writes_nothing_more(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch() as batch:
        batch.add_metadata("seen")
        batch.run_ids()
        batch.add_metadata("lost")
        raise Stopped
    assert writing.run_ids() == watching.run_ids() == ["seen"]
    writing.add_metadata("after")
    assert set(watching.run_ids()) == {"seen", "after"}


def test_a_refused_call_in_a_batch_that_goes_on_takes_only_itself_away(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        batch.add_metadata("before")
        with suppress(InvalidInput):
            batch.record("bad", metadata={"good": 1, "bad": object()})
        batch.add_metadata("after")
    assert set(tracker.run_ids()) == {"before", "after"}


def test_of_nested_batches_the_outermost_counts(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch() as batch:
        batch.add_metadata("outer")
        with batch.batch() as inner:
            inner.add_metadata("inner")
        assert watching.run_ids() == []
        batch.add_metadata("outer again")
    assert set(watching.run_ids()) == {"outer", "inner", "outer again"}


def test_an_exception_that_leaves_the_outermost_batch_takes_the_inner_ones_along(
    two: tuple[GraphTracker, GraphTracker],
) -> None:
    writing, watching = two
    with suppress(Stopped), writing.batch() as batch:
        with batch.batch() as inner:
            inner.add_metadata("inner")
        raise Stopped
    assert watching.run_ids() == []


def test_calls_on_the_tracker_itself_are_never_gathered(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch() as batch:
        batch.add_metadata("gathered")
        writing.add_metadata("at once")
        assert watching.run_ids() == ["at once"]
        thread = threading.Thread(target=writing.add_metadata, args=("of a thread",))
        thread.start()
        thread.join()
        assert set(watching.run_ids()) == {"at once", "of a thread"}
    assert set(watching.run_ids()) == {"at once", "of a thread", "gathered"}


def test_a_batch_may_be_filled_by_several_threads(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch() as batch:

        def record(mine: int) -> None:
            for number in range(2000):
                batch.add_metadata(f"{mine}-{number}")

        threads = [threading.Thread(target=record, args=(mine,)) for mine in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(watching.run_ids()) == 8000


def test_what_one_task_records_is_not_in_the_batch_of_another(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two

    async def gathers(opened: asyncio.Event, recorded: asyncio.Event) -> None:
        with writing.batch() as batch:
            batch.add_metadata("gathered")
            opened.set()
            await recorded.wait()
            raise Stopped

    async def records(opened: asyncio.Event, recorded: asyncio.Event) -> None:
        await opened.wait()
        writing.add_metadata("recorded")
        recorded.set()

    async def both() -> tuple[BaseException | None, BaseException | None]:
        opened, recorded = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(gathers(opened, recorded), records(opened, recorded), return_exceptions=True)

    assert [type(result) for result in asyncio.run(both())] == [Stopped, type(None)]
    assert watching.run_ids() == ["recorded"]


def test_a_generator_that_is_not_used_up_writes_nothing_more(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two

    def steps() -> Generator[int, None, None]:
        with writing.batch() as batch:
            for number in range(10):
                batch.add_metadata(f"{number}")
                yield number

    walked = steps()
    next(walked)
    writing.add_metadata("beside it")
    walked.close()
    assert watching.run_ids() == ["beside it"]


def test_a_call_on_a_batch_that_has_ended_is_refused(two: tuple[GraphTracker, GraphTracker]) -> None:
    writing, watching = two
    with writing.batch() as batch:
        batch.add_metadata("train")
    for call in (lambda: batch.add_metadata("late"), batch.run_ids, batch.graph, batch.exists, batch.close):
        with pytest.raises(InvalidInput, match="has ended"):
            call()
    assert watching.run_ids() == ["train"]


def test_a_batch_that_cannot_be_written_keeps_what_it_has(
    two: tuple[GraphTracker, GraphTracker], monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, watching = two
    with writing.batch() as batch:
        batch.add_metadata("kept")
        with monkeypatch.context() as broken:
            broken.setattr(type(writing._recorder.store), "write", _fail)
            with pytest.raises(StoreError):
                batch.run_ids()
        batch.add_metadata("more")
    assert set(watching.run_ids()) == {"kept", "more"}


def _fail(*_: object, **__: object) -> None:
    raise StoreError("it fails")


def test_what_is_recorded_while_a_batch_is_written_is_written_too(
    two: tuple[GraphTracker, GraphTracker], monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, watching = two
    store = type(writing._recorder.store)
    write = store.write

    def recording(*args: object, **kwargs: object) -> None:
        monkeypatch.setattr(store, "write", write)
        batch.add_metadata("meanwhile")
        write(*args, **kwargs)  # type: ignore[arg-type]

    with writing.batch() as batch:
        batch.add_metadata("first")
        monkeypatch.setattr(store, "write", recording)
        assert batch.run_ids() == ["first"]
    assert set(watching.run_ids()) == {"first", "meanwhile"}


def test_a_batch_larger_than_a_transaction_is_all_there(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(6000):
            batch.record(f"{number:04}", metadata={"n": number}, sources=[TrackerSource("data", None)])
    assert sorted(tracker.run_ids()) == [f"{number:04}" for number in range(6000)]
    assert len(tracker.consumers("data")) == 6000


def test_calls_in_a_batch_happened_in_their_order(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for lr in range(50):
            batch.add_metadata("a", lr=lr)
    assert tracker.metadata("a") == {"lr": 49}


def test_a_forgotten_run_in_a_batch_is_refused_and_takes_nothing_with_it(tracker: GraphTracker) -> None:
    tracker.add_metadata("gone", lr=1)
    tracker.forget("gone")
    with ExitStack() as stack:
        batch = stack.enter_context(tracker.batch())
        batch.add_metadata("before", lr=1)
        batch.add_metadata("gone", lr=2)
        batch.record("history", at=NOON)
        batch.add_source("after", "before")
        with pytest.raises(InvalidInput, match="'gone' was forgotten"):
            stack.close()
    assert sorted(tracker.run_ids()) == ["after", "before", "history"]
    assert tracker.consumers("before") == ["after"]


def test_a_batch_keeps_the_order_of_its_calls(tracker: GraphTracker) -> None:
    tracker.add_metadata("train", lr=1)
    with ExitStack() as stack:
        batch = stack.enter_context(tracker.batch())
        batch.forget("train", links=False)
        batch.add_metadata("train", lr=2)
        with pytest.raises(InvalidInput, match="'train' was forgotten"):
            stack.close()
    assert tracker.metadata("train") == {}
