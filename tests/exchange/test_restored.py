"""A lineage that was written to be read back: what is made of what an answer does not know, or was forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of

DAY = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.fixture(params=["openlineage", "parquet"])
def format(request: pytest.FixtureRequest) -> str:
    """Each format that is read back."""
    return str(request.param)


def read_back(lineage: Lineage, format: str, tmp_path: Path, into: GraphTracker) -> Report:
    """What is said of a lineage that was written, then read into a store."""
    lineage.save(tmp_path / "written", format=format)
    report = Report()
    into.copy_from(events_of(format, str(tmp_path / "written"), report))
    return report


def test_a_path_that_had_been_overwritten_is_left_out(format: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker, GraphTracker(":memory:") as other:
        for day in (0, 2):
            tracker.record("train", at=DAY + timedelta(days=day), artifacts={"model": f"/{day}"})
        then = tracker.graph(as_of=DAY + timedelta(days=1))
        assert then.artifacts["train", "model"].path is None
        report = read_back(then, format, tmp_path, other)
        assert report.sentence() == "read 1 run; not mapped: 1 artifact whose path had been overwritten"
        assert other.artifacts("train") == {}


@pytest.mark.parametrize("links", [True, False])
def test_what_was_forgotten_is_forgotten_where_it_is_read(links: bool, format: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker, GraphTracker(":memory:") as other:
        tracker.record("prepare", metadata={"user": "somebody"}, artifacts={"rows": "/rows"}, sources=["raw"])
        tracker.add_source("train", "prepare", "rows")
        other.copy_from(tracker)
        tracker.forget("prepare", links=links)
        read_back(tracker.lineage("train"), format, tmp_path, other)
        assert other.graph().to_dict()["runs"] == tracker.graph().to_dict()["runs"]
        assert other.sources("prepare") == tracker.sources("prepare")
        assert other.metadata("prepare") == {}


def test_only_what_says_something_itself_is_counted(format: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker, GraphTracker(":memory:") as other:
        tracker.add_source("train", "data", "rows")
        report = read_back(tracker.lineage("train"), format, tmp_path, other)
        assert report.sentence() == "read 1 run and 1 source"
        assert other.graph().to_dict() == tracker.graph().to_dict()
