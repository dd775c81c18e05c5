"""A stack of runs says who they are, wherever it is shown."""

from __future__ import annotations

import hashlib

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.stack_label import stack_label
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.export import export
from tests.support.hostile import HOSTILE
from tests.support.svg import texts

STEPS = [
    "clean",
    "dedupe",
    "deploy",
    "evaluate",
    "explain",
    "export",
    "fit",
    "index",
    "label",
    "plot",
    "profile",
    "report",
]
HASHES = [hashlib.sha256(bytes([number])).hexdigest() for number in range(40)]


@pytest.mark.parametrize(
    ("run_ids", "label"),
    [
        (["a/train-x1", "b/train-x2", "train-y"], "train-… \u00d7 3"),
        (["a/train", "b/train", "c/train"], "train \u00d7 3"),
        (["a/train-fk3zr1pqb9wd2", "a/train-hn7cvd0mw64fk", "a/train-x7mw"], "train… \u00d7 3"),
        ([f"a/train-fk3zr1pqb9wd{number}" for number in "347"], "train \u00d7 3"),
        ([f"train-{name}-{rate}" for name in ("adam", "sgd") for rate in range(9)], "train-… \u00d7 18"),
        (["2026-01-02-load", "2026-01-03-load", "2026-02-01-load"], "…-load \u00d7 3"),
        (["s1", "s2", "s3"], "s… \u00d7 3"),
    ],
)
def test_a_sweep_is_called_by_what_its_names_have_in_common(run_ids: list[str], label: str) -> None:
    assert stack_label(run_ids) == label


@pytest.mark.parametrize(
    ("run_ids", "label"),
    [
        (STEPS, "clean, dedupe, … report \u00d7 12"),
        (STEPS[::-1], "clean, dedupe, … report \u00d7 12"),
        ([f"load-{name}" for name in STEPS], "load-clean, … load-report \u00d7 12"),
        (list("abcdefgh"), "a, b, c, d, e, f, g, h \u00d7 8"),
        (["clean", "clear", "climb", *STEPS[5:]], "clean, clear, … report \u00d7 10"),
        ([f"job/{number}" for number in range(9, 2509)], "9, 10, 11, 12, … 2508 \u00d7 2,500"),
        ([f"2026-01-{day:02}" for day in range(1, 31)], "2026-01-01, … 2026-01-30 \u00d7 30"),
        (HASHES, "1f18d…7d3cd, … ffe67…21fa1e \u00d7 40"),
        ([letter * 4000 for letter in "abcdefgh"], "aaaaa…aaaaaa, … hhhhh…hhhhhh \u00d7 8"),
        (["a", *(letter * 4000 for letter in "bcdefgh")], "a, … hhhhhhhhhhh…hhhhhhhhhhh \u00d7 8"),
    ],
)
def test_one_of_other_names_says_the_first_of_them_and_the_last(run_ids: list[str], label: str) -> None:
    assert stack_label(run_ids) == label


def test_names_of_which_two_find_no_room_are_called_by_a_beginning_that_tells() -> None:
    assert stack_label([f"train-with-{name}-and-more" for name in STEPS]) == "train-with-… \u00d7 12"


def test_it_is_never_longer_than_a_label_and_never_nameless() -> None:
    for runs in (3, 8, 1000):
        for text in HOSTILE.values():
            label = stack_label([*(f"{number}-{text[:100]}" for number in range(runs - 1)), text[::-1]])
            assert label.endswith(f" \u00d7 {runs:,}")
            assert label.partition(" \u00d7")[0].strip("… ,")


def drawn(lineage: Lineage, format: str) -> str:
    return b"".join(export(lineage, format)).decode()


@pytest.fixture
def lineage() -> Lineage:
    with GraphTracker(":memory:") as tracker:
        for name in STEPS:
            tracker.record(name, artifacts={"out": f"/{name}"}, sources=["src"])
        return tracker.lineage("src")


@pytest.mark.usefixtures("dot")
def test_every_picture_of_it_and_the_tree_name_some(lineage: Lineage) -> None:
    label = "clean, dedupe, … report \u00d7 12"
    assert len(label) <= LONGEST_LABEL
    assert label in texts(lineage)
    assert label in lineage.tree()
    assert label in lineage.page().html
    assert f'"{label}"' in drawn(lineage, "mermaid")
    assert ", ".join(STEPS) in drawn(lineage, "svg"), "the tooltip has all"
    assert "\u00d7 12" not in lineage.page(expand=True).html + lineage.tree(expand=True)


@pytest.mark.usefixtures("dot")
def test_few_are_named_one_by_one_everywhere() -> None:
    with GraphTracker(":memory:") as tracker:
        for name in STEPS[:4]:
            tracker.record(name, artifacts={"out": f"/{name}"}, sources=["src"])
        few = tracker.lineage("src")
    assert set(STEPS[:4]) <= set(texts(few))
    for text in (few.tree(), few.page().html, drawn(few, "mermaid")):
        assert all(name in text for name in STEPS[:4])
        assert "\u00d7 4" not in text
