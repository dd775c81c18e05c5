"""How what Graphviz places is seen from the lines between the parts of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphtracker.drawing.layout.lanes import Point
from graphtracker.drawing.layout.shape import POINTS_AN_INCH, label_size


class Way(NamedTuple):
    """An edge: its Bézier curve, the tip of its arrow and the middle of its label, where it has them."""

    curve: Sequence[Point]
    tip: Point | None = None
    label: Point | None = None

    def moved(self, by: Point) -> Way:
        """So much farther."""
        tip, label = (point and point.moved(by) for point in (self.tip, self.label))
        return Way([point.moved(by) for point in self.curve], tip, label)


class View(NamedTuple):
    """How Graphviz's x and y, which grows upwards, become ``u`` along the lines' way and ``v`` across it."""

    down: bool
    """The data runs from top to bottom."""
    back: bool
    """The lines run against the data."""

    def point(self, x: float, y: float) -> Point:
        """As lines go."""
        u, v = (-y, x) if self.down else (x, -y)
        return Point(-u if self.back else u, v)

    def label(self, text: str) -> Point:
        """How far a label extends."""
        width, height = (side * POINTS_AN_INCH for side in label_size(text))
        return Point(height, width) if self.down else Point(width, height)

    def written(self, point: Point) -> str:
        """As Graphviz's attributes have it."""
        u = -point.u if self.back else point.u
        x, y = (point.v, -u) if self.down else (u, -point.v)
        return f"{x:.2f},{y:.2f}"
