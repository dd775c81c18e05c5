"""A picture fits: it has the direction, the size and the parts in which it can be read, and loses nothing by it."""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.graphviz import images
from graphtracker.drawing.graphviz.dot import captioned_graph, drawn_elements
from graphtracker.drawing.layout.columns import components, fans
from graphtracker.drawing.layout.fit import Layout, direction, layout, worth
from graphtracker.drawing.layout.shape import Shape
from graphtracker.drawing.options import PLAIN, SIZES, PictureOptions, size_of
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture, readable
from graphtracker.export import export, export_difference
from tests.support.hostile import HOSTILE
from tests.support.lineages import of_texts
from tests.support.shapes import SHAPES, apart, chain, hub, ladder, lineage_of, sweeps, tangle, tree
from tests.support.svg import Curve, Drawn, Point, read_svg

pytestmark = pytest.mark.usefixtures("dot")

WHOLE = PictureOptions(everything=True, expand=True)
BARE = PictureOptions(everything=True, expand=True, bare=True)
WAYS = {
    "by itself": WHOLE,
    "downwards": PictureOptions(everything=True, expand=True, vertical=True),
    "to the right": PictureOptions(everything=True, expand=True, vertical=False),
    "on paper": PictureOptions(everything=True, expand=True, size=SIZES["a4"]),
}


@cache
def lineage_shaped(shape: str) -> Lineage:
    return SHAPES[shape]()


@cache
def drawn_shape(shape: str, way: str) -> Drawn:
    """The picture of a shape, which is drawn only once."""
    return drawn(lineage_shaped(shape), WAYS[way])


def svg(lineage: Lineage, options: PictureOptions = WHOLE) -> str:
    return b"".join(export(lineage, "svg", options)).decode()


def drawn(lineage: Lineage, options: PictureOptions = WHOLE) -> Drawn:
    return read_svg(svg(lineage, options))


def way(picture: Picture | Paired, *, whole: bool = False) -> Layout:
    """How it is laid out."""
    shown = drawn_elements(picture)
    _, caption = captioned_graph(picture, shown)
    return layout(shown, picture.options, caption, whole=whole)


def parts(lineage: Lineage, options: PictureOptions = WHOLE) -> int:
    return len(set(way(readable(lineage, options)).parts))


# -- nothing is lost, nothing lies on anything else --------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_parts_it_is_drawn_in_every_node_and_edge_is_there_once(shape: str, way: str) -> None:
    shown, found = drawn_elements(readable(lineage_shaped(shape), WAYS[way])), drawn_shape(shape, way)
    assert set(found.nodes) == {node.name for node in shown.nodes}
    assert Counter((edge.begin, edge.end) for edge in found.edges) == Counter(
        (edge.begin, edge.end) for edge in shown.edges
    )
    assert sum(1 for edge in found.edges if edge.tooltip) == len(shown.edges)
    assert all(edge.arrows == 1 for edge in found.edges)
    assert_apart(found)
    for edge in found.edges:
        assert_joins(edge, found)


@given(
    st.integers(0, 10_000),
    st.sampled_from([*WAYS.values(), PictureOptions(everything=True, expand=True, size=SIZES["slide"])]),
)
@settings(max_examples=10, deadline=None)
def test_in_whatever_parts_sweeps_are_drawn_nothing_is_lost(seed: int, options: PictureOptions) -> None:
    lineage = sweeps(seed)
    shown, found = drawn_elements(readable(lineage, options)), drawn(lineage, options)
    assert set(found.nodes) == {node.name for node in shown.nodes}
    assert len(found.edges) == len(shown.edges)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_columns_are_joined_to_the_main_part_alone(seed: int, down: bool) -> None:
    shape = Shape(drawn_elements(readable(sweeps(seed), WHOLE)))
    for fan in fans(shape, "TB" if down else "LR"):
        trees = [tree for group in fan.groups for tree in group]
        home = {node: number for number, tree in enumerate(trees, 1) for node in tree.nodes}
        homes = {(home.get(begin, 0), home.get(end, 0)) for begin, end in shape.ends}
        assert all(begin == end or (end if fan.back else begin) == 0 for begin, end in homes)


def assert_apart(found: Drawn) -> None:
    for (name, box), (other, other_box) in combinations(found.nodes.items(), 2):
        assert not box.meets(other_box), (name, other)


