"""A picture in parts: each laid out by Graphviz, then placed one after another with the lines between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphtracker.drawing import style
from graphtracker.drawing.graphviz.dot import Added, dot_text
from graphtracker.drawing.layout.fit import Layout
from graphtracker.drawing.layout.lanes import BandLanes, ColumnLanes, Line, Part, Point
from graphtracker.drawing.layout.shape import POINTS_AN_INCH, Elements
from graphtracker.drawing.layout.view import View, Way
from graphtracker.drawing.scene import DrawnEdge, DrawnNode

_END = "width=0.01 height=0.01 shape=point style=invis"
_ARROW = 10 * float(style.EDGE["arrowsize"])  # points: the length of Graphviz's arrowheads
_BESIDE = 2.0  # points, of a label from its line
_MARGIN = 6.0  # points, of a label from its line's corner and arrow

_Drawn = tuple[str, DrawnEdge, str]
"""An edge in the text of a part: its id, the edge, and what its ends are like, as attributes."""

Ask = Callable[[Iterator[str]], bytes]
"""Has Graphviz lay out the DOT texts of several graphs, and returns one JSON text after another (``json0``)."""


def placed(drawn: Elements, layout: Layout, ask: Ask) -> Added | None:
    """Where all nodes and edges are, as attributes for Graphviz's ``nop2``, which draws them there; None where the
    answer does not say of each where it is.

    An edge from one part to another is one line: to the end of its part, around the parts, and to its node from the
    begin of the other. Edges of a kind from one node (of columns from which the data runs: to one node) share it as far
    as they can.
    """
    back = layout.cut == "fans back"
    pieces = _pieces(drawn, layout, back=back)
    answer = ask(text for piece in pieces for text in piece.text(layout))
    view, banded = View(down=layout.direction == "TB", back=back), layout.cut == "bands"
    found = _found(answer, view)
    if len(found) != len(pieces) or not all(
        each.has(piece, banded=banded) for each, piece in zip(found, pieces, strict=True)
    ):
        return None
    return _written(drawn, _Placed(pieces, found, view, banded=banded), view)


@dataclass(frozen=True)
class _Piece:
    """What is drawn in a part; edges by their numbers in the picture. Lines run from exits to entries."""

    back: bool
    """Whether edges point against the lines."""
    nodes: list[DrawnNode] = field(default_factory=list)
    edges: dict[int, DrawnEdge] = field(default_factory=dict)
    """Between its nodes."""
    exits: dict[Line, DrawnEdge] = field(default_factory=dict)
    """The lines that leave it, each with one of its edges."""
    entries: dict[Line, dict[int, DrawnEdge]] = field(default_factory=dict)
    """The lines that arrive, each with the edges that it becomes."""

    def end(self, edge: DrawnEdge) -> str:
        """The node at which the line ends."""
        return edge.begin if self.back else edge.end

    def out(self, line: Line) -> str:
        """What the end of a line is called that leaves it."""
        return f"out{list(self.exits).index(line)}"

    def into(self, line: Line) -> str:
        """What the begin of a line is called that arrives."""
        return f"in{list(self.entries).index(line)}"

    def straight(self, *, banded: bool) -> set[str]:
        """The nodes that lines reach from the margin, with nothing between: in a column, those that have no sources."""
        arrived = {self.end(edge) for edges in self.entries.values() for edge in edges.values()}
        return set() if banded else arrived - {self.end(edge) for edge in self.edges.values() if edge.begin != edge.end}

    def ids(self, *, banded: bool) -> set[str]:
        """Of all edges that are laid out in it, as ``text`` has them."""
        straight, arriving = self.straight(banded=banded), [*self.entries.values()]
        routed = [number for edges in arriving for number, edge in edges.items() if self.end(edge) not in straight]
        return {*map(str, (*self.edges, *routed)), *map(self.out, self.exits)}

    def text(self, layout: Layout) -> Iterator[str]:
        """Its DOT text. The ids of edges are their numbers, of those to the end of the part what that is called."""
        straight = self.straight(banded=layout.cut == "bands")
        arriving = list(self._arriving(straight))
        edges = [*((str(number), edge, "") for number, edge in self.edges.items()), *self._leaving(), *arriving]
        added = {place: f' id="{name}"{ends}' for place, (name, _, ends) in enumerate(edges)}
        nodes = [node._replace(tooltip=()) for node in self._nodes(layout)]
        bare = Elements([*nodes, *(edge._replace(tooltip=()) for _, edge, _ in edges)], [], [])
        *lines, tail = dot_text(bare, {"rankdir": layout.direction}, Added({}, added))
        first, last = ("sink", "source") if self.back else ("source", "sink")
        begins = dict.fromkeys(edge.end if self.back else edge.begin for _, edge, _ in arriving)
        yield from lines
        yield from _together(first, [f"{name} [{_END}]" for name in begins])
        yield from _together("max" if self.back else "min", sorted(straight))
        yield from _together(last, [f"{self.out(line)} [{_END}]" for line in self.exits])
        yield tail

    def _leaving(self) -> Iterator[_Drawn]:
        """The edges to the ends of the part."""
        ends = " tailclip=false" if self.back else " headclip=false arrowhead=none"
        for line, edge in self.exits.items():
            name = self.out(line)
            yield name, edge._replace(label=None, **{"begin" if self.back else "end": name}), ends

    def _arriving(self, straight: Collection[str]) -> Iterator[_Drawn]:
        """The edges from the begins of the part, but those that lead straight from the margin."""
        ends = " headclip=false arrowhead=none" if self.back else " tailclip=false"
        for line, edges in self.entries.items():
            name = self.into(line)
            for number, edge in edges.items():
                if self.end(edge) not in straight:
                    yield str(number), edge._replace(**{"end" if self.back else "begin": name}), ends

    def _nodes(self, layout: Layout) -> Sequence[DrawnNode]:
        # Graphviz puts the first of what nothing joins at the bottom.
        return self.nodes[::-1] if layout.direction == "LR" and layout.cut != "bands" else self.nodes


def _together(rank: str, nodes: Sequence[str]) -> Iterator[str]:
    if nodes:
        yield f"\t{{ rank={rank}; {'; '.join(nodes)} }}\n"


def _pieces(drawn: Elements, layout: Layout, *, back: bool) -> list[_Piece]:
    pieces = [_Piece(back) for _ in range(max(layout.parts) + 1)]
    homes = {node.name: pieces[number] for node, number in zip(drawn.nodes, layout.parts, strict=True)}
    for node in drawn.nodes:
        homes[node.name].nodes.append(node)
    for number, edge in enumerate(drawn.edges):
        begin, end = (edge.end, edge.begin) if back else (edge.begin, edge.end)
        home, target = homes[begin], homes[end]
        if home is target:
            home.edges[number] = edge
        else:
            home.exits[begin, edge.kind] = edge
            target.entries.setdefault((begin, edge.kind), {})[number] = edge
    return pieces


class _Found:
    """A part as Graphviz lays it out, from its own corner."""

    def __init__(self, graph: dict[str, Any], view: View) -> None:
        self._view = view
        left, low, right, high = map(float, graph["bb"].split(","))
        corners = view.point(left, low), view.point(right, high)
        self._corner = Point(-min(corner.u for corner in corners), -min(corner.v for corner in corners))
        self.extent = Point(max(corner.u for corner in corners), max(corner.v for corner in corners)).moved(
            self._corner
        )
        nodes = [each for each in graph["objects"] if "pos" in each]
        self.nodes = {each["name"]: self._point(each["pos"]) for each in nodes}
        side = "height" if view.down else "width"
        self.sides = {each["name"]: float(each[side]) * POINTS_AN_INCH for each in nodes}
        """How far each node extends along the lines' way."""
        self.edges = {each["id"]: self._way(each) for each in graph.get("edges", ())}

    def has(self, piece: _Piece, *, banded: bool) -> bool:
        """Whether it says of all that is laid out in the piece where it is."""
        nodes = {*(node.name for node in piece.nodes), *map(piece.out, piece.exits)}
        return nodes <= self.nodes.keys() and piece.ids(banded=banded) <= {
            name for name, way in self.edges.items() if way.curve
        }

    def _point(self, text: str) -> Point:
        x, y = map(float, text.split(","))
        return self._view.point(x, y).moved(self._corner)

    def _way(self, edge: Mapping[str, str]) -> Way:
        texts = edge["pos"].split()
        tips = [self._point(text[2:]) for text in texts if text.startswith("e,")]
        curve = [self._point(text) for text in texts if not text.startswith("e,")]
        if self._view.back:
            curve.reverse()
        return Way(curve, tips[0] if tips else None, self._point(edge["lp"]) if "lp" in edge else None)


