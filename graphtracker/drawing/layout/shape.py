"""How large a picture becomes that is drawn in ranks, estimated from its texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

from graphtracker.analysis.condense import condense
from graphtracker.drawing import style
from graphtracker.drawing.options import Size
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene
from graphtracker.model.display import printable, shorten

Direction = Literal["LR", "TB"]
"""Graphviz's and Mermaid's words: left to right, top to bottom."""

POINTS_AN_INCH = 72
_CHARACTER = 0.53  # of a font's size: the mean width of Helvetica in names and numbers
_LINE = 1.2  # of a font's size
RANKSEP, NODESEP = float(style.GRAPH["ranksep"]), float(style.GRAPH["nodesep"])
_PASSING = NODESEP + 2 / POINTS_AN_INCH  # what an edge takes of a rank that it passes
_SIDE, _ABOVE = map(float, style.NODE["margin"].split(","))
_LOWEST = float(style.NODE["height"])
_SIZES = {kind: float(looks["point-size"]) for kind, looks in style.FONTS.items()}


class Elements(NamedTuple):
    """What stands in a picture, in the order in which it is written."""

    all: Sequence[DrawnNode | DrawnEdge]
    nodes: Sequence[DrawnNode]
    edges: Sequence[DrawnEdge]


def elements(scene: Scene | Paired) -> Elements:
    """The nodes and edges of a picture."""
    found: list[DrawnNode | DrawnEdge] = []

    def keep(element: DrawnNode | DrawnEdge) -> str:
        found.append(element)
        return ""

    for _ in scene.spelled(keep, keep):
        pass
    nodes = [element for element in found if isinstance(element, DrawnNode)]
    return Elements(found, nodes, [element for element in found if isinstance(element, DrawnEdge)])


class Profile(NamedTuple):
    """A picture in one direction, rank by rank, in inches: ``begins`` is where each rank begins along the data's way
    (and one more: where the next would), ``across`` how much room its nodes and the edges between them take across."""

    begins: Sequence[float]
    across: Sequence[float]

    def along(self, first: int, end: int) -> float:
        """The length of the ranks from the first on, before the end."""
        return self.begins[end] - self.begins[first] - RANKSEP

    def size(self, direction: Direction) -> Size:
        """Of the whole picture."""
        along, across = self.along(0, len(self.across)), max(self.across)
        return Size(along, across) if direction == "LR" else Size(across, along)


class Shape:
    """The ranks of a picture that has nodes.

    A rank is the longest path to it, in which of a cycle the edges that lead back are turned; what has more targets
    than sources is moved to its nearest target, as Graphviz does. Linear in nodes, edges and ranks.
    """

    def __init__(self, drawn: Elements) -> None:
        self._drawn = drawn
        self._numbers = {node.name: number for number, node in enumerate(drawn.nodes)}
        self.ends = [(self._numbers[edge.begin], self._numbers[edge.end]) for edge in drawn.edges]
        """Of each edge: the numbers of its nodes."""
        self._sizes = [_node_size(node) for node in drawn.nodes]
        self.ranks = self._ranked()
        """Of each node."""
        self.count = max(self.ranks) + 1

    def _ranked(self) -> list[int]:
        order = self._order()
        places = {number: place for place, number in enumerate(order)}
        down: list[list[int]] = [[] for _ in order]
        sources = [0] * len(order)
        for begin, end in self.ends:
            if begin != end:
                upper, lower = (begin, end) if places[begin] < places[end] else (end, begin)
                down[upper].append(lower)
                sources[lower] += 1
        ranks = [0] * len(order)
        for upper in order:
            for lower in down[upper]:
                ranks[lower] = max(ranks[lower], ranks[upper] + 1)
        for upper in reversed(order):
            if len(down[upper]) > sources[upper]:
                ranks[upper] = min(ranks[lower] for lower in down[upper]) - 1
        return ranks

    def _order(self) -> list[int]:
        """The nodes, topologically; those of a cycle in the order of a walk."""
        steps: dict[int, list[int]] = {}
        for begin, end in self.ends:
            steps.setdefault(begin, []).append(end)
        components = condense(range(len(self._drawn.nodes)), steps)
        return [number for component in components for number in reversed(component)]

    def profiles(self) -> dict[Direction, Profile]:
        """The picture in both directions."""
        labels = [None if edge.label is None else label_size(edge.label) for edge in self._drawn.edges]
        passing = self._passing()
        return {
            "LR": self._profile(passing, self._sizes, labels),
            "TB": self._profile(passing, map(turned, self._sizes), [size and turned(size) for size in labels]),
        }

    def _profile(self, passing: Sequence[int], sizes: Iterable[Size], labels: Iterable[Size | None]) -> Profile:
        """Widths are taken along, heights across."""
        thick, gaps = [0.0] * self.count, [RANKSEP] * self.count
        across, across_gaps = [count * _PASSING for count in passing], [0.0] * self.count
        for rank, size in zip(self.ranks, sizes, strict=True):
            thick[rank] = max(thick[rank], size.width)
            across[rank] += size.height + NODESEP
        for (begin, end), label in zip(self.ends, labels, strict=True):
            if label is not None:
                rank = (self.ranks[begin] + self.ranks[end]) // 2
                gaps[rank] = max(gaps[rank], RANKSEP + label.width)
                across_gaps[rank] += label.height + NODESEP
        begins = accumulate((rank + gap for rank, gap in zip(thick, gaps, strict=True)), initial=0.0)
        return Profile(list(begins), list(map(max, across, across_gaps)))

    def extent(self, nodes: Sequence[int], direction: Direction) -> Size:
        """Of some of its nodes by themselves: width is along the data's way, height across it."""
        thick: dict[int, float] = {}
        across: dict[int, float] = {}
        for node in nodes:
            rank, size = self.ranks[node], self._sizes[node] if direction == "LR" else turned(self._sizes[node])
            thick[rank] = max(thick.get(rank, 0.0), size.width)
            across[rank] = across.get(rank, 0.0) + size.height + NODESEP
        return Size(sum(thick.values()) + RANKSEP * len(thick), max(across.values(), default=0.0))

    @cached_property
    def beside(self) -> list[list[int]]:
        """Of each node: those that an edge joins it to."""
        found: list[list[int]] = [[] for _ in self.ranks]
        for begin, end in self.ends:
            found[begin].append(end)
            found[end].append(begin)
        return found

    def _passing(self) -> list[int]:
        """How many edges pass each rank."""
        changes = [0] * (self.count + 1)
        for ends in self.ends:
            upper, lower = sorted(self.ranks[end] for end in ends)
            if lower > upper + 1:
                changes[upper + 1] += 1
                changes[lower] -= 1
        return list(accumulate(changes[:-1]))

    def crossings(self, uncut: Set[int] = frozenset()) -> list[int]:
        """How many lines lead over the end of each rank, where edges of a kind from one node are one line.

        Not counted are those of ``uncut`` nodes, which no cut parts. Those from a run to its artifacts count twice:
        these belong together.
        """
        spans: dict[tuple[int, str], tuple[int, int]] = {}
        for (begin, end), edge in zip(self.ends, self._drawn.edges, strict=True):
            least, most = spans.get((begin, edge.kind), (self.ranks[begin],) * 2)
            spans[begin, edge.kind] = min(least, self.ranks[end]), max(most, self.ranks[end])
        changes = [0] * (self.count + 1)
        for (begin, kind), (least, most) in spans.items():
            if begin in uncut:
                continue
            lines = 2 if kind == "generated" else 1
            changes[least] += lines
            changes[most] -= lines
        return list(accumulate(changes[:-1]))


def turned(size: Size) -> Size:
    """The same size, with its width as its height."""
    return Size(size.height, size.width)


def _node_size(node: DrawnNode) -> Size:
    looks = style.NODES.get(node.kind, {})
    font = float(looks.get("fontsize", style.NODE["fontsize"]))
    smaller = [("tail", line) for line in (node.tail,) if line] + [("below", line) for line in node.below]
    sizes = [_line_size(node.label, font), *(_line_size(line, _SIZES[kind]) for kind, line in smaller)]
    width, height = max(size.width for size in sizes), sum(size.height for size in sizes)
    return Size(width + 2 * _SIDE, max(_LOWEST, height + 2 * _ABOVE))


def label_size(label: str) -> Size:
    """Of the label of an edge."""
    return _line_size(label, float(style.EDGE["fontsize"]))


def _line_size(line: str, font: float) -> Size:
    return text_size(shorten(line, style.LONGEST_LABEL), font)


def text_size(line: str, font: float) -> Size:
    """Of a line in a font of so many points."""
    return Size(_length(line) * _CHARACTER * font / POINTS_AN_INCH, _LINE * font / POINTS_AN_INCH)


def _length(text: str) -> int:
    """In characters as wide as those of Latin."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in printable(text))
