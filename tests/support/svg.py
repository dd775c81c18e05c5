"""A picture as Graphviz's SVG holds it: where nodes and lines are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree

from graphtracker import Lineage
from graphtracker.drawing.options import PictureOptions
from graphtracker.export import export

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?[0-9.]+(?:e-?[0-9]+)?")
_STEPS = 12  # of a piece of a curve

Point = tuple[float, float]


class Box(NamedTuple):
    """Around a node."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> Box:
        """So much larger on every side (or smaller)."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def holds(self, point: Point) -> bool:
        """Whether the point is in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def meets(self, other: Box) -> bool:
        """Whether the two have an area in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Curve(NamedTuple):
    """An edge: the corners of its Bézier curve, how many arrowheads it has, and the tip of the last."""

    begin: str
    end: str
    corners: Sequence[Point]
    arrows: int
    tip: Point | None
    tooltip: str | None

    def points(self) -> Iterator[Point]:
        """Points along it, near each other."""
        for place in range(0, len(self.corners) - 1, 3):
            a, b, c, d = self.corners[place : place + 4]
            for step in range(_STEPS + 1):
                t = step / _STEPS
                weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
                x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
                yield x, y

    def straights(self) -> Iterator[tuple[Point, Point]]:
        """Its upright or level pieces that are long enough to be seen as such."""
        places = self.corners[::3]
        for a, b in pairwise(places):
            if min(abs(a[0] - b[0]), abs(a[1] - b[1])) < 0.02 and max(abs(a[0] - b[0]), abs(a[1] - b[1])) > 12:
                yield min(a, b), max(a, b)


class Drawn(NamedTuple):
    """A whole picture; sizes in points."""

    width: float
    height: float
    nodes: dict[str, Box]
    edges: list[Curve]
    texts: list[str]
    labels: list[Box]
    """Of edges: around the letters, about as wide as these are."""


def texts(lineage: Lineage) -> list[str]:
    """What is written in the picture of a lineage, without its title and legend."""
    return texts_of(b"".join(export(lineage, "svg", PictureOptions(bare=True))))


def texts_of(svg: str | bytes) -> list[str]:
    """What is written in an SVG, in order."""
    return _texts(ElementTree.fromstring(svg))  # noqa: S314  # our own picture


def _texts(root: ElementTree.Element) -> list[str]:
    return [(item.text or "").strip() for item in root.iter(f"{_SVG}text")]


def read_svg(text: str) -> Drawn:
    """What an SVG of ours shows; two nodes of one name are an error."""
    root = ElementTree.fromstring(text)  # noqa: S314  # our own picture
    nodes: dict[str, Box] = {}
    edges, labels = [], []
    for group in root.iter(f"{_SVG}g"):
        title = group.findtext(f"{_SVG}title") or ""
        if group.get("class") == "node":
            assert title not in nodes
            nodes[title] = _box(group)
        elif group.get("class") == "edge":
            edges.append(_curve(title, group))
            labels += [_label(text) for text in group.iter(f"{_SVG}text")]
    width, height = (float(str(root.get(side)).removesuffix("pt")) for side in ("width", "height"))
    return Drawn(width, height, nodes, edges, _texts(root), labels)


def _label(text: ElementTree.Element) -> Box:
    x, y, size = (float(text.get(name, "0")) for name in ("x", "y", "font-size"))
    half = len((text.text or "").strip()) * size * 0.5 / 2
    return Box(x - half, y - size / 2, x + half, y)


def _numbers(text: str) -> list[Point]:
    found = [float(number) for number in _NUMBER.findall(text)]
    return list(zip(found[::2], found[1::2], strict=True))


def _box(group: ElementTree.Element) -> Box:
    points = [point for shape in group.iter(f"{_SVG}polygon") for point in _numbers(shape.get("points", ""))]
    points += [point for shape in group.iter(f"{_SVG}path") for point in _numbers(shape.get("d", ""))]
    points += [(float(text.get("x", "0")), float(text.get("y", "0"))) for text in group.iter(f"{_SVG}text")]
    across, down = [point[0] for point in points], [point[1] for point in points]
    return Box(min(across), min(down), max(across), max(down))


def _curve(title: str, group: ElementTree.Element) -> Curve:
    begin, _, end = title.partition("->")
    (path,) = group.iter(f"{_SVG}path")
    arrows = [_numbers(shape.get("points", "")) for shape in group.iter(f"{_SVG}polygon")]
    corners = _numbers(path.get("d", ""))
    tooltip = next((a.get("{http://www.w3.org/1999/xlink}title") for a in group.iter(f"{_SVG}a")), None)
    return Curve(begin, end, corners, len(arrows), arrows[-1][1] if arrows else None, tooltip)
