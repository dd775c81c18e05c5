"""KEY=VALUE: each key once, its value JSON where it reads as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import failure, remark


@pytest.mark.parametrize(
    "verb",
    [["add-artifact", "a", "b", "c", "--metadata=lr=1", "--metadata"], ["add-metadata", "a", "lr=1"]],
    ids=" ".join,
)
def test_a_key_given_twice_is_usage(verb: list[str], store: str) -> None:
    assert "'lr' is given twice" in failure(2, *verb, "lr=2", "--store", store)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("1.0", 1.0), ("-1e-3", -0.001), ("true", True), ("null", None), ('"1"', "1"), ("[1]", [1]),
        ('{"a": 1}', {"a": 1}), ("", ""), ("True", "True"), ("NaN", "NaN"), ("Infinity", "Infinity"),
        ("1e400", "1e400"), ("[1", "[1"),
        ("1" * 5000, "1" * 5000), ("[" * 100_000, "[" * 100_000), (" x ", " x "), ('{"$type": 1}', {"$type": 1}),
    ],
    ids=lambda item: repr(item)[:20],
)  # fmt: skip
def test_a_value_is_json_where_it_reads_as_json(text: str, value: object, tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    remark("add-metadata", "run", f"key={text}", "--store", store)
    with GraphTracker(store) as tracker:
        found = tracker.metadata("run")["key"]
    assert (type(found), found) == (type(value), value)
