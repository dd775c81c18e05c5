"""Runs that differ in nothing but what they are called are one stack where their names make them one thing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence

import pytest

from graphtracker import GraphTracker
from graphtracker.analysis.stacks import MOST_APART, Links, stacks_of


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


# -- names -------------------------------------------------------------------------------------------------------------


def stacks_of_names(names: Iterable[str]) -> list[list[str]]:
    """Of runs of these names that used and made the same."""
    with GraphTracker(":memory:") as tracker:
        for name in names:
            tracker.record(name, artifacts={"out": f"/{name}"}, sources=["src"])
        lineage = tracker.lineage("src")
    return sorted(stacks_of(lineage, Links(lineage)).values())


STEPS = ["clean", "evaluate", "export", "label", "plot", "report", "train"]
HASHES = [hashlib.sha256(bytes([number])).hexdigest() for number in range(5)]


@pytest.mark.parametrize("count", range(3, MOST_APART + 1))
def test_runs_whose_names_are_different_words_stand_apart_as_long_as_they_are_few(count: int) -> None:
    assert stacks_of_names(STEPS[:count]) == []


def test_where_they_are_more_they_are_one_stack() -> None:
    assert stacks_of_names([*STEPS, "index"]) == [sorted([*STEPS, "index"])]


@pytest.mark.parametrize(
    "names",
    [
        ["a", "b", "c"],
        ["load-users", "load-orders", "load-clicks"],
        ["csv2json", "json2csv", "xml2json"],
        ["تنظيف", "تقييم", "تقرير"],
        ["清洗", "评估", "报告"],
        ["🔥", "🚀", "🎉"],
        ["---", "***", "+++"],
        [letter * 4000 for letter in "abc"],
    ],
)
def test_whatever_words_they_are_in(names: list[str]) -> None:
    assert stacks_of_names(names) == []


@pytest.mark.parametrize(
    "names",
    [
        ["train-1", "train-2", "train-3"],
        ["train-1", "train-x7mw", "train-fk3zr1pqb9wd2"],
        ["1-train", "2-train", "3-train"],
        ["7", "8", "9"],
        HASHES,
        [str(uuid.UUID(digest[:32])) for digest in HASHES],
        ["4ki3qnvh", "a8cdkwpz", "opnynsin"],
        ["تدريب-\u0661", "تدريب-\u0662", "تدريب-\u0663"],
    ],
)
def test_runs_that_are_called_alike_or_by_ids_are_one_stack(names: list[str]) -> None:
    assert stacks_of_names(names) == [sorted(names)]


def test_a_run_of_another_name_stands_beside_a_sweep() -> None:
    sweep, other = [f"train-{number:02}" for number in range(20)], [f"eval-{number}" for number in range(3)]
    assert stacks_of_names(["eval", *sweep]) == [sweep]
    assert stacks_of_names(["eval", *sweep[:3]]) == [sweep[:3]]
    assert stacks_of_names(["eval", *sweep[:2]]) == []
    assert stacks_of_names(["report", *sweep, *other]) == [other, sweep]
    assert stacks_of_names(["train-best", *sweep[:3]]) == [sweep[:3]]
    assert stacks_of_names([*HASHES, "clean", "evaluate"]) == [sorted(HASHES)]


def test_a_sweep_over_words_is_one_stack_where_it_is_more_than_a_few() -> None:
    names = [f"train-{optimizer}-{rate}" for optimizer in ("adam", "lion", "sgd") for rate in range(3)]
    assert stacks_of_names(names) == [names]
    assert stacks_of_names(names[:6]) == [names[:3], names[3:6]]


def test_what_is_left_is_a_stack_of_its_own_where_it_is_more_than_a_few() -> None:
    sweep = ["train-1", "train-2", "train-3", "train-4"]
    assert stacks_of_names([*sweep, *STEPS[:5], "index", "deploy"]) == [sweep]
    left = sorted([*STEPS[:5], "index", "deploy", "explain"])
    assert stacks_of_names([*sweep, *left]) == [left, sweep]


def test_in_whatever_order_they_were_recorded() -> None:
    names = [*STEPS, "index", *(f"sweep-{number}" for number in range(9)), *HASHES]
    assert stacks_of_names(names) == stacks_of_names(reversed(names)) != []
