"""Fisher's exact test, one-sided: its p is the part of all labellings that have at least as many bad bearers."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from graphtracker.analysis import fisher
from graphtracker.analysis.fisher import chances


def by_enumeration(bad_bearers: int, good_bearers: int, bad: int, good: int) -> float:
    drawn = set(range(bad_bearers + good_bearers))
    labellings = list(map(drawn.intersection, combinations(range(bad + good), bad)))
    return float(Fraction(sum(len(each) >= bad_bearers for each in labellings), len(labellings)))


@pytest.mark.parametrize("bad", range(1, 6))
@pytest.mark.parametrize("good", range(6))
def test_p_is_that_of_all_labellings(bad: int, good: int) -> None:
    tables = [(bad_ones, good_ones) for bad_ones in range(bad + 1) for good_ones in range(good + 1)]
    assert chances(tables, bad, good) == {table: by_enumeration(*table, bad, good) for table in tables}


def test_without_good_runs_it_is_one() -> None:
    assert set(chances([(count, 0) for count in range(30)], 30, 0).values()) == {1.0}


def test_of_many_runs_it_is_exact_and_of_very_many_it_ends_at_zero() -> None:
    assert chances([(100, 0)], 100, 100)[100, 0] == float(
        Fraction(1, 90548514656103281165404177077484163874504589675413336841320)
    )
    assert chances([(1000, 0)], 1000, 1000) == {(1000, 0): 0.0}


@pytest.mark.parametrize(("bad", "good"), [(1, 40), (20, 20), (37, 5), (40, 1), (150, 90)])
def test_of_more_than_a_thousand_it_is_the_same_to_ten_digits(
    bad: int, good: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [(bad_ones, good_ones) for bad_ones in range(bad + 1) for good_ones in range(good + 1)]
    exact = chances(tables, bad, good)
    monkeypatch.setattr(fisher, "_MOST_EXACT", 1)
    near = chances(tables, bad, good)
    assert near == {table: pytest.approx(p, rel=1e-10, abs=1e-300) for table, p in exact.items()}
