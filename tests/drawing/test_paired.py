"""Two ancestries in one picture: a node for each pair, the first differences marked, what is left out said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from graphtracker import Difference, GraphTracker, InvalidInput
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.paired import MOST
from graphtracker.export import export_difference
from graphtracker.model.display import printable, shorten
from tests.drawing.test_dot import Picture, drawn, read, tooltips
from tests.drawing.test_mermaid import DRAW
from tests.drawing.test_mermaid import drawing as drawing  # a fixture
from tests.support.hostile import HOSTILE, obeyed
from tests.support.tools import dot_program  # noqa: F401  # a fixture is used by its name, dot
from tests.support.two_pipelines import FIRST, JOBS, SECOND, record_two


@pytest.fixture
def tracker() -> Iterator[GraphTracker]:
    """A store in memory: pictures do not depend on where it is kept."""
    with GraphTracker(":memory:") as opened:
        yield opened


def picture(dot: str, difference: Difference, *, everything: bool = False) -> Picture:
    text = b"".join(export_difference(difference, "dot", PictureOptions(everything=everything))).decode()
    return read(dot, [text])[0]


def by_label(found: Picture) -> dict[str, tuple[str, str]]:
    """First line of each node → the lines below it, and the colour of its border."""
    lines = {name: drawn(node).split("\n") for name, node in found.nodes.items()}
    return {first: ("\n".join(below), found.nodes[name]["color"]) for name, (first, *below) in lines.items()}


def edges(found: Picture) -> set[tuple[str, str, str, str]]:
    """The first lines of both ends of each edge, its label, its line."""
    first = {name: drawn(node).split("\n")[0] for name, node in found.nodes.items()}
    return {(first[e["tail"]], first[e["head"]], drawn(e), e.get("style", "solid")) for e in found.edges}


def colour(kind: str) -> str:
    return style.PAIR_NODES[kind]["color"]


def test_a_pair_is_one_node_and_says_what_it_is(dot: str, tracker: GraphTracker) -> None:
    record_two(tracker)
    tracker.add_source(SECOND, f"{JOBS}extra", "more")
    found = picture(dot, tracker.diff(FIRST, SECOND))
    assert by_label(found) == {
        "≠ train-x7mw → train-h8rc": ("loss: 0.29 → 0.61\nonly in the second: more ← extra", colour("differs")),
        "≠ clean-k3v9 → clean-p8s1": ("dedupe: True → False\nrows.rows: 48000 → 51310", colour("first_difference")),
        "tokenize-a1 → tokenize-b2": ("", colour("follows")),
        "base": ("", colour("same")),
        "reviews": ("", colour("same")),
        "extra": ("only in the second", colour("only_second")),
    }
    assert edges(found) == {
        ("reviews", "≠ clean-k3v9 → clean-p8s1", "csv", "solid"),
        ("≠ clean-k3v9 → clean-p8s1", "tokenize-a1 → tokenize-b2", "rows", "solid"),
        ("tokenize-a1 → tokenize-b2", "≠ train-x7mw → train-h8rc", "tokens", "solid"),
        ("base", "≠ train-x7mw → train-h8rc", "weights", "solid"),
        ("extra", "≠ train-x7mw → train-h8rc", "more", "dashed"),
    }
    assert [name for name, node in found.nodes.items() if node.get("peripheries") == "2"] == ["n0"]


def meaning(kind: str) -> str:
    return f"{style.PAIRS_BY_LOOK[kind]}: {style.PAIRS_IN_WORDS[kind]}"


def test_the_legend_says_what_the_marks_in_it_mean_and_no_others(dot: str, tracker: GraphTracker) -> None:
    record_two(tracker)
    told = drawn(picture(dot, tracker.diff(FIRST, SECOND)).graph)
    assert told == "; ".join(map(meaning, ("first_difference", "differs", "follows", "same")))
    assert drawn(picture(dot, tracker.diff(FIRST, FIRST)).graph) == meaning("same")
    cut = drawn(picture(dot, tracker.diff(FIRST, SECOND, depth=1)).graph).split("\n")
    assert cut[1:] == [f"the {side} is not the whole lineage: cut by depth 1" for side in ("first", "second")]


def test_every_kind_of_pair_has_a_look_and_a_meaning() -> None:
    assert set(style.PAIR_NODES) == set(style.PAIRS_IN_WORDS) == set(style.PAIRS_BY_LOOK)
    looks = [tuple(sorted(look.items())) for look in style.PAIR_NODES.values()]
    assert len(set(looks)) == len(looks)


def test_a_tooltip_has_the_ids_and_all_that_differs(tracker: GraphTracker) -> None:
    record_two(tracker)
    svg = b"".join(export_difference(tracker.diff(FIRST, SECOND), "svg")).decode()
    assert f"{FIRST}\n{SECOND}\nloss: 0.29 → 0.61  (+0.32)" in {
        tooltip.replace("\u00a0", " ") for tooltip in tooltips(svg).values()
    }


def test_what_is_only_on_one_side_is_drawn_to_its_beginnings(dot: str, tracker: GraphTracker) -> None:
    tracker.add_source("x", "lone", "a")
    tracker.add_source("lone", "older", "b")
    tracker.add_source("lone", "shared", "c")
    tracker.add_source("x", "shared", "c")
    tracker.add_source("y", "shared", "c")
    tracker.add_source("consumer", "x")  # is not upstream
    found = picture(dot, tracker.lineage("x").diff(tracker.lineage("y")))
    assert {(tail, head, line) for tail, head, _, line in edges(found)} == {
        ("lone", "≠ x → y", "dashed"),
        ("older", "lone", "dashed"),
        ("shared", "lone", "dashed"),
        ("shared", "≠ x → y", "solid"),
    }


def test_what_both_came_from_is_one_node_although_it_stands_in_no_pair(dot: str, tracker: GraphTracker) -> None:
    for side, label in (("a", "good"), ("b", "bad")):
        tracker.add_source(f"train-{side}", f"clean-{side}", label)
        tracker.add_source(f"clean-{side}", "raw", f"raw-{side}")
        tracker.add_source(f"clean-{side}", "config")
    tracker.add_source("raw", "ingest", "csv")
    tracker.add_source("raw", "table", "lookup")
    found = picture(dot, tracker.diff("train-a", "train-b"))
    assert by_label(found) == {
        "≠ train-a → train-b": (
            "only in the first:\ngood ← clean-a\nonly in the second:\nbad ← clean-b",
            colour("first_difference"),
        ),
        "clean-a": ("only in the first", colour("only_first")),
        "clean-b": ("only in the second", colour("only_second")),
        **{name: ("in both", colour("in_both")) for name in ("raw", "config", "ingest", "table")},
    }
    assert len(found.nodes) == 7
    assert edges(found) == {
        ("clean-a", "≠ train-a → train-b", "good", "dashed"),
        ("clean-b", "≠ train-a → train-b", "bad", "dashed"),
        ("raw", "clean-a", "raw-a", "dashed"),
        ("raw", "clean-b", "raw-b", "dashed"),
        ("config", "clean-a", "", "dashed"),
        ("config", "clean-b", "", "dashed"),
        ("ingest", "raw", "csv", "solid"),
        ("table", "raw", "lookup", "solid"),
    }
    assert style.PAIRS_IN_WORDS["in_both"] in drawn(found.graph)


def test_what_stands_beside_another_run_in_one_lineage_is_not_only_in_the_other(
    dot: str, tracker: GraphTracker
) -> None:
    tracker.add_source("x", "y", "m")
    tracker.add_source("y", "old", "m")
    assert by_label(picture(dot, tracker.diff("x", "y"))) == {
        "x → y": ("", colour("follows")),
        "≠ y → old": ("external, known by id alone\nonly in the first: m ← old", colour("first_difference")),
        "old": ("in both", colour("in_both")),
    }


def test_what_was_made_from_a_start_is_in_its_answer_but_not_upstream(dot: str, tracker: GraphTracker) -> None:
    tracker.add_source("x", "later", "a")
    tracker.add_source("later", "y", "b")
    found = by_label(picture(dot, tracker.lineage("x").diff(tracker.lineage("y"))))
    assert found["later"] == ("only in the first", colour("only_first"))


def long_chain(tracker: GraphTracker, length: int) -> Difference:
    with tracker.batch() as batch:
        for side in "xy":
            for later, earlier in pairwise(f"{side}{number:04}" for number in range(length)):
                batch.add_source(later, earlier, "m")
            batch.add_metadata(f"{side}{length - 1:04}", of=side)
    return tracker.diff("x0000", "y0000")


def test_of_a_large_difference_the_first_ones_are_drawn_and_what_is_left_out_is_said(
    dot: str, tracker: GraphTracker
) -> None:
    difference = long_chain(tracker, 500)
    told: list[str] = []
    text = b"".join(export_difference(difference, "dot", tell=told.append)).decode()
    [found] = read(dot, [text])
    assert len(found.nodes) <= MOST
    assert told == [f"drawn are {len(found.nodes)} of 500 pairs and runs, first differences first"]
    assert told[0] in drawn(found.graph)
    assert {"x0000 → y0000", "≠ x0499 → y0499"} <= set(by_label(found))
    [through] = [edge for edge in edges(found) if edge[3] == "dotted"]
    assert through[2] == f"… {500 - len(found.nodes)} …"
    assert len(edges(found)) == len(found.nodes) - 1
    whole = picture(dot, difference, everything=True)
    assert len(whole.nodes) == 500
    assert not [edge for edge in edges(whole) if edge[3] == "dotted"]


def test_what_just_fits_is_drawn_whole(dot: str, tracker: GraphTracker) -> None:
    assert len(picture(dot, long_chain(tracker, MOST)).nodes) == MOST


def test_mermaid_draws_the_same(drawing: Page, tracker: GraphTracker) -> None:
    record_two(tracker)
    text = b"".join(export_difference(tracker.diff(FIRST, SECOND), "mermaid")).decode()
    shown = {label for _, label in drawing.evaluate(DRAW, text)}
    assert "≠ clean-k3v9 → clean-p8s1dedupe: True → Falserows.rows: 48000 → 51310" in shown
    assert len(shown) == 5
    assert style.PAIRS_IN_WORDS["first_difference"] in (drawing.text_content("#picture") or "")


def hostile(tracker: GraphTracker) -> Difference:
    with tracker.batch() as batch:
        for text in HOSTILE.values():
            batch.record(text, metadata={text: text})
            batch.add_source("x", text, text)
            batch.add_source("y", text)
        batch.add_metadata("x", **{text[:1000]: text for text in HOSTILE.values()})
    return tracker.diff("x", "y")


def test_hostile_text_is_data_in_every_picture(dot: str, tracker: GraphTracker, drawing: Page) -> None:
    difference = hostile(tracker)
    found = picture(dot, difference, everything=True)
    labels = set(by_label(found))
    assert {printable(shorten(text, style.LONGEST_LABEL)) for text in HOSTILE.values() if "/" not in text} <= labels
    text = b"".join(export_difference(difference, "mermaid", PictureOptions(everything=True))).decode()
    assert not obeyed(text)
    drawing.evaluate(DRAW, text)
    acting = "document.querySelectorAll('#picture script, #picture a, #picture b, #picture img').length"
    assert drawing.evaluate(acting) == 0


def test_an_unknown_format_is_refused(tracker: GraphTracker) -> None:
    record_two(tracker)
    with pytest.raises(InvalidInput, match="unknown format 'html'"):
        export_difference(tracker.diff(FIRST, SECOND), "html")
