"""The gallery shows every kind of picture, and says what it cannot draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.drawing import style
from graphtracker.drawing.options import PictureOptions
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import readable
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene
from graphtracker.formats import PICTURES
from tests.gallery.__main__ import draw
from tests.gallery.drawing import Seen
from tests.gallery.shown import EVERY_WAY, Shown, shown
from tests.gallery.stores import STORES, recorded
from tests.support.chromium import opened
from tests.support.needs import missing


@pytest.fixture(scope="module")
def trackers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GraphTracker]]:
    with ExitStack() as opened:
        yield recorded(tmp_path_factory.mktemp("stores"), opened, STORES)


def drawn_kinds(scene: Scene | Paired) -> tuple[set[str], set[str], set[str]]:
    """The kinds of the nodes, their marks, the kinds of the edges."""
    nodes: list[DrawnNode] = []
    edges: list[DrawnEdge] = []

    def node(drawn: DrawnNode) -> str:
        nodes.append(drawn)
        return ""

    def edge(drawn: DrawnEdge) -> str:
        edges.append(drawn)
        return ""

    list(scene.spelled(node, edge))
    kinds, marks = {each.kind for each in nodes}, {mark for each in nodes for mark in each.marks}
    return kinds, marks, {each.kind for each in edges}


def test_every_look_occurs_in_it(trackers: dict[str, GraphTracker]) -> None:
    nodes, marks, edges, pairs, pair_edges = (set[str]() for _ in range(5))
    for item in shown():
        tracker = trackers[item.store]
        if item.other is not None:
            found = drawn_kinds(Paired(tracker.diff(STORES[item.store].start, item.other), item.options))
            for seen, kinds in zip((pairs, marks, pair_edges), found, strict=True):
                seen |= kinds
        elif item.format == "svg":
            found = drawn_kinds(Scene(readable(item.lineage(tracker), item.options), on_edges=False, told=False))
            for seen, kinds in zip((nodes, marks, edges), found, strict=True):
                seen |= kinds
    assert nodes == set(style.NODES)
    assert marks == set(style.MARKS)
    assert edges == set(style.EDGES)
    assert pairs == set(style.PAIR_NODES)
    assert pair_edges >= set(style.PAIR_EDGES) - {"left_out"}  # a pair that leaves out is too large to look at


def test_every_format_and_every_option_occurs_in_it() -> None:
    items = shown()
    assert {item.format for item in items} == {*PICTURES, "tree"}
    assert {item.columns for item in items if item.format == "tree"} == {60, 80, 200}
    asked = [item.options for item in items] + list(EVERY_WAY.values())
    for name in ("everything", "expand", "labels", "bare", "dark", "size"):
        assert any(getattr(options, name) for options in asked)
    assert {options.vertical for options in asked} == {None, True, False}
    assert {name for item in items for name in item.asked} == {"depth", "direction", "as_of", "artifact_name"}
    assert len({(item.store, item.format, item.words) for item in items}) == len(items)


LOADED = "[...document.images].every(image => { image.loading = 'eager'; return image.complete; })"


@pytest.mark.usefixtures("dot")
def test_the_sheet_has_what_was_drawn_and_nothing_in_it_runs(tmp_path: Path) -> None:
    items = [
        *(Shown("many languages", format) for format in ("svg", "png", "dot", "html", "mermaid")),
        Shown("hostile texts", "tree", options=PictureOptions(everything=True)),
    ]
    seen = {drawn.item.format: drawn.seen for drawn in draw(items, tmp_path)}
    why = [text for text in seen.values() if isinstance(text, str)]
    if why:
        missing("; ".join(why))
    with opened() as page:
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto((tmp_path / "index.html").as_uri())
        page.wait_for_function(LOADED)
        widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
        assert len(widths) == sum(len(each.pictures) for each in seen.values() if isinstance(each, Seen)) - 1
        assert min(widths) > 100
        assert "<script>alert(1)</script>" in page.inner_text("pre")
        assert page.evaluate("document.querySelectorAll('script, iframe, b').length") == 0
        assert wrong == []


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    [drawn] = draw([Shown("nothing", "no such format", "<b>")], tmp_path)
    assert isinstance(drawn.seen, str)
    assert "unknown format" in drawn.seen
    said = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "unknown format" in said
    assert "<b>" not in said
