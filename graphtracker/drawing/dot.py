"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads left to right with the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import graphviz

from graphtracker.drawing import style
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnNode, Scene
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, shorten
from graphtracker.model.question import Answer

_LONGEST_STRING = 16_000
# An edge that stands for an artifact has that one's name as its tooltip.
_NAMED = {name: value for name, value in style.EDGES["used"].items() if name != "tooltip"}
_PLAIN = re.compile(r"[\w ./:@=,+-]{1,4000}", re.ASCII)  # in which Graphviz finds nothing to obey
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(answer: Answer) -> Iterator[str]:
    """The DOT text of all of it, the same for equal answers, line by line."""
    return dot_of(Picture(answer))


def dot_of(picture: Picture, *, fold: bool = True, noted: bool = True, **attributes: str) -> Iterator[str]:
    """The DOT text of a picture, line by line.

    With ``fold`` a declared artifact of an external run is drawn as the label of its edges; with ``noted`` the picture
    says what it leaves out; ``attributes`` are more of the graph's own.
    """
    notes = picture.notes if noted else []
    of_all = {**style.GRAPH, **style.FONT, **({"label": r"\n".join(notes)} if notes else {}), **attributes}
    *head, tail = graphviz.Digraph("lineage", graph_attr=of_all, node_attr=style.NODE, edge_attr=style.EDGE)
    yield from head
    yield from Scene(picture, fold=fold).spelled(_node, _edge)
    yield tail


def _node(node: DrawnNode) -> str:
    looks = style.NODES[node.kind]
    if node.stack:
        looks = {**looks, **style.STACK}
    if node.is_start:
        looks = {**looks, **style.START}
    return _statement(node.name, shorten(node.label, style.LONGEST_LABEL), node.tooltip, looks)


def _edge(begin: str, end: str, kind: str, artifact_name: str | None) -> str:
    if artifact_name is not None:
        return _statement(f"{begin} -> {end}", shorten(artifact_name, style.LONGEST_LABEL), artifact_name, _NAMED)
    return f"\t{begin} -> {end} [{_edge_attributes(kind)}]\n"


def _statement(subject: str, label: str, tooltip: str, looks: Style) -> str:
    words = f"label={_quoted(label, _data)} tooltip={_quoted(tooltip, _tooltip)}"
    return f"\t{subject} [{_attributes(tuple(looks.items()))} {words}]\n"


@cache
def _edge_attributes(kind: str) -> str:
    return _written(style.EDGES[kind])


@cache
def _attributes(looks: tuple[tuple[str, str], ...]) -> str:
    """The attributes of a style, of which there are few."""
    return _written(dict(looks))


def _written(attributes: Style) -> str:
    """Attributes as the graphviz library writes them."""
    line = graphviz.Digraph()
    line.node("n", **attributes)
    text: str = line.body[0]
    return text.strip().removeprefix("n [").removesuffix("]")


def _quoted(text: str, escaped: Callable[[str], str]) -> str:
    """The text in quotes; the library's quoting takes ten times as long as all else, and most text needs none."""
    return f'"{text}"' if _PLAIN.fullmatch(text) else _written({"x": escaped(text)}).removeprefix("x=")


def _data(text: str) -> str:
    # Graphviz reads backslash escapes, HTML entities, and labels in angle brackets. escape() doubles backslashes, and
    # returns a kind of str that the library does not take for HTML.
    escaped: str = graphviz.escape(_ENTITY.sub("&amp;", printable(text)))
    return escaped


def _tooltip(text: str) -> str:
    # Graphviz reads backslash escapes in tooltips twice, and gives up at strings of more than 16,384 bytes.
    length = len(text)
    while True:
        escaped: str = graphviz.escape(_data(shorten(text, length)))
        if len(escaped.encode()) < _LONGEST_STRING:
            return escaped
        length = length * 3 // 4
