"""The random tail of a name that TorchX made is left out where the rest tells, and small where it does not."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from random import Random

import pytest

from graphtracker import GraphTracker
from graphtracker.analysis.torchx_names import split_name
from graphtracker.drawing.graphviz.dot import drawn_elements
from graphtracker.drawing.picture import readable
from tests.drawing.test_dot import drawn, read_one, tooltips
from tests.support.hostile import HOSTILE
from tests.support.svg import texts
from tests.support.tools import dot_program, exported  # noqa: F401  # a fixture is used by its name, dot

ONE, OTHER = "-xk3zr1pqb9wd2t", "-hn7cvd0mw64fk"


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def labels(tracker: GraphTracker) -> list[str]:
    shown = drawn_elements(readable(tracker.graph()))
    return sorted(node.label + (f"\n{node.tail}" if node.tail else "") for node in shown.nodes)


def test_what_torchx_makes_unique_is_split_where_it_was_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = pytest.importorskip("torchx.schedulers.ids")
    monkeypatch.setattr(ids, "random_uint64", partial(Random(0).getrandbits, 64))
    for number in range(500):
        name = f"train-{number}"
        unique = ids.make_unique(name)
        assert split_name(unique) == (name, unique[len(name) :])


@pytest.mark.parametrize(
    "name",
    [
        "train-x7mw",
        "train",
        "train-2026",
        "train-v20260301",
        "fine-tuning-experiment",
        "x-abcdefghijklmn",
        "-",
        "a-",
        ONE,
    ],
)
def test_names_that_people_choose_stay_whole(name: str) -> None:
    assert split_name(name) == (name, "")


@pytest.mark.parametrize("name", HOSTILE)
def test_the_parts_of_any_name_are_the_name(name: str) -> None:
    assert "".join(split_name(HOSTILE[name])) == HOSTILE[name]


@pytest.mark.usefixtures("dot")
def test_the_tail_is_left_out_where_the_rest_tells_the_run(tracker: GraphTracker) -> None:
    tracker.add_source(f"job://x/train{ONE}", f"job://x/prepare{OTHER}")
    assert labels(tracker) == ["prepare", "train"]
    assert f"job://x/train{ONE}" in tooltips(exported(tracker.graph(), "svg")).values()


@pytest.mark.usefixtures("dot")
def test_and_set_below_it_where_two_runs_have_that_name(tracker: GraphTracker) -> None:
    tracker.add_source(f"train{ONE}", f"train{OTHER}")
    tracker.add_source(f"train{ONE}", f"prepare{ONE}")
    assert labels(tracker) == ["prepare", f"train\n{OTHER}", f"train\n{ONE}"]
    written = re.findall(r'font-size="([0-9.]+)"[^>]*>([^<]*)</text>', exported(tracker.graph(), "svg"))
    sizes = {unescape(text).strip().replace("\xa0", ""): float(size) for size, text in written}
    assert sizes[OTHER] < sizes["train"]


def test_programs_that_read_dot_text_have_names_whole_and_alone(dot: str, tracker: GraphTracker) -> None:
    for number in range(3):
        tracker.record(f"train-{number}{ONE}", metadata={"lr": number}, sources=["data"])
    nodes = read_one(dot, tracker.graph()).nodes.values()
    assert sorted(map(drawn, nodes)) == ["data", *(f"train-{number}{ONE}" for number in range(3))]


def test_runs_whose_names_are_shared_are_called_by_their_ids(tracker: GraphTracker) -> None:
    tracker.add_source(f"a://x/train{ONE}", f"b://x/train{ONE}")
    assert labels(tracker) == ["a://x/train", "b://x/train"]


@pytest.mark.usefixtures("dot")
def test_a_stack_is_called_by_what_is_not_random(tracker: GraphTracker) -> None:
    for first in "bcd":
        tracker.add_source(f"train-{first}k3zr1pqb9wd2t", "data")
    assert "train \u00d7 3" in texts(tracker.graph())


@pytest.mark.usefixtures("dot")
def test_a_run_beside_a_stack_of_its_name_keeps_its_tail(tracker: GraphTracker) -> None:
    for first in "bcdf":
        tracker.add_source(f"train-{first}k3zr1pqb9wd2t", "data")
    tracker.add_source("evaluate", "train-fk3zr1pqb9wd2t")
    assert {"train", "-fk3zr1pqb9wd2t", "train \u00d7 3"} <= set(texts(tracker.graph()))
