"""The store is a merge: events in any order, any grouping and any number of times give the same store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, Reported, SourceNamed
from tests.support.event_oracle import at, time_of, whole, whole_differences
from tests.support.oracle import source_key
from tests.support.strategies import arrangements, event_sets, examples, names, stamp

NewUrl = Callable[[], str]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def write(tracker: GraphTracker, transactions: Iterable[list[Event]]) -> None:
    for events in transactions:
        tracker._recorder.store.write(events)


def state(tracker: GraphTracker) -> tuple[str, list[str]]:
    """All that a store shows, as text that is equal only where the stores are."""
    return json.dumps(tracker.graph().to_dict(), allow_nan=False), tracker.run_ids()


def merged(new_url: NewUrl, transactions: Iterable[list[Event]]) -> tuple[str, list[str]]:
    with GraphTracker(new_url()) as tracker:
        write(tracker, transactions)
        return state(tracker)


def test_order_grouping_and_repeats_change_nothing(kind: str, new_url: NewUrl) -> None:
    """Nor does merging it all again; and what is there, now and at each earlier time, is what the model says."""

    @examples(kind)
    @given(event_sets(), st.data())
    def of(events: list[Event], data: st.DataObject) -> None:
        in_order = merged(new_url, [[event] for event in sorted(events, key=lambda event: event.stamp)])
        with GraphTracker(new_url()) as tracker:
            write(tracker, data.draw(arrangements(events), label="transactions"))
            assert state(tracker) == in_order
            write(tracker, [events])
            assert state(tracker) == in_order
            write(tracker, data.draw(arrangements(events), label="and again"))
            assert state(tracker) == in_order
            assert whole_differences(whole(events), tracker.graph()) == []
            for time in sorted({time_of(event) for event in events}):
                assert whole_differences(whole(events, time), tracker.graph(as_of=at(time))) == [], time

    of()


def test_a_copy_of_a_copy_answers_as_the_store_that_was_copied(kind: str, new_url: NewUrl) -> None:
    """What comes later, maybe of what is forgotten by then, finds in the copy what it would have found there."""

    @examples(kind)
    @given(event_sets(), st.data())
    def of(events: list[Event], data: st.DataObject) -> None:
        cut = data.draw(st.integers(0, len(events)), label="events that the copy gets by itself, later")
        later, first = events[:cut], events[cut:] or events
        with GraphTracker(":memory:") as between, GraphTracker(new_url()) as copy:
            with GraphTracker(new_url()) as tracker:
                write(tracker, data.draw(arrangements(first), label="transactions"))
                between.copy_from(tracker)
                shown = state(tracker)
            copy.copy_from(between)
            assert state(copy) == shown
            write(copy, [later])
            assert whole_differences(whole(events), copy.graph()) == []

    of()


# -- ties, by example --------------------------------------------------------------------------------------------------


def both_orders(new_url: NewUrl, first: Event, second: Event) -> list[tuple[str, list[str]]]:
    return [merged(new_url, [[first], [second]]), merged(new_url, [[second, first]])]


def test_of_two_writers_at_the_same_time_the_greater_one_wins_whichever_comes_first(new_url: NewUrl) -> None:
    low = MetadataSet("a", "lr", "low", stamp(0, bytes(8), 7))
    high = MetadataSet("a", "lr", "high", stamp(0, b"\xff" * 8, 0))
    with GraphTracker(new_url()) as tracker:
        write(tracker, [[high], [low]])
        assert tracker.metadata("a") == {"lr": "high"}
    assert len({text for text, _ in both_orders(new_url, low, high)}) == 1


def test_of_one_writer_at_the_same_time_the_later_sequence_wins(new_url: NewUrl) -> None:
    early = ArtifactLogged("a", "model", "/early", "/early", {"size": 1}, stamp(0, bytes(8), 255))
    late = ArtifactLogged("a", "model", "/late", "/late", None, stamp(0, bytes(8), 256))
    with GraphTracker(new_url()) as tracker:
        write(tracker, [[late], [early]])
        assert tracker.artifacts("a") == {"model": TrackerArtifact("model", "/late", None)}
    assert len({text for text, _ in both_orders(new_url, early, late)}) == 1


def test_times_before_1970_come_before_those_after(new_url: NewUrl) -> None:
    before = MetadataSet("a", "lr", "before", stamp(-1_000, b"\xff" * 8, 9))
    after = MetadataSet("a", "lr", "after", stamp(0, bytes(8), 0))
    with GraphTracker(new_url()) as tracker:
        write(tracker, [[after], [before]])
        assert tracker.metadata("a") == {"lr": "after"}
        assert tracker.run("a").created_at == EPOCH - timedelta(microseconds=1)
        assert tracker.run("a").updated_at == EPOCH


def test_reporting_late_keeps_what_is_known(new_url: NewUrl) -> None:
    source = SourceNamed("train", "data", "rows", stamp(2_000, bytes(8), 0))
    report = Reported("data", stamp(1_000, bytes(8), 1))
    first, second = both_orders(new_url, source, report)
    assert first == second
    assert first[1] == ["train", "data"]


# -- the same through record(at=...) -----------------------------------------------------------------------------------


class Call(NamedTuple):
    """One call of ``record``."""

    run_id: str
    metadata: dict[str, object]
    artifacts: list[TrackerArtifact]
    sources: list[TrackerSource]


_small = st.dictionaries(st.sampled_from(["lr", "tags"]), st.integers(0, 9), max_size=2)
_run_ids = st.sampled_from(["a", "b"])  # so few that the calls speak of the same things
_calls = st.builds(
    Call,
    _run_ids,
    _small,
    st.lists(st.builds(TrackerArtifact, names, st.sampled_from(["/x", "/y"]), st.none() | _small), max_size=2),
    st.lists(st.builds(TrackerSource, _run_ids, st.none() | names), max_size=2),
)


def remembered(new_url: NewUrl, history: Iterable[tuple[int, Call]]) -> tuple[str, list[str]]:
    with GraphTracker(new_url()) as tracker:
        for second, (run_id, metadata, artifacts, sources) in history:
            at = EPOCH + timedelta(seconds=second)
            tracker.record(run_id, metadata=metadata, artifacts=artifacts, sources=sources, at=at)
        return state(tracker)


def test_history_may_be_recorded_in_any_order(kind: str, new_url: NewUrl) -> None:
    @examples(kind)
    @given(st.lists(_calls, min_size=2, max_size=6), st.data())
    def of(calls: list[Call], data: st.DataObject) -> None:
        # No two calls at one time: of those the later call stands, so that their order does matter.
        history = list(enumerate(calls))
        shuffled = data.draw(st.permutations(history), label="order of recording")
        repeated = data.draw(st.lists(st.sampled_from(history), max_size=2), label="recorded again")
        assert remembered(new_url, [*shuffled, *repeated]) == remembered(new_url, history)

    of()


def test_history_recorded_late_does_not_replace_what_happened_later(tracker: GraphTracker) -> None:
    today, yesterday = EPOCH + timedelta(days=1), EPOCH
    tracker.record("a", metadata={"lr": 2}, artifacts=[TrackerArtifact("model", "/new", None)], at=today)
    tracker.record(
        "a", metadata={"lr": 1, "seed": 1}, artifacts=[TrackerArtifact("model", "/old", {"v": 1})], at=yesterday
    )
    assert tracker.metadata("a") == {"lr": 2, "seed": 1}
    assert tracker.artifacts("a") == {"model": TrackerArtifact("model", "/new", None)}
    assert (tracker.run("a").created_at, tracker.run("a").updated_at) == (yesterday, today)


def test_an_event_recorded_now_stands_above_history(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=2)
    tracker.record("a", metadata={"lr": 1}, at=EPOCH)
    assert tracker.metadata("a") == {"lr": 2}


def test_of_two_calls_at_the_same_time_the_later_call_stands(tracker: GraphTracker) -> None:
    for lr in range(300):
        tracker.record("a", metadata={"lr": lr}, at=EPOCH)
    assert tracker.metadata("a") == {"lr": 299}


def test_within_one_call_the_later_item_wins(tracker: GraphTracker) -> None:
    tracker.record("a", artifacts=[TrackerArtifact("m", "/1", {"v": 1}), TrackerArtifact("m", "/2", None)], at=EPOCH)
    assert tracker.artifacts("a") == {"m": TrackerArtifact("m", "/2", None)}


def test_two_trackers_on_one_store_merge(new_url: NewUrl) -> None:
    url = new_url()
    with GraphTracker(url) as one, GraphTracker(url) as other:
        one.add_metadata("a", lr=1, seed=1)
        other.add_metadata("a", lr=2)
        one.add_source("b", "a", "model")
        other.add_artifact("a", "model", "/m")
        assert state(one) == state(other)
        assert one.metadata("a") == {"lr": 2, "seed": 1}
        assert [source_key(source) for source in one.graph().sources] == [("b", "a", "model")]
        assert not one.graph().artifacts["a", "model"].declared
