"""When two values are equal, and that the bytes a fingerprint is made of are the same exactly then."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker.model.equality import MISSING, canonical_bytes, equal
from tests.support.strategies import datetimes, decimals, integers, values
from tests.support.values_of_note import BERLIN, BIG, BY_HAND

UTC = timezone.utc

# Each line is values that are equal; those of different lines are not.
KINDS: list[list[Any]] = [
    [None],
    [False],
    [True],
    [0, 0.0, -0.0, Decimal(0), Decimal("-0"), Decimal("0E+3")],
    [1, 1.0, Decimal(1), Decimal("1.00")],
    [0.5, Decimal("0.5"), Decimal("0.500")],
    [0.1, Decimal.from_float(0.1)],  # as binary has it
    [Decimal("0.1")],
    [2**53, float(2**53), Decimal(2**53)],
    [2**53 + 1, Decimal(2**53 + 1)],
    [-(2**53) - 1, Decimal(-(2**53) - 1)],
    [10**30, Decimal("1E+30"), Decimal("10E+29")],
    [float(10**30), int(float(10**30))],
    [10**400, Decimal("1E+400")],
    [BIG],
    [-BIG],
    [BIG + 1],
    [Decimal("1E+999999"), Decimal("10E+999998")],
    [Decimal("1E-999999")],
    [5e-324, Decimal.from_float(5e-324)],
    [math.inf, Decimal("Infinity")],
    [-math.inf, Decimal("-Infinity")],
    [math.nan, -math.nan],
    [Decimal("NaN"), Decimal("-NaN12")],
    [Decimal("sNaN")],
    [Decimal("-sNaN7")],
    [""],
    ["1"],
    ["nan"],
    ["None"],
    [b""],
    [b"1"],
    [date(2024, 1, 1), datetime(2024, 1, 1), datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))],
    [datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN), datetime(2024, 10, 27, 0, 30, tzinfo=UTC)],
    [datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)],
    [datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))],
    [datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))],
    [timedelta(0)],
    [UUID(int=1)],
    [str(UUID(int=1))],
    [[]],
    [[1]],
    [[1.0]],  # within a list a number is what it is written as
    [{}],
    [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
    [{1: "a"}, {1.0: "a"}],
    [{"1": "a"}],
    [{True: "a"}],
    [{BIG: 1, 2: 3}, {2: 3, BIG: 1}],
    [{"$type": "bytes", "value": ""}],
    [set(), frozenset()],
    [{1, 2}, frozenset({2, 1})],
    [[{1, "a"}], [frozenset({"a", 1})]],
]


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_these_are_equal_and_have_the_same_bytes(number: int) -> None:
    assert [
        (one, other)
        for one, other in combinations_with_replacement(KINDS[number], 2)
        if not equal(one, other) or not equal(other, one) or canonical_bytes(one) != canonical_bytes(other)
    ] == []


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_and_those_are_not(number: int) -> None:
    first = KINDS[number][0]
    others: list[Any] = [value for other, alike in enumerate(KINDS) if other != number for value in alike]
    assert [
        value
        for value in others
        if equal(first, value) or equal(value, first) or canonical_bytes(first) == canonical_bytes(value)
    ] == []


def test_what_is_missing_is_equal_to_itself_alone() -> None:
    assert equal(MISSING, MISSING)
    assert not any(equal(MISSING, value) or equal(value, MISSING) for value in (None, "", 0, False))


_numbers = integers | st.floats() | decimals | st.integers(-3, 3) | st.fractions(-4, 4, max_denominator=8).map(float)


def _exactly(number: Any) -> object:
    """What a number is, by Python's own fractions; what is none is told apart by its text."""
    if number != number or abs(number) == math.inf:
        return str(float(number)) if type(number) is float or number == number else "decimal"
    return Fraction(number)


