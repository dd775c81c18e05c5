"""What runs are remembered by can be filtered by and ordered by, too."""

from __future__ import annotations

from datetime import datetime

import pytest

from graphtracker import GraphTracker
from graphtracker.recording import calls
from graphtracker.recording.arguments import Arguments
from tests.support.recording import after

CONTEXTS: dict[str, dict[str, object]] = {
    "ada's": {"user": "ada", "host": "one", "dirty": True, "started_at": after(1), "status": "succeeded"},
    "ben's": {"user": "ben", "host": "two", "dirty": False, "started_at": after(2), "status": "failed: ValueError"},
    "running": {"user": "ada", "started_at": after(3), "status": "running"},
    "none": {},
}


@pytest.fixture
def remembered(tracker: GraphTracker) -> GraphTracker:
    for hours, (run_id, context) in enumerate(CONTEXTS.items()):
        tracker.record(run_id, at=after(hours))
        status = {key: value for key, value in context.items() if key == "status"}
        first = {**context, **({"status": "running"} if status else {})}
        for values in filter(None, (first, status)):  # the status is told again
            tracker._recorder.write(calls.context_set(Arguments(), run_id, values), said="now")
    return tracker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("context.user == 'ada'", {"ada's", "running"}),
        ("context.user != 'ada'", {"ben's"}),
        ("not context.user == 'ada'", {"ben's", "none"}),
        ("context.user", {"ada's", "ben's", "running"}),
        ("not context.host", {"running", "none"}),
        ("'failed' in context.status", {"ben's"}),
        ("context.status in ['running', 'succeeded'] and context.user == 'ada'", {"ada's", "running"}),
        ("context.status == 'running'", {"running"}),
        ("context.dirty == True", {"ada's"}),
        ("context.dirty != True", {"ben's"}),
        ("context.dirty", {"ada's", "ben's"}),
        ("context.started_at >= '2024-01-01T14:00'", {"ben's", "running"}),
        ("context.started_at < '2024-01-01T14:00'", {"ada's"}),
        ("context.ended_at", set()),
        ("context.user == 3", set()),
        ("context.user is None", set()),
        ("context.user > 'ada'", {"ben's"}),
    ],
)
def test_a_filter_asks_for_the_context(remembered: GraphTracker, text: str, expected: set[str]) -> None:
    assert set(remembered.run_ids(text)) == {run.run_id for run in remembered.runs(where=text)} == expected


def test_runs_are_ordered_by_their_context(remembered: GraphTracker) -> None:
    assert remembered.run_ids(None, "context.started_at") == ["ada's", "ben's", "running", "none"]
    assert remembered.run_ids(None, "-context.started_at") == ["running", "ben's", "ada's", "none"]
    assert remembered.run_ids(None, "context.user", 2) == ["running", "ada's"]
    assert isinstance(remembered.run("running").context["started_at"], datetime)
