"""Filters that are about nothing, or about values that hardly anybody has, are answered like any other."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id is None and lr", set()),
        ("not id is None and lr", {"a"}),
        ("name is not None and lr == 0.1", {"a"}),
        ("external and lr", set()),
        ("not external and lr", {"a"}),
        ("lr in [] and lr", set()),
        ("created is None or lr", {"a"}),
        ('config == {"b": 1}', set()),
        ('config == {"": 1, "b": 2}', {"b"}),
        ('config == {"b": 2, "": 1}', {"b"}),
        ("lr < 100000000000000000000000000000000", {"a"}),
        ("lr > 12345678901234567890123", set()),
        ("lr == 100000000000000000000000000000000", set()),
        ("(lr == 0.1 and other) or lr == 3", set()),
        ("(lr == 0.1 and not other) or lr == 3", {"a"}),
        (" or ".join(f"lr == {number}" for number in [*range(300), 0.1]), {"a"}),
        (f"lr in [{', '.join(map(str, range(1500)))}, 0.1]", {"a"}),
    ],
)
@pytest.mark.parametrize("limit", [None, 1])
def test_a_filter_finds_what_it_says(tracker: GraphTracker, text: str, expected: set[str], limit: int | None) -> None:
    tracker.add_metadata("a", lr=0.1)
    tracker.add_metadata("b", config={"": 1, "b": 2})
    assert set(tracker.run_ids(text, None, limit)) == {run.run_id for run in tracker.runs(where=text)} == expected
