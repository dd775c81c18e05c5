"""How a figure grows: the exponent of the power of the size that fits it best, and whether that is as promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import log
from statistics import linear_regression
from typing import NamedTuple

from tests.benchmarks.field.side_by_side import Figure
from tests.benchmarks.graphs import SHAPES

_LINEAR = 1.1  # the largest exponent that still counts as linear: 1.26 x the share per decade
_FLAT = 0.09  # ... as flat: 1.5 x over two decades

_ANSWERS = ("lineage, p50", "graph view", "DOT")  # what must be linear in the answer, and flat in the store
_GROWING = (*_ANSWERS, "first lineage", "load", "disk", "memory to ask", "record one run, p50")


class Growth(NamedTuple):
    """``figure ~ size ** exponent``, where size is that of ``against``; ``promised`` is the largest that it may be."""

    column: str
    measure: str
    shape: str
    against: str
    sizes: tuple[int, ...]
    exponent: float
    promised: float | None

    @property
    def kept(self) -> bool:
        """Whether it is as promised, if anything is."""
        return self.promised is None or self.exponent <= self.promised


def growths(figures: Iterable[Figure]) -> Iterator[Growth]:
    """One for each figure that was measured at two sizes or more."""
    points: dict[tuple[str, str, str], list[tuple[int, float]]] = defaultdict(list)
    for figure in figures:
        if figure.measure in _GROWING and figure.value:
            points[figure.column, figure.measure, figure.shape].append((figure.runs, figure.value))
    for (column, measure, shape), those in points.items():
        if len(those) < 2:
            continue
        fit = linear_regression([log(runs) for runs, _ in those], [log(value) for _, value in those])
        whole = SHAPES[shape].answer == "store"
        promised = None
        if measure in _ANSWERS:
            promised = _LINEAR if whole else _FLAT
        against = "answer" if whole and measure in _ANSWERS else "store"
        yield Growth(column, measure, shape, against, tuple(runs for runs, _ in those), fit.slope, promised)