def _found(answer: bytes, view: View) -> list[_Found]:
    """What Graphviz answers; nothing where that is something else."""
    try:
        return [_Found(graph, view) for graph in _graphs(answer.decode())]
    except (ValueError, LookupError, TypeError, AttributeError):  # of JSON of other types, or with other names
        return []


def _graphs(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(), 0
    while (place := text.find("{", place)) >= 0:
        graph, place = decoder.raw_decode(text, place)
        yield graph


class _Placed:
    """Pieces with the lines between them."""

    def __init__(self, pieces: Sequence[_Piece], found: Sequence[_Found], view: View, *, banded: bool) -> None:
        self._pieces, self._found, self._view = pieces, found, view
        self._straight = [piece.straight(banded=banded) for piece in pieces]
        parts = [self._part(number) for number in range(len(pieces))]
        self._lanes = BandLanes(parts) if banded else ColumnLanes(parts, [_room(piece, view) for piece in pieces])
        self.nodes: dict[str, Point] = {}
        self.edges: dict[int, Way] = {}
        begins: dict[Line, Way] = {}
        for piece, there, origin in zip(pieces, found, self._lanes.origins, strict=True):
            self.nodes.update((node.name, there.nodes[node.name].moved(origin)) for node in piece.nodes)
            self.edges.update((number, there.edges[str(number)].moved(origin)) for number in piece.edges)
            begins.update((line, there.edges[piece.out(line)].moved(origin)) for line in piece.exits)
        for number, piece in enumerate(pieces):
            for line, edges in piece.entries.items():
                self.edges.update((edge, self._joined(begins[line], line, number, edge)) for edge in edges)

    def _part(self, number: int) -> Part:
        piece, there = self._pieces[number], self._found[number]
        exits = {line: there.nodes[piece.out(line)].v for line in piece.exits}
        entries = {piece.into(line): line for line in piece.entries}
        return Part(
            there.extent, exits, {line: there.nodes[n].v if n in there.nodes else 0.0 for n, line in entries.items()}
        )

    def _joined(self, begin: Way, line: Line, number: int, edge_number: int) -> Way:
        """An edge from one part to another, in the direction of its line."""
        piece, there, origin = self._pieces[number], self._found[number], self._lanes.origins[number]
        edge = piece.entries[line][edge_number]
        name = piece.end(edge)
        if name in self._straight[number]:
            side = self.nodes[name].moved(Point(-there.sides[name] / 2, 0.0))
            last = _from_the_margin(side, edge, _room(piece, self._view), self._view)
        else:
            last = there.edges[str(edge_number)].moved(origin)
        way = self._lanes.way(line, number, last.curve[0])
        return Way([*begin.curve, *way, *last.curve[1:]], begin.tip if piece.back else last.tip, last.label)


def _from_the_margin(side: Point, edge: DrawnEdge, room: float, view: View) -> Way:
    """The end of a line that runs straight to the side of its node; its label has so much room before it."""
    clear, label = Point(-_ARROW, 0.0), None
    if edge.label is not None:
        across = view.label(edge.label).v / 2 + _BESIDE
        label = side.moved(clear).moved(Point(-_MARGIN - room / 2, -across))
    if view.back or style.edge_looks(edge.kind).get("arrowhead") == "none":
        return Way([side], None, label)
    return Way([side.moved(clear)], side, label)


def _room(piece: _Piece, view: View) -> float:
    """Points that the labels need before it."""
    labels = (edge.label for edges in piece.entries.values() for edge in edges.values())
    return max((view.label(label).u for label in labels if label is not None), default=0.0)


def _written(drawn: Elements, placed: _Placed, view: View) -> Added:
    nodes = {name: f' pos="{view.written(point)}"' for name, point in placed.nodes.items()}
    edges = {}
    for number, way in placed.edges.items():
        tip = "" if way.tip is None else f"{'s' if view.back else 'e'},{view.written(way.tip)} "
        label = "" if way.label is None else f' lp="{view.written(way.label)}"'
        # Dashes of lines that share a way lie on each other where all are drawn from their common end.
        arrow = style.edge_looks(drawn.edges[number].kind).get("arrowhead", "normal")
        turned = f" dir=back arrowtail={arrow}" if view.back else ""
        edges[number] = f' pos="{tip}{" ".join(map(view.written, way.curve))}"{label}{turned}'
    return Added(nodes, edges)
