"""Fisher's exact test, one-sided."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb


def chances(bearers: Iterable[tuple[int, int]], bad: int, good: int) -> dict[tuple[int, int], float]:
    """(Bad bearers, good bearers) → how probable at least so many bad ones are, were as many in all drawn by chance.

    The hypergeometric tail (Fisher, The Logic of Inductive Inference, 1935), exact but for one division at the end.
    Drawn are they from so many bad and good runs; without good ones it is 1.

    >>> chances([(3, 0), (2, 1)], bad=3, good=3)
    {(3, 0): 0.05, (2, 1): 0.5}
    """
    wanted: dict[int, set[int]] = {}
    for bad_ones, good_ones in bearers:
        wanted.setdefault(bad_ones + good_ones, set()).add(bad_ones)
    ways_bad, ways_good = ([comb(count, drawn) for drawn in range(count + 1)] for count in (bad, good))
    found: dict[tuple[int, int], float] = {}
    for drawn, asked in wanted.items():
        ways = 0  # to draw at least so many bad ones
        for bad_ones in range(min(bad, drawn), min(asked) - 1, -1):
            ways += ways_bad[bad_ones] * ways_good[drawn - bad_ones]
            if bad_ones in asked:
                found[bad_ones, drawn - bad_ones] = ways / comb(bad + good, drawn)
    return found
