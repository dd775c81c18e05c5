"""A tracker: what it reads where nothing was recorded, and its life: closed, pickled, shared by threads."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable

import pytest

from graphtracker import GraphTracker, Lineage, NotFound, RunNotFound
from graphtracker.api import TrackerArtifact, TrackerBase, TrackerSource
from tests.support.recording import Stopped

# -- what reads of nothing give ----------------------------------------------------------------------------------------


def test_an_unknown_run_reads_empty_to_torchxs_verbs(tracker: GraphTracker) -> None:
    tracker.add_metadata("known")
    assert tracker.metadata("nobody") == {}
    assert tracker.artifacts("nobody") == {}
    assert tracker.sources("nobody") == []
    assert tracker.consumers("nobody") == []


def test_a_name_where_an_id_is_wanted_is_told_with_the_id(tracker: GraphTracker) -> None:
    tracker.add_metadata("local_cwd://torchx/train-x7mw")
    asking: list[Callable[[], object]] = [
        lambda: tracker.run("train-x7mw"),
        lambda: tracker.diff("train-x7mw", "train-x7mw"),
        lambda: tracker.contrast(["train-x7mw"]),
        lambda: tracker.runs(after="train-x7mw"),
        lambda: tracker.forget(["train-x7mw"]),
    ]
    for ask in asking:
        with pytest.raises(RunNotFound, match="it is the name of 'local_cwd://torchx/train-x7mw': give that id"):
            ask()


def test_an_unknown_run_is_not_found(tracker: GraphTracker) -> None:
    tracker.add_metadata("known")
    with pytest.raises(RunNotFound, match="nobody") as caught:
        tracker.run("nobody")
    assert isinstance(caught.value, NotFound)
    assert isinstance(caught.value, LookupError)


def test_a_store_in_which_nothing_was_recorded_is_empty(tracker: GraphTracker) -> None:
    assert (tracker.run_ids(), tracker.runs(), tracker.find_artifacts("/m")) == ([], [], [])
    assert tracker.run_ids(parent_run_id="a", lr=1) == []
    assert tracker.graph() == Lineage()
    with pytest.raises(RunNotFound):
        tracker.find_run("a")


def test_it_is_a_torchx_tracker(tracker: GraphTracker) -> None:
    assert isinstance(tracker, TrackerBase)
    tracker.record("a", artifacts=[TrackerArtifact("m", "/m", None)], sources=[TrackerSource("b", None)])
    assert type(tracker.artifacts("a")["m"]) is TrackerArtifact
    assert type(tracker.sources("a")[0]) is TrackerSource


# -- the life of a tracker ---------------------------------------------------------------------------------------------


def test_a_closed_tracker_opens_again_when_used(tracker: GraphTracker) -> None:
    tracker.add_metadata("a")
    tracker.close()
    tracker.close()
    assert tracker.run_ids() == ["a"]
    tracker.close()
    tracker.add_metadata("b")
    assert set(tracker.run_ids()) == {"a", "b"}


def record_and_stop(url: str) -> None:
    with GraphTracker(url) as tracker:
        tracker.add_metadata("a")
        raise Stopped


def test_a_context_manager_lets_exceptions_pass_and_keeps_what_was_recorded(new_url: Callable[[], str]) -> None:
    url = new_url()
    with pytest.raises(Stopped):
        record_and_stop(url)
    with GraphTracker(url) as again:
        assert again.run_ids() == ["a"]


def test_a_batch_lets_exceptions_pass(tracker: GraphTracker) -> None:
    with pytest.raises(Stopped), tracker.batch():
        raise Stopped
    assert tracker.run_ids() == []


def test_a_pickled_tracker_goes_on_with_the_same_store(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    with pickle.loads(pickle.dumps(tracker)) as copy:  # noqa: S301  # our own bytes
        assert copy.url == tracker.url
        assert copy.metadata("a") == {"lr": 1}
        copy.add_metadata("a", lr=2)
        assert tracker.metadata("a") == {"lr": 2}


def test_a_tracker_pickled_before_its_first_use_and_inside_a_batch_is_usable(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        batch.add_metadata("mine")
        with pickle.loads(pickle.dumps(batch)) as copy:  # noqa: S301  # our own bytes
            copy.add_metadata("copy")
            assert copy.run_ids() == ["copy"]
    assert set(tracker.run_ids()) == {"mine", "copy"}


def test_many_threads_share_a_tracker(tracker: GraphTracker) -> None:
    def work(number: int) -> None:
        for step in range(20):
            tracker.add_source(f"run {number}", f"source {step}", "model")
            tracker.sources(f"run {number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tracker.run_ids()) == 6
    assert len(tracker.graph().sources) == 120
