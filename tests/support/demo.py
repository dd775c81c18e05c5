"""The demonstration's pipeline in a store."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker
from graphtracker.cli.demo_pipeline import record_demo


@pytest.fixture
def demo() -> GraphTracker:
    tracker = GraphTracker(":memory:")
    record_demo(tracker)
    return tracker
