"""Artifacts of one run that nobody used are one node; many that one run used of an external are one edge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.names_in_short import named_in_short
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.picture import readable
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.export import export
from graphtracker.model.question import Question
from tests.drawing.test_dot import tooltips
from tests.support.picture_elements import elements
from tests.support.tools import dot_program, exported  # noqa: F401  # a fixture is used by its name, dot

DATA = "s3://data"


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def artifacts(lineage: Lineage, *, expand: bool = False) -> list[str]:
    """The labels of the artifacts that are nodes."""
    nodes, _ = elements(readable(lineage, PictureOptions(expand=expand), on_edges=True))
    return [node.label for node in nodes if node.generated_by is not None]


# -- nodes -------------------------------------------------------------------------------------------------------------


def test_checkpoints_that_nobody_used_are_one_node(tracker: GraphTracker) -> None:
    for step in range(100):
        tracker.add_artifact("train", f"checkpoint-{step}", f"/c/{step}")
    tracker.add_artifact("train", "model", "/model")
    tracker.add_source("evaluate", "train", "checkpoint-7")
    picture = readable(tracker.lineage("train"))
    assert artifacts(tracker.lineage("train")) == ["checkpoint-… \u00d7 99", "checkpoint-7", "model"]
    [(first, members)] = picture.artifact_stacks.items()
    assert members == [("train", f"checkpoint-{step}") for step in sorted(set(range(100)) - {7}, key=str)]
    assert first == members[0]
    assert len(picture.answer.artifacts) == 3
    assert len(picture.whole.artifacts) == 101
    assert len(artifacts(tracker.lineage("train"), expand=True)) == 101


@pytest.mark.parametrize(("count", "labels"), [(2, ["part-0", "part-1"]), (3, ["part-0, part-1, part-2"])])
def test_from_three_on(tracker: GraphTracker, count: int, labels: list[str]) -> None:
    for number in range(count):
        tracker.add_artifact("train", f"part-{number}", "/p")
    assert artifacts(tracker.graph()) == labels


def test_those_whose_names_have_an_ellipsis_of_their_own_are_no_numbers(tracker: GraphTracker) -> None:
    for name in ("part-1", "part-2", "part-…"):
        tracker.add_artifact("train", name, "/p")
    assert artifacts(tracker.graph()) == ["part-1", "part-2", "part-…"]


def test_a_few_artifacts_of_different_names_each_say_something(tracker: GraphTracker) -> None:
    for name in ("model", "log", "report", "metrics", "vocabulary"):
        tracker.add_artifact("train", name, "/p")
    assert len(artifacts(tracker.graph())) == 5
    tracker.add_artifact("train", "plots", "/p")
    assert artifacts(tracker.graph()) == ["log, metrics, model, … 3 more"]


def test_the_declared_ones_of_an_external_that_nobody_used_are_one(tracker: GraphTracker) -> None:
    for name in ("train.csv", "test.csv", "raw.csv"):
        tracker.add_source("prepare", DATA, name)
    alone = tracker.lineage(DATA, depth=0)
    assert artifacts(alone) == ["raw.csv, test.csv, train.csv"]


def test_what_was_asked_about_stands_for_itself(tracker: GraphTracker) -> None:
    for name in "abcd":
        tracker.add_artifact("train", f"part-{name}-1", "/p")
        tracker.add_artifact("train", f"part-{name}-2", "/p")
        tracker.add_artifact("train", f"part-{name}-3", "/p")
    asked = replace(tracker.graph(), question=Question("train", "part-a-2"))
    assert "part-a-2" in artifacts(asked)
    assert "part-a-2" not in artifacts(tracker.graph())


def test_logged_and_declared_ones_are_not_mixed(tracker: GraphTracker) -> None:
    for number in range(3):
        tracker.add_artifact("train", f"part-{number}", "/p")
        tracker.add_source("evaluate", "train", f"other-{number}")
    assert len(artifacts(tracker.lineage("train", depth=0))) == 2


def test_a_stack_of_runs_has_its_artifacts_stacked(tracker: GraphTracker) -> None:
    for number in range(9):
        run = {f"checkpoint-{step}": "/c" for step in range(4)}
        tracker.record(f"train-{number}", artifacts=run, sources=["data"])
    picture = readable(tracker.graph())
    assert len(picture.stacks) == len(picture.artifact_stacks) == 1
    [node] = [node for node in elements(picture)[0] if node.generated_by is not None]
    assert node.label == "checkpoint-… \u00d7 4"
    assert "stack" in node.marks
    assert [*node.tooltip] == [*(f"checkpoint-{step}" for step in range(4)), "of each of 9 runs"]


# -- edges -------------------------------------------------------------------------------------------------------------


def test_what_one_run_used_of_an_external_is_one_edge(dot: str, tracker: GraphTracker) -> None:
    for number in range(40):
        tracker.add_source("prepare", DATA, f"shard-{number:02}")
    tracker.add_source("check", DATA, "shard-00")
    nodes, edges = elements(readable(tracker.graph(), on_edges=True))
    assert [(edge.label, len(edge.tooltip)) for edge in edges] == [("shard-00", 2), ("shard-… \u00d7 40", 21)]
    assert len(nodes) == 3
    nodes, edges = elements(readable(tracker.graph()), on_edges=False)
    assert (len(nodes), len(edges)) == (43, 81), "where they are nodes all have their own"
    assert tooltips(b"".join(export(tracker.graph(), "svg")).decode())


def test_a_whole_run_source_beside_a_named_one_is_not_drawn(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/rows")
    tracker.add_source("train", "prepare")
    tracker.add_source("evaluate", "prepare")
    tracker.add_source("train", DATA)
    tracker.add_source("train", DATA, "config")
    assert kinds(tracker) == ["derived", "derived", "generated", "used"]
    tracker.add_source("train", "prepare", "rows")
    assert kinds(tracker) == ["derived", "generated", "used", "used"]
    lineage = tracker.lineage("train")
    whole = ("train", "prepare", None)
    assert whole in [(each.run_id, each.source_run_id, each.artifact_name) for each in lineage.sources]
    assert exported(lineage, "graphml").count(">derived<") == 2, "it is recorded all the same"


def kinds(tracker: GraphTracker) -> list[str]:
    return sorted(edge.kind for edge in elements(readable(tracker.graph(), on_edges=True))[1])


# -- the bound ---------------------------------------------------------------------------------------------------------


def test_the_bound_counts_what_is_drawn(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(400):
            batch.add_source("prepare", DATA, f"shard-{number:03}")
            batch.add_artifact("prepare", f"checkpoint-{number:03}", "/c")
        batch.add_source("train", "prepare")
    lineage = tracker.lineage("train")
    assert readable(lineage, on_edges=True).left_out is None
    assert readable(lineage).left_out is not None, "the shards are nodes there"


# -- labels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["a"], "a"),
        (["a" * 100], "a" * 100),
        (["b", "a"], "b, a"),
        ([f"x{number:03}" for number in range(200)], "x000, x001, x002, … 197 more"),
        ([f"shard-{number:03}" for number in range(200)], "shard-… \u00d7 200"),
        (["a" * 40, "b" * 40], f"{'a' * 40}, … 1 more"),
        (["a" * 40, "a" * 41], f"{'a' * 40}… \u00d7 2"),
    ],
)
def test_several_names_make_one_label(names: list[str], label: str) -> None:
    assert named_in_short(names) == label
    assert len(label) <= LONGEST_LABEL or max(map(len, names)) > LONGEST_LABEL