@given(_numbers, _numbers)
def test_numbers_are_equal_by_value_whatever_their_types(one: Any, other: Any) -> None:
    small = [number for number in (one, other) if not isinstance(number, Decimal) or abs(number.adjusted()) < 5000]
    if len(small) == 2 and not any(isinstance(number, Decimal) and number.is_snan() for number in small):
        assert equal(one, other) is (_exactly(one) == _exactly(other))
    assert equal(one, other) is (canonical_bytes(one) == canonical_bytes(other))


def _in_other_types(number: Any) -> list[Any]:
    """The same number, in each type that holds it exactly."""
    ways: list[Any] = [number, Decimal(number)]
    if math.isfinite(number) and number == int(number):
        ways.append(int(number))
    if abs(number) < 2**53 or type(number) is float:
        ways.append(float(number))
    return ways


@given(integers | st.floats(allow_nan=False))
def test_one_number_has_the_same_bytes_in_every_type(number: Any) -> None:
    ways = _in_other_types(number)
    assert all(equal(way, number) for way in ways)
    assert {canonical_bytes(way) for way in ways} == {canonical_bytes(number)}


@given(datetimes, st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]))
def test_one_instant_has_the_same_bytes_in_every_zone(at: datetime, zone: str) -> None:
    if not 2 < at.year < 9998:
        return
    aware = at.replace(tzinfo=UTC) if at.utcoffset() is None else at
    elsewhere = aware.astimezone(UTC).astimezone(ZoneInfo(zone))
    assert equal(at, elsewhere)
    assert canonical_bytes(at) == canonical_bytes(elsewhere)


@given(datetimes, datetimes)
def test_times_are_equal_by_their_instants(one: datetime, other: datetime) -> None:
    def since(at: datetime) -> timedelta:
        return at.replace(tzinfo=None, fold=0) - datetime(1970, 1, 1) - (at.utcoffset() or timedelta(0))

    assert equal(one, other) is (since(one) == since(other))
    assert equal(one, other) is (canonical_bytes(one) == canonical_bytes(other))


@given(values, values)
def test_any_two_values_are_equal_where_their_bytes_are(one: object, other: object) -> None:
    assert equal(one, one)
    assert equal(one, other) is (canonical_bytes(one) == canonical_bytes(other))


@pytest.mark.parametrize("name", BY_HAND)
def test_every_value_has_bytes_of_its_own(name: str) -> None:
    value = BY_HAND[name]
    assert [
        other
        for other, another in BY_HAND.items()
        if equal(value, another) is not (canonical_bytes(value) == canonical_bytes(another))
    ] == []


def test_a_job_that_traps_nothing_or_everything_gets_the_same_answers() -> None:
    odd = [
        Decimal("sNaN"),
        Decimal("-sNaN7"),
        Decimal("NaN"),
        Decimal("1E+400"),
        Decimal("0.1"),
        0.1,
        math.nan,
        10**400,
    ]

    def answers() -> list[object]:
        return [(equal(one, other), canonical_bytes(one)) for one in odd for other in odd]

    usual = answers()
    with localcontext() as context:
        context.prec = 3
        for signal in context.traps:
            context.traps[signal] = False
        assert answers() == usual
        for signal in context.traps:
            context.traps[signal] = True
        assert InvalidOperation in context.traps
        assert answers() == usual


def test_numbers_of_very_many_digits_take_no_time_of_their_own() -> None:
    many = 5**50_000
    assert canonical_bytes(many) == b"exact:1*2**0*5**50000"
    assert canonical_bytes(Decimal("-5E+999999999999")) == b"exact:-1*2**999999999999*5**1000000000000"


_SCRIPT = """
from graphtracker.model.equality import canonical_bytes
print(canonical_bytes([{"a", "b", "c", 1, None, (1, "x")}, {"k": frozenset("hello")}]))
"""


def test_the_bytes_do_not_depend_on_the_seed_of_hashes() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", _SCRIPT], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1
