"""What was written is what is read, type included, and what cannot be is refused whole."""

from __future__ import annotations

import argparse
import collections
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.sameness import same
from tests.support.strategies import STORE_PER_EXAMPLE, metadata_keys, values
from tests.support.values_of_note import BERLIN, BY_HAND


def as_run_metadata(tracker: GraphTracker, key: str, value: object) -> list[object]:
    """The value, written to a run and read in every way there is."""
    tracker.record("run", metadata={key: value})
    lineage, whole = tracker.lineage("run"), tracker.graph()
    restored = Lineage.from_dict(json.loads(json.dumps(whole.to_dict(), allow_nan=False)))
    (listed,) = tracker.runs()
    owners = [tracker.run("run"), listed, lineage.runs["run"], whole.runs["run"], restored.runs["run"]]
    return [tracker.metadata("run")[key], *(owner.metadata[key] for owner in owners)]


def as_artifact_metadata(tracker: GraphTracker, key: str, value: object) -> list[object]:
    """The value, written to an artifact and read in every way there is."""
    tracker.add_artifact("run", "model", "/m", {key: value})
    lineage, whole = tracker.lineage("run"), tracker.graph()
    restored = Lineage.from_dict(json.loads(json.dumps(whole.to_dict(), allow_nan=False)))
    (found,) = tracker.find_artifacts("/m")
    owners = [found, *(answer.artifacts["run", "model"] for answer in (lineage, whole, restored))]
    return [(tracker.artifacts("run")["model"].metadata or {})[key], *(owner.metadata[key] for owner in owners)]


WAYS = pytest.mark.parametrize("written_and_read", [as_run_metadata, as_artifact_metadata])
WayThere = Callable[[GraphTracker, str, object], list[object]]


@STORE_PER_EXAMPLE
@given(metadata_keys, values)
@example("run_id", "json:")
@example("json:", {"$type": "int", "value": "0x1"})
@example("metadata.run_id", [1, 2.5])
@example("graphtracker.clock", [True, 1, 1.0, None])
@WAYS
def test_what_was_written_is_what_is_read(
    tracker: GraphTracker, written_and_read: WayThere, key: str, value: object
) -> None:
    differing = [got for got in written_and_read(tracker, key, value) if not same(got, value)]
    assert not differing


@STORE_PER_EXAMPLE
@given(st.dictionaries(metadata_keys, values, max_size=8))
def test_no_key_hides_another(new_url: Callable[[], str], metadata: dict[str, object]) -> None:
    with GraphTracker(new_url()) as tracker:
        tracker.record("run", metadata=metadata, artifacts=[TrackerArtifact("model", "/m", metadata)])
        assert same(dict(tracker.metadata("run")), metadata)
        assert same(dict(tracker.artifacts("run")["model"].metadata or {}), metadata)


@WAYS
@pytest.mark.parametrize("name", BY_HAND)
def test_values_of_note_are_read_as_written(tracker: GraphTracker, written_and_read: WayThere, name: str) -> None:
    differing = [type(got) for got in written_and_read(tracker, "key", BY_HAND[name]) if not same(got, BY_HAND[name])]
    assert not differing


class Colour(Enum):
    RED = "red"
    MIXED = ("red", 1)


class Level(IntEnum):
    HIGH = 3


class Words(str, Enum):
    YES = "yes"


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "not what it holds"


class Count(int):
    pass


class Ratio(float):
    pass


class Raw(bytes):
    pass


class Moment(datetime):
    pass


class Tags(set[str]):
    pass


class Money(Decimal):
    pass


class Span(timedelta):
    pass


@dataclass(frozen=True)
class Optim:
    lr: float
    betas: tuple[float, float]


@dataclass
class Trained:
    optim: Optim
    names: dict[int, Colour]


class Model:
    """As pydantic's are."""

    def model_dump(self) -> dict[str, object]:
        return {"lr": 0.1, "path": Path("/data/rows")}


class Tensor:
    """As torch's are: an array by what it does, of a type that numpy does not know."""

    dtype = "torch.float32"

    def __init__(self, held: object, *shape: int) -> None:
        self.held = held
        self.shape = shape

    def tolist(self) -> object:
        return self.held


