"""Where a picture that is far too long is cut into bands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf, sqrt

from graphtracker.drawing.layout.frame import Frame
from graphtracker.drawing.layout.shape import RANKSEP, Profile

_MOST_CROSSINGS = 6  # lines over a cut, which one can follow
_MOST_PLACES = 240  # of cuts, so that a long chain takes no longer
_ROUNDS = 7  # of the search for the scale: to some percent
_GAP = 0.35  # inches, with every cut
_LANE = 0.11  # inches, with every line over it
_A_CROSSING = 0.12  # inches of a picture that a line over a cut costs, for each line that is over it
_EVENNESS = 0.5  # inches that bands of equal length are worth
_SHORT = 0.4  # of the longest: bands that are shorter look lost
_SHORTNESS = 2.0  # inches that the shortest costs


class Bands:
    """The ways to cut a picture in one direction, so that it fits a frame."""

    def __init__(self, profile: Profile, crossings: Sequence[int], frame: Frame) -> None:
        self._profile, self._crossings, self._frame = profile, crossings, frame
        self._places = self._allowed()
        self._begins = [profile.begins[place] for place in self._places]
        self._thick = [max(profile.across[begin:end]) for begin, end in pairwise(self._places)]
        self._lines = [0, *(crossings[place - 1] for place in self._places[1:])]

    def _allowed(self) -> list[int]:
        """The ranks before which the picture may be cut, its begin and its end."""
        count = len(self._crossings)
        group = -(-count // _MOST_PLACES)
        groups = (range(begin, min(begin + group, count)) for begin in range(1, count, group))
        least = (min(places, key=lambda place: self._crossings[place - 1]) for places in groups)
        return [0, *(place for place in least if self._crossings[place - 1] <= _MOST_CROSSINGS), count]

    def best(self, scale: float) -> tuple[float, list[int]]:
        """The largest scale at which bands fit, above the one that is there without, and the ranks they begin with.

        Bisection: whatever fits at a scale fits at each smaller one.
        """
        along, across = self._profile.along(0, len(self._crossings)), max(self._profile.across)
        width, height = self._frame.size
        area = sqrt(width * height / (along * across)) if along * across else 1.0
        least, most, found = scale, max(scale, min(1.0, 2 * area)), [0]
        for _ in range(_ROUNDS):
            middle = sqrt(least * most)
            begins = self._cut(middle)
            if begins is None:
                most = middle
            else:
                least, found = middle, begins
        return least, found

    def lines(self, begins: Sequence[int]) -> float:
        """How many lead over a cut in the mean, where bands begin with these ranks."""
        return sum(self._crossings[begin - 1] for begin in begins[1:]) / max(1, len(begins) - 1)

    def _cut(self, scale: float) -> list[int] | None:
        """The best cuts at which all bands fit, scaled so; None where there are none."""
        longest, highest = self._frame.room(scale)
        begins, thicknesses, lines = self._begins, self._thick, self._lines
        costs, before = [0.0] + [inf] * len(thicknesses), [0] * len(begins)
        heights = costs[:]
        for end in range(1, len(begins)):
            thick, most = 0.0, begins[end] + RANKSEP - longest
            for begin in range(end - 1, -1, -1):
                if begins[begin] < most:
                    break
                if thicknesses[begin] > thick:
                    thick = thicknesses[begin]
                added = thick + (_GAP + lines[begin] * _LANE if begin else 0.0)
                filled = (begins[end] - begins[begin]) / longest
                cost = costs[begin] + added + lines[begin] ** 2 * _A_CROSSING + _EVENNESS * filled * filled
                if filled < _SHORT:
                    cost += _SHORTNESS * (1 - filled / _SHORT)
                if cost < costs[end]:
                    costs[end], heights[end], before[end] = cost, heights[begin] + added, begin
        if heights[-1] > highest:
            return None
        found, end = [], len(begins) - 1
        while end:
            end = before[end]
            found.append(self._places[end])
        return found[::-1]
