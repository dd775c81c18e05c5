"""A picture says of itself what was asked, when, how many, whether that is all, and what its looks mean."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing import style
from graphtracker.drawing.caption import Caption, caption
from graphtracker.drawing.graphviz.dot import captioned_graph, dot_text, drawn_elements
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.picture import readable
from graphtracker.export import export, export_difference
from graphtracker.model.display import printable
from tests.drawing.test_dot import drawn, read
from tests.support.hostile import HOSTILE, obeyed, random_texts
from tests.support.picture_elements import elements
from tests.support.remembered import record_remembered
from tests.support.svg import texts_of
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot
from tests.support.two_pipelines import FIRST, SECOND, record_two

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture
def tracker() -> GraphTracker:
    return GraphTracker(":memory:")


def said(lineage: Lineage, options: PictureOptions | None = None) -> Caption:
    picture = readable(lineage, options or PictureOptions(), on_edges=True)
    return caption(picture, *elements(picture))


def shown(lineage: Lineage, *, bare: bool = False) -> list[str]:
    """The texts of its picture, in order."""
    return texts_of(b"".join(export(lineage, "svg", PictureOptions(bare=bare))))


def add_chain(tracker: GraphTracker) -> None:
    tracker.record("prepare", artifacts={"rows": "/rows"}, at=AT)
    tracker.record("train", artifacts={"model": "/m"}, sources=[("prepare", "rows")], at=AT + timedelta(hours=1))
    tracker.record("evaluate", sources=[("train", "model")], at=AT + timedelta(hours=2))


# -- title and facts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ({}, "what train came from, and what was made from it"),
        ({"direction": "upstream"}, "what train came from"),
        ({"direction": "downstream"}, "what was made from train"),
        ({"artifact_name": "model", "direction": "downstream"}, "what was made from model of train"),
    ],
)
def test_the_title_is_what_was_asked(tracker: GraphTracker, question: dict[str, str], title: str) -> None:
    add_chain(tracker)
    assert said(tracker.lineage("train", **question)).title == title  # type: ignore[arg-type]  # of one type each
    assert said(tracker.graph()).title == "the whole store"


def test_the_facts_are_how_many_when_and_whether_that_is_all(tracker: GraphTracker) -> None:
    add_chain(tracker)
    last = "last recorded 2026-01-02 05:04:05Z"
    assert said(tracker.lineage("train")).facts == ("3 runs, 2 artifacts, the whole lineage", last)
    assert said(tracker.graph()).facts == ("3 runs, 2 artifacts", last)
    assert said(tracker.lineage("evaluate", depth=0)).facts == (
        "1 run, 0 artifacts",
        last,
        "not the whole lineage: cut by depth 0",
    )
    then = tracker.lineage("train", as_of=AT + timedelta(hours=1))
    assert said(then).facts == ("2 runs, 2 artifacts, the whole lineage", "as of 2026-01-02 04:04:05Z")


def test_paths_are_not_called_the_whole_lineage(tracker: GraphTracker) -> None:
    add_chain(tracker)
    tracker.add_source("train", "settings")
    paths = tracker.lineage("evaluate").between(("prepare", "rows"))
    for found in (paths, Lineage.from_dict(paths.to_dict())):
        assert said(found).title == "every path from rows of prepare to evaluate"
        assert said(found).facts[0] == "3 runs, 2 artifacts"
    assert said(tracker.between("train", "evaluate")).title == "every path from train to evaluate"


def test_what_is_not_there_is_not_called_a_store(tracker: GraphTracker) -> None:
    assert said(tracker.graph()).title == said(Lineage()).title == "nothing"
    add_chain(tracker)
    for found in (tracker.between("evaluate", "prepare"), tracker.graph().between("evaluate", "prepare")):
        assert said(found).title == "no path from evaluate to prepare"
        assert said(found).facts == ("0 runs, 0 artifacts",)
    tracker.add_source("a://x/tune", "b://x/tune")
    tracker.add_metadata("a://x/other")
    assert said(tracker.between("a://x/tune", "b://x/tune")).title == "no path from a://x/tune to b://x/tune"
    assert said(tracker.between("a://x/tune", "a://x/other")).title == "no path from tune to other"
    assert tracker.between("a://x/tune", "a://x/other").tree() == "no path from tune to other"


def test_what_is_stacked_or_left_out_is_counted(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(50):
            run = {f"checkpoint-{step}": "/c" for step in range(4)}
            batch.record(f"train-{number}", artifacts=run, sources=["data"], at=AT)
    assert said(tracker.graph()).facts[0] == "51 runs, 200 artifacts"
    with tracker.batch() as batch:
        for number in range(400):
            batch.add_source(f"next-{number}", f"next-{number - 1}" if number else "train-0")
    counts, _, left_out = said(tracker.lineage("train-0")).facts
    assert counts == "402 runs, 4 artifacts"
    assert left_out.startswith("drawn are the")


# -- legend ------------------------------------------------------------------------------------------------------------


def keys(lineage: Lineage, options: PictureOptions | None = None) -> set[tuple[str, str]]:
    return {(entry.of, entry.key) for entry in said(lineage, options).legend}


def test_the_legend_has_what_occurs_and_nothing_else(tracker: GraphTracker) -> None:
    tracker.add_metadata("train")
    assert keys(tracker.graph()) == {("node", "run")}
    tracker.add_source("train", "data")
    assert keys(tracker.graph()) == {("node", "run"), ("node", "external"), ("edge", "derived")}
    assert keys(tracker.lineage("train", depth=0)) >= {("mark", "start"), ("node", "cut")}
    record_remembered(tracker)
    assert {("mark", "failed"), ("mark", "running"), ("mark", "forgotten")} <= keys(tracker.graph())
    for number in range(3):
        tracker.add_source(f"twin-{number}", "train")
    assert ("mark", "stack") in keys(tracker.graph())
    assert ("mark", "stack") not in keys(tracker.graph(), PictureOptions(expand=True))


def test_everything_that_can_be_drawn_has_words() -> None:
    assert set(style.NODES_IN_WORDS) == set(style.NODES)
    assert set(style.MARKS_IN_WORDS) == set(style.MARKS) - {"compared"}
    assert set(style.EDGES_IN_WORDS) == set(style.EDGES) - {"left_out"}


# -- where it stands ---------------------------------------------------------------------------------------------------


def test_a_drawn_picture_shows_all_of_it_and_a_bare_one_what_is_not_there(dot: str, tracker: GraphTracker) -> None:
    add_chain(tracker)
    lineage = tracker.lineage("train", depth=1, max_runs=2)
    pieces = shown(lineage)
    of_it = said(lineage)
    assert set(" ".join([of_it.title, *of_it.facts]).split()) <= set(" ".join(pieces).split())
    assert {entry.words.split()[-1] for entry in of_it.legend} <= set(" ".join(pieces).split())
    bare = [text for text in shown(lineage, bare=True) if text not in ("train", "evaluate", "model", "…")]
    assert " ".join(bare) == "not the whole lineage: cut by max_runs 2"
    assert sorted(shown(tracker.graph(), bare=True)) == ["evaluate", "model", "prepare", "rows", "train"]


def test_the_text_of_dot_has_no_caption(dot: str, tracker: GraphTracker) -> None:
    add_chain(tracker)
    assert "whole" not in tracker.lineage("train").to_dot()


def test_a_caption_is_no_wider_than_a_small_picture_needs(dot: str, tracker: GraphTracker) -> None:
    name = "a name that is of many words " * 5
    tracker.add_metadata(name)
    width = ElementTree.fromstring(b"".join(export(tracker.lineage(name), "svg"))).get("width", "")  # noqa: S314
    assert float(width.removesuffix("pt")) < 500


# -- a difference ------------------------------------------------------------------------------------------------------


def test_a_difference_has_one_too(dot: str, tracker: GraphTracker) -> None:
    record_two(tracker)
    difference = tracker.diff(FIRST, SECOND, depth=2)
    pieces = " ".join(texts_of(b"".join(export_difference(difference, "svg"))))
    assert "train-x7mw → train-h8rc: what differs upstream" in pieces
    assert "2 of 4 pairs differ" in pieces
    assert "the first is not the whole lineage: cut by depth 2" in pieces
    assert "first differences" in pieces
    assert "in both, in different roles" not in pieces
    bare = " ".join(texts_of(b"".join(export_difference(difference, "svg", PictureOptions(bare=True)))))
    assert "what differs upstream" not in bare
    assert "the first is not the whole lineage: cut by depth 2" in bare


def test_as_of_when_its_sides_are(dot: str, tracker: GraphTracker) -> None:
    tracker.record("train", metadata={"lr": 1}, at=AT)
    tracker.record("train", sources=["data"], at=AT + timedelta(days=1))
    difference = tracker.diff("train", as_of=AT)
    assert "as of 2026-01-02 03:04:05Z" in " ".join(texts_of(b"".join(export_difference(difference, "svg"))))


# -- others' texts -----------------------------------------------------------------------------------------------------


def test_hostile_titles_are_only_text(dot: str, tracker: GraphTracker) -> None:
    texts = [*HOSTILE.values(), *random_texts(seed=31, count=300)]
    with tracker.batch() as batch:
        for text in texts:
            batch.add_metadata(text)
    pictures = read(dot, ["".join(captioned(tracker.lineage(text))) for text in texts])
    for text, picture in zip(texts, pictures, strict=True):
        found = "".join(drawn(picture.graph).split())
        title = "".join(printable(tracker.run(text).name).split())
        assert found.startswith("what")
        assert title in found or "…" in found, ascii(text)


def captioned(lineage: Lineage) -> str:
    picture = readable(lineage)
    shown = drawn_elements(picture)
    text = "".join(dot_text(shown, captioned_graph(picture, shown)[0]))
    assert not obeyed(text.replace("\n\t", "\n"))
    return text