class Scalar:
    """Of a library whose scalars have item() alone."""

    def item(self) -> float:
        return 0.5


class Config:
    """A mapping by what it does, as ml_collections' is."""

    held: ClassVar[dict[str, object]] = {"lr": 0.1, "layers": (1, 2)}

    def __getitem__(self, key: str) -> object:
        return self.held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)

    def __contains__(self, key: str) -> bool:
        return key in self.held

    keys = __iter__
    get = __getitem__

    def items(self) -> list[tuple[str, object]]:
        return list(self.held.items())

    def values(self) -> list[object]:
        return list(self.held.values())


class Zone(tzinfo):
    """As pytz's are."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def utcoffset(self, at: datetime | None) -> timedelta:
        return timedelta(hours=2)

    dst = utcoffset

    def tzname(self, at: datetime | None) -> str:
        return "CEST"


class Pair(collections.namedtuple("Pair", "left right")):  # an untyped one, as people have them
    pass


CONVERTED: dict[str, tuple[object, object]] = {
    "tuple": ((1, (2.5, "a")), [1, [2.5, "a"]]),
    "range": (range(3), [0, 1, 2]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "named tuple": (Pair(1, "b"), [1, "b"]),
    "ordered dict": (collections.OrderedDict(a=(1,)), {"a": [1]}),
    "counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "mapping proxy": (MappingProxyType({"a": 1}), {"a": 1}),
    "chain map": (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
    "Enum": (Colour.RED, "red"),
    "Enum of a tuple": (Colour.MIXED, ["red", 1]),
    "IntEnum": (Level.HIGH, 3),
    "str Enum": (Words.YES, "yes"),
    "Enum within": ({"a": [Colour.RED]}, {"a": ["red"]}),
    "Path": (Path("/data/rows"), "/data/rows"),
    "pure path": (PurePosixPath("rows"), "rows"),
    "str subclass": (Text("text"), "text"),
    "key that is a str subclass": ({Text("key"): 1}, {"key": 1}),
    "int subclass": (Count(3), 3),
    "float subclass": (Ratio(0.5), 0.5),
    "bytes subclass": (Raw(b"\xff"), b"\xff"),
    "datetime subclass": (Moment(2024, 1, 1, tzinfo=BERLIN), datetime(2024, 1, 1, tzinfo=BERLIN)),
    "zone of another library": (
        datetime(2024, 7, 1, tzinfo=Zone("Europe/Berlin")),
        datetime(2024, 7, 1, tzinfo=BERLIN),
    ),
    "zone that only another library knows": (
        datetime(2024, 7, 1, tzinfo=Zone("Europe/Atlantis")),
        datetime(2024, 7, 1, tzinfo=timezone(timedelta(hours=2))),
    ),
    "tensor": (Tensor([[0.5], [1.5]], 2, 1), [[0.5], [1.5]]),
    "tensor of one": (Tensor([7], 1), [7]),
    "tensor without dimensions": (Tensor(7), 7),
    "scalar": (Scalar(), 0.5),
    "config": (Config(), {"lr": 0.1, "layers": [1, 2]}),
    "numpy bool": (np.bool_(True), True),
    "numpy int64": (np.int64(-3), -3),
    "numpy uint64": (np.uint64(2**64 - 1), 2**64 - 1),
    "numpy int8": (np.int8(3), 3),
    "numpy float64": (np.float64(0.1), 0.1),
    "numpy float32": (np.float32(0.5), 0.5),
    "numpy float16 nan": (np.float16("nan"), math.nan),
    "numpy str": (np.str_("text"), "text"),
    "numpy bytes": (np.bytes_(b"raw"), b"raw"),
    "numpy date": (np.datetime64("2024-01-02"), date(2024, 1, 2)),
    "numpy datetime": (np.datetime64("2024-01-02T03:04:05.000006"), datetime(2024, 1, 2, 3, 4, 5, 6)),
    "numpy datetime of nanoseconds": (
        np.datetime64("2024-01-02T03:04:05.000006", "ns"),
        datetime(2024, 1, 2, 3, 4, 5, 6),
    ),
    "numpy datetime of a year": (np.datetime64("2024"), date(2024, 1, 1)),
    "numpy timedelta": (np.timedelta64(90, "m"), timedelta(minutes=90)),
    "numpy timedelta of nanoseconds": (np.timedelta64(-7_000, "ns"), -timedelta(microseconds=7)),
    "numpy timedelta of weeks": (np.timedelta64(2, "W"), timedelta(weeks=2)),
    "array of one": (np.array([7]), [7]),
    "array of one by one": (np.array([[0.5]]), [[0.5]]),
    "array without dimensions": (np.array(True), True),
    "array": (np.arange(6, dtype=np.int8).reshape(2, 3), [[0, 1, 2], [3, 4, 5]]),
    "array of bools": (np.array([True, False]), [True, False]),
    "array of text": (np.array(["a", "bc"]), ["a", "bc"]),
    "array of objects": (np.array([Colour.RED, (1,)], dtype=object), ["red", [1]]),
    "array of dates": (np.array(["2024-01-02"], dtype="M8[D]"), [date(2024, 1, 2)]),
    "array of times": (np.array([["2024-01-02T03:04"]], dtype="M8[ns]"), [[datetime(2024, 1, 2, 3, 4)]]),
    "array of durations": (np.array([1_000, 2_000], dtype="m8[ns]"), [timedelta(0, 0, 1), timedelta(0, 0, 2)]),
    "one time without dimensions": (np.array("2024-01-02T03:04", dtype="M8[ns]"), datetime(2024, 1, 2, 3, 4)),
    "empty array": (np.zeros((2, 0)), [[], []]),
    "Namespace": (argparse.Namespace(lr=0.1, layers=(1, 2)), {"lr": 0.1, "layers": [1, 2]}),
    "dataclass": (
        Trained(Optim(0.1, (0.9, 0.99)), {3: Colour.RED}),
        {"optim": {"lr": 0.1, "betas": [0.9, 0.99]}, "names": {3: "red"}},
    ),
    "model_dump()": (Model(), {"lr": 0.1, "path": "/data/rows"}),
    "keys that are Enums": ({Colour.RED: 1, Level.HIGH: 2}, {"red": 1, 3: 2}),
    "keys that are numpy's": ({np.int64(1): "a", np.str_("b"): 2}, {1: "a", "b": 2}),
    "set of Enums": ({Colour.RED, Colour.MIXED}, {"red", ("red", 1)}),
    "set of what has a plain value": (
        {Level.HIGH, range(2), Path("/rows"), np.float32(0.5)},
        {3, (0, 1), "/rows", 0.5},
    ),
    "set subclass": (Tags({"a"}), {"a"}),
    "Decimal subclass": (Money("1.50"), Decimal("1.50")),
    "timedelta subclass": (Span(1, 2, 3), timedelta(1, 2, 3)),
    "numpy within": ([np.int64(1), {"a": np.float32(0.5)}], [1, {"a": 0.5}]),
}


@WAYS
@pytest.mark.parametrize("name", CONVERTED)
def test_what_has_a_plain_value_is_read_as_that(tracker: GraphTracker, written_and_read: WayThere, name: str) -> None:
    original, expected = CONVERTED[name]
    differing = [got for got in written_and_read(tracker, "key", original) if not same(got, expected)]
    assert not differing


def test_what_was_given_may_change_afterwards(tracker: GraphTracker) -> None:
    tags = ["a"]
    with tracker.batch() as batch:
        batch.add_metadata("run", tags=tags)
        tags.append("b")
    assert tracker.metadata("run") == {"tags": ["a"]}


def test_what_was_read_may_change_afterwards(tracker: GraphTracker) -> None:
    tracker.record("run", metadata={"tags": ["a"]}, artifacts=[TrackerArtifact("model", "/m", {"tags": ["a"]})])
    for metadata in [tracker.metadata("run"), tracker.run("run").metadata, tracker.artifacts("run")["model"].metadata]:
        assert metadata is not None
        metadata["tags"].append("b")  # type: ignore[attr-defined]  # it is the list ["a"]
    assert tracker.metadata("run") == {"tags": ["a"]}
    assert tracker.artifacts("run")["model"].metadata == {"tags": ["a"]}


# -- what is refused ---------------------------------------------------------------------------------------------------


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


class MappingHash(dict[str, int]):
    """A dict that a set takes."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 1


