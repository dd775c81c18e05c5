"""What is said makes a stamp: the same for the same, another for anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from graphtracker.exchange.stamps import CONTENT, content_of
from graphtracker.model.encoding import dumps
from graphtracker.model.events import STAMP, least_stamp
from tests.support.strategies import values
from tests.support.values_of_note import BY_HAND

ONE_EACH: list[object] = [
    *BY_HAND.values(),
    "".join(map(chr, range(10))),
    *("a" * length for length in range(14)),
    *("\0" * length for length in range(1, 14)),
    "\u00e9" * 5,
    "\u00e9" * 6,
    0,
    0.0,
    False,
    -(2**63),
    1 - 2**63,
    [[]],
    [["a"], "b"],
    [["a", "b"]],
    {"": {}},
    {"a": 1, "b": 2},
    {"a": 2, "b": 1},
    {"a, b": 1},
    {"a', 'b": 1},
    {1: "a"},
    {"1": "a"},
    {True: "a"},
    {None: "a"},
]


def content(value: object) -> bytes:
    return CONTENT[type(value)](value)


def written(value: Any) -> object:
    """The value as text, whatever the order of what has none."""
    if type(value) is list:
        return [written(item) for item in value]
    if type(value) is dict:
        return (dict, sorted(repr((written(key), written(item))) for key, item in value.items()))
    return type(value).__name__ + dumps(value)


def turned(value: Any) -> Any:
    """The value, its dicts made from their ends."""
    if type(value) is list:
        return [turned(item) for item in value]
    if type(value) is dict:
        return {key: turned(item) for key, item in reversed(value.items())}
    return value


@given(values, values)
def test_two_values_have_the_same_content_if_they_are_the_same(one: object, other: object) -> None:
    assert (content(one) == content(other)) is (repr(written(one)) == repr(written(other)))


@given(values)
def test_the_order_of_a_dict_changes_nothing(value: object) -> None:
    assert content(value) == content(turned(value))


@pytest.mark.parametrize("value", ONE_EACH, ids=range(len(ONE_EACH)))
def test_no_other_value_of_note_has_the_content_of_one(value: object) -> None:
    same = [other for other in ONE_EACH if content(other) == content(value)]
    assert {repr(written(other)) for other in same} == {repr(written(value))}


@given(values)
def test_a_content_fills_a_stamp_behind_its_time_and_a_byte(value: object) -> None:
    assert len(least_stamp(0)[:8]) + 1 + len(content(value)) == STAMP


def test_a_path_is_part_of_what_is_said_of_an_artifact() -> None:
    said = [({}, ""), ({}, "/m"), ({"a": 1}, ""), ({"a": 1}, "/m"), ({"a": 1}, "/n"), ({"a": 1, "b": 2}, "/m")]
    assert len({content_of(metadata, path) for metadata, path in said}) == len(said)
    assert content_of({"a": 1, "b": 2}, "/m") == content_of({"b": 2, "a": 1}, "/m")


def test_the_content_of_a_value_is_the_same_for_ever() -> None:
    said: dict[str, object] = {"short": "adam", "float": 0.1, "long": "a long text", "within": [1, {"b": 2**64}]}
    again = "what was imported would come in again as other events"
    assert [content(value).hex() for value in said.values()] == [
        "6164616d00000000000014",
        "3fb999999999999a000001",
        "8b7458604d7b6e8dd9d506",
        "f7a79506cf5ae0e6f2b807",
    ], again
    assert content_of(said, "/m").hex() == "5f23739c7c6cd9982c6208", again
