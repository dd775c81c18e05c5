"""The MLflow stores that tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.mlflow_stores import KINDS, MLflow


@pytest.fixture(params=KINDS)
def mlflow(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MLflow:
    """A new store of MLflow; the test runs once for each kind, in an empty folder."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return MLflow(request.param, tmp_path / "mlflow")


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[GraphTracker]:
    """A tracker on a new, empty SQLite store."""
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        yield tracker
