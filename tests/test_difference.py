"""A difference in Python: frozen, told in a line, plain as JSON, shown in a notebook."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from xml.etree import ElementTree

import pytest

from graphtracker import ArtifactNotFound, Difference, GraphTracker, IncompleteLineage, InvalidInput, RunNotFound
from tests.support.hostile import HOSTILE
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot
from tests.support.two_pipelines import FIRST, JOBS, SECOND, record_two


@pytest.fixture
def tracker() -> Iterator[GraphTracker]:
    """A store in memory that holds the two: what a difference is does not depend on where it is kept."""
    with GraphTracker(":memory:") as opened:
        record_two(opened)
        yield opened


def test_it_is_frozen_equal_to_its_like_and_can_be_copied(tracker: GraphTracker) -> None:
    found = tracker.diff(FIRST, SECOND)
    assert isinstance(found, Difference)
    for name in ("pairs", "start"):
        with pytest.raises(FrozenInstanceError):
            setattr(found, name, None)
    assert found == tracker.diff(FIRST, SECOND)
    assert found != tracker.diff(FIRST, FIRST)
    for again in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301  # our own
        assert again == found
        assert again.to_dict() == found.to_dict()
        assert [pair.role for pair in again.pairs] == [pair.role for pair in found.pairs]


def test_it_says_in_a_line_what_it_is(tracker: GraphTracker) -> None:
    assert repr(tracker.diff(FIRST, SECOND)) == (
        f"<Difference of '{FIRST}' and '{SECOND}': 2 of 5 pairs differ, 1 first>"
    )
    assert repr(tracker.diff(FIRST, FIRST)) == f"<Difference of '{FIRST}' and '{FIRST}': the same>"
    cut = tracker.diff(FIRST, FIRST, depth=1)
    assert repr(cut).endswith("no difference found, but not complete, cut by depth>")


def test_its_json_is_plain_and_stable(tracker: GraphTracker) -> None:
    told = tracker.diff(FIRST, SECOND).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert list(told) == ["start", "other", "same", "complete", "reasons", "origins", "changed", "pairs"]
    assert (told["start"], told["reasons"], told["complete"]) == (FIRST, [], True)
    artifact = tracker.diff(f"{JOBS}clean-k3v9", f"{JOBS}clean-p8s1", artifact_name="rows").to_dict()
    assert artifact["start"] == [f"{JOBS}clean-k3v9", "rows"]


def test_what_is_not_there_is_said(tracker: GraphTracker) -> None:
    with pytest.raises(RunNotFound):
        tracker.diff(FIRST, "nobody")
    with pytest.raises(ArtifactNotFound):
        tracker.diff(FIRST, SECOND, artifact_name="none")
    with pytest.raises(IncompleteLineage):
        tracker.diff(FIRST, SECOND, depth=1, strict=True)
    with pytest.raises(InvalidInput, match="patterns"):
        tracker.diff(FIRST, SECOND, ignore=[1])  # type: ignore[list-item]  # what a caller without types may give


def rows(html: str) -> list[list[str]]:
    table = ElementTree.fromstring(f"<div>{html}</div>").find("table")  # noqa: S314  # our own
    assert table is not None
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


@pytest.mark.usefixtures("no_pygraphviz")
def test_a_notebook_shows_what_differs_first_differences_first_without_graphviz(
    tracker: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    html = tracker.diff(FIRST, SECOND)._repr_html_()
    assert "<svg" not in html
    assert rows(html) == [
        ["runs", "role", "where", "key", "first", "second", "change"],
        ["clean-k3v9 → clean-p8s1", "tokens ← rows", "first difference", "dedupe", "True", "False", ""],
        ["clean-k3v9 → clean-p8s1", "tokens ← rows", "first difference", "rows.rows", "48000", "51310", "+3310"],
        ["train-x7mw → train-h8rc", "", "below", "loss", "0.29", "0.61", "+0.32"],
    ]


@pytest.mark.usefixtures("dot")
def test_a_notebook_shows_the_picture_below_the_table(tracker: GraphTracker) -> None:
    html = tracker.diff(FIRST, SECOND)._repr_html_()
    assert len(rows(html)) == 4
    shown = ElementTree.fromstring(f"<div>{html}</div>")  # noqa: S314  # our own
    assert "≠ clean-k3v9 → clean-p8s1" in [
        "".join(item.itertext()) for item in shown.iter("{http://www.w3.org/2000/svg}text")
    ]
    assert tracker.diff(FIRST, SECOND).to_dot().startswith("digraph")


@pytest.mark.usefixtures("dot")
def test_hostile_text_in_a_notebook_is_data() -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for text in HOSTILE.values():
                batch.record("one", metadata={text: text})
                batch.add_source("one", text, text)
        html = tracker.diff("one", next(iter(HOSTILE.values())))._repr_html_()
    table = ElementTree.fromstring(f"<div>{html}</div>").find("table")  # noqa: S314  # our own
    assert table is not None
    assert {item.tag for item in table.iter()} == {"table", "caption", "tr", "th", "td", "i"}
