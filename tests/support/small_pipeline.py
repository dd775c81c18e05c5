"""A pipeline of four runs that tests record."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource

PREPARE = "local_cwd://torchx/prepare-k1"
SMALL = "local_cwd://torchx/train-s2"
LARGE = "local_cwd://torchx/train-l3"
EVALUATE = "local_cwd://torchx/evaluate-m4"
RAW = "s3://data/raw"
ROWS, MODEL = "/lab/rows.parquet", "/lab/large.pt"


def record_pipeline(tracker: GraphTracker) -> None:
    """Prepare, two trainings and an evaluation, an hour apart; the source of the first is external."""
    first = datetime(2026, 1, 1, tzinfo=timezone.utc)
    jobs: list[tuple[str, dict[str, object], list[TrackerArtifact], list[TrackerSource]]] = [
        (PREPARE, {"rows": 5, "kind": "prep"}, [TrackerArtifact("rows", ROWS, {"n": 5})], [TrackerSource(RAW, "csv")]),
        (SMALL, {"lr": 0.1, "kind": "train"}, [TrackerArtifact("model", "/lab/small.pt", None)], [_rows()]),
        (LARGE, {"lr": 0.01, "kind": "train"}, [TrackerArtifact("model", MODEL, None)], [_rows()]),
        (
            EVALUATE,
            {},
            [],
            [TrackerSource(LARGE, "model"), TrackerSource(SMALL, None), TrackerSource(PREPARE, "stats")],
        ),
    ]
    for hour, (run_id, metadata, artifacts, sources) in enumerate(jobs):
        at = first + timedelta(hours=hour)
        tracker.record(run_id, metadata=metadata, artifacts=artifacts, sources=sources, at=at)


def _rows() -> TrackerSource:
    return TrackerSource(PREPARE, "rows")
