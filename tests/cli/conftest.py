"""The stores that tests of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.small_pipeline import record_pipeline


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store file that holds the pipeline."""
    path = str(tmp_path / "pipeline.db")
    with GraphTracker(path) as tracker:
        record_pipeline(tracker)
    return path


@pytest.fixture
def opened(store: str) -> Iterator[GraphTracker]:
    with GraphTracker(store) as tracker:
        yield tracker


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a chain of 10,000 runs."""
    path = str(tmp_path_factory.mktemp("chain") / "chain.db")
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for earlier, later in pairwise(f"run-{number:05}" for number in range(10_000)):
            batch.add_source(later, earlier, "out")
    return path
