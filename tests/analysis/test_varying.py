"""In which metadata runs differ, in words for the label of a stack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import Run
from graphtracker.analysis.varying import Varying, varying
from graphtracker.model.equality import MISSING, equal
from graphtracker.model.flattened import flattened
from tests.support.hostile import HOSTILE, obeyed
from tests.support.strategies import metadata_keys, values

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def runs(*each: Mapping[str, object]) -> list[Run]:
    return [
        Run(f"run-{number}", f"run-{number}", False, False, metadata, {}, NOON, NOON, NOON)
        for number, metadata in enumerate(each)
    ]


def text_of(*values: object) -> str:
    [only] = varying(runs(*({"key": value} for value in values)))
    return only.text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.1, 0.003, 0.03], "0.003 … 0.1"),
        ([3, 2.5, Decimal(7)], "2.5 … 7"),
        ([1 / 3, 2 / 3], "0.333333 … 0.666667"),
        ([0.12345678, 0.12345679], "0.12345678 … 0.12345679"),
        ([1, 2, math.nan], "1 … 2, nan"),
        ([0.1, 0.2, None], "0.1 … 0.2, None"),
        ([True, False, False], "False, True"),
        (["sgd", "adam", "sgd"], "adam, sgd"),
        ([1, "1", "one"], "3 values"),
        ([NOON, NOON + timedelta(hours=2), NOON], "2026-03-01 12:00:00Z … 2026-03-01 14:00:00Z"),
        ([date(2026, 3, 1), date(2026, 4, 1)], "2026-03-01 … 2026-04-01"),
        ([[1, 2], [3]], "[1, 2], [3]"),
        (["a", "b", "c", "d", "a"], "4 values"),
        ([f"{'x' * 40}{number}{'y' * 40}" for number in range(3)], "3 values"),
        ([10**5000, 1], "1 … 0x31e208010…000000000000"),
    ],
)
def test_values_are_told_by_their_ends_or_by_name_where_they_are_few(values: list[object], text: str) -> None:
    assert text_of(*values) == text


def test_what_is_equal_in_all_runs_is_not_told() -> None:
    assert (
        varying(runs({"epochs": 10, "on": True}, {"epochs": 10.0, "on": True}, {"epochs": Decimal(10), "on": True}))
        == []
    )
    assert varying(runs({"only": 1})) == []
    assert varying([]) == []


def test_keys_inside_of_mappings_are_told_with_dots() -> None:
    found = varying(runs({"optim": {"name": "sgd", "lr": 0.1}}, {"optim": {"name": "sgd", "lr": 0.2}}))
    assert found == [Varying("optim.lr", "0.1 … 0.2", 0)]


def test_of_keys_that_some_runs_lack_is_said_how_many_do() -> None:
    found = varying(runs({"warmup": 5, "lr": 0.1}, {"lr": 0.2}, {"lr": 0.2}))
    assert found == [Varying("lr", "0.1 … 0.2", 0), Varying("warmup", "5", 2)]
    assert list(map(str, found)) == ["lr 0.1 … 0.2", "warmup 5 (2 without)"]


def test_what_people_chose_is_told_before_what_was_measured() -> None:
    sweep = [
        {
            "accuracy": 0.8 + math.sin(number) / 7,
            "lr": 10.0 ** -(number % 3 + 1),
            "log": f"/logs/{number}",
            "note": "again" if number == 5 else None,
            "seed": number,
            "loss": math.exp(-number / 7),
        }
        for number in range(12)
    ]
    sweep[7].pop("seed")
    assert [each.key for each in varying(runs(*sweep))] == ["lr", "note", "accuracy", "loss"]


def test_nothing_in_a_key_or_a_value_acts() -> None:
    for hostile in HOSTILE.values():
        for found in varying(runs({hostile: 1, "key": hostile}, {hostile: 2, "key": "tame"})):
            assert obeyed(str(found)) == []
            assert "\n" not in str(found)


metadata = st.dictionaries(st.sampled_from(["lr", "tags"]) | metadata_keys, values, max_size=4)


@settings(max_examples=50)
@given(metadata, metadata)
def test_runs_are_told_to_differ_exactly_where_they_do(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = runs(one, other)
    mine, others = flattened(first.metadata), flattened(second.metadata)
    differing = {key for key in {*mine, *others} if not equal(mine.get(key, MISSING), others.get(key, MISSING))}
    found = varying([first, second])
    assert {each.key for each in found} <= differing
    assert len(found) == min(len(differing), 4)
    assert [(each.key, each.missing) for each in found] == [
        (each.key, (each.key not in mine) + (each.key not in others)) for each in found
    ]
