"""The run that a text means: an id, a name, an ending."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, InvalidInput, RunNotFound


def test_a_run_is_found_by_its_id_or_an_ending_that_only_it_has(tracker: GraphTracker) -> None:
    tracker.add_source("local_cwd://torchx/train-abc", "s3://bucket/data")
    tracker.add_metadata("abc")
    assert tracker.find_run("abc") == "abc"
    assert tracker.find_run("train-abc") == "local_cwd://torchx/train-abc"
    assert tracker.find_run("data") == "s3://bucket/data"
    assert tracker.find_run("local_cwd://torchx/train-abc") == "local_cwd://torchx/train-abc"


def test_an_ending_that_several_runs_have_is_refused_with_their_ids(tracker: GraphTracker) -> None:
    tracker.add_metadata("x/train")
    tracker.add_metadata("y/train")
    with pytest.raises(InvalidInput, match=r"^'train' is the name or ending of several runs: 'x/train', 'y/train'"):
        tracker.find_run("train")


@pytest.mark.parametrize("text", ["nobody", "%", "_", "*", "TRAIN", "local", "rain-"])
def test_an_ending_is_text_and_no_pattern(tracker: GraphTracker, text: str) -> None:
    tracker.add_metadata("local/train-1")
    with pytest.raises(RunNotFound, match=r"^no run in "):  # said once, on every store, with the store's URL in it
        tracker.find_run(text)
