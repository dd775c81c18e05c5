"""RUN and --path find what is asked about, and bounds ask what the library asks."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, Lineage
from graphtracker.api import TrackerArtifact
from tests.support.command import command, failure, listed, output, shown
from tests.support.small_pipeline import LARGE, MODEL, RAW, SMALL
from tests.support.tools import run


@pytest.mark.parametrize("text", [LARGE, "train-l3", "l3", "torchx/train-l3", "/train-l3"])
def test_a_run_is_named_by_id_name_or_ending(text: str, store: str) -> None:
    assert shown(text, store) == LARGE


def test_what_several_names_begin_with_is_refused_with_those_runs_and_their_times(store: str) -> None:
    said = failure(2, "show", "train", "--store", store)
    assert f"\n  2026-01-01 02:00:00Z  {LARGE}\n  2026-01-01 01:00:00Z  {SMALL}\n" in said
    assert "--latest" in said


@pytest.mark.parametrize(
    "asked", [["show", "--json"], ["lineage", "--json"], ["export", "--json"], ["export", "--dot"]], ids=" ".join
)
def test_the_latest_of_several_is_taken_where_that_is_asked_for(asked: list[str], store: str) -> None:
    assert output(*asked, "train", "--latest", "--store", store) == output(*asked, LARGE, "--store", store)


def test_the_latest_is_asked_for_a_run_that_options_name_too(store: str, opened: GraphTracker) -> None:
    opened.record("local_cwd://torchx/prepare-k2", at=datetime(2026, 1, 2, tzinfo=timezone.utc))
    opened.add_source("child", "local_cwd://torchx/prepare-k2")
    assert "Z  local_cwd://torchx/prepare-k2\n" in failure(2, "runs", "--parent", "prep", "--store", store)
    assert listed("--parent", "prep", "--latest", "--store", store) == ["child"]
    assert "--limit 1" in failure(2, "runs", "--latest", "--store", store)


def test_an_external_is_not_the_latest_of_several(store: str, opened: GraphTracker) -> None:
    opened.add_source("child", "s3://other/raw")
    said = failure(2, "show", "raw", "--latest", "--store", store)
    assert "Z  s3://other/raw\n" in said
    assert "latest" not in said


@pytest.mark.parametrize(
    "asked", [["forget", "--yes"], ["add-metadata"], ["add-source"], ["add-artifact"]], ids=lambda asked: str(asked[0])
)
def test_what_writes_takes_no_latest_of_several(asked: list[str], store: str) -> None:
    assert "--latest" in failure(2, *asked, "train-l3", "--latest", "--store", store)


def test_an_external_is_named_so_too(store: str) -> None:
    assert shown("raw", store) == RAW


def test_the_whole_id_counts_more_than_an_ending(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("n-l3")
    assert shown("n-l3", store) == "n-l3"


@pytest.mark.parametrize(
    "question",
    [["show"], ["lineage"], ["export", "--format", "json"], ["runs", "--parent"]],
    ids=lambda question: str(question[0]),
)
def test_an_id_that_is_also_the_name_of_another_run_is_taken_as_the_id_and_this_is_said(
    question: list[str], store: str
) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_source("child", "train-l3")
    done = command("--store", store, *question, "train-l3")
    assert done.code == 0
    assert done.err == (
        f"graphtracker: 'train-l3' is taken as an id; it is also the name of '{LARGE}': give that id to mean it\n"
    )
    assert command("--store", store, *question, LARGE).err == ""


def test_a_name_that_one_run_has_counts_more_than_the_ending_of_others(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("job://cluster/pretrain-l3")
    assert shown("train-l3", store) == LARGE


@pytest.mark.parametrize("run_id", ["s3://bucket/daily/", "s3://bucket/daily?version=2", "s3://bucket/daily#part"])
def test_a_run_is_named_by_the_name_that_trees_show(run_id: str, store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata(run_id)
        assert tracker.run(run_id).name == "daily"
    assert shown("daily", store) == run_id


def test_several_runs_with_this_ending_are_listed(store: str) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata("other://cluster/train-l3")
    message = failure(2, "show", "train-l3", "--store", store)
    assert LARGE in message
    assert "other://cluster/train-l3" in message


def test_an_ending_is_text_and_no_pattern(store: str) -> None:
    for text in ("%", "_3", "*", ".*"):
        assert failure(1, "show", text, "--store", store)


@pytest.mark.parametrize("name", ["show", "lineage", "export"])
def test_an_unknown_run_is_not_found_by_name(name: str, store: str) -> None:
    assert "nobody" in failure(1, name, "nobody", "--store", store)


QUESTIONS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "whole": ([], {}),
    "upstream": (["--upstream"], {"direction": "upstream"}),
    "downstream": (["--downstream"], {"direction": "downstream"}),
    "depth": (["--depth", "1"], {"depth": 1}),
    "depth 0": (["--depth", "0"], {"depth": 0}),
    "max runs": (["--max-runs", "2"], {"max_runs": 2}),
    "all bounds": (["--upstream", "--depth=1", "--max-runs=1"], {"direction": "upstream", "depth": 1, "max_runs": 1}),
    "artifact": (["--artifact", "model"], {"artifact_name": "model"}),
    "strict, whole": (["--strict", "--depth", "9"], {"strict": True, "depth": 9}),
}


@pytest.mark.parametrize(("options", "question"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_lineage_and_export_ask_what_the_library_asks(
    options: list[str], question: dict[str, Any], store: str, opened: GraphTracker
) -> None:
    expected = opened.lineage(LARGE, **question)
    for asked in (["lineage", "--json"], ["export", "--format", "json"]):
        done = command(*asked, "train-l3", *options, "--store", store)
        assert done.code == 0
        assert Lineage.from_dict(json.loads(done.out)) == expected
        assert bool(done.err) != expected.complete
        assert all(reason in done.err for reason in expected.reasons)
    assert command("export", "--dot", LARGE, *options, "--store", store).out == expected.to_dot()


def test_a_cut_answer_says_so_on_stderr_with_its_data_on_stdout(store: str, tmp_path: Path) -> None:
    done = run(tmp_path, "graphtracker", "lineage", LARGE, "--depth", "1", "--upstream", "--store", store)
    assert "not the whole lineage" in done.stderr
    assert "depth" in done.stderr
    assert "not the whole lineage" not in done.stdout
    assert "more upstream left out" in done.stdout


def test_path_asks_about_the_artifact_that_lies_there(store: str, opened: GraphTracker) -> None:
    expected = opened.lineage(LARGE, artifact_name="model")
    assert Lineage.from_dict(json.loads(output("lineage", "--path", MODEL, "--json", "--store", store))) == expected
    assert output("export", "--path", MODEL, "--dot", "--store", store) == expected.to_dot()
    assert output("lineage", "--path", MODEL, "--store", store).startswith("model of train-l3\n")


def test_a_relative_path_finds_what_was_logged_at_the_absolute_one(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_artifact("here", "file", str(tmp_path / "file.bin"))
    monkeypatch.chdir(tmp_path)
    assert output("lineage", "--path", "file.bin", "--store", store).startswith("file of here\n")


def test_the_path_of_another_folder_is_another_place(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_id in ("ada", "bob"):
        (tmp_path / run_id).mkdir()
        monkeypatch.chdir(tmp_path / run_id)
        assert command("add-artifact", run_id, "model", "model.pt", "--store", store).code == 0
    for run_id in ("ada", "bob"):
        monkeypatch.chdir(tmp_path / run_id)
        done = command("lineage", "--path", "model.pt", "--store", store)
        assert done.out.startswith(f"model of {run_id}\n")
        assert done.err == ""
    monkeypatch.chdir(tmp_path)
    assert f"'{tmp_path}/model.pt'" in failure(1, "lineage", "--path", "model.pt", "--store", store)


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_a_path_without_an_artifact_is_not_found(name: str, store: str) -> None:
    assert "/lab/other.pt" in failure(1, name, "--path", "/lab/other.pt", "--store", store)


def logged_nightly(store: str, *run_ids: str) -> None:
    """Each logs a model at one path, a day after the one before it."""
    with GraphTracker(store) as tracker:
        for day, run_id in enumerate(run_ids, 1):
            model = TrackerArtifact("the model", "/models/latest.pt", None)
            tracker.record(run_id, artifacts=[model], at=datetime(2026, 1, day, 4, 30, tzinfo=timezone.utc))


@pytest.mark.parametrize("question", [["lineage"], ["lineage", "--json"], ["export", "--dot"]], ids=" ".join)
def test_a_path_that_several_runs_wrote_is_that_of_the_newest_and_the_others_are_named(
    question: list[str], tmp_path: Path
) -> None:
    store = str(tmp_path / "nightly.db")
    logged_nightly(store, "b", "a", "c")
    done = command(*question, "--path", "/models/../models/latest.pt", "--store", store)
    assert done.code == 0
    assert done.out == output(*question, "c", "--artifact", "the model", "--store", store)
    assert done.err.splitlines() == [
        "graphtracker: 3 artifacts were logged there; the newest is 'c' --artifact 'the model' (2026-01-03 04:30:00Z), "
        "before it:",
        "graphtracker:   'a' --artifact 'the model' (2026-01-02 04:30:00Z)",
        "graphtracker:   'b' --artifact 'the model' (2026-01-01 04:30:00Z)",
    ]


@pytest.mark.parametrize("more", [0, 1, 3])
def test_no_more_than_ten_others_are_named(more: int, tmp_path: Path) -> None:
    store = str(tmp_path / "nightly.db")
    logged_nightly(store, *(f"run-{number:02}" for number in range(11 + more)))
    said = command("lineage", "--path", "/models/latest.pt", "--store", store).err.splitlines()
    assert f" {11 + more} artifacts were logged there; the newest is 'run-{10 + more}' " in said[0]
    assert [line.split("'")[1] for line in said[1:11]] == [
        f"run-{number:02}" for number in reversed(range(more, 10 + more))
    ]
    assert said[11:] == ([f"graphtracker:   and {more} more"] if more else [])


def test_a_path_that_one_run_wrote_is_answered_without_a_word(store: str) -> None:
    assert command("lineage", "--path", MODEL, "--store", store).err == ""


@pytest.mark.parametrize("name", ["lineage", "export"])
def test_run_and_path_exclude_each_other(name: str, store: str) -> None:
    failure(2, name, LARGE, "--path", MODEL, "--store", store)
