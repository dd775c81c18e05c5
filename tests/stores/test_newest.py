"""What lies newest at many places is, of each, what is found there: the first, and the first of another run."""

from __future__ import annotations

from graphtracker import GraphTracker, TrackerArtifact
from graphtracker.stores.snapshot import Snapshot
from tests.support.hostile import HOSTILE
from tests.support.recording import after


def test_the_newest_at_a_place_is_the_first_found_there_with_the_first_of_another_run(tracker: GraphTracker) -> None:
    places = [
        "/x",
        "/y",
        "/z",
        "/\0",
        "/\U0001f600",
        *(f"/{number}/{text}" for number, text in enumerate(HOSTILE.values())),
    ]
    with tracker.batch() as batch:
        for hour, place in enumerate([*places, *places[::2], *places[::3]]):
            artifacts = [TrackerArtifact(name, place, None) for name in ("one", f"two {hour}")]
            batch.record(f"run {hour % 7}", artifacts=artifacts[hour % 2 :], at=after(hour))
        batch.record("late", artifacts=[TrackerArtifact("one", "/x", None)], at=after(0))
    there = sorted({artifact.place or "" for artifact in tracker.graph().artifacts.values()})
    found = tracker._recorder.read(lambda snapshot: snapshot.newest_at(["/nowhere", *there, *there]))
    assert found == tracker._recorder.read(lambda snapshot: Snapshot.newest_at(snapshot, there))
    assert sorted(found) == there
    assert [len({artifact.run_id for artifact in newest}) for newest in found.values()].count(2) > 5
    assert tracker._recorder.read(lambda snapshot: snapshot.newest_at([])) == {}
