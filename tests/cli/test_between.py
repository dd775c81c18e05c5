"""`lineage` and `export` show what lies between two nodes, from a run, an artifact or a path."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import timedelta

import pytest

from graphtracker import GraphTracker, Lineage
from tests.support.command import command, failure, output
from tests.support.small_pipeline import EVALUATE, LARGE, MODEL, PREPARE, RAW, ROWS, SMALL


def between(*arguments: str, store: str) -> Lineage:
    return Lineage.from_dict(json.loads(output("lineage", "--json", *arguments, "--store", store)))


def test_the_tree_has_what_lies_on_a_path_and_nothing_above_it(store: str) -> None:
    assert output("lineage", "evaluate", "--from", "train-l3", "--store", store).splitlines() == [
        "every path from train-l3 to evaluate-m4",
        "came from:",
        "└─ model ← train-l3",
    ]
    assert output("lineage", "train-s2", "--from", f"{PREPARE}/rows", "--store", store).splitlines() == [
        "every path from rows of prepare-k1 to train-s2",
        "came from:",
        "└─ rows ← prepare-k1",
    ]


def test_it_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    rows = (PREPARE, "rows")
    assert between("evaluate", "--from", "prepare", store=store) == opened.between(PREPARE, EVALUATE)
    assert between("evaluate", "--from", "prepare-k1/rows", store=store) == opened.between(rows, EVALUATE)
    assert between("evaluate", "--from", "k1/rows", store=store) == opened.between(rows, EVALUATE)
    assert between("evaluate", "--from", "prepare-k1/stats", store=store) == opened.between(
        (PREPARE, "stats"), EVALUATE
    )
    assert between("evaluate", "--from-path", ROWS, store=store) == opened.between(rows, EVALUATE)
    assert between("--path", "/lab/small.pt", "--from", RAW, store=store) == opened.between(RAW, (SMALL, "model"))
    assert between(LARGE, "--artifact", "model", "--from", PREPARE, store=store) == opened.between(
        PREPARE, (LARGE, "model")
    )


def test_export_writes_the_same(store: str, opened: GraphTracker) -> None:
    asked = ["evaluate", "--from", "train-l3", "--store", store]
    assert output("export", "--dot", *asked) == opened.between(LARGE, EVALUATE).to_dot()
    assert output("export", "--json", *asked) == output("lineage", "--json", *asked)
    failure(2, "export", "--from", "train-l3", "--store", store)


def test_without_a_path_it_ends_with_1_and_says_so(store: str) -> None:
    said = failure(1, "lineage", "train-s2", "--from", "train-l3", "--store", store)
    assert said == f"graphtracker: no path leads from '{LARGE}' to '{SMALL}'\n"
    said = failure(1, "lineage", "evaluate", "--from", RAW, "--depth", "1", "--store", store)
    assert said.endswith("not the whole lineage: cut by depth\n")


@pytest.mark.parametrize(
    "asked",
    [
        ["prepare", "--from", "evaluate"],
        ["prepare", "--artifact", "rows", "--from", "train-l3/model"],
        ["prepare", "--from", "train-l3", "--depth", "1", "--as-of", "2026-03-01"],
        ["--path", ROWS, "--from-path", MODEL],
        ["--path", ROWS, "--from", "train", "--latest"],
        ["the first", "--from", "evaluate"],
    ],
    ids=" ".join,
)
def test_where_there_is_a_path_the_other_way_round_it_is_said_how_to_ask(
    asked: list[str], store: str, opened: GraphTracker
) -> None:
    opened.add_artifact("the first", "rows", "/lab/first")
    opened.add_source(PREPARE, "the first")
    for verb in ("lineage", "export"):
        said = failure(1, verb, *asked, "--store", store).splitlines()[-1]
        _, found, again = said.partition("; the other way round there is one: ")
        assert found
        done = command(*shlex.split(again), "--store", store)
        assert (done.code, len(done.out.splitlines()) > 1) == (0, True)


@pytest.mark.parametrize("path", [ROWS, "/lab/two words.pt", "s3://bucket/key"])
def test_of_a_path_where_a_run_is_meant_the_option_for_it_is_named(path: str, store: str, opened: GraphTracker) -> None:
    opened.add_artifact(PREPARE, "at the path", path)
    opened.add_metadata(path.rpartition("/")[0])  # a run without an artifact of that name
    for verb in ("lineage", "export"):
        said = failure(1, verb, "evaluate", "--from", path, "--store", store)
        assert f"an artifact lies at that path: --from-path {shlex.quote(path)} " in said
        assert " --path" not in said


def test_it_is_asked_for_in_the_words_of_the_question(store: str) -> None:
    said = failure(1, "lineage", "prepare", "--from", "evaluate", "--store", store)
    assert said.endswith("; the other way round there is one: lineage evaluate --from prepare\n")


def test_depth_time_and_strictness_are_those_of_the_question(store: str, opened: GraphTracker) -> None:
    asked = ["lineage", "evaluate", "--from", "train-l3", "--depth", "1", "--store", store]
    assert "cut by depth" in command(*asked).err
    assert "not whole" in failure(1, *asked, "--strict")
    at = opened.run(EVALUATE).created_at - timedelta(minutes=1)
    failure(1, "lineage", "evaluate", "--from", "train-l3", "--as-of", at.isoformat(), "--store", store)
    done = command("lineage", "train-l3", "--from", "prepare", "--as-of", at.isoformat(), "--store", store)
    assert (done.code, done.out.splitlines()[-1]) == (0, "└─ rows ← prepare-k1")
    assert "as of" in done.err


@pytest.mark.parametrize("option", [["--upstream"], ["--downstream"], ["--max-runs", "3"], ["--from-path", ROWS]])
def test_bounds_that_paths_have_not_are_usage(option: list[str], store: str) -> None:
    said = failure(2, "lineage", "evaluate", "--from", "prepare", *option, "--store", store)
    assert "leave --upstream" in said or "exclude each other" in said


def test_what_is_not_there_is_said_as_of_runs(store: str) -> None:
    assert "near it" in failure(1, "lineage", "evaluate", "--from", "train-l4", "--store", store)
    assert "has no artifact 'rowz'" in failure(1, "lineage", "evaluate", "--from", "prepare/rowz", "--store", store)
    assert "several runs" in failure(2, "lineage", "evaluate", "--from", "train", "--store", store)
    assert "several runs" in failure(2, "lineage", "evaluate", "--from", "train/model", "--store", store)
    assert "no artifact was logged" in failure(1, "lineage", "evaluate", "--from-path", "/none", "--store", store)
    latest = between("evaluate", "--from", "train/model", "--latest", store=store)
    assert set(latest.runs) == {EVALUATE, LARGE}


def test_text_with_slashes_is_a_run_first_and_an_artifact_where_only_one_is_meant(
    store: str, opened: GraphTracker, new: Callable[[str, str], None]
) -> None:
    new("lab/a", "b/c")
    new("lab/a/b", "d")
    assert set(between("after", "--from", "lab/a/b", store=store).runs) == {"after", "lab/a/b"}
    assert ("lab/a", "b/c") in between("after", "--from", "lab/a/b/c", store=store).artifacts
    new("lab/a/b", "c")
    said = failure(2, "lineage", "after", "--from", "lab/a/b/c", "--store", store)
    assert "may be 'c' of 'lab/a/b' or 'b/c' of 'lab/a'" in said


@pytest.fixture
def new(opened: GraphTracker) -> Callable[[str, str], None]:
    """Records an artifact, of which the run ``after`` is made."""

    def record(run_id: str, name: str) -> None:
        opened.add_artifact(run_id, name, f"/{run_id}/{name}")
        opened.add_source("after", run_id, name)

    return record
