"""Fisher's exact test, one-sided."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb, exp, lgamma

_MOST_EXACT = 1_000
"""Runs; numbers of thousands of digits would be added up thousands of times."""


def chances(bearers: Iterable[tuple[int, int]], bad: int, good: int) -> dict[tuple[int, int], float]:
    """(Bad bearers, good bearers) → how probable at least so many bad ones are, were as many in all drawn by chance.

    The hypergeometric tail (Fisher, The Logic of Inductive Inference, 1935): exact but for one division at the end, of
    more than a thousand runs to some ten digits. They are drawn from so many bad and good runs; without good ones it is
    1.

    >>> chances([(3, 0), (2, 1)], bad=3, good=3)
    {(3, 0): 0.05, (2, 1): 0.5}
    """
    if bad + good > _MOST_EXACT:
        return {(one, other): _tail(one, one + other, bad, good) for one, other in set(bearers)}
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


def _tail(least: int, drawn: int, bad: int, good: int) -> float:
    """The same in floats: what is summed is the shorter tail, from its greatest term on to where terms do not count."""
    if least <= max(0, drawn - good):
        return 1.0
    upwards = least > (drawn + 1) * (bad + 1) // (bad + good + 2)  # the mode
    count = least if upwards else least - 1
    term = exp(_log_ways(bad, count) + _log_ways(good, drawn - count) - _log_ways(bad + good, drawn))
    total = 0.0
    while term > total * 1e-17:
        total += term
        if upwards:
            term *= (bad - count) * (drawn - count) / ((count + 1) * (good - drawn + count + 1))
            count += 1
        else:
            term *= count * (good - drawn + count) / ((bad - count + 1) * (drawn - count + 1))
            count -= 1
    return total if upwards else 1 - total


def _log_ways(count: int, drawn: int) -> float:
    return lgamma(count + 1) - lgamma(drawn + 1) - lgamma(count - drawn + 1)
