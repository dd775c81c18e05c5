"""A list as JSON is written item by item, as if it were written at once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker.exchange.json import json_array, pretty
from tests.support.strategies import texts

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


@given(_json)
def test_it_is_the_text_that_python_writes_and_means_the_same(value: object) -> None:
    written = pretty(value)
    assert json.loads(written) == value
    if written.isascii():
        assert written == json.dumps(value, indent=1) + "\n"


@pytest.mark.parametrize("items", [[], [1], [{"a": [1, {"b": "two\nlines \x1b \u202e"}]}, {}, [], "c"]], ids=str)
def test_a_list_is_written_as_at_once(items: list[object]) -> None:
    assert "".join(json_array(items)) == pretty(items)


def test_an_item_is_written_before_the_next_is_made() -> None:
    made: list[int] = []
    pieces = json_array(made.append(number) or number for number in range(3))  # type: ignore[func-returns-value]
    next(pieces)
    assert made == [0]
