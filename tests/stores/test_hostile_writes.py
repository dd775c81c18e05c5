"""Any text is data: it is taken wherever a text is, alike texts are kept apart, and what cannot be kept is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.hostile import HOSTILE, REFUSED, metadata_of, obeyed, random_texts, record
from tests.support.oracle import source_key
from tests.support.tools import exported

TEXTS = list(HOSTILE.values())

every_refused_text = pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())


def test_one_record_call_takes_it_too(tracker: GraphTracker) -> None:
    for text in TEXTS:
        artifact = TrackerArtifact(text, text, {text: text})
        tracker.record(text, metadata={text: text}, artifacts=[artifact], sources=[TrackerSource(text, text)])
    whole = tracker.graph()
    assert {run_id: run.metadata for run_id, run in whole.runs.items()} == {text: {text: text} for text in TEXTS}
    assert {key: (item.path, item.metadata) for key, item in whole.artifacts.items()} == {
        (text, text): (text, {text: text}) for text in TEXTS
    }
    assert set(map(source_key, whole.sources)) == {(text, text, text) for text in TEXTS}
    assert {text: tracker.run_ids(**{text: text}) for text in TEXTS} == {text: [text] for text in TEXTS}


def test_normalised_and_unnormalised_text_are_two_runs(tracker: GraphTracker) -> None:
    both = {HOSTILE["normalised"], HOSTILE["unnormalised"]}
    for run_id in both:
        tracker.add_source("consumer", run_id)
    assert set(tracker.lineage("consumer").runs) == both | {"consumer"}


def test_texts_that_differ_by_white_space_are_different_runs(tracker: GraphTracker) -> None:
    texts = ["a", " a", "a ", "a\t", "a\n", "A", "\u00a0a", "a\u200b"]
    for text in texts:
        tracker.add_metadata(text, me=text)
    assert {text: tracker.metadata(text)["me"] for text in texts} == {text: text for text in texts}


def test_a_thousand_random_texts_come_back(tracker: GraphTracker) -> None:
    texts = random_texts(4, 1000)
    with tracker.batch() as batch:
        for text in texts:
            record(batch, text)
    whole = tracker.graph()
    assert set(whole.runs) == {*texts, "consumer", "producer"}
    assert {key: item.path for key, item in whole.artifacts.items() if key[0] != "producer"} == {
        (text, text): text for text in texts
    }
    assert {run_id: run.metadata for run_id, run in whole.runs.items() if run.metadata} == {
        text: metadata_of(text) for text in texts
    }
    assert tracker.sources("consumer") == [TrackerSource(text, text) for text in sorted(texts)]
    assert Lineage.from_dict(json.loads(exported(whole, "json"))) == whole
    assert not obeyed(exported(whole, "json"))


# -- what is refused ---------------------------------------------------------------------------------------------------


@every_refused_text
def test_what_cannot_be_an_identifier_is_refused_whole(tracker: GraphTracker, text: str) -> None:
    good = TrackerArtifact("good", "/good", None)
    calls: list[Callable[[], Any]] = [
        lambda: tracker.add_artifact(text, "name", "/path"),
        lambda: tracker.add_artifact("run", text, "/path"),
        lambda: tracker.add_artifact("run", "name", "/path", {"good": 1, text: 1}),
        lambda: tracker.add_metadata(text, key=1),
        lambda: tracker.add_metadata("run", **{"good": 1, text: 1}),
        lambda: tracker.add_source(text, "source"),
        lambda: tracker.add_source("run", text),
        lambda: tracker.record(text, metadata={"good": 1}),
        lambda: tracker.record("run", artifacts=[good, TrackerArtifact(text, "/path", None)]),
        lambda: tracker.record("run", metadata={"good": 1}, sources=[TrackerSource(text, None)]),
    ]
    if text:  # an empty artifact name of a source means the whole run
        calls.append(lambda: tracker.add_source("run", "source", text))
        calls.append(lambda: tracker.record("run", artifacts=[good], sources=[TrackerSource("source", text)]))
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert not obeyed(str(caught.value))
        assert len(str(caught.value)) < 1000
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize("text", ["a\ud800", "\udcff"], ids=["high", "low"])
def test_lone_surrogates_are_refused_in_paths_and_values_too(tracker: GraphTracker, text: str) -> None:
    calls: list[Callable[[], None]] = [
        lambda: tracker.add_artifact("run", "name", text),
        lambda: tracker.add_artifact("run", "name", "/path", {"key": text}),
        lambda: tracker.add_metadata("run", good=1, key=text),
        lambda: tracker.add_metadata("run", key=[{"deep": text}]),
        lambda: tracker.add_metadata("run", key={text: 1}),
    ]
    for call in calls:
        with pytest.raises(InvalidInput):
            call()
    assert len(tracker.graph()) == 0


@pytest.mark.parametrize(
    "value",
    [object(), bytearray(b"a"), memoryview(b"a"), 1j, {(1,): 2}, lambda: 1, range, iter([])],
    ids=lambda value: type(value).__name__,
)
def test_values_of_other_types_are_refused_by_key_and_type(tracker: GraphTracker, value: object) -> None:
    calls: list[Callable[[], None]] = [
        lambda: tracker.add_metadata("run", good=1, bad=value),
        lambda: tracker.add_metadata("run", good=1, bad=[value]),
        lambda: tracker.add_artifact("run", "name", "/path", {"good": 1, "bad": value}),
    ]
    for call in calls:
        with pytest.raises(InvalidInput, match=r"'bad(\[0\])?'") as caught:
            call()
        assert type(value).__name__ in str(caught.value) or isinstance(value, dict)
    assert len(tracker.graph()) == 0


def test_paths_and_values_may_be_empty_long_or_hold_nul(tracker: GraphTracker) -> None:
    long = {f"long {name}": text * 50 + "\0" for name, text in HOSTILE.items()}
    artifacts = {name: TrackerArtifact(name, text, {"value": text}) for name, text in [*long.items(), ("empty", "")]}
    tracker.record("run", artifacts=list(artifacts.values()))
    assert tracker.artifacts("run") == artifacts
