"""Nested metadata is one level of dotted keys."""

from __future__ import annotations

from typing import Any

import pytest

from graphtracker.model.flattened import flattened


@pytest.mark.parametrize(
    ("nested", "flat"),
    [
        ({}, {}),
        ({"a": 1, "b": None}, {"a": 1, "b": None}),
        ({"a": {"b": {"c": 1}, "d": 2}}, {"a.d": 2, "a.b.c": 1}),
        ({"a": {}, "b": {"c": {}}}, {"a": {}, "b.c": {}}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}]}),
        ({"a": {1: "x", None: "y", "": "z"}}, {"a.1": "x", "a.None": "y", "a.": "z"}),
        ({"a": {"b": "inside"}, "a.b": "as recorded"}, {"a.b": "as recorded", "a['b']": "inside"}),
        ({"a": {"b": {"c": 1}}, "a.b": {"c": 2}}, {"a.b.c": 2, "a['b']['c']": 1}),
        ({"a": {1: "y", "1": "x"}}, {"a.1": "x", "a[1]": "y"}),
        ({"a": {"1": "y", 1: "x"}}, {"a.1": "y", "a[1]": "x"}),
        ({"a.b": {"c": 2}, "a": {"b.c": 1}}, {"a.b.c": 1, "a.b['c']": 2}),
        ({"a.b": {"c": 1}, "a": {"b.c": 2}}, {"a.b.c": 2, "a.b['c']": 1}),
    ],
)
def test_mappings_are_opened_and_the_key_as_recorded_comes_first(nested: dict[str, Any], flat: dict[str, Any]) -> None:
    assert flattened(nested) == flat


def test_depth_is_no_error() -> None:
    deep: dict[str, Any] = {"a": 1}
    for _ in range(3_000):
        deep = {"a": deep}
    [(key, value)] = flattened(deep).items()
    assert (key.count("."), value) == (3_000, 1)
