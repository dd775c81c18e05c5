"""What a filter finds, and in which order, on every store, is what Python's own evaluation of its text says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker
from tests.support.filter_oracle import ABSENT, Valued, held, in_order
from tests.support.recording import after
from tests.support.strategies import STORE_PER_EXAMPLE

VALUES: list[Any] = [
    *(None, True, False, 0, 1, 1.0, -1, 2, 0.5, -0.0, math.nan, math.inf, -math.inf, 5e-324),
    *(2**53, 2**53 + 1, float(2**53), 2**63 - 1, 2**63, float(2**63), -(2**63), -(2**63) - 1, 10**400),
    *(Decimal("0.5"), Decimal("NaN"), Decimal("1e400"), Decimal("0.1"), 0.1),
    *(
        "",
        "a",
        "adam",
        "A",
        "é",
        "\U0001f600",
        "\uff5e",
        "json:",
        "1",
        "true",
        "a" * 127,
        "a" * 128,
        "a" * 3000,
        "a\0b",
    ),
    *(b"", b"a", [], [1], [1.0], ["adam", 2], {"b": 1}, {"b": {"c": "adam"}}, {1: "a"}, {"b": None}, {"b": [1, 2]}),
    *(date(2026, 1, 1), datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone.utc)),
    *(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), timedelta(1), frozenset({"adam"}), {1, 2}),
]


def native(value: object) -> bool:
    """Whether every store holds the value natively."""
    if type(value) is int:
        return -(2**63) < value < 2**63
    return value is None or type(value) in (float, bool, str)


LITERALS = [
    *("None", "True", "False", "0", "1", "1.0", "-1", "0.5", "nan", "inf", "-inf", "0.1", "5e-324", "-0.0"),
    *("9007199254740992", "9007199254740993", "9007199254740992.0", "9223372036854775807", "9223372036854775808"),
    *("9.223372036854775808e18", "-9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "1e400"),
    *('""', '"a"', '"adam"', '"é"', '"\U0001f600"', '"\uff5e"', '"json:"', '"1"', '"true"', f'"{"a" * 128}"', 'b"a"'),
    *('"2026-01-01"', '"2026-01-01T00:00"', '"2025-12-31T23:00-01:00"', "[]", "[1]", "[1.0]", '{"b": 1}', "{1, 2}"),
]
FIELDS = {"k": "k", "other": "other", "k.b": "k_b", "k.b.c": "k_b_c", "k[0]": "k_0", "k.b[1]": "k_b_1"}
"""Fields as a filter has them, with the variable that has the value where Python evaluates the text."""

fields, literals = st.sampled_from([*FIELDS.items()]), st.sampled_from(LITERALS)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])

Texts = tuple[str, str]
"""A filter, with the Python expression that is to say the same."""


def both(template: str, field: Texts, *parts: str) -> Texts:
    return template.format(field[0], *parts), template.format(field[1], *parts)


def one_of(field: Texts, negated: str, one: str, two: str) -> Texts:
    sign, joined = ("!=", "and") if negated else ("==", "or")
    return f"{field[0]} {negated}in [{one}, {two}]", f"({field[1]} {sign} {one}) {joined} ({field[1]} {sign} {two})"


def holds(field: Texts, negated: str, one: str) -> Texts:
    held = f"held({one}, {field[1]})"
    return f"{one} {negated}in {field[0]}", f"{field[1]} and not {held}" if negated else held


def is_none(field: Texts, negated: str) -> Texts:
    return f"{field[0]} is {negated}None", f"{field[1]} {'!=' if negated else '=='} None"


perhaps_not = st.sampled_from(["", "not "])
comparisons: st.SearchStrategy[Texts] = st.one_of(
    st.builds(both, st.just("{} {} {}"), fields, operators, literals),
    st.builds(both, st.just("{2} {1} {0}"), fields, operators, literals),
    st.builds(both, st.just("{1} < {0} <= {2}"), fields, literals, literals),
    st.builds(both, st.just("{}"), fields),
    st.builds(one_of, fields, perhaps_not, literals, literals),
    st.builds(holds, fields, perhaps_not, literals),
    st.builds(is_none, fields, perhaps_not),
)
filters: st.SearchStrategy[Texts] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        inner.map(lambda texts: (f"not ({texts[0]})", f"not ({texts[1]})")),
        st.builds(lambda one, two: (f"({one[0]}) and ({two[0]})", f"({one[1]}) and ({two[1]})"), inner, inner),
        st.builds(lambda one, two: (f"({one[0]}) or ({two[0]})", f"({one[1]}) or ({two[1]})"), inner, inner),
    ),
    max_leaves=4,
)


def runs_of(values: list[Any]) -> dict[str, dict[str, object]]:
    """Runs, each with one of the values under ``k``; one in three has another one, one in five a key with a dot."""
    runs: dict[str, dict[str, object]] = {}
    for number, value in enumerate(values):
        metadata = {"k": value}
        if number % 3 == 0:
            metadata["other"] = values[(7 * number + 3) % len(values)]
        if number % 5 == 0:
            metadata["k.b"] = values[(5 * number + 1) % len(values)]
        runs[f"run-{number}"] = metadata
    return {**runs, "none": {}, "another": {"other": 1}}


STORED = {
    "values of all kinds": runs_of(VALUES),
    "values that every store holds natively": runs_of([value for value in VALUES if native(value)]),
    "numbers": runs_of([value for value in VALUES if type(value) in (int, float) and native(value)]),
}


def test_a_filter_finds_what_python_says(kind: str, tracker: GraphTracker, stored: str) -> None:
    @fewer_on_neo4j(kind)
    @given(st.lists(filters, min_size=10, max_size=30))
    def compare(asked: list[Texts]) -> None:
        check_filters(tracker, stored, asked)

    compare()


def fewer_on_neo4j(kind: str) -> settings:
    """Each example asks many questions, of which each takes there a hundred times as long."""
    return settings(STORE_PER_EXAMPLE, max_examples=5 if kind == "neo4j" else 50)


def check_filters(tracker: GraphTracker, stored: str, asked: list[Texts]) -> None:
    runs = STORED[stored]
    for text, expression in asked:
        expected = {run_id for run_id, metadata in runs.items() if evaluated(expression, metadata)}
        found = tracker.run_ids(text)
        assert set(found) == expected, text
        assert found == [run.run_id for run in tracker.runs(where=text)]
        assert found[:2] == tracker.run_ids(text, None, 2), text


def test_pages_in_an_order_hold_every_run_once(kind: str, tracker: GraphTracker) -> None:
    @fewer_on_neo4j(kind)
    @given(st.none() | filters, st.sampled_from(["k", "other"]), st.booleans(), st.integers(3, 20))
    def compare(asked: Texts | None, key: str, descending: bool, size: int) -> None:
        check_pages(tracker, asked, key, descending, size)

    compare()


def check_pages(tracker: GraphTracker, asked: Texts | None, key: str, descending: bool, size: int) -> None:
    order = f"-{key}" if descending else key
    where = None if asked is None else asked[0]
    expected = in_order(tracker.runs(where=where), key, descending)
    assert tracker.run_ids(where, order) == expected
    found: list[str] = []
    while page := tracker.runs(where=where, order_by=order, limit=size, after=found[-1] if found else None):
        found += [run.run_id for run in page]
        assert len(found) <= len(expected)
    assert found == expected


def evaluated(expression: str, metadata: dict[str, object]) -> bool:
    k = Valued(metadata.get("k", ABSENT))
    k_b = Valued(metadata["k.b"]) if "k.b" in metadata else k.b
    k_b_c = k_b.c or k.b.c
    k_b_1 = k_b[1] or k.b[1]
    variables = {"k": k, "other": Valued(metadata.get("other", ABSENT)), "k_b": k_b, "k_b_c": k_b_c, "k_0": k[0]}
    return bool(eval(expression, {**variables, "k_b_1": k_b_1, "held": held, "nan": math.nan, "inf": math.inf}))  # noqa: S307  # the texts above


@pytest.fixture(params=STORED)
def stored(request: pytest.FixtureRequest) -> str:
    """Which of the kinds of values are stored."""
    return str(request.param)


@pytest.fixture
def tracker(stored: str, new_url: Callable[[], str]) -> Iterator[GraphTracker]:
    """A tracker on a store of runs with these values."""
    with GraphTracker(new_url()) as opened:
        with opened.batch() as batch:
            for number, (run_id, metadata) in enumerate(STORED[stored].items()):
                batch.record(run_id, metadata=metadata, at=after(number % 7))
        yield opened
