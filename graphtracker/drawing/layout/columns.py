"""A picture that is far too broad, cut into columns: what hangs on one node stands in several of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from graphtracker.drawing.layout.frame import Frame
from graphtracker.drawing.layout.shape import RANKSEP, Direction, Shape
from graphtracker.drawing.options import Size

_FEWEST = 3  # parts that hang on a node
_MOST_HUBS = 8  # nodes on which many hang, so that it takes no longer
_ROUNDS = 18  # of the search for the scale: to a percent
_EVENING = 30  # heights that are tried


class _Tree(NamedTuple):
    """Nodes that stand in one column, and their extent: width is along the data's way."""

    nodes: Sequence[int]
    extent: Size


@dataclass(frozen=True)
class Fans:
    """A way to cut a picture: parts that are columns, beside the main one, which may be empty.

    ``back`` is whether the data runs from the columns.
    """

    main: Size
    groups: Sequence[Sequence[_Tree]]
    """What hangs on one node each; those of two groups share no column."""
    back: bool = False

    def best(self, frame: Frame) -> tuple[float, list[list[int]]]:
        """The largest scale at which it fits the frame, at most 1, and the nodes of each column."""
        most, least = 1.0, 0.0001
        if self._fits(1.0, frame):
            least = 1.0
        for _ in range(_ROUNDS if least < 1 else 0):
            middle = sqrt(least * most)
            least, most = (middle, most) if self._fits(middle, frame) else (least, middle)
        return least, [
            [node for tree in column for node in tree.nodes] for column in self._evened(frame.room(least).height)
        ]

    def _fits(self, scale: float, frame: Frame) -> bool:
        room = frame.room(scale)
        columns = self._columns(room.height)
        along = self.main.width + sum(RANKSEP + max(tree.extent.width for tree in column) for column in columns)
        across = max(self.main.height, *(_height(column) for column in columns))
        return along <= room.width and across <= room.height

    def _columns(self, highest: float) -> list[list[_Tree]]:
        columns: list[list[_Tree]] = []
        for trees in self.groups:
            room = 0.0
            for tree in trees:
                if tree.extent.height > room:
                    columns.append([])
                    room = highest
                columns[-1].append(tree)
                room -= tree.extent.height
        return columns

    def _evened(self, highest: float) -> list[list[_Tree]]:
        """As many columns, as even as they can be."""
        found = self._columns(highest)
        for step in range(1, _EVENING):
            lower = self._columns(highest * (1 - step / _EVENING))
            if len(lower) > len(found):
                break
            found = lower
        return found


def _height(column: Sequence[_Tree]) -> float:
    return sum(tree.extent.height for tree in column)


def fans(shape: Shape, direction: Direction) -> Iterator[Fans]:
    """The ways to cut the picture: by what nothing joins, by what hangs on nodes, down or up the data's way."""

    def trees(parts: Iterable[Sequence[int]]) -> list[_Tree]:
        return [_Tree(nodes, shape.extent(nodes, direction)) for nodes in parts]

    whole = components(range(len(shape.ranks)), shape.beside)
    if len(whole) > 1:
        yield Fans(Size(0.0, 0.0), [trees(whole)])
    for back in (False, True):
        groups = []
        for main, parts in _hanging(shape, back=back):
            groups.append(trees(reversed(parts) if back else parts))
            yield Fans(shape.extent(main, direction), list(groups), back)


def _hanging(shape: Shape, *, back: bool) -> Iterator[tuple[list[int], list[list[int]]]]:
    """What is left of the picture, after what hangs on a node is taken from it, and that, node by node.

    On a node hangs what it alone joins to the rest, with edges that lead away from it (``back``: to it), unless
    something hung on that in turn: columns stand beside the main part, not beside each other.
    """
    ends = [(end, begin) for begin, end in shape.ends] if back else shape.ends
    below: list[set[int]] = [set() for _ in shape.ranks]
    above: list[set[int]] = [set() for _ in shape.ranks]
    for begin, end in ends:
        below[begin].add(end)
        above[end].add(begin)
    hubs = [node for node in range(len(below)) if len(below[node]) >= _FEWEST]
    main = set(range(len(below)))
    taken: set[int] = set()  # the hubs whose parts are columns: these stay
    for hub in sorted(hubs, key=lambda node: -len(below[node]))[:_MOST_HUBS]:
        if hub in main:
            parts = components(sorted(main - {hub}), shape.beside)
            parts = [
                nodes
                for nodes in parts
                if below[hub].intersection(nodes) and not taken.union(above[hub]).intersection(nodes)
            ]
            if len(parts) >= _FEWEST:
                main.difference_update(*parts)
                taken.add(hub)
                yield sorted(main), parts


def components(nodes: Sequence[int], beside: Sequence[Sequence[int]]) -> list[list[int]]:
    """The nodes of each part that nothing joins to the others, in order; of these nodes alone."""
    found = []
    unseen = set(nodes)
    for root in nodes:
        if root in unseen:
            unseen.remove(root)
            component = [root]
            for node in component:  # grows while it is walked
                for other in beside[node]:
                    if other in unseen:
                        unseen.remove(other)
                        component.append(other)
            found.append(sorted(component))
    return found
