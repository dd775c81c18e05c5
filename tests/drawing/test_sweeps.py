"""Which runs were tried beside each other, finished or not."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker
from graphtracker.drawing.sweeps import Sweeps
from tests.support.remembered import remember


@pytest.fixture
def tracker() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    for number in range(4):
        metadata = {"optim": {"lr": 0.1 ** (number + 1), "betas": [0.9, 0.99]}, "layers": 12, "loss": number / 7}
        sources: list[str | tuple[str, str]] = [("clean", "train"), ("clean", "val"), "driver"]
        tracker.record(f"train-{number}", metadata=metadata, artifacts={"model": f"/{number}"}, sources=sources)
    return tracker


def beside(tracker: GraphTracker, run_id: str) -> list[str]:
    return sorted(run.run_id for run in Sweeps(tracker.graph()).beside([run_id]))


@pytest.mark.parametrize("status", ["failed: MemoryError", "failed", "running"])
def test_one_that_has_not_used_and_made_all_of_it_yet_is_of_the_sweep(tracker: GraphTracker, status: str) -> None:
    tracker.record("train-9", metadata={"optim": {"lr": 3.0}}, sources=[("clean", "train")])
    assert beside(tracker, "train-9") == [], "it is whole"
    remember(tracker, "train-9", {"status": status})
    assert beside(tracker, "train-9") == ["train-0", "train-1", "train-2", "train-3"]
    assert Sweeps(tracker.graph()).keys("train-9") == ("optim.lr", "loss"), "that it has no layers yet says nothing"


def test_one_that_used_less_with_other_metadata_is_of_none(tracker: GraphTracker) -> None:
    tracker.record("count", metadata={"by": "class"}, sources=[("clean", "train")])
    remember(tracker, "count", {"status": "failed: MemoryError"})
    assert beside(tracker, "count") == []
    assert Sweeps(tracker.graph()).keys("count") == ()


def test_one_that_used_something_else_is_of_none(tracker: GraphTracker) -> None:
    tracker.record("train-9", metadata={"layers": 12}, sources=[("clean", "train"), ("other", "train")])
    remember(tracker, "train-9", {"status": "running"})
    assert beside(tracker, "train-9") == []


def test_unfinished_ones_alone_are_one_where_they_used_the_same(tracker: GraphTracker) -> None:
    for number in range(3):
        tracker.record(f"new-{number}", metadata={"lr": number / 10}, sources=["fresh"])
        remember(tracker, f"new-{number}", {"status": "running"})
    assert beside(tracker, "new-1") == ["new-0", "new-2"]
    assert Sweeps(tracker.graph()).keys("new-1") == ("lr",)


def test_the_runs_of_a_stack_are_not_beside_themselves(tracker: GraphTracker) -> None:
    assert [run.run_id for run in Sweeps(tracker.graph()).beside(["train-1", "train-3"])] == ["train-0", "train-2"]
