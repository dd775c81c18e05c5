"""`show` prints the card of a run."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.cli.values import metadata_lines
from graphtracker.model.cells import width
from graphtracker.model.display import printable
from tests.support.command import output
from tests.support.hostile import HOSTILE, obeyed
from tests.support.recording import remember
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


def test_the_context_stands_in_a_section_of_its_own(store: str) -> None:
    command_line = "python -m train \x1b[31m--lr 0.1 " + "--layer 512 " * 40
    at = datetime(2026, 1, 1, 1, 2, 3, 456_789, tzinfo=timezone.utc)
    remember(store, SMALL, status="running", started_at=at, command=command_line, dirty=False, user="ada")
    lines = output("show", SMALL, "--store", store).splitlines()
    begin = lines.index("  context")
    assert lines[begin + 1 : lines.index("  metadata")] == [
        "    user = ada",
        f"    command = {printable(command_line)}",
        "    dirty = False",
        "    started_at = 2026-01-01 01:02:03Z",
        "    status = running",
    ]
    card = json.loads(output("show", SMALL, "--json", "--store", store))
    assert (card["context"]["command"], card["context"]["dirty"]) == (command_line, False)


def test_times_are_those_of_the_run_and_of_each_source(store: str) -> None:
    lines = output("show", SMALL, "--store", store).splitlines()
    assert lines[2:5] == [f"  {what} 2026-01-01 01:00:00Z" for what in ("created  ", "reported ", "updated  ")]
    assert f"    {PREPARE}  (rows)  named 2026-01-01 01:00:00Z" in lines
    assert f"    {EVALUATE}  named 2026-01-01 03:00:00Z" in lines
    card = json.loads(output("show", SMALL, "--json", "--store", store))
    assert card["reported_at"] == card["sources"][0]["created_at"] == "2026-01-01T01:00:00.000000+00:00"
    assert "reported" not in output("show", RAW, "--store", store).replace("it never reported", "")


def test_a_forgotten_run_says_so(store: str, opened: GraphTracker) -> None:
    opened.forget(SMALL, links=False)
    text = output("show", SMALL, "--store", store)
    assert "  forgotten " in text
    assert "    model  (forgotten)\n" in text
    opened.forget(LARGE)
    text = output("show", LARGE, "--store", store)
    assert "  forgotten " in text
    assert "never reported" not in text
    assert "    model  (declared" in text
    assert json.loads(output("show", LARGE, "--json", "--store", store))["forgotten"] is True


def test_nested_metadata_is_a_tree(tmp_path: Path) -> None:
    deep: dict[str, object] = {"end": 1}
    for number in range(20):
        deep = {f"level-{number}": deep}
    metadata = {"seed": 1, "optim": {"name": "adam", "betas": [0.9, 0.999], "groups": {}}, "tags": {3: "three"}}
    with GraphTracker(tmp_path / "new.db") as tracker:
        tracker.record("train", metadata={**metadata, "z": deep})
        tracker.add_artifact("train", "model", "/m.pt", {"shape": {"rows": 3}, "kind": "onnx"})
    lines = output("show", "train", "--store", str(tmp_path / "new.db")).splitlines()
    begin = lines.index("  metadata") + 1
    assert lines[begin : begin + 10] == [
        "    optim:",
        "      name = adam",
        "      betas = [0.9, 0.999]",
        "      groups = {}",
        "    seed = 1",
        "    tags:",
        "      3 = three",
        "    z:",
        "      level-19:",
        "        level-18:",
    ]
    deepest = lines[lines.index("  artifacts") - 1]
    assert deepest.startswith(" " * 20 + "level-12 = {'level-11': {'level-10'")
    assert lines[lines.index("  artifacts") + 1 :] == [
        "    model  /m.pt",
        "        kind = onnx",
        "        shape:",
        "          rows = 3",
    ]
    card = json.loads(output("show", "train", "--json", "--store", str(tmp_path / "new.db")))
    assert card["metadata"]["z"] == deep


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_keys_and_values_fit_the_columns(columns: int) -> None:
    long = {
        "x" * 500: {"y" * 500: "z" * 500, "\u6f22" * 300: list(range(1000))},
        **{t[:4000]: t for t in HOSTILE.values()},
    }
    lines = list(metadata_lines(long, "    ", columns))
    assert max(map(width, lines)) <= columns
    assert obeyed("".join(lines)) == []
