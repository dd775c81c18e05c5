"""A list as JSON is written item by item, as if it were written at once."""

from __future__ import annotations

import pytest

from graphtracker.exchange.json import json_array, pretty


@pytest.mark.parametrize("items", [[], [1], [{"a": [1, {"b": "two\nlines \x1b \u202e"}]}, {}, [], "c"]], ids=str)
def test_a_list_is_written_as_at_once(items: list[object]) -> None:
    assert "".join(json_array(items)) == pretty(items)


def test_an_item_is_written_before_the_next_is_made() -> None:
    made: list[int] = []
    pieces = json_array(made.append(number) or number for number in range(3))  # type: ignore[func-returns-value]
    next(pieces)
    assert made == [0]
