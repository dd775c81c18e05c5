"""The lines between the parts of a picture, outside of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

LANE = 8.0
"""Points between two lines."""

_GAP = 16.0  # points between parts besides
_ROUNDING = 5.0  # points, of a corner
_BEND = 0.55  # of a quarter of a circle drawn as a Bézier curve

Line = tuple[str, str]
"""What edges have in common that are one line outside of the parts: the node at the line's begin, and their kind."""


class Point(NamedTuple):
    """In points: ``u`` along the data's way, ``v`` across it."""

    u: float
    v: float

    def moved(self, by: Point) -> Point:
        """So much farther."""
        return Point(self.u + by.u, self.v + by.v)


class Part(NamedTuple):
    """A part: its extent, the ends of lines at its end, the begins of lines at its begin, all from its own corner."""

    extent: Point
    exits: Mapping[Line, float]
    """Where across."""
    entries: Mapping[Line, float]
    """Where across; of a column: of the uppermost."""


class BandLanes:
    """Where bands are that stand one after another across the data's way, and the ways of the lines between them.

    Each line has lanes of its own: beside the ends of the bands that it passes, above each band to which it leads, and
    before that band's begin. Lines keep their order, so that they cross where their ends are in another order only.
    """

    def __init__(self, bands: Sequence[Part]) -> None:
        self._bands = bands
        self._home = {line: number for number, band in enumerate(bands) for line in band.exits}
        self._targets: dict[Line, list[int]] = {line: [] for line in self._home}
        self.origins: list[Point] = []
        """Where each band begins."""
        bottom = 0.0
        for number, band in enumerate(bands):
            for line in band.entries:
                self._targets[line].append(number)
            top = bottom + _gutter(band) + (_GAP if number else 0.0)
            self.origins.append(Point(0.0, top))
            bottom = top + band.extent.v
        self._beside = self._lanes_beside()
        self._above = [self._lanes_above(number) for number in range(len(bands))]

    def way(self, line: Line, target: int, end: Point) -> list[Point]:
        """The line from its exit to this end in a band, as a Bézier curve from its second point on."""
        start, beside, above = self._start(line), self._beside[line], self._above[target][line]
        entries = self._bands[target].entries
        before = -LANE * (1 + sorted((place, other) for other, place in entries.items()).index((entries[line], line)))
        corners = [Point(beside, start.v), Point(beside, above), Point(before, above), Point(before, end.v)]
        return rounded([start, *corners, end])

    def _top(self, number: int) -> float:
        return self.origins[number].v

    def _start(self, line: Line) -> Point:
        home = self._home[line]
        return Point(self._bands[home].extent.u, self._top(home) + self._bands[home].exits[line])

    def _span(self, line: Line) -> tuple[float, float]:
        """Between which places across the line runs beside the bands."""
        start = self._start(line).v
        least = min(self._top(target) - _gutter(self._bands[target]) for target in self._targets[line])
        return min(start, least), max(start, *map(self._top, self._targets[line]))

    def _lanes_beside(self) -> dict[Line, float]:
        """Where along the data's way each line runs across: as near to the bands that it passes as there is room."""
        found: dict[Line, float] = {}
        spans = {line: self._span(line) for line in self._home}
        for line in sorted(self._home, key=lambda line: (len(self._passed(line)), -self._outward(line), line)):
            (least, most), lane = spans[line], max(band.extent.u for band in self._passed(line)) + LANE
            for other in sorted(
                found[other] for other in found if spans[other][0] <= most and least <= spans[other][1]
            ):
                lane = other + LANE if abs(other - lane) < LANE else lane
            found[line] = lane
        return found

    def _passed(self, line: Line) -> Sequence[Part]:
        home, targets = self._home[line], self._targets[line]
        return self._bands[min(home, *targets) : max(home + 1, *targets)]

    def _outward(self, line: Line) -> float:
        """Of lines from one band, those leave on the outside that begin farther from where they lead."""
        start = self._start(line).v
        return start if max(self._targets[line]) > self._home[line] else -start

    def _lanes_above(self, number: int) -> dict[Line, float]:
        """Where across each line runs back that leads to the band: first those from above, then those from below."""
        lines = sorted(self._bands[number].entries, key=lambda line: (self._beside[line], line))
        down = [line for line in lines if self._home[line] < number]
        up = [line for line in reversed(lines) if self._home[line] >= number]
        begin = self._top(number) - _gutter(self._bands[number])
        return {line: begin + place * LANE for place, line in enumerate([*down, *up])}


def _gutter(band: Part) -> float:
    """The room above it that the lines need which lead to it."""
    return len(band.entries) * LANE


class ColumnLanes:
    """Where columns are that stand one after another along the data's way, the main part first, and the ways of the
    lines from that to the columns.

    Each line has lanes of its own: beside the main part, above the columns, and before each column to which it leads,
    from where it branches. ``room`` is how many points are needed before each column.
    """

    def __init__(self, parts: Sequence[Part], room: Sequence[float]) -> None:
        main, *columns = parts
        lines = sorted(main.exits, key=lambda line: (main.exits[line], line))
        self._main, self._parts = main, parts
        self._beside = {line: main.extent.u + LANE * place for place, line in enumerate(lines, 1)}
        self._above = {line: -LANE * (len(lines) - place) for place, line in enumerate(lines)}
        self.origins = [Point(0.0, 0.0)]
        """Where each part begins."""
        end = main.extent.u + LANE * len(lines)
        for column, width in zip(columns, room[1:], strict=True):
            begin = end + 1.5 * _GAP + LANE * len(column.entries) + width
            self.origins.append(Point(begin, 0.0))
            end = begin + column.extent.u
        self._room = room

    def way(self, line: Line, target: int, end: Point) -> list[Point]:
        """The line from its exit to this end in a column, as a Bézier curve from its second point on."""
        start, beside = Point(self._main.extent.u, self._main.exits[line]), self._beside[line]
        if target == 1:
            return rounded([start, Point(beside, start.v), Point(beside, end.v), end])
        lane = list(self._parts[target].entries).index(line)
        before, above = self.origins[target].u - _GAP - self._room[target] - LANE * lane, self._above[line]
        corners = [Point(beside, start.v), Point(beside, above), Point(before, above), Point(before, end.v)]
        return rounded([start, *corners, end])


def rounded(points: Sequence[Point]) -> list[Point]:
    """Of a line of straight pieces, with round corners, the points of the Bézier curve from the second on."""
    found: list[Point] = []
    here = points[0]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        begin, end = _near(corner, before), _near(corner, after)
        bends = [_between(begin, corner, _BEND), _between(end, corner, _BEND)]
        found += [*_straight(here, begin), *bends, end]
        here = end
    return [*found, *_straight(here, points[-1])]


def _near(corner: Point, other: Point) -> Point:
    distance = abs(corner.u - other.u) + abs(corner.v - other.v)
    return _between(corner, other, min(_ROUNDING / distance, 0.5)) if distance else corner


def _straight(begin: Point, end: Point) -> list[Point]:
    return [_between(begin, end, 1 / 3), _between(begin, end, 2 / 3), end]


def _between(begin: Point, end: Point, part: float) -> Point:
    return Point(begin.u + (end.u - begin.u) * part, begin.v + (end.v - begin.v) * part)
