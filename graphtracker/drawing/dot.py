"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads with the data, left to right or top to bottom.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import NamedTuple

import graphviz

from graphtracker.drawing import style
from graphtracker.drawing.fit import layout
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene
from graphtracker.drawing.shape import Elements, elements
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, shorten

_LONGEST_STRING = 16_000
_PLAIN = re.compile(r"[ !#-%'-;=?-\[\]-~]{1,4000}")  # in which Graphviz finds nothing to obey
_NEW_LINE = r"\n"
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(picture: Picture) -> Iterator[str]:
    """The DOT text, the same for equal pictures, line by line; it says what of the lineage is not in it."""
    return dot_of(picture, () if picture.cut_note is None else (picture.cut_note,))


def dot_of_pairs(paired: Paired) -> Iterator[str]:
    """The DOT text of two lineages in one, line by line; it says what the marks mean."""
    return dot_of(paired, paired.notes)


class Added(NamedTuple):
    """More attributes, written, of nodes by their names, of edges by their numbers."""

    nodes: Mapping[str, str] = {}
    edges: Mapping[int, str] = {}


_NOTHING = Added()


def dot_of(
    picture: Picture | Paired, notes: Iterable[str], *, fold: bool = True, told: bool = True, **attributes: str
) -> Iterator[str]:
    """The DOT text of a picture, line by line.

    ``notes`` stand below it. With ``fold`` a declared artifact of an external run is drawn as the label of its edges;
    with ``told`` nodes and sources have tooltips; ``attributes`` are more of the graph's own. It has
    the direction in which it fits best.
    """
    drawn = drawn_elements(picture, fold=fold, told=told)
    direction = layout(drawn, picture.options, whole=True).direction
    yield from dot_text(drawn, {"rankdir": direction, **noted(notes), **attributes})


def drawn_elements(picture: Picture | Paired, *, fold: bool = True, told: bool = True) -> Elements:
    """What stands in the picture."""
    return elements(picture if isinstance(picture, Paired) else Scene(picture, fold=fold, told=told))


def noted(notes: Iterable[str]) -> Style:
    """What of the graph's attributes says these below it."""
    text = r"\n".join(notes)
    return {"label": text} if text else {}


def dot_text(drawn: Elements, attributes: Style, added: Added = _NOTHING) -> Iterator[str]:
    """The DOT text of these nodes and edges, line by line; ``attributes`` are those of the graph besides its looks."""
    of_all = {**style.GRAPH, **style.FONT, **attributes}
    *head, tail = graphviz.Digraph("lineage", graph_attr=of_all, node_attr=style.NODE, edge_attr=style.EDGE)
    yield from head
    numbers = count()
    for element in drawn.all:
        if isinstance(element, DrawnNode):
            yield _node(element, added.nodes.get(element.name, ""))
        else:
            yield _edge(element, added.edges.get(next(numbers), ""))
    yield tail


def _node(node: DrawnNode, added: str) -> str:
    tooltip = f" {_tooltip(node.tooltip)}" if node.tooltip else ""
    return f"\t{node.name} [{_node_looks(node.kind, node.marks)} {_label(node.label, *node.below)}{tooltip}{added}]\n"


def _edge(edge: DrawnEdge, added: str) -> str:
    label = "" if edge.label is None else f" {_label(edge.label)}"
    if edge.tooltip:
        attributes = f"{_source_looks(edge.kind)}{label} {_tooltip(edge.tooltip)}"
    else:
        attributes = f"{_edge_looks(edge.kind)}{label}"
    return f"\t{edge.begin} -> {edge.end} [{attributes}{added}]\n"


@cache
def _node_looks(kind: str, marks: tuple[str, ...]) -> str:
    looks = style.NODES.get(kind) or style.PAIR_NODES[kind]
    for mark in marks:
        looks = {**looks, **style.MARKS[mark]}
    return _written(looks)


@cache
def _edge_looks(kind: str) -> str:
    return _written(style.EDGES[kind])


@cache
def _source_looks(kind: str) -> str:
    return _written(
        {name: value for name, value in (style.EDGES.get(kind) or style.PAIR_EDGES[kind]).items() if name != "tooltip"}
    )


def _written(attributes: Style) -> str:
    """Attributes as the graphviz library writes them."""
    line = graphviz.Digraph()
    line.node("n", **attributes)
    text: str = line.body[0]
    return text.strip().removeprefix("n [").removesuffix("]")


# The library's quoting takes ten times as long as all else, and most text needs none.


def _label(*lines: str) -> str:
    shown = [shorten(line, style.LONGEST_LABEL) for line in lines]
    if all(map(_PLAIN.fullmatch, shown)):
        return f'label="{_NEW_LINE.join(shown)}"'
    return _written({"label": graphviz.nohtml(_NEW_LINE.join(map(_data, shown)))})


def _tooltip(lines: Sequence[str]) -> str:
    if all(map(_PLAIN.fullmatch, lines)):
        return f'tooltip="{_NEW_LINE.join(lines)}"'
    return _written({"tooltip": graphviz.nohtml(_fitting(lines))})


def _data(text: str) -> str:
    # Graphviz reads backslash escapes, HTML entities, and labels in angle brackets. escape() doubles backslashes, and
    # returns a kind of str that the library does not take for HTML.
    escaped: str = graphviz.escape(_ENTITY.sub("&amp;", printable(text)))
    return escaped


def _fitting(lines: Sequence[str]) -> str:
    # Graphviz reads backslash escapes in tooltips twice, and gives up at strings of more than 16,384 bytes.
    length = max(map(len, lines))
    while True:
        escaped = _NEW_LINE.join(graphviz.escape(_data(shorten(line, length))) for line in lines)
        if len(escaped.encode()) < _LONGEST_STRING:
            return escaped
        length = length * 3 // 4
