"""`forget` and `prune` take runs out of the store after they have said what goes and were told to."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.command import command, failure, output
from tests.support.small_pipeline import EVALUATE, LARGE, MODEL, PREPARE, RAW, ROWS, SMALL
from tests.support.tools import environment, run

REACH = "out of reach are backups, copies of the store, and spools that still hold something"
NOTHING = {"runs": [], "artifacts": [], "paths": [], "consumers": [], "links": True}


def remarks(*arguments: str) -> tuple[str, list[str]]:
    """The data and the lines for the reader of a command that ended well."""
    done = command(*arguments)
    assert done.code == 0, done
    return done.out, done.err.splitlines()


# -- forget ------------------------------------------------------------------------------------------------------------


def test_forgetting_prints_the_paths_of_the_files_and_says_what_it_cannot_reach(
    store: str, opened: GraphTracker
) -> None:
    data, said = remarks("forget", "train-l3", SMALL, "--yes", "--store", store)
    assert data == f"{MODEL}\n/lab/small.pt\n"
    assert said == [
        "graphtracker: forgot 2 runs and 2 artifacts",
        f"graphtracker: {REACH} (`graphtracker doctor` names them)",
    ]
    assert opened.run_ids() == [EVALUATE, PREPARE]
    assert opened.run(LARGE).forgotten  # as others name it
    assert opened.sources(LARGE) == []


def test_values_alone_are_forgotten_where_links_are_kept(store: str, opened: GraphTracker) -> None:
    before = opened.lineage(EVALUATE)
    data, said = remarks("forget", "train-l3", "--keep-links", "--yes", "--store", store)
    assert (data, said[0]) == (f"{MODEL}\n", "graphtracker: forgot the values of 1 run and 1 artifact")
    assert opened.lineage(EVALUATE).sources == before.sources
    assert (opened.run(LARGE).forgotten, opened.run(LARGE).metadata) == (True, {})


def test_what_is_forgotten_as_json_is_what_the_library_answers(store: str, opened: GraphTracker) -> None:
    told = json.loads(command("forget", LARGE, SMALL, "--dry-run", "--json", "--store", store).out)
    assert told == json.loads(json.dumps(opened.forget([LARGE, SMALL], dry_run=True).to_dict()))
    done = json.loads(command("forget", LARGE, SMALL, "--yes", "--json", "--store", store).out)
    assert done == {**told, "dry_run": False}


def test_a_dry_run_says_all_that_would_go_and_forgets_nothing(store: str, opened: GraphTracker) -> None:
    before = opened.graph()
    for more in ([], ["--yes"]):
        data, said = remarks("forget", "prepare-k1", "--dry-run", *more, "--store", store)
        assert data == f"{ROWS}\n"
        assert said == [
            "graphtracker: runs to forget, with their sources and artifacts: 1",
            f"  '{PREPARE}'",
            "graphtracker: their artifacts: 1",
            f"  'rows' of '{PREPARE}'",
            "graphtracker: runs that were made from them, which stay: 3",
            *(f"  '{run_id}'" for run_id in (EVALUATE, LARGE, SMALL)),
            "graphtracker: paths of their files, which are never touched: 1",
            f"graphtracker: {REACH} (`graphtracker doctor` names them)",
        ]
    assert opened.graph() == before


def test_a_plan_names_twenty_of_each_kind_and_counts_the_rest(tmp_path: Path) -> None:
    store = str(tmp_path / "many.db")
    with GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(23):
            batch.add_artifact("big", f"file-{number:02}", f"/data/{number:02}")
            batch.add_source(f"user-{number:02}", "big", f"file-{number:02}")
    said = failure(2, "forget", "big", "--store", store).splitlines()
    assert [line for line in said if "more" in line] == ["  and 3 more"] * 3  # artifacts, consumers, paths
    assert "  'file-19' of 'big'" in said
    assert "  'file-20' of 'big'" not in said
    assert "  '/data/19'" in said


@pytest.mark.parametrize("options", [[], ["--yes"], ["--dry-run"]], ids=str)
def test_where_one_run_is_unknown_nothing_is_forgotten(options: list[str], store: str, opened: GraphTracker) -> None:
    before = opened.graph()
    for unknown in ("nobody", "train", "k1"):  # no beginnings, no endings
        said = failure(1, "forget", LARGE, unknown, *options, "--store", store)
        assert f"no run '{unknown}' in {store}, so nothing was forgotten" in said
        assert "new run" not in said
    assert opened.graph() == before


def test_a_name_of_several_runs_is_refused_and_lists_them(tmp_path: Path) -> None:
    store = str(tmp_path / "two.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("a://x/train")
        tracker.add_metadata("b://x/train")
        said = failure(2, "forget", "train", "--yes", "--store", store)
        assert "'train' is the name of several runs; give the id of one:\n" in said
        assert "Z  a://x/train\n" in said
        assert "Z  b://x/train\n" in said
        tracker.add_metadata("train")
        assert "it is also the name of" in command("forget", "train", "--yes", "--store", store).err
        assert sorted(tracker.run_ids()) == ["a://x/train", "b://x/train"]


def test_an_external_run_and_one_that_is_forgotten_may_be_forgotten(store: str, opened: GraphTracker) -> None:
    for _ in range(2):
        assert remarks("forget", RAW, "--yes", "--store", store)[1][0] == "graphtracker: forgot 1 run and 0 artifacts"
    assert opened.run(RAW).forgotten


def test_files_are_not_touched(tmp_path: Path) -> None:
    model = tmp_path / "model.pt"
    model.write_bytes(b"weights")
    with GraphTracker(tmp_path / "own.db") as tracker:
        tracker.add_artifact("train", "model", str(model))
    assert command("forget", "train", "--yes", "--store", str(tmp_path / "own.db")).out == f"{model}\n"
    assert model.read_bytes() == b"weights"


# -- asking ------------------------------------------------------------------------------------------------------------


def test_without_a_terminal_it_says_the_plan_and_refuses(store: str, opened: GraphTracker, tmp_path: Path) -> None:
    before = opened.graph()
    for arguments in (["forget", LARGE], ["prune", "--older-than", "2026-02-01"]):
        done = run(tmp_path, "graphtracker", "--store", store, *arguments, text="y\n", code=2)
        assert done.stdout == ""
        assert f"  '{MODEL}'\n" in done.stderr
        assert "--yes" in done.stderr
    assert opened.graph() == before


def answered(folder: Path, answer: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, data and what a terminal showed of a command that was answered so."""
    ours, theirs = pty.openpty()
    program = Path(environment(folder)["PATH"].split(os.pathsep)[0]) / "graphtracker"
    process = subprocess.Popen(
        [program, *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, cwd=folder, env=environment(folder)
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    data, _ = process.communicate(timeout=60)
    seen = b""
    with suppress(OSError):  # how the end of a terminal is told
        while piece := os.read(ours, 65536):
            seen += piece
    os.close(ours)
    return process.returncode, data.decode(), seen.decode()


@pytest.mark.parametrize("answer", ["y\n", " Y \n"])
def test_whoever_types_y_agrees(answer: str, store: str, opened: GraphTracker, tmp_path: Path) -> None:
    code, data, seen = answered(tmp_path, answer, "forget", "train-l3", "--store", store)
    assert (code, data) == (0, f"{MODEL}\n")
    assert seen.index(REACH) < seen.index("Forget all of this for ever?") < seen.index("forgot 1 run")
    assert seen.count(REACH) == 1
    assert LARGE not in opened.run_ids()


@pytest.mark.parametrize("answer", ["n\n", "\n", "yes please\n", "\x04"], ids=repr)
def test_any_other_answer_stops_with_nothing_done(
    answer: str, store: str, opened: GraphTracker, tmp_path: Path
) -> None:
    before = opened.graph()
    for arguments in (["forget", "train-l3"], ["prune", "--older-than", "2026-02-01"]):
        code, data, seen = answered(tmp_path, answer, *arguments, "--store", store)
        assert (code, data) == (130, "")
        assert "Traceback" not in seen
    assert opened.graph() == before


# -- prune -------------------------------------------------------------------------------------------------------------


def test_prune_forgets_what_is_old_and_has_nothing_younger_made_of_it(store: str, opened: GraphTracker) -> None:
    opened.add_source("young", LARGE, "model")
    data, said = remarks("prune", "--older-than", "2026-02-01", "--yes", "--store", store)
    assert data == "/lab/small.pt\n"
    assert said[0] == "graphtracker: forgot 2 runs and 1 artifact"
    assert opened.run_ids() == ["young", LARGE, PREPARE]


def test_prune_keeps_to_runs_with_these_values(store: str, opened: GraphTracker) -> None:
    told = json.loads(
        command(
            *["prune", "--older-than", "2026-02-01", "--where", "kind=train", "--where", "lr=0.1"],
            *["--dry-run", "--json", "--store", store],
        ).out
    )
    assert told["runs"] == [SMALL]
    assert SMALL in opened.run_ids()


def test_prune_takes_the_filters_of_runs(store: str) -> None:
    asked = ["prune", "--older-than", "2026-02-01", "--dry-run", "--json", "--store", store]
    where = ["--where", "lr < 0.05 or kind == 'prep'", "--where", 'name != "prepare-k1"']
    assert json.loads(command(*asked, *where).out)["runs"] == [LARGE]
    said = command(*asked, "--where", "lrr < 1").err.splitlines()
    assert said == ["graphtracker: there is nothing to forget", "graphtracker: no run has the key 'lrr'; near it: 'lr'"]


@pytest.mark.parametrize("age", [["--older-than", "-7d"], ["--older-than=-7d"], ["--older-than", "1w"]], ids=str)
def test_prune_takes_an_age(age: list[str], store: str, opened: GraphTracker) -> None:
    opened.add_metadata("young")
    command("prune", *age, "--yes", "--store", store)
    assert opened.run_ids() == ["young"]


@pytest.mark.parametrize("options", [[], ["--yes"], ["--dry-run"]], ids=str)
def test_where_nothing_is_old_nothing_is_asked(options: list[str], store: str) -> None:
    data, said = remarks("prune", "--older-than", "2026-01-01", *options, "--store", store)
    assert (data, said) == ("", ["graphtracker: there is nothing to forget"])
    told = json.loads(command("prune", "--older-than", "2026-01-01", *options, "--json", "--store", store).out)
    assert {key: told[key] for key in NOTHING} == NOTHING


def test_what_a_plan_says_of_a_forgotten_run_is_nothing_of_its_values(store: str) -> None:
    command("forget", LARGE, "--keep-links", "--yes", "--store", store)
    assert MODEL not in command("forget", LARGE, "--dry-run", "--store", store).err
    assert output("show", LARGE, "--store", store)
