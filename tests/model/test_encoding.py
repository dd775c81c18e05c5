"""The one JSON encoding: exact, one line, and whatever is read is a value or InvalidInput."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtracker import InvalidInput
from graphtracker.model.encoding import dumps, from_json, loads, to_json
from graphtracker.model.plain import plain
from tests.support.sameness import same
from tests.support.strategies import values
from tests.support.values_of_note import BERLIN, BY_HAND


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def refuse(text: str) -> object:
    raise AssertionError(f"{text} is not JSON")


@given(values)
def test_loads_gives_what_dumps_was_given(value: object) -> None:
    assert same(loads(dumps(value)), value)


@given(values)
def test_from_json_gives_what_to_json_was_given_also_by_way_of_any_json_writer(value: object) -> None:
    assert same(from_json(to_json(value)), value)
    assert same(from_json(json.loads(json.dumps(to_json(value), allow_nan=False, indent=1))), value)


@given(values)
def test_the_text_is_one_line_of_real_json(value: object) -> None:
    text = dumps(value)
    assert "\n" not in text
    assert "\r" not in text
    json.loads(text, parse_constant=refuse)


@given(values)
def test_plain_values_stay_as_they_are(value: object) -> None:
    assert same(plain(value, "key"), value)


@given(values, values)
def test_two_values_share_a_text_only_if_they_are_one(left: object, right: object) -> None:
    assert same(left, right) or dumps(left) != dumps(right)


@pytest.mark.parametrize("name", BY_HAND)
def test_values_of_note_survive_the_encoding(name: str) -> None:
    assert same(loads(dumps(BY_HAND[name])), BY_HAND[name])


def test_jsons_own_types_stand_as_they_are() -> None:
    value = {"a": [None, True, 1, 1.5, "text"], "value": {}}
    assert to_json(value) == value
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        b"a", date(2024, 1, 1), datetime(2024, 1, 1), math.nan, math.inf, {"$type": 1}, timedelta(1), Decimal(1),
        UUID(int=1), {1}, frozenset(), {1: 2},
    ],
    ids=str,
)  # fmt: skip
def test_what_json_lacks_is_tagged(value: object) -> None:
    encoded = to_json(value)
    assert isinstance(encoded, dict)
    assert {"$type", "value"} <= set(encoded)
    assert isinstance(encoded["$type"], str)


def test_the_text_of_a_set_does_not_tell_how_it_was_made() -> None:
    members = [*range(100), *map(str, range(100)), (1, frozenset(range(20))), None]
    texts = {
        dumps({"a": set(members)}),
        dumps({"a": set(members[50:] + members)}),
        dumps({"a": set(members) - {1} | {1}}),
    }
    assert len(texts) == 1


def test_the_encoding_is_readable_by_hand() -> None:
    value = {1: timedelta(seconds=1.5), None: {("a", Decimal("1.50"))}}
    assert to_json(value) == {
        "$type": "pairs",
        "value": [
            [1, {"$type": "timedelta", "value": 1_500_000}],
            [
                None,
                {"$type": "set", "value": [{"$type": "tuple", "value": ["a", {"$type": "decimal", "value": "1.50"}]}]},
            ],
        ],
    }


# -- what others have written ------------------------------------------------------------------------------------------

TYPES = [
    "int", "float", "bytes", "date", "datetime", "timedelta", "decimal", "uuid", "set", "frozenset", "tuple", "dict",
    "pairs",
]  # fmt: skip


def tagged(payload: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What looks like a value of ours."""
    more = {"offset": payload, "fold": payload}
    return st.fixed_dictionaries({"$type": st.sampled_from(TYPES) | payload, "value": payload}, optional=more)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2024-01-01", "nan", "0x1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.just("$type"), inner, max_size=4)
        | tagged(inner)
        | tagged(st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3))
    ),
    max_leaves=8,
)


@given(any_json)
@example({"$type": ["x"], "value": 1})
def test_any_json_is_a_plain_value_or_invalid_input(found: object) -> None:
    try:
        value = from_json(found)
    except InvalidInput:
        return
    assert same(plain(value, "key"), value)
    assert same(loads(json.dumps(found)), value)


