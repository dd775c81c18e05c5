"""Runs that differ in nothing but what they are called are one stack."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graphtracker import GraphTracker
from graphtracker.analysis.stacks import Links, stack_label, stacks_of


def test_the_first_run_of_a_stack_stands_for_all_in_order() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in (4, 1, 3, 2, 5):
            tracker.add_source(f"train-{number}", "clean")
            tracker.add_artifact(f"train-{number}", "model", f"/{number}")
        tracker.add_source("train-5", "clean", "rows")
        whole, asked = tracker.graph(), tracker.lineage("train-2")
    assert stacks_of(whole, Links(whole)) == {"train-1": [f"train-{number}" for number in range(1, 5)]}
    assert stacks_of(asked, Links(asked)) == {}, "the others are not in its lineage"


def record_pipeline(tracker: GraphTracker, names: Sequence[str]) -> None:
    """Runs of these names that one run used, each made from a source of its own."""
    for name in names:
        tracker.record(name, artifacts={"rows": f"/{name}"}, sources=[f"raw of {name}"])
        tracker.add_source("merge", name, "rows")
    tracker.add_source("train", "merge", "rows")


@pytest.mark.parametrize(
    "names",
    [
        ["day-1", "day-2", "day-3"],
        ["day01", "day02", "day03"],
        ["jobs/day-fk3zr1pqb9wd2", "jobs/day-ghc5kltzcfwzfc", "jobs/day-x7mw"],
    ],
)
def test_runs_at_a_cut_are_a_stack_where_they_are_called_alike(names: list[str]) -> None:
    with GraphTracker(":memory:") as tracker:
        record_pipeline(tracker, names)
        cut, whole = tracker.lineage("train", depth=2), tracker.lineage("train")
    assert stacks_of(cut, Links(cut)) == {names[0]: names}
    assert stacks_of(whole, Links(whole)) == {}, "they have other sources"


def test_runs_at_a_cut_that_are_called_otherwise_are_no_stack() -> None:
    with GraphTracker(":memory:") as tracker:
        record_pipeline(tracker, ["load-users", "load-orders", "load-clicks"])
        cut = tracker.lineage("train", depth=2)
    assert stacks_of(cut, Links(cut)) == {}


def test_runs_that_have_no_sources_are_no_stack() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(3):
            tracker.record(f"load-{number}", artifacts={"rows": f"/{number}"})
            tracker.add_source("merge", f"load-{number}", "rows")
            tracker.add_source("merge", f"external-{number}", "rows")
        lineage = tracker.lineage("merge", depth=1)
    assert stacks_of(lineage, Links(lineage)) == {}


def test_at_the_cut_downstream_runs_are_a_stack_as_well() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(3):
            tracker.add_source(f"train-{number}", "clean")
            tracker.add_source(f"report-{number}", f"train-{number}")
        cut = tracker.lineage("clean", depth=1)
    assert stacks_of(cut, Links(cut)) == {"train-0": ["train-0", "train-1", "train-2"]}


@pytest.mark.parametrize(
    ("run_ids", "label"),
    [
        (["a/train-x1", "b/train-x2", "train-y"], "train-… \u00d7 3"),
        (["a/train", "b/train", "c/train"], "train \u00d7 3"),
        (["a/train-fk3zr1pqb9wd2", "a/train-hn7cvd0mw64fk", "a/train-x7mw"], "train… \u00d7 3"),
        ([f"a/train-fk3zr1pqb9wd{number}" for number in "347"], "train \u00d7 3"),
        ([f"job/{number}" for number in range(1000, 3500)], "… \u00d7 2,500"),
    ],
)
def test_a_stack_is_called_by_what_its_names_begin_with(run_ids: list[str], label: str) -> None:
    assert stack_label(run_ids) == label
