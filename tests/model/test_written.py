"""A value for people: as Python writes it."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given

from graphtracker import GraphTracker
from graphtracker.export import export
from graphtracker.model.written import written
from tests.support.command import output
from tests.support.strategies import values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("adam", "adam"),
        (["adam", "it's"], """['adam', "it's"]"""),
        (True, "True"),
        (None, "None"),
        (-math.inf, "-inf"),
        ([math.nan, 1e22, 1.0], "[nan, 1e+22, 1.0]"),
        (10**5000, hex(10**5000)),
        (b"a\0", r"b'a\x00'"),
        (date(2024, 1, 2), "2024-01-02"),
        ([datetime(2024, 1, 2, 3, tzinfo=timezone.utc)], "[2024-01-02T03:00:00+00:00]"),
        (timedelta(1, 7200), "1 day, 2:00:00"),
        ([Decimal("1.50")], "[1.50]"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"b", "a", 1}, "{'a', 'b', 1}"),
        ([set(), frozenset(), frozenset({(1,), (2, 3), ()})], "[set(), frozenset(), frozenset({(), (1,), (2, 3)})]"),
        ({"lr": 0.1, 1: {}, None: []}, "{'lr': 0.1, 1: {}, None: []}"),
    ],
    ids=lambda item: item[:30] if isinstance(item, str) else "",  # a set has no order
)
def test_a_value_is_written_as_python_would(value: object, text: str) -> None:
    assert written(value) == text


@given(values)
def test_any_value_can_be_written(value: object) -> None:
    assert isinstance(written(value), str)


def test_commands_notebooks_and_pages_write_values_so(tmp_path: Path) -> None:
    store = f"{tmp_path}/lineage.db"
    with GraphTracker(store) as tracker:
        tracker.add_metadata("train", loss=math.nan, tags={"b", "a"}, debug=True)
        lineage = tracker.lineage("train")
        notebook = tracker.run("train")._repr_html_()
        page = "".join(part if isinstance(part, str) else part.decode() for part in export(lineage, "html"))
    assert "\tTrue\tnan\t{'a', 'b'}\n" in output("runs", "--store", store)
    shown = output("show", "train", "--store", store)
    assert all(word in shown for word in ("nan", "{'a', 'b'}", "True"))
    assert "{&#x27;a&#x27;, &#x27;b&#x27;}" in notebook
    assert """["loss","nan"],["tags","{'a', 'b'}"]""" in page
