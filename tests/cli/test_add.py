"""The recording commands record what they are told, and print nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.command import failure, listed, output, shown


def test_recording_commands_record_and_print_nothing(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    metadata = ["--metadata", "n=1", "--metadata", "note=a b"]
    assert output("add-artifact", "train", "model", "/m.pt", *metadata, "--store", store) == ""
    assert output("add-metadata", "train", "lr=0.1", "tags=[1, 2.5]", "name=x=y", "--store", store) == ""
    assert output("add-source", "train", "prepare", "--artifact", "rows", "--store", store) == ""
    assert output("add-source", "train", "base", "--store", store) == ""
    with GraphTracker(store) as tracker:
        assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/m.pt", {"n": 1, "note": "a b"})}
        assert tracker.metadata("train") == {"lr": 0.1, "name": "x=y", "tags": [1, 2.5]}
        assert tracker.sources("train") == [TrackerSource("base", None), TrackerSource("prepare", "rows")]


def test_metadata_without_any_reports_the_run(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-source", "train", "prepare", "--store", store)
    output("add-metadata", "prepare", "--store", store)
    assert set(listed("--store", store)) == {"prepare", "train"}


def test_recording_takes_the_id_as_it_is(store: str) -> None:
    output("add-metadata", "l3", "new=1", "--store", store)  # an ending of another run's id
    assert shown("l3", store) == "l3"


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
    ],
    ids=" ".join,
)
def test_what_cannot_be_recorded_is_usage_and_records_nothing(arguments: list[str], tmp_path: Path) -> None:
    assert failure(2, *arguments, "--store", str(tmp_path / "new.db"))
    assert not list(tmp_path.iterdir())


def test_ids_that_begin_with_a_dash_stand_after_two_dashes(tmp_path: Path) -> None:
    store = str(tmp_path / "new.db")
    output("add-metadata", "--store", store, "--", "--run", "--key=1")
    with GraphTracker(store) as tracker:
        assert tracker.metadata("--run") == {"--key": 1}
    assert output("show", "--store", store, "--", "--run").startswith("--run\n")
