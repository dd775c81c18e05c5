"""What explains that some runs are bad: what they share upstream that good ones lack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graphtracker.analysis.contrast import Contrast, Explanation, SharedValue
from graphtracker.analysis.distances import in_order
from graphtracker.analysis.features import Feature, features, value_text
from graphtracker.analysis.fisher import chances
from graphtracker.analysis.ignoring import Ignored
from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer


class Sides(NamedTuple):
    """The ids of the bad runs and of the good ones; none is in both."""

    bad: tuple[str, ...]
    good: tuple[str, ...]


def checked_sides(bad: tuple[str, ...], good: tuple[str, ...]) -> Sides:
    """The two sides; raises InvalidInput where there is no bad run, or where a run is in both."""
    if not bad:
        raise InvalidInput("there is no bad run; name one, or give a filter that some run matches")
    both = set(good).intersection(bad)
    if both:
        more = "" if len(both) == 1 else f", and so {'is' if len(both) == 2 else 'are'} {len(both) - 1:,} more"
        raise InvalidInput(f"run {quoted(min(both))} is both bad and good{more}; leave it out of one side")
    return Sides(tuple(dict.fromkeys(bad)), tuple(dict.fromkeys(good)))


@gc_paused()
def contrast(answer: Answer, sides: Sides, *, ignore: Iterable[str] = ()) -> Contrast:
    """The explanations, best first, out of the upstream lineage of all runs of the two sides.

    Linear in the answer, times the runs asked about over the bits of a machine's word.
    """
    groups: dict[int, list[Feature]] = {}
    for feature in features(answer, (*sides.bad, *sides.good), Ignored(ignore)):
        groups.setdefault(feature.bits, []).append(feature)
    bad = (1 << len(sides.bad)) - 1
    least = min(2, len(sides.bad))
    lines = [_Line(bits, bad, group) for bits, group in groups.items() if (bits & bad).bit_count() >= least]
    p = chances(((line.bad, line.good) for line in lines), *map(len, sides))
    lines.sort(key=lambda line: (p[line.bad, line.good], -line.bad, line.good, line.distance, line.first))
    explained = 0
    explanations = []
    for line in lines:
        new = line.bits & bad & ~explained
        explained |= new
        explanations.append(line.explanation(p[line.bad, line.good], new.bit_count()))
    return Contrast(sides.bad, sides.good, tuple(explanations), answer.reasons)


class _Line:
    """What the same runs bear: the nodes, the values, the places, the nearest of each first."""

    def __init__(self, bits: int, bad: int, group: Sequence[Feature]) -> None:
        self.bits = bits
        self.bad = (bits & bad).bit_count()
        self.good = bits.bit_count() - self.bad
        self.distance = min(feature.distance for feature in group)
        self._group = group
        self.first = _kind_and_text(group[0])

    def explanation(self, p: float, explains: int) -> Explanation:
        """The line as people are told it."""
        listed: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
        for kind, item, _, _ in self._group:
            listed[kind].append(SharedValue(*item) if kind == "value" else item)
        nodes, values, places = map(tuple, listed.values())
        return Explanation(nodes, values, places, self.bad, self.good, p, self.distance, explains)


_KINDS = {"node": 0, "value": 1, "place": 2}


def _kind_and_text(feature: Feature) -> tuple[int, tuple[str, ...]]:
    """What a line is ordered by last: nodes by id and name, then values by key, then places."""
    kind = _KINDS[feature.kind]
    if feature.kind == "node":
        return kind, in_order(feature.item)
    return kind, (feature.item,) if feature.kind == "place" else value_text(feature)
