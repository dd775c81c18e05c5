"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads with the data, left to right or top to bottom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import NamedTuple

import graphviz

from graphtracker.drawing import style
from graphtracker.drawing.caption import bare_caption, caption
from graphtracker.drawing.graphviz.html_labels import caption_label, caption_size, sized_label
from graphtracker.drawing.layout.fit import direction
from graphtracker.drawing.layout.shape import Elements, elements
from graphtracker.drawing.options import PictureOptions, Size
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, shorten

_LONGEST_STRING = 16_000
_PLAIN = re.compile(r"[ !#-%'-;=?-\[\]-~]{1,4000}")  # in which Graphviz finds nothing to obey
_NEW_LINE = r"\n"
_EDGES_IN_WORDS = {**style.EDGES_IN_WORDS, "left_out": style.NODES_IN_WORDS["cut"]}
_BESIDE = " "  # the label of an edge, which is else on its line where the reader's font is wider than Graphviz's
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(picture: Picture) -> Iterator[str]:
    """The DOT text, the same for equal pictures, line by line; it says what of the lineage is not in it.

    It is for programs: a node is called by the name of what it stands for, and nothing else but what was asked for.
    """
    drawn = elements(Scene(picture, on_edges=True, told=True, plain=True))
    return _noted(drawn, picture.options, [] if picture.cut_note is None else [picture.cut_note])


def dot_of_pairs(paired: Paired) -> Iterator[str]:
    """The DOT text of two lineages in one, line by line; it says what the marks mean."""
    return _noted(elements(paired), paired.options, paired.notes)


class Added(NamedTuple):
    """More attributes, written, of nodes by their names, of edges by their numbers."""

    nodes: Mapping[str, str] = {}
    edges: Mapping[int, str] = {}


_NOTHING = Added()


def _noted(drawn: Elements, options: PictureOptions, notes: Sequence[str]) -> Iterator[str]:
    said = {"label": _NEW_LINE.join(notes)} if notes else {}
    return dot_text(drawn, {"rankdir": direction(drawn, options), **said}, dark=options.dark)


def drawn_elements(picture: Picture | Paired) -> Elements:
    """What stands in the picture; a declared artifact of an external run as the label of its edges."""
    return elements(picture if isinstance(picture, Paired) else Scene(picture, on_edges=True, told=True))


def captioned_graph(picture: Picture | Paired, drawn: Elements) -> tuple[Style, Size]:
    """The graph's attributes that say what a picture has to say of itself, and how large that is."""
    options = picture.options
    said = bare_caption(picture) if options.bare else caption(picture, drawn.nodes, drawn.edges)
    label = caption_label(said, len(drawn.nodes), options.dark)
    attributes = {"label": label, "labelloc": "t", "labeljust": "l"} if label else {}
    return attributes, caption_size(said, len(drawn.nodes))


def dot_text(drawn: Elements, attributes: Style, added: Added = _NOTHING, *, dark: bool = False) -> Iterator[str]:
    """The DOT text of these nodes and edges, line by line; ``attributes`` are those of the graph besides its looks."""
    looks = {**style.GRAPH, **style.FONT, **attributes}, style.NODE, style.EDGE
    of_all, of_nodes, of_edges = map(style.dark, looks) if dark else looks
    *head, tail = graphviz.Digraph("lineage", graph_attr=of_all, node_attr=of_nodes, edge_attr=of_edges)
    yield from head
    numbers = count()
    for element in drawn.all:
        if isinstance(element, DrawnNode):
            yield _node(dark, element, added.nodes.get(element.name, ""))
        else:
            yield _edge(dark, element, added.edges.get(next(numbers), ""))
    yield tail


def _node(dark: bool, node: DrawnNode, added: str) -> str:
    tooltip = f" {_tooltip(node.tooltip)}" if node.tooltip else ""
    label = f"label={sized_label(node, dark)}" if node.tail or node.below else _label(node.label)
    return f"\t{node.name} [{_node_looks(dark, node.kind, node.marks)} {label}{tooltip}{added}]\n"


def _edge(dark: bool, edge: DrawnEdge, added: str) -> str:
    label = "" if edge.label is None else f" {_label(edge.label, _BESIDE)}"
    told = f" {_tooltip(edge.tooltip)}" if edge.tooltip else ""
    return f"\t{edge.begin} -> {edge.end} [{_edge_looks(dark, edge.kind, bool(told))}{label}{told}{added}]\n"


@cache
def _node_looks(dark: bool, kind: str, marks: tuple[str, ...]) -> str:
    looks = style.node_looks(kind, marks)
    return _written(style.dark(looks) if dark else looks)


@cache
def _edge_looks(dark: bool, kind: str, told: bool) -> str:
    looks = style.edge_looks(kind)
    tooltip = {} if told or kind not in _EDGES_IN_WORDS else {"tooltip": _EDGES_IN_WORDS[kind]}
    return _written({**(style.dark(looks) if dark else looks), **tooltip})


def _written(attributes: Style) -> str:
    """Attributes as the graphviz library writes them."""
    line = graphviz.Digraph()
    line.node("n", **attributes)
    text: str = line.body[0]
    return text.strip().removeprefix("n [").removesuffix("]")


# The library's quoting takes ten times as long as all else, and most text needs none.


def _label(text: str, beside: str = "") -> str:
    shown = f"{beside}{shorten(text, style.LONGEST_LABEL)}{beside}"
    return f'label="{shown}"' if _PLAIN.fullmatch(shown) else _written({"label": graphviz.nohtml(_data(shown))})


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
