"""The context of a run for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graphtracker.model.context import KEYS
from graphtracker.model.context_rows import context_rows, has_failed
from tests.support.remembered import CONTEXT, STARTED


def test_every_key_is_told_and_dirty_beside_its_commit() -> None:
    rows = dict(context_rows(CONTEXT))
    assert list(rows) == [key for key in KEYS if key != "dirty"]
    assert rows["commit"] == f"{CONTEXT['commit']} (dirty)"
    assert dict(context_rows({**CONTEXT, "dirty": False}))["commit"] == CONTEXT["commit"]
    assert context_rows({"dirty": True}) == [("dirty", "True")]


@pytest.mark.parametrize(
    ("took", "told"),
    [
        (timedelta(0), ", after 0:00:00"),
        (timedelta(milliseconds=13), ", after 0:00:01"),  # from 05.987 to 06.000, as the two times beside it say
        (timedelta(days=2, seconds=61), ", after 2 days, 0:01:01"),
        (timedelta(seconds=-1), ""),
    ],
)
def test_beside_the_end_it_is_told_how_long_it_took(took: timedelta, told: str) -> None:
    ended = STARTED + took
    rows = dict(context_rows({"started_at": STARTED, "ended_at": ended}))
    assert rows["ended_at"] == f"{ended:%Y-%m-%d %H:%M:%S}Z{told}"
    assert dict(context_rows({"ended_at": ended}))["ended_at"] == f"{ended:%Y-%m-%d %H:%M:%S}Z"


@pytest.mark.parametrize(
    ("context", "failed"),
    [
        ({"status": "failed: ValueError"}, True),
        ({"status": "running"}, False),
        ({"user": "failed"}, False),
        ({}, False),
    ],
)
def test_a_run_has_failed_where_its_status_says_so(context: dict[str, object], failed: bool) -> None:
    assert has_failed(context) is failed
