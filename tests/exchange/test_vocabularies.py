"""Every vocabulary is one function from a source to events, which ``copy_from`` takes, also without a report."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.exchange import openlineage
from graphtracker.imports import IMPORTS


@pytest.mark.parametrize("name", IMPORTS)
def test_a_vocabulary_is_a_function_of_a_source(name: str) -> None:
    module = f"graphtracker.exchange.{name.replace('-', '_')}"
    assert IMPORTS[name] == f"{module}:events"
    parameters = inspect.signature(import_module(module).events).parameters
    needed = [each.name for each in parameters.values() if each.default is inspect.Parameter.empty]
    assert needed == ["source"]


def test_history_is_copied_from_what_it_gives(tmp_path: Path) -> None:
    event: dict[str, object] = {"eventType": "COMPLETE", "eventTime": "2026-03-01T09:30:00Z"}
    event |= {"job": {"namespace": "etl", "name": "train"}, "run": {"runId": "1"}}
    (tmp_path / "e.ndjson").write_text(json.dumps(event) + "\n", encoding="utf-8")
    with GraphTracker(":memory:") as tracker:
        tracker.copy_from(openlineage.events(tmp_path / "e.ndjson"))
        assert tracker.run_ids() == ["etl/train/1"]