def assert_joins(edge: Curve, found: Drawn) -> None:
    """The line leads from its begin to its end, arrow first, and over no other node."""
    begin, end = found.nodes[edge.begin], found.nodes[edge.end]
    points = list(edge.points())
    assert edge.tip is not None
    assert end.grown(4).holds(edge.tip)
    first, last = sorted((points[0], points[-1]), key=lambda point: distance(point, edge.tip or point), reverse=True)
    assert begin.grown(4).holds(first), edge
    assert end.grown(12).holds(last), edge
    others = [box.grown(-1.5) for name, box in found.nodes.items() if name not in (edge.begin, edge.end)]
    assert not any(box.holds(point) for box in others for point in points), edge


def distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


@pytest.mark.parametrize("shape", SHAPES)
def test_lines_that_say_different_things_lie_not_on_each_other(shape: str) -> None:
    found = drawn_shape(shape, "by itself")
    pieces = [(edge, *piece) for edge in found.edges for piece in edge.straights()]
    for (edge, a, b), (other, c, d) in combinations(pieces, 2):
        if edge.begin != other.begin and edge.end != other.end:
            for axis, along in ((0, 1), (1, 0)):
                level = max(abs(a[axis] - point[axis]) for point in (b, c, d)) < 1
                assert not (level and min(b[along], d[along]) - max(a[along], c[along]) > 6), (edge, other)


def test_labels_stand_in_the_parts_too() -> None:
    found = drawn_shape("many sources", "by itself")
    assert {f"rows{number}" for number in range(50)} <= set(found.texts)


@pytest.mark.parametrize("vertical", [False, True])
def test_a_label_covers_neither_node_nor_line(vertical: bool) -> None:
    found = drawn(SHAPES["many sources"](), PictureOptions(everything=True, vertical=vertical))
    assert len(found.labels) == 50
    for label in found.labels:
        assert not any(box.meets(label) for box in found.nodes.values()), label
        assert not any(label.holds(point) for edge in found.edges for point in edge.points()), label


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_lineages_have_equal_pictures(shape: str) -> None:
    lineage = SHAPES[shape]()
    assert svg(lineage) == svg(Lineage.from_dict(lineage.to_dict()))


@pytest.mark.usefixtures("engine")
def test_hostile_texts_stay_texts_in_every_part() -> None:
    lineage = of_texts(list(HOSTILE.values()))
    shown, found = drawn_elements(readable(lineage, WHOLE)), drawn(lineage)
    assert parts(lineage) > 1
    assert set(found.nodes) == {node.name for node in shown.nodes}
    assert len(found.edges) == len(shown.edges)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("shape", ["a chain", "a hub", "many whole sources", "a ring"])
def test_either_engine_draws_all_parts(shape: str) -> None:
    lineage = SHAPES[shape]()
    shown, found = drawn_elements(readable(lineage, WHOLE)), drawn(lineage)
    assert set(found.nodes) == {node.name for node in shown.nodes}
    for edge in found.edges:
        assert_joins(edge, found)


def test_two_lineages_in_one_are_drawn_in_parts_too() -> None:
    with GraphTracker(":memory:") as tracker:
        for side, rate in (("a", 0.1), ("b", 0.3)):
            for number in range(30):
                tracker.add_metadata(f"{side}{number:02}", lr=rate, step=number)
                if number:
                    tracker.add_source(f"{side}{number:02}", f"{side}{number - 1:02}")
        difference = tracker.diff("a29", "b29")
    paired = Paired(difference, WHOLE)
    shown = drawn_elements(paired)
    found = read_svg(b"".join(export_difference(difference, "svg", WHOLE)).decode())
    assert len(set(way(paired).parts)) > 1
    assert set(found.nodes) == {node.name for node in shown.nodes}
    assert len(found.edges) == len(shown.edges)
    assert_apart(found)
    for edge in found.edges:
        assert_joins(edge, found)


# -- its shape ---------------------------------------------------------------------------------------------------------


@given(st.integers(16, 90), st.booleans())
@settings(max_examples=6, deadline=None)
def test_a_chain_is_no_strip(runs: int, named: bool) -> None:
    found = drawn(chain(runs, named=named))
    assert 0.6 < found.width / found.height < 9


