"""What the verbs that ask refuse, and what they say is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from graphtracker import ArtifactNotFound, GraphTracker, GraphTrackerError, IncompleteLineage, InvalidInput, NotFound

DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def memory() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    tracker.record("prepare", artifacts={"rows": "/rows"}, at=DAY)
    tracker.record("train", sources=[("prepare", "rows")], at=DAY + timedelta(days=1))
    return tracker


ODD: dict[str, Callable[[Any], object]] = {
    "runs that are no list": lambda tracker: tracker.contrast(5),
    "no runs": lambda tracker: tracker.contrast(None),
    "a number for runs": lambda tracker: tracker.fingerprints(5),
    "patterns that are no list": lambda tracker: tracker.contrast(["train"], ignore=5),
    "a pattern that is no text": lambda tracker: tracker.diff("train", "prepare", ignore=[5]),
    "an artifact of three parts": lambda tracker: tracker.between(("a", "b", "c"), "train"),
    "no run and no path": lambda tracker: tracker.impact(),
    "a run and a path": lambda tracker: tracker.impact("train", path="/rows"),
    "a path and a name": lambda tracker: tracker.impact(path="/rows", artifact_name="rows"),
    "a depth without a run": lambda tracker: tracker.stale(depth=1),
    "nothing to compare with": lambda tracker: tracker.diff("train"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_arguments_are_refused_by_our_own_errors(memory: GraphTracker, name: str) -> None:
    with pytest.raises(InvalidInput):
        ODD[name](memory)


@pytest.mark.parametrize("node", [["prepare"], {}, 5, ("prepare",), ("prepare", "rows", "x")])
def test_what_is_no_node_is_not_found_in_a_lineage(memory: GraphTracker, node: Any) -> None:
    lineage = memory.lineage("train")
    asking: list[Callable[[], object]] = [
        lambda: lineage.path(node),
        lambda: lineage.between(node),
        lambda: lineage.common("train", node),
        lambda: lineage.distances(node),
        lambda: lineage.ancestors(node),
    ]
    for ask in asking:
        with pytest.raises(NotFound) as caught:
            ask()
        assert isinstance(caught.value, GraphTrackerError)


def test_one_run_in_the_place_of_several_is_that_run(memory: GraphTracker) -> None:
    assert memory.fingerprints("train") == memory.fingerprints(["train"]) == [memory.fingerprint("train")]
    assert memory.contrast("train") == memory.contrast(["train", "train"])


def test_an_empty_artifact_name_means_the_run(memory: GraphTracker) -> None:
    assert memory.between(("prepare", ""), ("train", "")) == memory.between("prepare", "train")


def test_an_impact_of_an_earlier_time_says_what_it_cannot_know_of_the_place(memory: GraphTracker) -> None:
    memory.record("other", artifacts={"rows": "/rows"}, at=DAY)
    memory.record("prepare", artifacts={"rows": "/rows"}, at=DAY + timedelta(days=5))
    then = DAY + timedelta(days=3)
    found = memory.impact(path="/rows", as_of=then)
    assert found.starts == (("other", "rows"),)
    assert (found.complete, set(found.reasons)) == (False, {"overwritten"})
    with pytest.raises(IncompleteLineage):
        memory.impact(path="/rows", as_of=then, strict=True)
    memory.record("other", artifacts={"rows": "/rows"}, at=DAY + timedelta(days=5))
    with pytest.raises(ArtifactNotFound, match=r"by 2026-01-04.*, and not anew since"):
        memory.impact(path="/rows", as_of=then)