MALFORMED: dict[str, object] = {
    "no value": {"$type": "int"},
    "type of no text": {"$type": ["x"], "value": 1},
    "type of null": {"$type": None, "value": 1},
    "int that is none": {"$type": "int", "value": "seven"},
    "float that is none": {"$type": "float", "value": []},
    "float of an integer too large": {"$type": "float", "value": 10**400},
    "bytes that are none": {"$type": "bytes", "value": "a\0b="},
    "date that is none": {"$type": "date", "value": 20240101},
    "datetime that is none": {"$type": "datetime", "value": ["2024-01-01"]},
    "offset of 10**30": {"$type": "datetime", "value": "2024-01-01T00:00:00", "offset": 10**30},
    "offset of a day": {"$type": "datetime", "value": "2024-01-01T00:00:00", "offset": 86_400_000_000},
    "offset that is a fraction": {"$type": "datetime", "value": "2024-01-01T00:00:00", "offset": 1.5},
    "fold of 2**70": {"$type": "datetime", "value": "2024-01-01T00:00:00", "fold": 2**70},
    "timedelta of 10**30": {"$type": "timedelta", "value": 10**30},
    "timedelta of a fraction": {"$type": "timedelta", "value": 0.5},
    "decimal that is none": {"$type": "decimal", "value": "1.5 apples"},
    "decimal of a number": {"$type": "decimal", "value": 1.5},
    "uuid that is none": {"$type": "uuid", "value": "1"},
    "set that is none": {"$type": "set", "value": 1},
    "set of lists": {"$type": "set", "value": [[1]]},
    "set of sets": {"$type": "set", "value": [{"$type": "set", "value": []}]},
    "set of a signalling NaN": {"$type": "set", "value": [{"$type": "decimal", "value": "sNaN"}]},
    "tuple outside a set": {"$type": "tuple", "value": [1]},
    "tuple of a dict in a set": {"$type": "set", "value": [{"$type": "tuple", "value": [{}]}]},
    "dict that is none": {"$type": "dict", "value": [1]},
    "pairs of three": {"$type": "pairs", "value": [[1, 2, 3]]},
    "pairs with a key that is a list": {"$type": "pairs", "value": [[[1], 2]]},
    "pairs with a key that is a date": {"$type": "pairs", "value": [[{"$type": "date", "value": "2024-01-01"}, 2]]},
    "pairs with one key twice": {"$type": "pairs", "value": [[1, 2], [1, 3]]},
    "lone surrogate": "\ud800",
    "lone surrogate in a key": {"\ud800": 1},
    "lone surrogate in a key of a dict": {"$type": "dict", "value": {"\ud800": 1}},
    "object of Python's": object(),
    "key of no text": {1: 2},
    "10,000 levels": nested(10_000),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_no_graphtracker_wrote_is_invalid_input(name: str) -> None:
    for found in [MALFORMED[name], [MALFORMED[name]], {"a": MALFORMED[name]}]:
        with pytest.raises(InvalidInput):
            from_json(found)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "nil", "1 2", '{"a": 1', '"a', '"\\ud800"', "9" * 5000, "[" * 100_000,
        '{"$type":"interval","value":1}',
        '{"\\u0024type":"interval","value":1}', b"\xff", b'"\xed\xa0\x80"',
    ],
    ids=lambda text: repr(text)[:20],
)  # fmt: skip
def test_what_is_no_json_is_invalid_input(text: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        loads(text)


def test_a_type_of_a_later_version_is_refused() -> None:
    with pytest.raises(InvalidInput, match="interval"):
        loads('{"$type": "interval", "value": 1}')


def test_a_zone_that_this_machine_does_not_know_keeps_its_offset() -> None:
    text = dumps(datetime(2024, 7, 1, 12, tzinfo=BERLIN)).replace("Europe/Berlin", "Europe/Atlantis")
    back: Any = loads(text)
    assert back == datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
