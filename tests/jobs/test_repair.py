"""Odd ids, names, paths and values in a job: stored as their text, told once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy
import pytest
import torchx.tracker.api as torchx_api

from graphtracker import (
    GraphTracker,
    InvalidInput,
    api,
)
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import told

LONGEST = 4000  # bytes of an id, a name or a key; characters of a text in place of a value

# -- odd values in a job -----------------------------------------------------------------------------------------------


class Unprintable:
    """An object that will not be read."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Printable:
    def __repr__(self) -> str:
        return "printable\udcff"


class Unmapped(Mapping[str, object]):
    """A config one value of which was never given."""

    def __getitem__(self, key: str) -> object:
        if key == "lr":
            raise RuntimeError("no value")
        return key

    def __iter__(self) -> Iterator[str]:
        return iter(["seed", "lr"])

    def __len__(self) -> int:
        return 2


class Unreadable(Unmapped):
    """A config that gives out nothing."""

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no keys")

    def __repr__(self) -> str:
        return "<Unreadable>"


def endless() -> list[object]:
    """A list that holds itself, more than once."""
    found: list[object] = [1]
    found += [found, [found]]
    return found


def doubled(levels: int) -> object:
    """2**levels values in as many lists as there are levels."""
    value: object = 1
    for _ in range(levels):
        value = [value, value]
    return value


