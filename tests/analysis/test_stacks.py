"""Runs that differ in nothing but what they are called are one stack."""

from __future__ import annotations

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
