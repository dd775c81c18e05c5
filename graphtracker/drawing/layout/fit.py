"""How a picture is laid out so that it fits a screen, a page or a given size."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from graphtracker.drawing.layout.bands import Bands
from graphtracker.drawing.layout.columns import components, fans
from graphtracker.drawing.layout.frame import Frame
from graphtracker.drawing.layout.shape import Direction, Elements, Shape, turned
from graphtracker.drawing.options import SIZES, PictureOptions, Size

_SCREEN = Size(12.0, 8.0)  # of a notebook or a browser; what is smaller needs no fitting
_PAPER = SIZES["a4"]
_UPRIGHT = 0.87  # what a picture from top to bottom is worth beside one from left to right, as text is read
_IN_PARTS = 0.7  # what lines around the parts of a picture are worth
_A_LINE = 0.04  # what each line more costs that leads over a cut
_SMALL = 4  # times as many ranks has the picture as a component that is not cut, as it finds room in a band
_NO_CAPTION = Size(0.0, 0.0)
_CLOSE = 0.7  # of the scale at which all can be read: nothing is done for more


Cut = Literal["bands", "fans", "fans back"]


@dataclass(frozen=True)
class Layout:
    """A way to draw a picture."""

    direction: Direction
    size: Size
    """At most, as estimated, in inches."""
    frame: Size
    """What it is to fit."""
    scale: float
    """At which it does; at most 1."""
    parts: Sequence[int] = ()
    """Of each node: the part in which it is drawn, counted from 0; empty where there is one alone."""
    cut: Cut = "bands"
    """Where the parts are: bands are across the data's way, one after another; columns of fans along it."""
    lines: float = 1.0
    """How many lead over a cut between bands, in the mean."""


def direction(drawn: Elements, options: PictureOptions, caption: Size = _NO_CAPTION) -> Direction:
    """Whether the picture is drawn from left to right or from top to bottom, where it is in one part."""
    return layout(drawn, options, caption, whole=True).direction


def layout(drawn: Elements, options: PictureOptions, caption: Size = _NO_CAPTION, *, whole: bool) -> Layout:
    """The way in which a picture fits best what ``options`` ask for, else a screen; equal ones of equal pictures.

    ``caption`` is the size of what stands above it, which takes room of a size that is asked for, but none of a screen,
    on which one can scroll. Unless it is to stay ``whole``, a picture that is far too long is cut into bands, one that
    is far too broad into columns.
    """
    asked: tuple[Direction, ...] = ("LR", "TB") if options.vertical is None else ("TB" if options.vertical else "LR",)
    frames, taken = _frames(options.size), _NO_CAPTION if options.size is None else caption
    if drawn.nodes:
        way = max(_ways(Shape(drawn), asked, frames, taken, whole=whole), key=worth)
    else:
        way = _in_one(Size(0.0, 0.0), asked[0], frames[0], taken)
    return way if taken == caption else replace(way, size=_below(caption, way.size))


def worth(way: Layout) -> float:
    """How well it can be read: 1 where nothing is scaled down, turned or cut."""
    parts = max(_IN_PARTS - _A_LINE * (way.lines - 1), 0.0) if way.parts else 1.0
    return way.scale * (_UPRIGHT if way.direction == "TB" else 1.0) * parts


def _frames(size: Size | None) -> list[Size]:
    """What the picture may fit; paper may be turned."""
    if size == _PAPER:
        return [_PAPER, turned(_PAPER)]
    return [_SCREEN if size is None else size]


def _ways(
    shape: Shape, directions: Sequence[Direction], frames: Sequence[Size], caption: Size, *, whole: bool
) -> Iterator[Layout]:
    profiles = shape.profiles()
    places = list(product(directions, frames))
    in_one = [_in_one(profiles[direction].size(direction), direction, frame, caption) for direction, frame in places]
    yield from in_one
    if whole or max(map(worth, in_one)) >= _CLOSE:
        return
    small = _small(shape)
    crossings = shape.crossings({node for nodes in small for node in nodes})
    best = 0.0
    for way in in_one:
        if best >= _IN_PARTS * (_UPRIGHT if way.direction == "TB" else 1.0):
            continue  # however well it fits, it is not worth more
        frame = Frame(way.frame, Size(0.0, caption.height))
        frame = frame if way.direction == "LR" else Frame(*map(turned, frame))
        bands = Bands(profiles[way.direction], crossings, frame)
        for found in (*_in_bands(shape, way, bands, small), *_in_columns(shape, way, frame)):
            best = max(best, worth(found))
            yield found


def _below(caption: Size, drawn: Size) -> Size:
    """Of both together."""
    return Size(max(drawn.width, caption.width), drawn.height + caption.height)


def _in_one(drawn: Size, direction: Direction, frame: Size, caption: Size) -> Layout:
    size = _below(caption, drawn)
    most = min((side / own for side, own in zip(frame, size, strict=True) if own), default=1.0)
    return Layout(direction, size, frame, min(1.0, most))


def _small(shape: Shape) -> list[list[int]]:
    """The components that are so short that they are not cut."""
    whole = components(range(len(shape.ranks)), shape.beside)
    return [nodes for nodes in whole if len({shape.ranks[node] for node in nodes}) * _SMALL <= shape.count]


def _in_bands(shape: Shape, way: Layout, bands: Bands, small: Sequence[Sequence[int]]) -> Iterator[Layout]:
    scale, begins = bands.best(way.scale)
    if len(begins) > 1:
        of_rank = [bisect(begins, rank) - 1 for rank in range(shape.count)]
        of_node = [of_rank[rank] for rank in shape.ranks]
        for nodes in small:
            for node in nodes:
                of_node[node] = of_node[nodes[0]]
        yield replace(_in_parts(way, scale, of_node, "bands"), lines=bands.lines(begins))


def _in_columns(shape: Shape, way: Layout, frame: Frame) -> Iterator[Layout]:
    for fan in fans(shape, way.direction):
        scale, columns = fan.best(frame)
        of_node = [0] * len(shape.ranks)
        for number, nodes in enumerate(columns, 1 if fan.main.width else 0):
            for node in nodes:
                of_node[node] = number
        if max(of_node):
            yield _in_parts(way, scale, of_node, "fans back" if fan.back else "fans")


def _in_parts(way: Layout, scale: float, parts: Sequence[int], cut: Cut) -> Layout:
    size = Size(way.frame.width / scale, way.frame.height / scale)
    return Layout(way.direction, size, way.frame, scale, parts, cut)
