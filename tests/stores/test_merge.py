"""The store is a merge: events in any order, any grouping and any number of times give the same store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from graphtracker import Artifact, GraphTracker, Run, Source
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, Reported, SourceNamed
from tests.support.oracle import source_key
from tests.support.sameness import same
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
    """Nor does merging it all again; and what is there is what the greatest stamps say."""

    @examples(kind)
    @given(event_sets(), st.data())
    def of(events: list[Event], data: st.DataObject) -> None:
        in_order = merged(new_url, [[event] for event in sorted(events, key=lambda event: event.stamp)])
        with GraphTracker(new_url()) as tracker:
            write(tracker, data.draw(arrangements(events), label="transactions"))
            whole = tracker.graph()
            assert state(tracker) == in_order
            write(tracker, [events])
            assert state(tracker) == in_order
            write(tracker, data.draw(arrangements(events), label="and again"))
            assert state(tracker) == in_order
        assert {source_key(source) for source in whole.sources} == {event[:3] for event in named(events)}
        assert not [*differing_runs(events, dict(whole.runs)), *differing_artifacts(events, dict(whole.artifacts))]

    of()


# -- the model: one pass over the events per question ------------------------------------------------------------------


def differing_runs(events: list[Event], got: dict[str, Run]) -> list[str]:
    mentioned = {run_id for event in events for run_id in runs_of(event)}
    assert set(got) == mentioned, f"runs {set(got) ^ mentioned} are missing or too many"
    pairs = [(run, expected_run(events, run_id)) for run_id, run in got.items()]
    return [f"got {run}, must be {want}" for run, want in pairs if not same_but_for_values(run, want)]


def differing_artifacts(events: list[Event], got: dict[tuple[str, str], Artifact]) -> list[str]:
    mentioned = {key for event in events if (key := artifact_of(event)) is not None}
    assert set(got) == mentioned, f"artifacts {set(got) ^ mentioned} are missing or too many"
    pairs = [(artifact, expected_artifact(events, key)) for key, artifact in got.items()]
    return [f"got {artifact}, must be {want}" for artifact, want in pairs if not same_but_for_values(artifact, want)]


def same_but_for_values(left: Any, right: Any) -> bool:
    """Whether both are one value; their metadata by type too, so that a nan in it is equal to itself."""
    return vars(left) | {"metadata": None} == vars(right) | {"metadata": None} and same(left.metadata, right.metadata)


def expected_run(events: list[Event], run_id: str) -> Run:
    own = [event for event in events if event.run_id == run_id]
    about = [event for event in events if run_id in runs_of(event)]
    given = sorted((event for event in own if isinstance(event, MetadataSet)), key=lambda event: event.stamp)
    metadata = {event.key: event.value for event in given}
    return Run(run_id, name_of(run_id), not own, metadata, least(about), greatest(own))


def expected_artifact(events: list[Event], key: tuple[str, str]) -> Artifact:
    about = [event for event in events if artifact_of(event) == key]
    logged = [event for event in about if isinstance(event, ArtifactLogged)]
    last = max(logged, key=lambda event: event.stamp, default=None)
    path, metadata = (None, {}) if last is None else (last.path, last.metadata or {})
    return Artifact(*key, path, last is None, metadata, least(about), greatest(logged))


def runs_of(event: Event) -> set[str]:
    return {event.run_id, event.source_run_id} if isinstance(event, SourceNamed) else {event.run_id}


def artifact_of(event: Event) -> tuple[str, str] | None:
    if isinstance(event, ArtifactLogged):
        return event.run_id, event.name
    if isinstance(event, SourceNamed) and event.artifact_name is not None:
        return event.source_run_id, event.artifact_name
    return None


def named(events: list[Event]) -> list[SourceNamed]:
    return [event for event in events if isinstance(event, SourceNamed)]


def name_of(run_id: str) -> str:
    return "a" if run_id == "s3://x/a" else run_id  # the only id in the alphabet that is a path


def least(events: list[Event]) -> datetime:
    return min(map(time_of, events))


def greatest(events: Sequence[Event]) -> datetime | None:
    return max(map(time_of, events), default=None)


def time_of(event: Event) -> datetime:
    return EPOCH + timedelta(microseconds=(int.from_bytes(event.stamp[:8], "big") - 2**63) // 1000)


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
    early = ArtifactLogged("a", "model", "/early", {"size": 1}, stamp(0, bytes(8), 255))
    late = ArtifactLogged("a", "model", "/late", None, stamp(0, bytes(8), 256))
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
        assert one.graph().sources == (Source("b", "a", "model"),)
        assert not one.graph().artifacts["a", "model"].declared
