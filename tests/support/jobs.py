"""Jobs that TorchX might have launched: their store, their tracker, what they log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphtracker.torchx import TorchXTracker, create

JOB_ID = "local_cwd://torchx/job"


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What graphtracker logged as a warning or worse."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("graphtracker") and record.levelname in ("WARNING", "ERROR", "CRITICAL")
    ]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "lineage.db"


@pytest.fixture
def _job(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a job that torchx launched."""
    monkeypatch.setenv("TORCHX_JOB_ID", JOB_ID)
    monkeypatch.setenv("TORCHX_TRACKERS", "graphtracker")


@pytest.fixture
def tracker(store: Path) -> Iterator[TorchXTracker]:
    opened = create(str(store))
    with opened:
        yield opened