def doubled(levels: int) -> object:
    """2**levels values in as many lists as there are levels."""
    value: object = 1
    for _ in range(levels):
        value = [value, value]
    return value


def itself() -> object:
    value: list[object] = []
    value.append({"again": value})
    return value


UNSUPPORTED: dict[str, object] = {
    "object": object(),
    "bytearray": bytearray(b"a"),
    "memoryview": memoryview(b"a"),
    "complex": 1j,
    "Fraction": Fraction(1, 2),
    "time": datetime(2024, 1, 1).time(),
    "generator": (number for number in [1]),
    "type": int,
    "function": nested,
    "array with named fields": np.zeros(2, dtype=[("at", "M8[ns]")]),
    "time finer than a microsecond": np.datetime64(1, "ns"),
    "duration finer than a microsecond": np.timedelta64(1, "ns"),
    "duration of months": np.timedelta64(12, "M"),
    "duration without a unit": np.timedelta64(5),
    "time after the year 9999": np.datetime64("12024-05-01"),
    "time far after": np.datetime64(2**62, "Y"),
    "no time": np.datetime64("NaT"),
    "no duration": np.timedelta64("NaT", "s"),
    "class of a dataclass": Optim,
}

MISSHAPEN: dict[str, object] = {
    "dict with a key that is a tuple": {(1,): "a"},
    "dict with a key that is a Decimal": {Decimal(1): "a"},
    "dict with two keys of one value": {Colour.RED: 1, "red": 2},
    "dict in a set": {MappingHash({"a": 1})},
    "list that contains itself": itself(),
    "10,000 levels": nested(10_000),
    "lone surrogate": "\ud800",
    "lone surrogate within": ["a", {"b": "\udfff"}],
    "lone surrogate in a key": {"\ud800": 1},
    "lone surrogate in a set": {"\ud800"},
    "lone surrogate in an array": np.array(["\ud800"]),
    "more values than a million": range(10**12),
    "more values than a million, in few lists": doubled(40),
    "array of complex": np.array([1j]),
    "array of more than a million": np.broadcast_to(np.int8(1), (10**6, 2)),
}

