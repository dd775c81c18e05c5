"""The run that a text means: an id, a name, an ending."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker, InvalidInput, RunNotFound
from graphtracker.api import TrackerArtifact
from tests.support.recording import NOON, after


def test_a_run_is_found_by_its_id_or_an_ending_that_only_it_has(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/train-abc", "s3://bucket/data")
    tracker.add_metadata("abc")
    assert tracker.find_run("abc") == "abc"
    assert tracker.find_run("train-abc") == "local_cwd://torchx/train-abc"
    assert tracker.find_run("data") == "s3://bucket/data"
    assert tracker.find_run("local_cwd://torchx/train-abc") == "local_cwd://torchx/train-abc"


def test_an_ending_that_several_runs_have_is_refused_with_their_ids(tracker: GraphTracker) -> None:
    tracker.record("x/train", at=NOON)
    tracker.record("y/train", at=after(1))
    listed = r"^'train' is the name of several runs; give more of it, .*:\n  2024.*Z  y/train\n  2024.*Z  x/train$"
    with pytest.raises(InvalidInput, match=listed):
        tracker.find_run("train")


@pytest.mark.parametrize("text", ["nobody", "%", "_", "*", "TRAIN", "local", "rain-"])
def test_an_ending_is_text_and_no_pattern(tracker: GraphTracker, text: str) -> None:
    tracker.add_metadata("local/train-1")
    with pytest.raises(RunNotFound, match=r"^no run in "):  # said once, on every store, with the store's URL in it
        tracker.find_run(text)


# -- which run a person means who records ------------------------------------------------------------------------------


def test_who_records_means_an_id_or_the_name_of_one_run(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/train-abc", "s3://bucket/data")
    tracker.add_metadata("abc")
    assert tracker.named_run("abc") == ("abc", False, [])
    assert tracker.named_run("train-abc") == ("local_cwd://torchx/train-abc", False, [])
    assert tracker.named_run("local_cwd://torchx/train-abc") == ("local_cwd://torchx/train-abc", False, [])
    assert tracker.named_run("data") == ("s3://bucket/data", False, [])


@pytest.mark.parametrize(
    "text", ["train", "abc", "torchx/train-abc", "TRAIN-ABC", "%", "*", "another://torchx/train-abc"]
)
def test_any_other_text_means_a_new_run_which_is_not_made_by_asking(tracker: GraphTracker, text: str) -> None:
    assert tracker.named_run(text) == (text, True, [])
    tracker.add_metadata("local_cwd://torchx/train-abc")
    assert tracker.named_run(text) == (text, True, [])
    assert tracker.run_ids() == ["local_cwd://torchx/train-abc"]


def test_a_name_of_several_runs_is_refused_to_who_records_unless_it_is_an_id(tracker: GraphTracker) -> None:
    for hours, run_id in enumerate(("x/train", "y/train")):
        tracker.record(run_id, at=after(hours))
    with pytest.raises(
        InvalidInput, match=r"^'train' is the name of several runs; give the id of one:\n.*Z  y/train\n.*Z  x/train$"
    ):
        tracker.named_run("train")
    tracker.add_metadata("train")
    assert tracker.named_run("train") == ("train", False, ["x/train", "y/train"])


def test_an_id_comes_with_the_runs_that_have_it_as_their_name(tracker: GraphTracker) -> None:
    tracker.add_source("y/train", "x/train")
    for run_id in ("train", "x/pretrain", "x/train/", "s3://train"):
        tracker.add_metadata(run_id)
    assert tracker.named_run("train") == ("train", False, ["x/train", "x/train/", "y/train"])
    assert tracker.named_run("x/train") == ("x/train", False, [])


def test_health_tells_of_ids_that_are_the_name_of_another_run(tracker: GraphTracker) -> None:
    subject = "ids that are names of other runs"
    tracker.add_source("local_cwd://torchx/train-abc", "s3://bucket/data")
    tracker.add_metadata("alone")
    assert subject not in tracker.health()
    tracker.add_metadata("train-abc")
    tracker.add_source("alone", "data")
    assert tracker.health()[subject] == (
        "2: 'data' is also the name of 's3://bucket/data'; 'train-abc' is also the name of "
        "'local_cwd://torchx/train-abc'; each of these means the run of that id; give the whole id of the other "
        "to mean that"
    )


# -- beginnings, the latest, what is near ------------------------------------------------------------------------------


def test_a_beginning_that_one_name_has_is_enough(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/train-x7mw", "s3://bucket/dataset.csv")
    assert tracker.find_run("train") == tracker.find_run("train-x") == "local_cwd://torchx/train-x7mw"
    assert tracker.find_run("data") == "s3://bucket/dataset.csv"
    with pytest.raises(RunNotFound):
        tracker.find_run("local_cwd")  # ids begin so, names do not


def test_a_name_comes_before_beginnings_and_a_beginning_before_endings(tracker: GraphTracker) -> None:
    for run_id in ("a/train", "a/train-1", "b/pretrain"):
        tracker.add_metadata(run_id)
    assert tracker.find_run("train") == "a/train"
    assert tracker.find_run("train-") == "a/train-1"
    tracker.add_metadata("c/train-2")
    with pytest.raises(InvalidInput, match=r"^'train-' is the beginning of the name of several runs; "):
        tracker.find_run("train-")
    tracker.add_metadata("d/xtrain-")
    with pytest.raises(InvalidInput):  # endings are not tried then
        tracker.find_run("train-")
    assert tracker.find_run("retrain") == "b/pretrain"


def test_several_are_listed_newest_first_with_their_times(tracker: GraphTracker) -> None:
    for number in range(12):
        tracker.record(f"jobs/train-{number:02}", at=after(number))
    with pytest.raises(InvalidInput) as caught:
        tracker.find_run("train")
    message = str(caught.value)
    assert "\n  2024-01-01 23:00:00Z  jobs/train-11\n  2024-01-01 22:00:00Z  jobs/train-10\n" in message
    assert message.endswith("  jobs/train-02\n  and more")


def test_the_latest_is_the_newest_that_reported(tracker: GraphTracker) -> None:
    for hours, run_id in enumerate(("a/train", "b/train", "a/train-1", "a/train-2")):
        tracker.record(run_id, at=after(hours))
    tracker.record("user", sources=["c/train", "train-9"], at=after(9))  # externals
    assert tracker.find_run("train", latest=True) == "b/train"
    assert tracker.find_run("train-", latest=True) == "a/train-2"
    assert tracker.find_run("rain", latest=True) == "b/train"  # an ending
    assert tracker.find_run("a/train", latest=True) == "a/train"
    tracker.record("user", sources=["x/data", "y/data"])
    with pytest.raises(InvalidInput, match=r"; give more of it:\n.*x/data\n"):
        tracker.find_run("data", latest=True)  # none of them reported


def test_a_name_that_very_many_have_is_found_and_listed(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(1_100):
            batch.record(f"jobs/{number}/train", at=after(number))
            batch.record(f"jobs/evaluate-{number}", at=after(number))
    assert tracker.find_run("train", latest=True) == "jobs/1099/train"
    assert tracker.find_run("evaluate", latest=True) == "jobs/evaluate-1099"
    assert tracker.find_run("evaluate-9", latest=True) == "jobs/evaluate-9"  # a name
    assert tracker.find_run("jobs/evaluate-109") == "jobs/evaluate-109"
    with pytest.raises(InvalidInput, match=r"  jobs/1099/train\n.*  jobs/1098/train\n"):
        tracker.find_run("train")


@pytest.mark.parametrize(
    "text", ["\uffff", "\U0010ffff", "a\U0010ffff", "\ud7ff", "'", '"', "%", "*", "\\", "`", "--", "\x1b[31m"]
)
def test_beginnings_are_text_of_any_kind(tracker: GraphTracker, text: str) -> None:
    for run_id in (f"{text}1", "a", "b"):
        tracker.add_metadata(run_id)
    assert tracker.find_run(text) == f"{text}1"
    with pytest.raises(RunNotFound):
        tracker.find_run(text + "2")


def test_what_is_not_found_is_told_with_what_is_near(tracker: GraphTracker) -> None:
    for run_id in ("local_cwd://torchx/train-x7mw", "local_cwd://torchx/evaluate-k3v9", "deploy"):
        tracker.add_metadata(run_id)
    with pytest.raises(RunNotFound, match=r"; near it: 'train-x7mw'$"):
        tracker.find_run("tarin-x7mw")
    with pytest.raises(RunNotFound, match=r"; near it: 'deploy'$"):
        tracker.find_run("local://host/deplyo")
    with pytest.raises(RunNotFound, match=r"; run_ids\(\) \(or `graphtracker runs`\) lists them$"):
        tracker.find_run("xyz")


def test_a_path_at_which_an_artifact_lies_is_told_how_to_ask(tracker: GraphTracker, tmp_path: Path) -> None:
    tracker.add_artifact("train", "model", f"{tmp_path}/final.pt")
    with pytest.raises(RunNotFound, match=f"an artifact lies at that path: .* --path '{tmp_path}//final.pt'$"):
        tracker.find_run(f"{tmp_path}//final.pt")


# -- what a shell completes --------------------------------------------------------------------------------------------


def test_runs_are_listed_by_the_beginning_of_their_names_the_latest_first(tracker: GraphTracker) -> None:
    for hours, run_id in enumerate(("a://x/train-1", "a://x/trial", "b://x/train-2")):
        tracker.record(run_id, at=after(hours))
    tracker.add_source("a://x/train-1", "s3://bucket/train.csv")
    assert tracker.run_ids_beginning("train") == ["b://x/train-2", "a://x/train-1", "s3://bucket/train.csv"]
    assert tracker.run_ids_beginning("tr", limit=1) == ["b://x/train-2"]
    assert tracker.run_ids_beginning("") == ["b://x/train-2", "a://x/trial", "a://x/train-1"]
    assert tracker.run_ids_beginning("a:") == ["a://x/trial", "a://x/train-1"]
    assert tracker.run_ids_beginning("x/train") == []


def test_keys_are_listed_by_their_beginning(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=0.1, loss=1, **{"config.lr": 1})
    tracker.add_metadata("b", lr=0.2, layers={"lx": 1}, text="t" * 5000)
    assert tracker.keys("l") == ["layers", "loss", "lr"]
    assert tracker.keys() == ["config.lr", "layers", "loss", "lr", "text"]
    assert tracker.keys("l", limit=2) == ["layers", "loss"]
    assert tracker.keys("x") == []


# -- runs with what they logged ----------------------------------------------------------------------------------------


def test_runs_come_with_their_artifacts(tracker: GraphTracker) -> None:
    for hours, run_id in enumerate("abc"):
        model = TrackerArtifact("model", f"/{run_id}", {"loss": hours})
        tracker.record(run_id, metadata={"n": hours}, artifacts=[] if run_id == "b" else [model], at=after(hours))
    tracker.add_source("user", "b", "declared")
    found = tracker.runs_with_artifacts(where="n >= 0", order_by="n")
    assert [run for run, _ in found] == tracker.runs(where="n >= 0", order_by="n")
    assert [{name: each.path for name, each in had.items()} for _, had in found] == [
        {"model": "/a"},
        {},
        {"model": "/c"},
    ]
    assert [run.run_id for run, _ in tracker.runs_with_artifacts(where="n", limit=1, after="c")] == ["b"]
    assert tracker.runs_with_artifacts(where="n > 9") == []


def test_as_of_an_earlier_time_they_come_with_what_stood_then(tracker: GraphTracker) -> None:
    tracker.record("a", artifacts=[TrackerArtifact(name, f"/{name}", None) for name in ("kept", "again")], at=NOON)
    tracker.record("a", artifacts=[TrackerArtifact(name, "/new", None) for name in ("again", "late")], at=after(2))
    [(run, had)] = tracker.runs_with_artifacts(as_of=after(1))
    assert (run.run_id, list(had)) == ("a", ["kept"])
