"""Which ids, names and keys are taken, and how others are refused."""

from __future__ import annotations

from collections import UserString
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Source
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.recording import NOON


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


SAID = {
    "bytes": (b"train\x1b", r"the run id must be text, not bytes: b'train\x1b'"),
    "a string of its own": (UserString("train"), "the run id must be text, not UserString: '<UserString>'"),
    "a number": (7, "the run id must be text, not int: '7'"),
    "a number of more digits than Python writes": (10**5000, "the run id must be text, not int: '<int>'"),
    "a tuple that cannot be printed": ((Unprintable(),), "the run id must be text, not tuple: '<tuple>'"),
    "nothing": (None, "the run id must be text, not NoneType: 'None'"),
}


@pytest.mark.parametrize("name", SAID)
def test_an_id_that_is_no_text_is_named_with_its_type(tracker: GraphTracker, name: str) -> None:
    wrong, said = SAID[name]
    with pytest.raises(InvalidInput) as raised:
        tracker.add_metadata(wrong, lr=1)  # type: ignore[arg-type]
    assert str(raised.value) == said
    assert tracker.run_ids() == []


LONGEST = {"ascii": "a" * 4000, "two bytes": "é" * 2000, "four bytes": "\U0001f600" * 1000}


FIT = {**LONGEST, "newline": "a\nb", "space": " ", "quotes": "'\"`", "slash": "/", "emoji": "\U0001f600", "dot": "."}


UNFIT: dict[str, Any] = {
    "empty": "",
    "4,001 bytes": "a" * 4001,
    "2,001 letters of two bytes": "é" * 2001,
    "4,001 bytes in the last letter": "a" * 3997 + "\U0001f600",
    "NUL": "a\0b",
    "lone surrogate": "a\ud800",
    "other lone surrogate": "\udfff",
    "None": None,
    "number": 5,
    "bytes": b"run",
    "path": Path("/run"),
    "tuple": ("run",),
}


Place = Callable[[GraphTracker, Any], object]


WRITTEN: dict[str, Place] = {
    "run of add_metadata": lambda tracker, text: tracker.add_metadata(text, lr=1),
    "run of add_artifact": lambda tracker, text: tracker.add_artifact(text, "model", "/m"),
    "run of add_source": lambda tracker, text: tracker.add_source(text, "prepare"),
    "run of record": lambda tracker, text: tracker.record(text),
    "source": lambda tracker, text: tracker.add_source("train", text),
    "source of record": lambda tracker, text: tracker.record("train", sources=[TrackerSource(text, None)]),
    "artifact": lambda tracker, text: tracker.add_artifact("train", text, "/m"),
    "artifact of record": lambda tracker, text: tracker.record("a", artifacts=[TrackerArtifact(text, "/m", None)]),
    "key": lambda tracker, text: tracker.record("train", metadata={text: 1}),
    "key of an artifact": lambda tracker, text: tracker.add_artifact("train", "model", "/m", {text: 1}),
}


SOURCE_NAMES: dict[str, Place] = {  # here None and "" mean the whole run
    "artifact of a source": lambda tracker, text: tracker.add_source("train", "prepare", text),
    "artifact of a recorded source": lambda tracker, text: tracker.record("a", sources=[TrackerSource("b", text)]),
}


READ: dict[str, Place] = {
    "artifacts": lambda tracker, text: tracker.artifacts(text),
    "metadata": lambda tracker, text: tracker.metadata(text),
    "sources": lambda tracker, text: tracker.sources(text),
    "consumers": lambda tracker, text: tracker.consumers(text),
    "lineage": lambda tracker, text: tracker.lineage(text),
    "run": lambda tracker, text: tracker.run(text),
}


@pytest.mark.parametrize("name", FIT)
def test_any_text_of_up_to_4000_bytes_is_an_id_a_name_and_a_key(tracker: GraphTracker, name: str) -> None:
    text = FIT[name]
    artifact = TrackerArtifact(text, "/m", {text: 1})
    tracker.record(text, metadata={text: 2}, artifacts=[artifact], sources=[TrackerSource(text, text)])
    assert tracker.run_ids(**{text: 2}) == tracker.consumers(text, text) == [text]
    assert tracker.artifacts(text) == {text: artifact}
    assert tracker.sources(text) == [TrackerSource(text, text)]
    assert list(tracker.lineage(text, artifact_name=text).artifacts) == [(text, text)]


@pytest.mark.parametrize("place", WRITTEN)
@pytest.mark.parametrize("name", UNFIT)
def test_what_is_no_id_name_or_key_is_refused_and_nothing_is_stored(
    tracker: GraphTracker, place: str, name: str
) -> None:
    with pytest.raises(InvalidInput):
        WRITTEN[place](tracker, UNFIT[name])
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("place", SOURCE_NAMES)
@pytest.mark.parametrize("name", sorted(UNFIT.keys() - {"empty", "None"}))
def test_what_is_no_artifact_name_of_a_source_is_refused(tracker: GraphTracker, place: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        SOURCE_NAMES[place](tracker, UNFIT[name])
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("place", READ)
@pytest.mark.parametrize("name", UNFIT)
def test_a_question_about_what_is_no_id_is_refused(tracker: GraphTracker, place: str, name: str) -> None:
    tracker.add_metadata("a")
    with pytest.raises(InvalidInput):
        READ[place](tracker, UNFIT[name])


def test_ids_are_told_apart_by_every_letter(tracker: GraphTracker) -> None:
    alike = ["run", "Run", "run ", " run", "run\n", "r\u00fcn", "ru\u0308n", "run/", "\uff52un", "1", "1.0", "01"]
    for run_id in alike:
        tracker.record(run_id, metadata={"id": run_id}, artifacts=[TrackerArtifact(run_id, run_id, None)])
    assert set(tracker.run_ids()) == set(alike)
    assert {run_id: tracker.metadata(run_id)["id"] for run_id in alike} == {run_id: run_id for run_id in alike}
    assert [list(tracker.artifacts(run_id)) for run_id in alike] == [[run_id] for run_id in alike]


def test_an_id_that_is_a_str_subclass_is_that_text(tracker: GraphTracker) -> None:
    class Handle(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    tracker.add_source(Handle("a"), Handle("b"), Handle("model"))
    (source,) = tracker.graph().sources
    assert source == Source("a", "b", "model", NOON)
    assert {type(part) for part in (source.run_id, source.source_run_id, source.artifact_name)} == {str}
