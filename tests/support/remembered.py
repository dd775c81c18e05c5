"""Runs with all that they are remembered by: contexts, places, a failure, what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.recording.calls import context_set

STARTED = datetime(2026, 1, 2, 3, 4, 5, 987654, tzinfo=timezone.utc)
PREPARE, TRAINED, FAILED, RUNNING = "job://lab/prepare", "job://lab/train", "job://lab/broken", "job://lab/going"
OLD, GONE = "job://lab/old", "job://lab/gone"
RAW = "s3://data/raw"

CONTEXT: dict[str, object] = {
    "user": "ada",
    "host": "node7",
    "directory": "/home/ada/work",
    "command": "python prepare.py --seed 7 --name 'first try'",
    "commit": "5eba" * 10,
    "dirty": True,
    "branch": "main",
    "python": "3.11.4",
    "started_at": STARTED,
    "ended_at": STARTED + timedelta(hours=1, seconds=5),
    "status": "succeeded",
}
"""Every key, of PREPARE."""

FAILURE = "failed: torch.OutOfMemoryError"


def remember(tracker: GraphTracker, run_id: str, values: Mapping[str, object]) -> None:
    """Records these values of the context of a run."""
    tracker._recorder.write(context_set(tracker._arguments, run_id, values))


def record_remembered(tracker: GraphTracker) -> None:
    """A preparation with a whole context, of which four trainings were made, with an evaluation of what is left.

    One training failed, one is running, the values of one are forgotten; so is another source of the evaluation, which
    is external since.
    """
    rows = TrackerArtifact("rows", "out/rows.parquet", None)
    tracker.record(PREPARE, metadata={"n": 5}, artifacts=[rows], sources=[TrackerSource(RAW, "csv")], at=STARTED)
    remember(tracker, PREPARE, CONTEXT)
    for run_id, status in ((TRAINED, "succeeded"), (FAILED, FAILURE), (RUNNING, "running"), (OLD, FAILURE)):
        tracker.record(run_id, artifacts=[TrackerArtifact("model", f"{run_id}.pt", None)])
        tracker.add_source(run_id, PREPARE, "rows")
        remember(tracker, run_id, {"user": "bob", "status": status})
    for source_id, name in ((TRAINED, "model"), (OLD, "model"), (GONE, None)):
        tracker.add_source("evaluate", source_id, name)
    tracker.record(GONE, metadata={"secret": "abc"})
    tracker.forget(OLD, links=False)
    tracker.forget(GONE)
