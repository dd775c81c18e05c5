"""The recording commands record what they are told, and say which runs are new."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.command import failure, listed, output, remark


def new(*run_ids: str) -> str:
    """What a command says of runs that were not there before."""
    return "".join(f"graphtracker: new run '{run_id}'\n" for run_id in run_ids)


def test_recording_commands_record_and_print_nothing(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    metadata = ["--metadata", "n=1", "--metadata", "note=a b"]
    assert remark("add-artifact", "train", "model", "/m.pt", *metadata, "--store", store) == new("train")
    assert output("add-metadata", "train", "lr=0.1", "tags=[1, 2.5]", "name=x=y", "--store", store) == ""
    assert remark("add-source", "train", "prepare", "--artifact", "rows", "--store", store) == new("prepare")
    assert remark("add-source", "train", "s3://bucket/base", "--store", store) == new("s3://bucket/base")
    with GraphTracker(store) as tracker:
        assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/m.pt", {"n": 1, "note": "a b"})}
        assert tracker.metadata("train") == {"lr": 0.1, "name": "x=y", "tags": [1, 2.5]}
        assert tracker.sources("train") == [TrackerSource("prepare", "rows"), TrackerSource("s3://bucket/base", None)]


def test_metadata_without_any_reports_the_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    assert remark("add-source", "train", "prepare", "--store", store) == new("train", "prepare")
    assert output("add-metadata", "prepare", "--store", store) == ""
    assert set(listed("--store", store)) == {"prepare", "train"}


def test_a_new_run_that_is_its_own_source_is_said_once(tmp_path: Path) -> None:
    assert remark("add-source", "loop", "loop", "--store", str(tmp_path / "new.db")) == new("loop")


def test_the_name_of_one_run_is_that_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    train, data = "local_cwd://torchx/train-x7k", "s3://bucket/rows"
    with GraphTracker(store) as tracker:
        tracker.add_source(train, data)
    assert output("add-metadata", "train-x7k", "approved=true", "--store", store) == ""
    assert output("add-artifact", "train-x7k", "model", "/m.pt", "--store", store) == ""
    assert output("add-source", "train-x7k", "rows", "--artifact", "part-1", "--store", store) == ""
    assert output("add-metadata", "rows", "license=MIT", "--store", store) == ""
    with GraphTracker(store) as tracker:
        assert set(tracker.graph().runs) == {train, data}
        assert tracker.metadata(train) == {"approved": True}
        assert set(tracker.artifacts(train)) == {"model"}
        assert tracker.sources(train) == [TrackerSource(data, None), TrackerSource(data, "part-1")]
        assert tracker.metadata(data) == {"license": "MIT"}


def test_a_source_may_be_what_another_run_logged_at_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store, rows = str(tmp_path / "new.db"), str(tmp_path / "rows.csv")
    with GraphTracker(store) as tracker:
        tracker.add_artifact("prepare", "rows", rows)
        tracker.add_artifact("train", "rows again", rows)
    said = "graphtracker: the source is artifact 'rows' of run 'prepare'\n"
    assert remark("add-source", "train", "--path", "rows.csv", "--store", store) == said
    assert remark("add-source", "deploy", "--path", "./rows.csv", "--store", store).startswith(
        "graphtracker: the source is artifact 'rows again' of run 'train'\n"
        "graphtracker: 2 artifacts were logged there; the newest is 'train' --artifact 'rows again' ("
    )
    with GraphTracker(store) as tracker:
        assert tracker.sources("train") == [TrackerSource("prepare", "rows")]
        assert tracker.sources("deploy") == [TrackerSource("train", "rows again")]


def test_a_path_at_which_no_other_run_logged_anything_is_an_external_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    external = "no other run logged an artifact there: the source is 's3://bucket/base', an external run"
    for run_id, more in (("train", new("train")), ("train", "")):
        said = remark("add-source", run_id, "--path", "S3A://bucket/base/", "--store", store)
        assert said == f"graphtracker: {external}\n{more}"
    with GraphTracker(store) as tracker:
        assert tracker.sources("train") == [TrackerSource("s3://bucket/base", None)]


@pytest.mark.parametrize("text", ["train", "x7k", "torchx/train-x7k", "TRAIN-X7K"])
def test_a_beginning_or_an_ending_is_a_new_run(text: str, tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("local_cwd://torchx/train-x7k")
    assert remark("add-metadata", text, "lr=1", "--store", store) == new(text)
    assert set(listed("--store", store)) == {text, "local_cwd://torchx/train-x7k"}


def test_an_id_is_that_run_though_others_have_it_as_their_name(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    with GraphTracker(store) as tracker:
        for run_id in ("train", "a/train", "b/train"):
            tracker.add_metadata(run_id)
    assert output("add-metadata", "train", "lr=1", "--store", store) == ""
    with GraphTracker(store) as tracker:
        assert [run.run_id for run in tracker.runs() if run.metadata] == ["train"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["add-metadata", "train", "lr=1"],
        ["add-artifact", "train", "model", "/m"],
        ["add-source", "train", "data"],
        ["add-source", "child", "train"],
    ],
    ids=" ".join,
)
def test_a_name_that_several_runs_have_is_usage_with_their_ids_and_records_nothing(
    arguments: list[str], tmp_path: Path
) -> None:
    store = str(tmp_path / "new.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("a/train")
        tracker.add_metadata("b/train")
        before = tracker.graph().to_dict()
    message = failure(2, *arguments, "--store", store)
    for part in ("'train'", "Z  a/train\n", "Z  b/train\n", "give the id"):
        assert part in message
    with GraphTracker(store) as tracker:
        assert tracker.graph().to_dict() == before


def test_another_handle_of_a_run_is_that_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    with GraphTracker(store) as tracker:
        tracker.add_metadata("kubernetes://torchx/train-x7k")
    assert output("add-metadata", "kubernetes://torchx/default:train-x7k", "approved=true", "--store", store) == ""
    assert listed("--store", store) == ["kubernetes://torchx/train-x7k"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["add-metadata", "run", "novalue"],
        ["add-metadata", "run", "good=1", "=1"],
        ["add-metadata", ""],
        ["add-artifact", "run", "", "/path"],
        ["add-artifact", "run", "name", "/path", "--metadata", "novalue"],
        ["add-artifact", "run", "name"],
        ["add-source", "run", ""],
        ["add-source", "run"],
        ["add-source", "run", "source", "--path", "/path"],
        ["add-source", "run", "--path", "/path", "--artifact", "name"],
        ["add-source", "run", "--path", ""],
    ],
    ids=" ".join,
)
def test_what_cannot_be_recorded_is_usage_and_records_nothing(arguments: list[str], tmp_path: Path) -> None:
    assert failure(2, *arguments, "--store", str(tmp_path / "new.db"))
    assert not list(tmp_path.iterdir())


def test_ids_that_begin_with_a_dash_stand_after_two_dashes(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    assert remark("add-metadata", "--store", store, "--", "--run", "--key=1") == new("--run")
    with GraphTracker(store) as tracker:
        assert tracker.metadata("--run") == {"--key": 1}
    assert output("show", "--store", store, "--", "--run").startswith("--run\n")
