"""Jobs that TorchX might have launched: their store, their tracker, what they log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from torchx.runner import config

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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of whoever starts jobs, empty."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty; torchx sees it and the home folder, too."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(config, "DEFAULT_CONFIG_DIRS", [str(home), str(folder)])  # which it looks up when imported
    return folder