@given(st.integers(16, 60), st.sampled_from([chain, ladder]))
@settings(max_examples=12, deadline=None)
def test_no_band_is_nearly_empty(runs: int, make: Callable[[int], Lineage]) -> None:
    shown = drawn_elements(readable(make(runs), WHOLE))
    ranks, found = Shape(shown).ranks, layout(shown, WHOLE, whole=False)
    if found.parts and found.cut == "bands":
        lengths = Counter(part for _, part in {*zip(ranks, found.parts, strict=True)})
        assert 4 * min(lengths.values()) >= max(lengths.values())


@given(st.integers(20, 60), st.integers(1, 3))
@settings(max_examples=12, deadline=None)
def test_what_is_short_is_not_cut_with_what_is_long_beside_it(runs: int, short: int) -> None:
    links = {f"r{number:03}": [f"r{number - 1:03}"] if number else [] for number in range(runs)}
    links |= {f"short{number}": [f"short{number - 1}"] if number else [] for number in range(short)}
    lineage = lineage_of(links)
    shown = drawn_elements(readable(lineage, WHOLE))
    found = layout(shown, WHOLE, whole=False)
    (together,) = (
        nodes for nodes in components(range(len(shown.nodes)), Shape(shown).beside) if len(nodes) == 2 * short
    )
    assert len(set(found.parts)) > 1
    assert len({found.parts[node] for node in together}) == 1


def test_what_many_lines_join_is_cut_for_much_only() -> None:
    """As large as it is in bands, a picture is better whole, from top to bottom, than with lines around them."""
    few, many = (Layout("LR", SIZES["a4"], SIZES["a4"], 0.8, [0, 1], lines=lines) for lines in (1, 5))
    whole = Layout("TB", SIZES["a4"], SIZES["a4"], 0.55)
    assert worth(many) < worth(whole) < worth(few)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_drawn_in_parts_can_be_read(shape: str) -> None:
    """It is as large as a screen, or larger by less than that which is not drawn in parts."""
    lineage = lineage_shaped(shape)
    assert parts(lineage) > 1
    found = drawn_shape(shape, "by itself")
    whole = max(drawn_whole(lineage, vertical) for vertical in (False, True))
    assert scale(found) > 1.2 * whole


def drawn_whole(lineage: Lineage, vertical: bool) -> float:
    picture = Picture(lineage, options=PictureOptions(vertical=vertical))
    size = way(picture, whole=True).size
    return min(1, 1300 / (size.width * 96), 870 / (size.height * 96))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("shape", ["a chain", "a ladder", "a tree", "a tangle"])
def test_an_svg_of_a_size_ends_where_its_drawing_does(shape: str) -> None:
    text = svg(lineage_shaped(shape), PictureOptions(everything=True, expand=True, size=size_of("300x200")))
    [width, height] = map(float, re.findall(r'viewBox="0.00 0.00 ([0-9.]+) ([0-9.]+)"', text)[0])
    [scale, pad, below] = map(
        float, re.findall(r"scale\(([0-9.]+) [0-9.]+\) rotate\(0\) translate\(([0-9.]+) ([0-9.]+)\)", text)[0]
    )
    assert scale * (pad + below) <= height + 1
    ground = [
        float(x)
        for x in re.findall(r'<polygon [^>]*stroke="(?:none|transparent)" points="([^"]*)"', text)[0]
        .replace(",", " ")
        .split()[::2]
    ]
    assert scale * (max(ground) + pad) <= width + 1


def scale(found: Drawn) -> float:
    return min(1, 1300 / (found.width * 96 / 72), 870 / (found.height * 96 / 72))


@given(st.integers(2, 60), st.integers(0, 1000))
@example(runs=4, seed=1)
@example(runs=5, seed=1)  # these are narrower than their captions
@settings(max_examples=6, deadline=None)
def test_the_size_of_a_picture_is_known_before_it_is_drawn(runs: int, seed: int) -> None:
    lineage = tangle(runs, seed)
    size = way(readable(lineage, WHOLE)).size
    found = drawn(lineage)
    assert found.width / 72 < 1.6 * size.width + 1
    assert found.height / 72 < 1.6 * size.height + 1


