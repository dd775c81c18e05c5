"""Two goes of a small pipeline that tests compare."""

from __future__ import annotations

from datetime import datetime, timezone

from graphtracker import GraphTracker

JOBS = "local_cwd://torchx/"
FIRST, SECOND = f"{JOBS}train-x7mw", f"{JOBS}train-h8rc"
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def record_two(tracker: GraphTracker) -> None:
    """Of the second one the rows were cleaned otherwise, and so the loss is greater."""
    for train, clean, tokens, dedupe, rows, loss in (
        (FIRST, "clean-k3v9", "tokenize-a1", True, 48000, 0.29),
        (SECOND, "clean-p8s1", "tokenize-b2", False, 51310, 0.61),
    ):
        tracker.record(JOBS + clean, metadata={"dedupe": dedupe}, sources=[("s3://lake/reviews", "csv")], at=AT)
        tracker.add_artifact(JOBS + clean, "rows", f"/d/{clean}.parquet", {"rows": rows})
        tracker.record(JOBS + tokens, artifacts={"tokens": f"/d/{tokens}"}, sources=[(JOBS + clean, "rows")], at=AT)
        sources = [(JOBS + tokens, "tokens"), (f"{JOBS}base", "weights")]
        tracker.record(train, metadata={"loss": loss, "lr": 0.001}, sources=sources, at=AT)
