"""The forms in which record() takes artifacts and sources, and what it says to whoever writes another."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, TrackerArtifact, TrackerSource, api

ARTIFACTS: dict[str, Any] = {
    "name and path": {"model": "/m.pt"},
    "name and Path": {"model": Path("/m.pt")},
    "pairs": [("model", "/m.pt")],
    "values": [TrackerArtifact("model", "/m.pt")],
    "TorchX's values": [api.TrackerArtifact("model", "/m.pt", None)],
    "name and value, as artifacts() returns them": {"model": TrackerArtifact("model", "/m.pt")},
    "a generator": (TrackerArtifact(name, "/m.pt") for name in ["model"]),
}


@pytest.mark.parametrize("form", [form for form in ARTIFACTS if form != "a generator"])
def test_artifacts_are_taken_in_every_form(tracker: GraphTracker, form: str) -> None:
    tracker.record("train", artifacts=ARTIFACTS[form])
    assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/m.pt")}


def test_artifacts_are_taken_from_a_generator(tracker: GraphTracker) -> None:
    tracker.record("train", artifacts=(TrackerArtifact(name, "/m.pt", {"size": 1}) for name in ["model"]))
    assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/m.pt", {"size": 1})}


def test_sources_are_taken_in_every_form(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/rows")
    [rows] = tracker.find_artifacts("/rows")
    started = tracker.start_run(run_id="started")
    given: list[Any] = [
        "text",
        tracker.run("prepare"),
        started,
        rows,
        ("pair", "rows"),
        TrackerSource("value"),
        TrackerSource("value", "rows"),
        api.TrackerSource("torchx", None),
    ]
    tracker.record("train", sources=given)
    assert {(source.source_run_id, source.artifact_name) for source in tracker.sources("train")} == {
        ("text", None),
        ("prepare", None),
        ("prepare", "rows"),
        ("started", None),
        ("pair", "rows"),
        ("value", None),
        ("value", "rows"),
        ("torchx", None),
    }


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a path alone": ({"artifacts": "/m.pt"}, 'artifacts={"model": "/m.pt"}'),
    "paths": ({"artifacts": ["/m.pt"]}, 'artifacts={"model": "/m.pt"}'),
    "a number of artifacts": ({"artifacts": 3}, "'3'"),
    "a number as path": ({"artifacts": {"model": 3}}, "the path must be text"),
    "three parts": ({"artifacts": [("model", "/m.pt", {})]}, "TrackerArtifact"),
    "another name": ({"artifacts": {"m": TrackerArtifact("model", "/m.pt")}}, "under the name 'm'"),
    "an id alone": ({"sources": "prepare"}, 'sources=["prepare"]'),
    "bytes": ({"sources": b"prepare"}, 'sources=["prepare"]'),
    "a number as source": ({"sources": [3]}, "'3'"),
    "an artifact of no text": ({"sources": [("prepare", 3)]}, "the artifact name must be text"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_another_form_is_refused_with_what_to_write_and_stores_nothing(tracker: GraphTracker, form: str) -> None:
    given, told = REFUSED[form]
    with pytest.raises(InvalidInput) as caught:
        tracker.record("train", metadata={"lr": 1}, **given)
    assert told in str(caught.value)
    assert len(tracker.graph()) == 0


def test_a_run_itself_is_taken_wherever_an_id_is(tracker: GraphTracker) -> None:
    with tracker.start_run(run_id="train") as run:
        tracker.add_source(run, "prepare")
    for train in (run, tracker.run("train")):
        tracker.add_metadata(train, lr=1)
        tracker.add_artifact(train, "model", "/m")
        tracker.add_source("deploy", train)
        tracker.record(train, metadata={"seed": 1})
        assert tracker.metadata(train) == {"lr": 1, "seed": 1}
        assert set(tracker.artifacts(train)) == {"model"}
        assert len(tracker.sources(train)) == 1
        assert tracker.consumers(train) == ["deploy"]
        assert tracker.lineage(train).start == "train"
        assert tracker.run(train).run_id == "train"
        assert tracker.run_ids(parent_run_id=train) == ["deploy"]
        assert [found.run_id for found in tracker.runs(parent_run_id=train)] == ["deploy"]
        assert tracker.forget(train, dry_run=True).runs == ("train",)
    assert set(tracker.graph().runs) == {"train", "prepare", "deploy"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (TrackerArtifact("model", "/m.pt"), api.TrackerArtifact("model", "/m.pt", None)),
        (TrackerSource("prepare"), api.TrackerSource("prepare", None)),
    ],
)
def test_a_value_written_by_hand_is_equal_to_one_that_a_tracker_returns(ours: Any, theirs: Any) -> None:
    assert ours == theirs
    assert theirs == ours
    assert isinstance(ours, type(theirs))
    assert copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == theirs  # noqa: S301  # our own
    changed = copy.copy(ours)
    setattr(changed, "path" if hasattr(ours, "path") else "source_run_id", "other")
    assert changed != theirs
    assert ours != (theirs,)