@pytest.mark.parametrize("runs", [1, 3, 9])
@pytest.mark.parametrize("bare", [False, True])
def test_the_size_of_a_caption_is_known_too(runs: int, bare: bool) -> None:
    lineage, options = hub(runs), PictureOptions(expand=True, bare=bare)
    size, found = way(readable(lineage, options)).size, drawn(lineage, options)
    assert 0.8 * found.width / 72 - 0.6 < size.width < 1.2 * found.width / 72 + 0.2
    assert 0.8 * found.height / 72 - 0.6 < size.height < 1.2 * found.height / 72 + 0.2


def test_a_caption_takes_room_of_the_size_that_is_asked_for() -> None:
    lineage, size = SHAPES["a hub"](), size_of("500x300")
    captioned, bare = (way(Picture(lineage, options=PictureOptions(size=size, bare=bare))) for bare in (False, True))
    assert 0.3 * bare.scale < captioned.scale < bare.scale


@pytest.mark.parametrize(
    "small", [lambda: chain(1), lambda: chain(5), lambda: hub(6), lambda: apart(3, 3), lambda: tree(2, 3)]
)
def test_a_picture_that_fits_a_screen_is_in_one_part_from_left_to_right(small: Callable[[], Lineage]) -> None:
    lineage = small()
    assert parts(lineage) == 0
    assert direction(drawn_elements(Picture(lineage)), PLAIN) == "LR"


def test_of_what_is_as_long_as_it_is_readable_in_both_directions_the_better_is_taken() -> None:
    broad = hub(4)
    upright = PictureOptions(size=size_of("200x1200"))
    assert direction(drawn_elements(Picture(broad)), PLAIN) == "LR"
    assert direction(drawn_elements(Picture(chain(8))), upright) == "TB"


@pytest.mark.parametrize("format", ["dot", "svg"])
def test_a_direction_that_is_asked_for_is_taken(format: str) -> None:
    for lineage in (chain(3), chain(30)):
        down = b"".join(export(lineage, format, PictureOptions(vertical=True))).decode()
        right = b"".join(export(lineage, format, PictureOptions(vertical=False))).decode()
        if format == "dot":
            assert ("rankdir=TB" in down, "rankdir=LR" in right) == (True, True)
        else:
            first, second = read_svg(down).nodes["n0"], read_svg(down).nodes[f"n{len(lineage.runs)}"]
            assert first.bottom < second.top
            first, second = read_svg(right).nodes["n0"], read_svg(right).nodes[f"n{len(lineage.runs)}"]
            assert first.right < second.left


def test_a_flowchart_has_the_direction_of_the_dot_text() -> None:
    for lineage in (chain(3), SHAPES["a tree"](), SHAPES["short chains"]()):
        dot, flowchart = (b"".join(export(lineage, format, WHOLE)).decode() for format in ("dot", "mermaid"))
        shown = re.search(r"flowchart (LR|TB)", flowchart)
        assert shown is not None
        assert f"rankdir={shown[1]}" in dot


def test_dot_text_is_in_one_part_whatever_its_length() -> None:
    text = b"".join(export(chain(100), "dot")).decode()
    assert "pos=" not in text
    assert "rankdir=" in text


# -- its size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a4", "slide", "1200x800", "400x900"])
@pytest.mark.parametrize("shape", ["a chain", "a hub", "a ladder", "a tree", "a tangle"])
def test_it_fits_the_size_that_is_asked_for(shape: str, name: str) -> None:
    size = size_of(name)
    found = drawn(SHAPES[shape](), PictureOptions(size=size))
    sides = (found.width / 72 - 0.05, found.height / 72 - 0.05)
    turned = name == "a4" and sides[0] < size.height and sides[1] < size.width
    assert turned or (sides[0] < size.width and sides[1] < size.height)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", ["a4", "slide", "1200x800"])
@pytest.mark.parametrize("shape", ["a chain", "a hub"])
def test_the_page_of_a_pdf_fits_it_too(shape: str, name: str) -> None:
    size = size_of(name)
    written = b"".join(export(SHAPES[shape](), "pdf", PictureOptions(everything=True, expand=True, size=size)))
    ((_, _, width, height),) = (map(float, page.mediabox) for page in PdfReader(BytesIO(written)).pages)
    assert max(width, height) <= 72 * max(size) + 2
    assert min(width, height) <= 72 * min(size) + 2


