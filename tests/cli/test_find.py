"""`find` prints what has a text in its id, name or path, each with what asks about it."""

from __future__ import annotations

import json
import shlex
import subprocess
from datetime import datetime, timezone

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, output
from tests.support.small_pipeline import LARGE, MODEL, PREPARE, RAW, SMALL


def test_runs_and_artifacts_are_a_line_each_newest_first(store: str) -> None:
    assert output("find", "train", "--store", store).splitlines() == [
        f"run       2026-01-01 02:00:00Z  {LARGE}",
        f"run       2026-01-01 01:00:00Z  {SMALL}",
    ]
    assert output("find", "*.pt", "--store", store).splitlines() == [
        f"artifact  2026-01-01 02:00:00Z  {LARGE} --artifact model  {MODEL}",
        f"artifact  2026-01-01 01:00:00Z  {SMALL} --artifact model  /lab/small.pt",
    ]
    assert output("find", "raw", "--store", store) == f"external  2026-01-01 00:00:00Z  {RAW}\n"
    assert output("find", "stats", "--store", store) == (
        f"declared  2026-01-01 03:00:00Z  {PREPARE} --artifact stats\n"
    )


def test_what_is_printed_asks_about_it(store: str, opened: GraphTracker) -> None:
    opened.add_artifact("it's odd", "the model; $(id)", "/odd/place")
    line = output("find", "/odd/", "--store", store).rstrip("\n")
    words = shlex.split(line)[3:-1]
    assert output("lineage", *words, "--store", store).startswith("the model; $(id) of it's odd\n")


def test_ids_that_people_see_alike_are_told_apart_and_each_is_found_again(store: str, opened: GraphTracker) -> None:
    ids = ["odd\nid", r"odd\u000aid", r"odd\012id"]
    for run_id in ids:
        opened.add_metadata(run_id)
    lines = output("find", "odd", "--store", store).splitlines()
    words = [line.split("  ")[-1] for line in lines]
    assert sorted(words) == sorted(["$'odd\\012id'", r"'odd\u000aid'", r"'odd\012id'"])
    for word in words:
        asked = ["bash", "-c", f"printf %s {word}"]
        pasted = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout
        assert pasted in ids
        assert output("find", pasted, "--store", store).endswith(f"  {word}\n")


def test_what_is_found_as_json_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    found = json.loads(output("find", "r", "--json", "--store", store))
    expected = opened.find("r")
    assert [(item["kind"], item["run_id"], item["name"]) for item in found] == [
        (each.kind, each.run_id, each.name) for each in expected
    ]
    assert {item["kind"] for item in found} == {"run", "external", "artifact"}
    assert "path" in next(item for item in found if item["kind"] == "artifact")


def test_nothing_found_is_no_line_and_an_empty_list(store: str) -> None:
    for as_json, out in (([], ""), (["--json"], "[]\n")):
        done = command("find", "\x1bnobody", *as_json, "--store", store)
        said = "graphtracker: nothing has '\\u001bnobody' in its id, name or path\n"
        assert (done.code, done.out, done.err) == (1, out, said)


@pytest.mark.parametrize(("limit", "count"), [("0", 0), ("1", 1), ("2", 2), ("3", 2)])
def test_a_limit_that_cuts_says_so(limit: str, count: int, store: str) -> None:
    done = command("find", "train", "--limit", limit, "--store", store)
    assert len(done.out.splitlines()) == count
    assert ("there are more" in done.err) == (int(limit) < 2)


def test_an_artifact_is_as_old_as_its_log_that_stands(store: str, opened: GraphTracker) -> None:
    opened.record("new", at=datetime(2026, 1, 2, tzinfo=timezone.utc))
    opened.add_artifact(PREPARE, "rows", "/lab/new-rows")
    first, second = output("find", "new", "--store", store).splitlines()
    assert "/lab/new-rows" in first
    assert second == "run       2026-01-02 00:00:00Z  new"