REFUSED: list[tuple[object, object]] = [
    (1j, "1j"),
    ([1j, 2], ["1j", 2]),
    ({"nested": {"odd": 1j, "lr": 0.1}}, {"nested": {"odd": "1j", "lr": 0.1}}),
    ({(1, 2): "a tuple as key", 1: "a number"}, {"(1, 2)": "a tuple as key", 1: "a number"}),
    ({("a", 1j)}, {("a", "1j")}),
    (argparse.Namespace(device=Printable(), lr=0.1), {"device": "printable\\udcff", "lr": 0.1}),
    (bytearray(b"x"), "bytearray(b'x')"),
    (numpy.array([1j, 2]), ["1j", "(2+0j)"]),
    (numpy.datetime64("NaT"), "NaT"),
    ("a\udc80b", "a\\udc80b"),
    (["a\udc80b"], ["a\\udc80b"]),
    ({"a\udc80b": 1}, {"a\\udc80b": 1}),
    (Printable(), "printable\\udcff"),
    (Unprintable(), "<Unprintable>"),
    ({"nested": Unprintable()}, {"nested": "<Unprintable>"}),
    ({"nested": Unmapped()}, {"nested": {"seed": "seed", "lr": "<RuntimeError>"}}),
    ({"nested": Unreadable(), "lr": 0.1}, {"nested": "<Unreadable>", "lr": 0.1}),
    (endless(), [1, "<list>", ["<list>"]]),
    ({"far": range(10**12), "near": range(2)}, {"far": "<range>", "near": [0, 1]}),
]


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(("value", "stored"), REFUSED)
def test_what_is_refused_of_a_value_is_stored_as_its_text_and_the_rest_as_it_is(
    value: object, stored: object, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidInput), GraphTracker(":memory:") as strict:
        strict.add_metadata("train", odd=value)
    tracker.add_metadata("train", odd=value, lr=0.01)
    tracker.add_artifact("train", "model", "/model", {"odd": value, "size": 3})
    assert tracker.metadata("train") == {"lr": 0.01, "odd": stored}
    assert tracker.artifacts("train")["model"].metadata == {"odd": stored, "size": 3}
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_the_warning_names_the_place_and_the_type(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    tracker.add_metadata("train", config={"optim": {"betas": [0.9, 1j, 2j]}, "device": Printable()})
    (warning,) = told(caplog)
    assert "'config.optim.betas[1]' has a value of type complex" in warning


@pytest.mark.usefixtures("_job")
def test_one_odd_leaf_costs_a_long_config_nothing_else(tracker: TorchXTracker) -> None:
    layers = [{"name": f"block{number}", "size": 64 + number} for number in range(500)]
    tracker.add_metadata("train", config={"layers": layers, "odd": 1j})
    assert tracker.metadata("train") == {"config": {"layers": layers, "odd": "1j"}}


@pytest.mark.usefixtures("_job")
def test_more_values_than_are_stored_end_somewhere(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train", odd=doubled(60), lr=0.01)
    assert tracker.metadata("train")["lr"] == 0.01


@pytest.mark.usefixtures("_job")
def test_a_long_text_of_a_refused_value_is_shortened(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train", odd=[bytearray(10_000)], long="x" * 100_000)
    stored = tracker.metadata("train")
    (text,) = cast("list[str]", stored["odd"])
    assert text.startswith("bytearray(b'\\x00")
    assert (len(text), text[-1]) == (LONGEST, "…")
    assert stored["long"] == "x" * 100_000  # not refused


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(
    ("odd", "text"),
    [
        ("a\0b", "a\\x00b"),
        ("a\udc80b", "a\\udc80b"),
        (7, "7"),
        (b"raw", "b'raw'"),
        (numpy.arange(3), "[0 1 2]"),  # whose == is no bool
        (Unprintable(), "<Unprintable>"),
    ],
)
def test_an_id_or_name_that_is_refused_is_stored_as_its_text(
    odd: Any, text: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_metadata(odd, lr=0.01)
    tracker.add_artifact(odd, odd, "/model", {odd: 1} if isinstance(odd, (str, int, bytes)) else None)
    tracker.add_source("train", odd)
    tracker.add_source("train", "prepare", odd)
    assert tracker.metadata(odd) == tracker.metadata(text) == {"lr": 0.01}
    assert [(item.name, item.path) for item in tracker.artifacts(text).values()] == [(text, "/model")]
    assert tracker.sources("train") == sorted(
        [torchx_api.TrackerSource(text, None), torchx_api.TrackerSource("prepare", text)],
        key=lambda source: source.source_run_id,
    )
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_two_long_ids_that_differ_stay_two(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    for letter in "x", "é", "🚀":
        long = letter * (LONGEST + 1)
        for ending in "ab":
            tracker.add_metadata(long + ending, which=ending)
            tracker.add_artifact(f"run {letter}", long + ending, "/model", {long + ending: 1})
        assert [tracker.metadata(long + ending) for ending in "ab"] == [{"which": "a"}, {"which": "b"}]
        assert len(tracker.artifacts(f"run {letter}")) == 2
    ids = tracker.run_ids()
    names = [name for run_id in ids for name in tracker.artifacts(run_id)]
    assert (len(ids), len(names)) == (9, 6)
    assert all(len(text.encode()) <= LONGEST for text in [*ids, *names])
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (b"/data/rows", "/data/rows"),
        (b"/data/\xff", "/data/\\udcff"),
        ("/data/\udcff", "/data/\\udcff"),
        (7, "7"),
        (Unprintable(), "<Unprintable>"),
    ],
)
def test_a_path_that_is_refused_is_stored_as_its_text(
    path: Any, text: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_artifact("train", "rows", path)
    assert tracker.artifacts("train")["rows"].path == text
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("metadata", [["a", "list"], "text", 7, {1, 2}, Unreadable()])
def test_metadata_that_is_no_mapping_is_stored_as_its_text(
    metadata: Any, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_artifact("train", "model", "/model", metadata)
    stored = tracker.artifacts("train")["model"]
    assert stored.path == "/model"
    text = "<Unreadable>" if isinstance(metadata, Unreadable) else str(metadata)
    assert stored.metadata == {"metadata": text}
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_what_is_empty_costs_itself_and_one_warning(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    tracker.add_metadata("", lr=0.01)
    tracker.add_artifact("", "model", "/model")
    tracker.add_artifact("train", "", "/model")
    tracker.add_source("train", "")
    tracker.add_source("", "prepare")
    assert len(tracker.graph()) == 0
    tracker.add_metadata("train", lr=0.01)
    tracker.add_artifact("train", "nowhere", "")
    tracker.add_source("train", "prepare", "")
    assert tracker.metadata("train") == {"lr": 0.01}
    assert tracker.artifacts("train")["nowhere"].path == ""
    assert tracker.sources("train") == [torchx_api.TrackerSource("prepare", None)]
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_an_empty_key_does_not_cost_what_stands_beside_it(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train", **{"": 1, "lr": 0.01})
    tracker.add_artifact("train", "model", "/model", {"": 1, "size": 3})
    assert tracker.metadata("train")["lr"] == 0.01
    assert (tracker.artifacts("train")["model"].metadata or {})["size"] == 3


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("key", ["self", "run_id", "verb", "args", "kwargs", "name"])
def test_a_key_may_be_any_word(key: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    tracker.add_metadata("train", **{key: 1})
    assert tracker.metadata("train") == {key: 1}
    assert told(caplog) == []


@pytest.mark.usefixtures("_job")
def test_each_sort_of_oddity_in_a_job_is_one_warning(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    for value, _ in REFUSED[:-1]:
        tracker.add_metadata("train", odd=value)
        tracker.record("train", metadata={"odd": value}, sources=[api.TrackerSource("", None)])
        tracker.record("a\0b", artifacts=[api.TrackerArtifact("", "", None)])
        tracker.add_artifact("x" * 5000, "", b"\xff", {"odd": value})
        tracker.add_source("train", "")
        tracker.add_source_at("train", "")
    warnings = told(caplog)
    sorts = ["stores as text what it cannot store", "leaves out a part of a call", "drops a call"]
    assert [sum(sort in warning for warning in warnings) for sort in sorts] == [1, 1, 1]
    assert len(warnings) == len(sorts)
    assert "complex" in warnings[0]
    assert max(map(len, warnings)) < 1000


@pytest.mark.usefixtures("_job")
def test_what_a_record_cannot_take_is_left_out_and_the_rest_recorded(tracker: TorchXTracker) -> None:
    sources: list[Any] = [api.TrackerSource("", None), api.TrackerSource("prepare", "rows"), None]
    artifacts: Any = 5
    tracker.record("train", metadata={"lr": 1}, sources=sources, artifacts=artifacts, at=datetime(2024, 1, 1))
    assert tracker.metadata("train") == {"lr": 1}
    assert [(source.source_run_id, source.artifact_name) for source in tracker.sources("train")] == [
        ("prepare", "rows")
    ]


@pytest.mark.usefixtures("_job")
def test_a_question_that_cannot_be_taken_is_not_unsynced(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train")
    assert tracker.lineage("train", depth=-1).reasons == frozenset()


@pytest.mark.usefixtures("_job")
def test_a_store_that_cannot_be_looked_at_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert create(str(tmp_path / "file" / "lineage.db")).exists() is False


@pytest.mark.usefixtures("_job")
def test_a_call_without_a_run_does_not_use_up_the_line_about_the_store(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = create(str(tmp_path / "none" / "lineage.db"))
    broken.add_metadata()
    broken.add_metadata("train", lr=1)
    assert ["cannot use its store" in line for line in told(caplog)] == [False, True]


ODD_CALLS: dict[str, Callable[[Any], object]] = {
    "a value": lambda tracker: tracker.add_metadata("train", odd=1j),
    "an id": lambda tracker: tracker.add_metadata("a\0b"),
    "an empty id": lambda tracker: tracker.add_source("train", ""),
    "an artifact name": lambda tracker: tracker.add_source("train", "prepare", numpy.arange(3)),
    "a path": lambda tracker: tracker.add_artifact("train", "model", Unprintable()),
    "a time": lambda tracker: tracker.record("train", at="yesterday"),
    "a question": lambda tracker: tracker.run_ids(parent_run_id=""),
    "a direction": lambda tracker: tracker.lineage("train", direction="sideways"),
}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("odd", ODD_CALLS)
def test_what_is_odd_does_not_use_up_the_line_about_the_store(
    odd: str, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with create(str(store)) as tracker:
        ODD_CALLS[odd](tracker)
        assert not any("cannot use its store" in line for line in told(caplog))
    store.unlink(missing_ok=True)
    store.mkdir()
    tracker.add_metadata("train", lr=0.01)
    assert "is a folder" in told(caplog)[-1]
