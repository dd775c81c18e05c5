"""`show` prints the card of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import output
from tests.support.small_pipeline import EVALUATE, LARGE, PREPARE, RAW, ROWS, SMALL


def test_show_tells_metadata_artifacts_sources_and_consumers(store: str) -> None:
    text = output("show", "prepare-k1", "--store", store)
    assert text.startswith(PREPARE + "\n")
    for told in ("rows = 5", f"rows  {ROWS}", f"{RAW}  (csv)", f"{SMALL}  (rows)", f"{LARGE}  (rows)", "declared"):
        assert told in text
    assert "external" in output("show", "raw", "--store", store)


def test_show_as_json_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    card = json.loads(output("show", "evaluate-m4", "--json", "--store", store))
    lineage = opened.lineage(EVALUATE, depth=1).to_dict()
    [expected] = [item for item in lineage["runs"] if item["run_id"] == EVALUATE]
    assert {key: card[key] for key in expected} == expected
    assert card["artifacts"] == []
    assert [(item["source_run_id"], item["artifact_name"]) for item in card["sources"]] == [
        (source.source_run_id, source.artifact_name) for source in opened.sources(EVALUATE)
    ]
    consumers = json.loads(output("show", "prepare-k1", "--json", "--store", store))["consumers"]
    assert sorted({item["run_id"] for item in consumers}) == opened.consumers(PREPARE)


def test_a_declared_artifact_is_marked(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "new.db") as tracker:
        tracker.add_metadata("prepare")
        tracker.add_source("train", "prepare", "rows")
    assert "declared" in output("show", "prepare", "--store", str(tmp_path / "new.db"))


def test_the_place_is_shown_where_it_differs_from_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with GraphTracker("new.db") as tracker:
        tracker.add_artifact("train", "model", "model.pt", {"size": 7})
        tracker.add_artifact("train", "log", "/logs/train.log")
    text = output("show", "train", "--store", "new.db")
    assert f"    model  model.pt  (at {tmp_path}/model.pt)  size=7\n" in text
    assert "    log  /logs/train.log\n" in text
