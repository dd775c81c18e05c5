"""The metadata in the nodes of a picture: what was asked for, else in what the runs of a sweep differ."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.cli.demo_pipeline import record_demo
from graphtracker.drawing.graphviz.dot import dot_text, drawn_elements
from graphtracker.drawing.mermaid import mermaid
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.picture import readable
from graphtracker.drawing.scene import Scene
from graphtracker.drawing.style import LONGEST_LABEL
from graphtracker.model.display import printable, shorten
from tests.drawing.test_dot import drawn, read
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.remembered import remember
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot

Told = dict[str, list[str]]


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def told(lineage: Lineage, *labels: str, expand: bool = False) -> Told:
    """Label of each node that has more lines → these."""
    picture = readable(lineage, PictureOptions(labels=labels, expand=expand))
    nodes = Scene(picture, on_edges=True, told=True).nodes()
    return {node.label: [*node.below] for node in nodes if node.below}


def said(lines: list[str]) -> set[str]:
    return {piece for line in lines for piece in line.split(", ")}


def add_sweep(tracker: GraphTracker, runs: int) -> None:
    """Half of them at a learning rate of 0.1, each on a seed of its own."""
    for number in range(runs):
        metadata = {"lr": 0.1 if number % 2 else 0.003, "seed": number, "name": "same"}
        tracker.record(f"train-{number}", metadata=metadata, artifacts={"model": f"/{number}"}, sources=["clean"])


# -- what was asked for ------------------------------------------------------------------------------------------------


def test_keys_that_were_asked_for_stand_in_the_runs_and_artifacts_that_have_them(tracker: GraphTracker) -> None:
    tracker.record("train", metadata={"lr": 0.001, "optim": {"name": "adam", "betas": [0.9, 0.99]}, "loss": None})
    tracker.add_artifact("train", "model", "/m", {"parameters": 11_000_000, "optim": {"name": "none"}})
    tracker.add_source("evaluate", "train", "model")
    asked = ("optim.name", "lr", "loss", "parameters", "absent")
    assert told(tracker.graph(), *asked) == {
        "train": ["optim.name adam", "lr 0.001", "loss None"],
        "model": ["optim.name none", "parameters 11000000"],
    }
    assert told(tracker.graph(), "optim.betas", "optim") == {
        "train": ["optim.betas [0.9, 0.99]", "optim {'name': 'a…[0.9, 0.99]}"],
        "model": ["optim {'name': 'none'}"],
    }


def test_long_ones_are_shortened_the_key_first(tracker: GraphTracker) -> None:
    tracker.record("train", metadata={"a key of more than twenty characters": 0.25, "command": "python " + "x" * 90})
    [by_key, by_value] = told(tracker.graph(), "a key of more than twenty characters", "command")["train"]
    assert by_key.endswith(" 0.25")
    assert "…" in by_key
    assert by_value.startswith("command python ")
    assert max(len(by_key), len(by_value)) <= LONGEST_LABEL


def test_of_a_stack_they_are_told_together(tracker: GraphTracker) -> None:
    add_sweep(tracker, 4)
    assert told(tracker.graph(), "name", "lr") == {"train-… \u00d7 4": ["name same", "lr 0.003 … 0.1"]}


def test_of_stacked_artifacts_too(tracker: GraphTracker) -> None:
    for step in (100, 200, 300):
        tracker.add_artifact("train", f"checkpoint-{step}", f"/{step}", {"step": step})
    assert list(told(tracker.graph(), "step").values()) == [["step 100 … 300"]]
    assert told(tracker.graph()) == {}


def test_of_an_artifact_of_stacked_runs_they_are_those_of_all(tracker: GraphTracker) -> None:
    for number in range(4):
        tracker.record(f"train-{number}", sources=["clean"])
        tracker.add_artifact(f"train-{number}", "model", f"/{number}", {"accuracy": number / 10, "size": 7})
        for step in (1, 2, 3):
            tracker.add_artifact(f"train-{number}", f"checkpoint-{step}", "/c", {"step": 10 * number + step})
    assert told(tracker.graph(), "accuracy", "size", "step") == {
        "model": ["accuracy 0 … 0.3", "size 7"],
        "checkpoint-… \u00d7 3": ["step 1 … 33"],
    }


def test_values_that_differ_are_not_rounded_until_they_look_alike(tracker: GraphTracker) -> None:
    for name, lr in (("one", 0.1), ("other", 0.1000001)):
        tracker.record(name, metadata={"lr": lr, "at": 1764000000.5 + (lr > 0.1)}, sources=["data"])
    tracker.add_source("evaluate", "one")
    lines = told(tracker.graph())
    assert said(lines["one"]) == {"lr 0.1", "at 1764000000.5"}
    assert said(lines["other"]) == {"lr 0.1000001", "at 1764000001.5"}


def test_a_node_has_room_for_many_keys_and_says_how_many_more_were_asked_for(tracker: GraphTracker) -> None:
    keys = [f"key{number:04}" for number in range(3000)]
    tracker.record("solo", metadata=dict.fromkeys(keys, "é<" * 40))
    [lines] = told(tracker.lineage("solo"), *keys).values()
    assert lines[-1] == f"… {3000 - len(lines) + 1:,} more"
    assert len("".join(mermaid(readable(tracker.lineage("solo"), PictureOptions(labels=tuple(keys)))))) < 50_000


def test_it_is_said_that_some_have_none(tracker: GraphTracker) -> None:
    for number in range(4):
        tracker.record(f"train-{number}", sources=["clean"], metadata={"lr": 0.1} if number else {"seed": 3})
        tracker.add_artifact(f"train-{number}", "model", f"/{number}", {"accuracy": 0.9} if number == 2 else {})
    assert told(tracker.graph(), "lr", "seed", "accuracy") == {
        "train-… \u00d7 4": ["lr 0.1 (1 without)", "seed 3 (3 without)"],
        "model": ["accuracy 0.9 (3 without)"],
    }


# -- by itself ---------------------------------------------------------------------------------------------------------


def test_a_stack_says_in_what_its_runs_differ(tracker: GraphTracker) -> None:
    add_sweep(tracker, 4)
    assert told(tracker.graph()) == {"train-… \u00d7 4": ["lr 0.003 … 0.1, seed 0 … 3"]}


def test_each_run_of_a_sweep_that_is_drawn_for_itself_has_those_keys(tracker: GraphTracker) -> None:
    add_sweep(tracker, 4)
    each = {f"train-{number}": [f"lr {0.1 if number % 2 else 0.003}, seed {number}"] for number in range(4)}
    assert told(tracker.graph(), expand=True) == each
    tracker.add_source("evaluate", "train-2", "model")
    found = told(tracker.graph())
    assert found["train-2"] == each["train-2"]
    assert said(found["train-… \u00d7 3"]) == {"lr 0.003 … 0.1", "seed 0 … 3"}


def test_so_does_one_that_failed_before_it_made_anything(tracker: GraphTracker) -> None:
    add_sweep(tracker, 2)
    tracker.record("broken", metadata={"lr": 9.5, "seed": 7, "name": "same"}, sources=["clean"])
    remember(tracker, "broken", {"status": "failed: MemoryError"})
    tracker.record("going", metadata={"lr": 9.25, "seed": 8}, sources=["clean"])
    remember(tracker, "going", {"status": "running"})
    tracker.record("other", metadata={"lr": 7.5}, sources=["clean"])
    assert said(told(tracker.graph())["\u2717 broken"]) == {"lr 9.5", "seed 7", "MemoryError"}
    assert said(told(tracker.graph())["\u25b7 going"]) == {"lr 9.25", "seed 8"}, "not the name that it lacks alone"
    assert "other" not in told(tracker.graph()), "it is whole, and made something else"


@pytest.mark.parametrize(
    ("status", "lines"),
    [("failed: MemoryError", ["MemoryError"]), ("failed", []), ("failed: ", []), ("running", []), ("succeeded: 1", [])],
)
def test_a_run_that_failed_says_why(tracker: GraphTracker, status: str, lines: list[str]) -> None:
    remember(tracker, "train", {"status": status})
    assert [*told(tracker.graph()).values()] == ([lines] if lines else [])


def test_a_run_that_stands_alone_has_nothing_to_differ_from(tracker: GraphTracker) -> None:
    tracker.record("prepare", metadata={"seed": 1}, sources=["raw"])
    tracker.record("train", metadata={"lr": 0.1}, sources=["prepare"])
    assert told(tracker.graph()) == {}


def test_the_demonstration_shows_what_was_tried(tracker: GraphTracker) -> None:
    record_demo(tracker)
    found = told(tracker.graph())
    assert found["clean-k3v9"] == ["dedupe True"]
    assert found["clean-p8s1"] == ["dedupe False"]
    assert "lr 0.0003 … 0.003" in said(found["train-… \u00d7 6"])
    assert "lr 0.001" in said(found["train-b5ga"])
    assert max(map(len, found.values())) <= 3


# -- others' texts -----------------------------------------------------------------------------------------------------

TEXTS = [*HOSTILE.values(), *random_texts(seed=21, count=1500)]


def test_hostile_values_are_only_text(dot: str, tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number, text in enumerate(TEXTS):
            batch.record(f"run-{number:04}", metadata={"k": text, text: 1})
    lineage = tracker.graph()
    picture = readable(lineage, PictureOptions(everything=True, labels=("k", *TEXTS[:60])))
    text = "".join(dot_text(drawn_elements(picture), {}))
    [read_back] = read(dot, [text])
    lines = [drawn(item).split("\n") for item in read_back.nodes.values()]
    wanted = [f"k {shorten(printable(shorten(text, 24)), LONGEST_LABEL - 2)}" for text in TEXTS]
    assert [(each[1], want) for each, want in zip(lines, wanted, strict=True) if each[1] != want] == []
    assert not obeyed(text.replace("\n\t", "\n"))
