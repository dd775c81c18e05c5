"""What a run is besides its kind is seen in every picture, and not by colour alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.picture import readable
from graphtracker.export import export
from tests.drawing.test_dot import drawn, look, read_one, tooltips
from tests.drawing.test_mermaid import DRAW
from tests.drawing.test_mermaid import drawing as drawing  # a fixture
from tests.support.remembered import FAILED, FAILURE, RUNNING, TRAINED, record_remembered, remember
from tests.support.svg import texts_of
from tests.support.tools import exported

CROSS = style.SIGNS["failed"]
CROSSED = f"{CROSS} broken"
GOING = f"{style.SIGNS['running']} going"


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


@pytest.fixture
def lineage() -> Lineage:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        return tracker.graph()


def test_a_forgotten_run_keeps_its_name_and_looks_like_no_other(dot: str, lineage: Lineage) -> None:
    looks = {drawn(item): look(item) for item in read_one(dot, lineage).nodes.values()}
    others = {words: seen for words, seen in looks.items() if words not in ("old", "gone")}
    assert {looks["old"], looks["gone"]} & set(others.values()) == set()
    assert looks["old"] != looks["gone"], "one of them is external"


def test_a_run_that_failed_has_a_cross_and_one_that_runs_a_triangle(dot: str, lineage: Lineage) -> None:
    found = {drawn(item): item for item in read_one(dot, lineage).nodes.values()}
    assert [words for words in found if CROSS in words] == [CROSSED]
    assert [words for words in found if style.SIGNS["running"] in words] == [GOING]
    assert (found[GOING]["color"], found[GOING]["fillcolor"]) == (found["train"]["color"], "#d9ebf7")
    assert found[CROSSED]["color"] != found["train"]["color"]
    assert len({look(found[words]) for words in (CROSSED, GOING, "train", "old")}) == 4


def test_every_sign_stands_for_another_mark() -> None:
    assert len(set(style.SIGNS.values())) == len(style.SIGNS)
    assert set(style.SIGNS) <= set(style.MARKS)


@pytest.mark.parametrize("status", ["succeeded", "unfailed", "running away", None])
def test_no_other_status_has_a_sign(tracker: GraphTracker, status: str | None) -> None:
    remember(tracker, "run", {"user": "failed"} | ({} if status is None else {"status": status}))
    assert not [sign for sign in style.SIGNS.values() if sign in tracker.graph().to_dot()]


def test_the_start_that_failed_is_marked_as_both(dot: str, tracker: GraphTracker) -> None:
    record_remembered(tracker)
    nodes = read_one(dot, tracker.lineage(FAILED)).nodes.values()
    [start] = [item for item in nodes if look(item)[-1] == style.MARKS["start"]["penwidth"]]
    assert drawn(start) == CROSSED


# -- stacks ------------------------------------------------------------------------------------------------------------


def add_sweep(tracker: GraphTracker, failed: int, forgotten: int) -> None:
    tracker.add_artifact(TRAINED, "model", "/lab/model.pt")
    for number in range(9):
        tracker.add_source(f"sweep-{number}", TRAINED, "model")
        remember(tracker, f"sweep-{number}", {"status": FAILURE if number < failed else "succeeded"})
    tracker.forget([f"sweep-{8 - number}" for number in range(forgotten)], links=False)


def test_runs_of_a_sweep_that_failed_or_are_forgotten_stand_for_themselves(tracker: GraphTracker) -> None:
    add_sweep(tracker, failed=3, forgotten=2)
    picture = readable(tracker.graph())
    assert sorted(picture.stacks.values()) == [["sweep-0", "sweep-1", "sweep-2"], [f"sweep-{n}" for n in range(3, 7)]]
    assert {"sweep-7", "sweep-8"} <= set(picture.answer.runs)
    assert set(picture.stacked) == {f"sweep-{number}" for number in range(7)}


@pytest.mark.usefixtures("dot")
def test_a_stack_of_them_is_marked_and_says_so(tracker: GraphTracker) -> None:
    add_sweep(tracker, failed=3, forgotten=3)
    svg = b"".join(export(tracker.graph(), "svg", PictureOptions(bare=True))).decode()
    stack = "sweep-… \u00d7 3"
    assert sorted(texts_of(svg)) == sorted(["train", "model", stack, stack, f"{CROSS} {stack}"])
    said = {f"sweep-{n}, sweep-{n + 1}, sweep-{n + 2}{mark}" for n, mark in ((0, "\neach failed"), (3, ""))}
    assert said | {"sweep-6, sweep-7, sweep-8\neach forgotten"} <= set(tooltips(svg).values())


# -- Mermaid -----------------------------------------------------------------------------------------------------------


def test_mermaid_marks_them_too(drawing: Page, lineage: Lineage) -> None:
    text = exported(lineage, "mermaid")
    crossed = CROSSED + FAILURE.removeprefix("failed: ")
    labels = [label for _, label in drawing.evaluate(DRAW, text)]
    assert {crossed, GOING, "old", "gone"} <= set(labels)
    seen = drawing.evaluate(
        """() => [...document.querySelectorAll("g.node")].map(node => {
            const shape = getComputedStyle(node.querySelector("rect, path, polygon"));
            return [node.textContent, shape.strokeDasharray, shape.stroke];
        })"""
    )
    looks = {label: (dashes, stroke) for label, dashes, stroke in seen}
    assert looks["old"] == looks["gone"]
    assert looks["old"][0] not in {looks[label][0] for label in (GOING, "train", "raw")}
    assert looks[GOING][0] != looks["train"][0]
    assert looks[crossed][1] != looks["train"][1] == looks[GOING][1]


def test_mermaid_speaks_of_marks_only_where_there_are_any(tracker: GraphTracker) -> None:
    tracker.add_source("train", "data")
    plain = exported(tracker.graph(), "mermaid")
    assert not re.search("failed|forgotten", plain)
    remember(tracker, "train", {"status": "succeeded"})
    assert exported(tracker.graph(), "mermaid") == plain
    remember(tracker, RUNNING, {"status": FAILURE})
    assert "classDef failed" in exported(tracker.graph(), "mermaid")
    assert "classDef forgotten" not in exported(tracker.graph(), "mermaid")