REFUSED = {**UNSUPPORTED, **{f"{name} within": {"a": [value]} for name, value in UNSUPPORTED.items()}, **MISSHAPEN}


def refusals(tracker: GraphTracker, value: object) -> list[Callable[[], None]]:
    """Every call that takes the value, each with more that is in order."""
    mixed = {"before": 1, "the key": value, "after": 2}
    artifact, source = TrackerArtifact("model", "/m", None), TrackerSource("data", "rows")
    bad = TrackerArtifact("log", "/l", mixed)
    return [
        lambda: tracker.add_metadata("run", **mixed),
        lambda: tracker.add_artifact("run", "model", "/m", mixed),
        lambda: tracker.record("run", metadata=mixed, artifacts=[artifact], sources=[source]),
        lambda: tracker.record("run", metadata={"good": 1}, artifacts=[artifact, bad], sources=[source]),
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused_by_key_and_nothing_of_the_call_is_stored(tracker: GraphTracker, name: str) -> None:
    for call in refusals(tracker, REFUSED[name]):
        with pytest.raises(InvalidInput, match="the key"):
            call()
    assert not {*tracker.graph().runs, *tracker.graph().artifacts, *tracker.run_ids()}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_the_refusal_names_the_type(tracker: GraphTracker, name: str) -> None:
    value = UNSUPPORTED[name]
    for metadata in [value, [value], {"a": [value]}]:
        with pytest.raises(InvalidInput, match=rf"\b{type(value).__name__}\b"):
            tracker.add_metadata("run", key=metadata)
