"""What differs is the same question to every store: one view, all answers as the model's."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, InvalidInput
from tests.support.difference_oracle import disagreements, expected
from tests.support.recording import NOON, after
from tests.support.two_pipelines import FIRST, JOBS, SECOND, record_two


def test_what_differs_is_found_in_every_store(tracker: GraphTracker) -> None:
    record_two(tracker)
    tracker.add_source(FIRST, FIRST, "self")
    tracker.add_source(f"{JOBS}base", SECOND, "loop")
    tracker.add_source(SECOND, f"{JOBS}tokenize-a1", "tokens")
    found = tracker.diff(FIRST, SECOND)
    sides = [tracker.lineage(run_id, direction="upstream") for run_id in (FIRST, SECOND)]
    assert disagreements(expected(*sides), found) == []
    assert found == sides[0].diff(sides[1])
    assert [
        (pair.run_id, dict(pair.metadata))
        for pair in tracker.diff(f"{JOBS}tokenize-a1", tracker.run(f"{JOBS}tokenize-b2")).origins
    ] == [(f"{JOBS}clean-k3v9", {"dedupe": (True, False)})]
    rows = tracker.diff(f"{JOBS}clean-k3v9", f"{JOBS}clean-p8s1", artifact_name="rows", paths=True, ignore="dedupe")
    assert set(rows.pairs[0].artifacts["rows"]) == {"", "rows"}


def test_a_run_is_compared_with_itself_as_it_was(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1}, at=NOON)
    tracker.record("a", metadata={"seed": 2}, sources=["b"], at=after(2))
    found = tracker.diff("a", as_of=after(1))
    assert (found.start, found.other, found.same) == ("a", "a", False)
    assert [dict(pair.metadata) for pair in found.pairs] == [{"seed": (2, found.pairs[0].metadata["seed"][1])}]
    assert found.pairs[0].only == ((None, "b"),)
    assert tracker.diff("a", as_of=after(3)).same
    with pytest.raises(InvalidInput, match="as_of"):
        tracker.diff("a")
