"""The run that a text means: an id, a name, an ending."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, InvalidInput, RunNotFound
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
    listed = r"^'train' is the name of several runs: 'y/train' \(2024.*Z\), 'x/train' \(2024.*Z\); give more"
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
    with pytest.raises(InvalidInput, match=r"^'train' is the name of several runs: 'y/train' .*, 'x/train' .*; give"):
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
        "'data' is also the name of 's3://bucket/data'; 'train-abc' is also the name of 'local_cwd://torchx/train-abc'"
    )
