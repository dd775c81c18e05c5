"""Lists of what was found: lists like any other, which show as tables."""

from __future__ import annotations

import pickle
from xml.etree import ElementTree

import pytest

from graphtracker import GraphTracker
from graphtracker.exchange.lists import Artifacts, Found, Runs
from tests.support.hostile import HOSTILE


@pytest.fixture
def tracker() -> GraphTracker:
    """One with runs r0 to r2, each with the model at /m."""
    tracker = GraphTracker(":memory:")
    for number in range(3):
        tracker.record(f"r{number}", metadata={"n": number, "lr": 0.1}, artifacts={"model": "/m"})
    return tracker


def test_what_is_found_is_a_list_like_any_other(tracker: GraphTracker) -> None:
    runs = tracker.runs()
    assert isinstance(runs, list)
    assert runs == [tracker.run("r2"), tracker.run("r1"), tracker.run("r0")]
    assert runs[0] == tracker.run("r2")
    assert tracker.runs(where="n > 7") == []
    assert pickle.loads(pickle.dumps(runs)) == runs  # noqa: S301  # our own


def test_a_slice_can_do_what_the_list_can(tracker: GraphTracker) -> None:
    for found, kind in ((tracker.runs(), Runs), (tracker.find_artifacts("/m"), Artifacts), (tracker.find("r"), Found)):
        assert type(found) is kind
        assert type(found[:2]) is kind
        assert found[:2] == list(found)[:2]
        assert found[::-1] == list(reversed(found))


def caption(found: Runs | Artifacts) -> str | None:
    return ElementTree.fromstring(found._repr_html_()).findtext("caption")  # noqa: S314  # our own table


def rows(found: Runs | Artifacts) -> list[list[str]]:
    table = ElementTree.fromstring(found._repr_html_())  # noqa: S314  # our own table
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_runs_show_as_a_table_of_their_metadata(tracker: GraphTracker) -> None:
    tracker.add_metadata("r1", only={"this": [1, float("nan")]})
    heads, *lines = rows(tracker.runs())
    assert heads == ["run_id", "created_at", "lr", "n", "only"]
    assert [[line[0], *line[2:]] for line in lines] == [
        ["r2", "0.1", "2", ""],
        ["r1", "0.1", "1", "{'this': [1, nan]}"],
        ["r0", "0.1", "0", ""],
    ]
    assert caption(tracker.runs()) == "3 runs"


def test_artifacts_show_as_a_table_with_their_paths(tracker: GraphTracker) -> None:
    heads, *lines = rows(tracker.find_artifacts("/m"))
    assert heads == ["run_id", "name", "path", "updated_at"]
    assert [line[:3] for line in lines] == [["r2", "model", "/m"], ["r1", "model", "/m"], ["r0", "model", "/m"]]


def test_runs_and_artifacts_found_by_a_text_show_in_one_table() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("x-run", metadata={"lr": 0.1}, artifacts={"x": "/m"})
        shown = tracker.find("x")._repr_html_()
    table = ElementTree.fromstring(shown)  # noqa: S314  # our own table
    assert table.findtext("caption") == "1 run, 1 artifact"
    assert {len(row) for row in table.iter("tr")} == {6}


def test_a_table_of_many_is_cut_and_says_so() -> None:
    with GraphTracker(":memory:") as tracker, tracker.batch() as batch:
        for number in range(1000):
            batch.record(f"run {number:04}", metadata={f"key {key:02}": key for key in range(30)})
        shown = rows(batch.runs())
    assert len(shown) == 52
    assert shown[-1] == ["… 950 more"]
    assert shown[0][-1] == "… 10 more"


def test_a_table_of_nothing_says_so() -> None:
    with GraphTracker(":memory:") as tracker:
        assert caption(tracker.runs()) == "nothing"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_a_table_is_data(name: str) -> None:
    text = HOSTILE[name]
    with GraphTracker(":memory:") as tracker:
        tracker.record(text, metadata={text: text, "list": [text]})
        tracker.add_artifact(text, text, text, {text: text})
        found = [tracker.runs()._repr_html_(), tracker.find_artifacts(text)._repr_html_()]
    for shown in found:
        table = ElementTree.fromstring(shown)  # noqa: S314  # our own table
        assert {item.tag for item in table.iter()} <= {"table", "caption", "tr", "th", "td", "i"}