@pytest.mark.parametrize("name", ["a4", "slide", "1200x800"])
def test_a_small_picture_is_not_made_larger(name: str) -> None:
    assert drawn(chain(2), PictureOptions(size=size_of(name))).width == drawn(chain(2)).width


def test_a_png_has_no_more_pixels_than_are_asked_for() -> None:
    width, height = pixels(chain(60), PictureOptions(size=size_of("1200x800")))
    assert 600 < width <= 1200
    assert height <= 800


def test_a_png_of_everything_is_drawn_however_much_that_is() -> None:
    width, height = pixels(chain(1000), PictureOptions(everything=True))
    assert max(width, height) < 32_767
    assert width * height < 200_000_000
    width, height = pixels(hub(700), PictureOptions(everything=True, vertical=True))
    assert max(width, height) < 32_767


def pixels(lineage: Lineage, options: PictureOptions) -> tuple[int, int]:
    png = b"".join(export(lineage, "png", options))
    width, height = struct.unpack(">II", png[16:24])
    return width, height


# -- what Graphviz answers ---------------------------------------------------------------------------------------------

Graphs = list[dict[str, Any]]


def written(graphs: Graphs) -> bytes:
    return "".join(map(json.dumps, graphs)).encode()


ANSWERS: dict[str, Callable[[Graphs], bytes]] = {
    "nothing": lambda graphs: b"",
    "a graph fewer": lambda graphs: written(graphs[1:]),
    "cut off": lambda graphs: written(graphs)[:-9],
    "no text": lambda graphs: b"\xff{}",
    "no objects": lambda graphs: written([{"bb": graph["bb"]} for graph in graphs]),
    "other types": lambda graphs: written([{**graph, "objects": [5], "bb": 7} for graph in graphs]),
    "edges without a place": lambda graphs: written(
        [{**graph, "edges": [{"id": edge["id"]} for edge in graph.get("edges", ())]} for graph in graphs]
    ),
    "edges without a line": lambda graphs: written(
        [{**graph, "edges": [{**edge, "pos": "e,1,1"} for edge in graph.get("edges", ())]} for graph in graphs]
    ),
    "a node fewer": lambda graphs: written(
        [{**graph, "objects": [each for each in graph["objects"] if each["name"] != "n3"]} for graph in graphs]
    ),
    "fewer edges": lambda graphs: written([{**graph, "edges": []} for graph in graphs]),
}
"""What it could say in place of where all of these graphs are."""


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("shape", ["a chain", "a hub", "many sources"])
def test_what_graphviz_does_not_place_in_parts_is_drawn_in_one(
    shape: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lineage, draw, asked = SHAPES[shape](), images.drawn, []

    def changed(kind: str, text: Iterator[str]) -> Iterator[bytes]:
        if kind != "json0":
            yield from draw(kind, text)
            return
        asked.append(kind)
        yield ANSWERS[answer](graphs_of(b"".join(draw(kind, text)).decode()))

    monkeypatch.setattr(images, "drawn", changed)
    found = drawn(lineage)
    assert asked == ["json0"]
    assert set(found.nodes) == {node.name for node in drawn_elements(readable(lineage, WHOLE)).nodes}
    monkeypatch.setattr(images, "placed", lambda *_: None)
    assert found == drawn(lineage)


def graphs_of(text: str) -> Graphs:
    graphs, place = [], 0
    while (place := text.find("{", place)) >= 0:
        graph, place = json.JSONDecoder().raw_decode(text, place)
        graphs.append(graph)
    return graphs


# -- its words ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
def test_every_line_of_a_node_is_around_its_middle_whatever_the_font() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in range(8):
            tracker.add_metadata(f"train-{number}", batch_size=2**number, note="wide " * number, seed=number)
            tracker.add_source(f"train-{number}", "clean")
        text = svg(tracker.graph())
    nodes = re.findall(r'<g id="[^"]*" class="node">.*?\n</g>\n', text, re.DOTALL)
    lines = [re.findall(r'text-anchor="(\w+)" x="([^"]*)"', node) for node in nodes]
    assert len(nodes) == 9
    assert sum(map(len, lines)) > 9
    for (left, _, right, _), of_node in zip(read_svg(text).nodes.values(), lines, strict=True):
        assert {anchor for anchor, _ in of_node} == {"middle"}
        assert all(abs(float(x) - (left + right) / 2) < 1 for _, x in of_node)
