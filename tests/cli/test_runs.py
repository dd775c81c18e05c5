"""`runs` lists what the library answers, newest first, filtered."""

from __future__ import annotations

import json

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, listed, output
from tests.support.hostile import obeyed
from tests.support.recording import remember
from tests.support.small_pipeline import EVALUATE, LARGE, PREPARE, SMALL


def test_runs_are_listed_newest_first_without_externals(store: str, opened: GraphTracker) -> None:
    lines = output("runs", "--store", store).splitlines()
    assert [line.split()[2] for line in lines] == [EVALUATE, LARGE, SMALL, PREPARE] == opened.run_ids()
    assert lines[0].startswith("2026-01-01 03:00:00Z")
    assert "lr=0.01" in lines[1]


def test_runs_as_json_are_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    printed = json.loads(output("runs", "--json", "--store", store))
    in_lineage = {item["run_id"]: item for item in opened.graph().to_dict()["runs"]}
    assert printed == [in_lineage[run_id] for run_id in opened.run_ids()]


def test_runs_are_filtered_by_metadata_source_and_number(store: str, opened: GraphTracker) -> None:
    assert listed("--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--where", "kind=train", "--where", "lr=0.1", "--store", store) == [SMALL]
    assert listed("--where", "lr=1e-2", "--store", store) == [LARGE]
    assert listed("--where", "nothing=1", "--store", store) == []
    assert listed("--parent", PREPARE, "--store", store) == opened.run_ids(parent_run_id=PREPARE)
    assert listed("--parent", "prepare-k1", "--where", "kind=train", "--store", store) == [LARGE, SMALL]
    assert listed("--parent", "raw", "--store", store) == [PREPARE]
    assert listed("--limit", "2", "--store", store) == [EVALUATE, LARGE]
    assert listed("--limit", "0", "--store", store) == []


def test_where_filters_metadata_of_any_key(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"a b": "c=d", "flag": True})
    assert listed("--where", "a b=c=d", "--store", store) == ["odd"]
    assert listed("--where", "flag=true", "--store", store) == ["odd"]


def test_where_means_metadata_even_for_the_key_parent_run_id(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.record("odd", metadata={"parent_run_id": "text"})
    assert listed("--where", "parent_run_id=text", "--store", store) == ["odd"]


def test_no_runs_are_no_lines_and_an_empty_list(store: str) -> None:
    done = command("runs", "--where", "a=b", "--store", store)
    assert (done.code, done.out, done.err) == (0, "", "graphtracker: no run matches\n")
    assert json.loads(output("runs", "--where", "a=b", "--json", "--store", store)) == []


@pytest.mark.parametrize(
    "arguments", [["--where", "kind"], ["--where", "=train"], ["--limit", "-1"], ["--parent", ""]], ids=" ".join
)
def test_odd_filters_are_usage(arguments: list[str], store: str) -> None:
    assert failure(2, "runs", *arguments, "--store", store)


def test_an_unknown_parent_is_not_found(store: str) -> None:
    assert "nobody" in failure(1, "runs", "--parent", "nobody", "--store", store)


def test_a_status_stands_before_the_id_where_any_run_has_one(store: str, opened: GraphTracker) -> None:
    assert "  " + LARGE in output("runs", "--store", store).splitlines()[1]
    remember(store, SMALL, status="failed: RuntimeError")
    remember(store, LARGE, status="running", user="ada")
    opened.forget(PREPARE, links=False)
    rows = [line.split("Z  ", 1)[1] for line in output("runs", "--store", store).splitlines()]
    assert [row.split("  kind")[0] for row in rows] == [
        f"                      {EVALUATE}",
        f"running               {LARGE}",
        f"failed: RuntimeError  {SMALL}",
        f"forgotten             {PREPARE}",
    ]


def test_a_long_status_is_shortened_and_none_is_obeyed(store: str) -> None:
    remember(store, LARGE, status="failed: " + "\x1b[31mLong" * 100)
    line = output("runs", "--limit", "2", "--store", store).splitlines()[1]
    before = line.split(LARGE)[0]
    assert "…" in before
    assert len(before) == len("2026-01-01 03:00:00Z  ") + 30 + 2
    assert not obeyed(line)
