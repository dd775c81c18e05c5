"""A pipeline of six jobs, of which pictures are drawn."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource


class _Job(NamedTuple):
    run_id: str
    metadata: dict[str, object]
    artifacts: list[TrackerArtifact]
    sources: list[TrackerSource]


_REVIEWS = "s3://datasets/reviews"
_PREPARE = "local_cwd://torchx/prepare-k3v9"
_SMALL = "local_cwd://torchx/train-small-x7mw"
_LARGE = "local_cwd://torchx/train-large-p2qd"
_TUNED = "local_cwd://torchx/fine-tune-h8rc"
_EVALUATE = "local_cwd://torchx/evaluate-w4tz"
_DEPLOY = "local_cwd://torchx/deploy-n6bf"

START = _TUNED
"""The run whose lineage is drawn."""

_JOBS = (
    _Job(
        _PREPARE,
        {"rows": 48_000, "seed": 7},
        [
            TrackerArtifact("train", "s3://lab/reviews/train.parquet", {"rows": 43_200}),
            TrackerArtifact("test", "s3://lab/reviews/test.parquet", {"rows": 4_800}),
        ],
        [TrackerSource(_REVIEWS, "reviews-2026.csv")],
    ),
    _Job(
        _SMALL,
        {"lr": 0.003, "layers": 4, "loss": 0.412},
        [TrackerArtifact("model", "s3://lab/models/small.pt", {"parameters": 11_000_000})],
        [TrackerSource(_PREPARE, "train")],
    ),
    _Job(
        _LARGE,
        {"lr": 0.001, "layers": 12, "loss": 0.335},
        [
            TrackerArtifact("model", "s3://lab/models/large.pt", {"parameters": 86_000_000}),
            TrackerArtifact("log", "s3://lab/logs/large.jsonl", None),
        ],
        [TrackerSource(_PREPARE, "train")],
    ),
    _Job(
        _TUNED,
        {"lr": 0.0001, "epochs": 3, "loss": 0.291},
        [TrackerArtifact("model", "s3://lab/models/tuned.pt", {"parameters": 86_000_000})],
        [TrackerSource(_LARGE, "model"), TrackerSource(_PREPARE, "train"), TrackerSource("s3://datasets/slang", None)],
    ),
    _Job(
        _EVALUATE,
        {"best": "fine-tune", "accuracy": 0.914},
        [TrackerArtifact("report", "s3://lab/reports/reviews.html", None)],
        [TrackerSource(_PREPARE, "test")] + [TrackerSource(run_id, "model") for run_id in (_SMALL, _LARGE, _TUNED)],
    ),
    _Job(
        _DEPLOY,
        {"endpoint": "reviews-v3", "replicas": 2},
        [],
        [TrackerSource(_TUNED, "model"), TrackerSource(_EVALUATE, None)],
    ),
)


def record_six_jobs(tracker: GraphTracker, now: datetime | None = None) -> str:
    """Records the pipeline, its last job at ``now`` (an aware datetime); returns the run to begin with."""
    end = now or datetime.now(timezone.utc)
    for number, job in enumerate(_JOBS):
        at = end - timedelta(minutes=20 * (len(_JOBS) - 1 - number))
        tracker.record(job.run_id, metadata=job.metadata, artifacts=job.artifacts, sources=job.sources, at=at)
    return START


@pytest.fixture
def six_jobs() -> GraphTracker:
    """A store in memory that holds the pipeline."""
    tracker = GraphTracker(":memory:")
    record_six_jobs(tracker)
    return tracker
