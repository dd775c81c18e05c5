"""What was written is what is read, type included, and what cannot be is refused whole."""

from __future__ import annotations

import collections
import json
import math
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.encoding import dumps, from_json, loads, to_json
from graphtracker.model.plain import plain
from tests.support.sameness import same
from tests.support.strategies import STORE_PER_EXAMPLE, metadata_keys, values

BERLIN = ZoneInfo("Europe/Berlin")


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


BIG = 7**12_000  # over 10,000 digits, more than Python prints

BY_HAND = {
    "more digits than Python prints": BIG,
    "and below zero": -BIG,
    "and inside": [{"n": BIG}],
    "2**63": 2**63,
    "2**53 + 1": 2**53 + 1,
    "nan": math.nan,
    "infinities": [math.inf, -math.inf],
    "-0.0": -0.0,
    "least float": 5e-324,
    "int beside float": [1, 2.5],
    "one as text, int, float and bool": ["1", 1, 1.0, True],
    "None": None,
    "empty list": [],
    "empty dict": {},
    "empty text": "",
    "empty bytes": b"",
    "all bytes": bytes(range(256)),
    "NUL": "a\0b",
    "text that looks encoded": 'json:{"$type":"int","value":"0x1"}',
    "dict that looks encoded": {"$type": "nonsense"},
    "and wrapped": {"$type": "dict", "value": {"$type": "dict", "value": {}}},
    "every type within": [None, True, 1, 1.0, "a", b"a", date(2024, 1, 1), datetime(2024, 1, 1), [], {}],
    "first date": date.min,
    "last date": date.max,
    "first datetime": datetime.min,
    "last datetime in UTC": datetime.max.replace(tzinfo=timezone.utc),
    "date beside datetime": [date(2024, 1, 1), datetime(2024, 1, 1)],
    "offset of seconds": datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1, seconds=7))),
    "offset of a microsecond": datetime(2024, 1, 1, tzinfo=timezone(timedelta(microseconds=1))),
    "offset before UTC": datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
    "offset of zero is not a zone of zero": [
        datetime(2024, 1, 1, tzinfo=timezone.utc),
        datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")),
    ],
    "before the fold": datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN),
    "in the fold": datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    "an hour that the clock skipped": datetime(2024, 3, 31, 2, 30, tzinfo=BERLIN),
    "when the zone's offset had seconds": datetime(1850, 1, 1, tzinfo=BERLIN),
    "100 levels": eval("[" * 100 + "1" + "]" * 100),  # noqa: S307  # our own text
}


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
    "array of one": (np.array([7]), 7),
    "array of one by one": (np.array([[0.5]]), 0.5),
    "array without dimensions": (np.array(True), True),
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


def itself() -> object:
    value: list[object] = []
    value.append({"again": value})
    return value


UNSUPPORTED: dict[str, object] = {
    "set": {1},
    "frozenset": frozenset([1]),
    "object": object(),
    "bytearray": bytearray(b"a"),
    "memoryview": memoryview(b"a"),
    "complex": 1j,
    "Decimal": Decimal("1.5"),
    "Fraction": Fraction(1, 2),
    "UUID": UUID(int=1),
    "timedelta": timedelta(1),
    "time": datetime(2024, 1, 1).time(),
    "generator": (number for number in [1]),
    "type": int,
    "function": nested,
    "ndarray": np.array([1, 2, 3]),
}

MISSHAPEN: dict[str, object] = {
    "dict with a key that is a number": {1: "a"},
    "dict with a key that is None": {None: "a"},
    "list that contains itself": itself(),
    "10,000 levels": nested(10_000),
    "lone surrogate": "\ud800",
    "lone surrogate within": ["a", {"b": "\udfff"}],
    "lone surrogate in a key": {"\ud800": 1},
    "empty array": np.array([]),
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


def test_an_item_that_fails_or_gives_itself_is_refused(tracker: GraphTracker) -> None:
    class Fails:
        def item(self) -> object:
            raise RuntimeError("a tensor on a device that is gone")

    class GivesItself:
        def item(self) -> object:
            return self

    class GivesAnother:
        def item(self) -> object:
            return type(self)()

    for value in [Fails(), GivesItself(), GivesAnother()]:
        with pytest.raises(InvalidInput, match="key"):
            tracker.add_metadata("run", key=value)
    assert tracker.run_ids() == []


# -- the one JSON encoding ---------------------------------------------------------------------------------------------


def refuse(text: str) -> object:
    raise AssertionError(f"{text} is not JSON")


@given(values)
def test_loads_gives_what_dumps_was_given(value: object) -> None:
    assert same(loads(dumps(value)), value)


@given(values)
def test_from_json_gives_what_to_json_was_given_also_by_way_of_any_json_writer(value: object) -> None:
    assert same(from_json(to_json(value)), value)
    assert same(from_json(json.loads(json.dumps(to_json(value), allow_nan=False, indent=1))), value)


@given(values)
def test_the_text_is_one_line_of_real_json(value: object) -> None:
    text = dumps(value)
    assert "\n" not in text
    assert "\r" not in text
    json.loads(text, parse_constant=refuse)


@given(values)
def test_plain_values_stay_as_they_are(value: object) -> None:
    assert same(plain(value, "key"), value)


@given(values, values)
def test_two_values_share_a_text_only_if_they_are_one(left: object, right: object) -> None:
    assert same(left, right) or dumps(left) != dumps(right)


@pytest.mark.parametrize("name", BY_HAND)
def test_values_of_note_survive_the_encoding(name: str) -> None:
    assert same(loads(dumps(BY_HAND[name])), BY_HAND[name])


def test_jsons_own_types_stand_as_they_are() -> None:
    value = {"a": [None, True, 1, 1.5, "text"], "value": {}}
    assert to_json(value) == value
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    "value", [b"a", date(2024, 1, 1), datetime(2024, 1, 1), math.nan, math.inf, {"$type": 1}], ids=str
)
def test_what_json_lacks_is_tagged(value: object) -> None:
    encoded = to_json(value)
    assert isinstance(encoded, dict)
    assert {"$type", "value"} <= set(encoded)
    assert isinstance(encoded["$type"], str)


def test_a_type_of_a_later_version_is_refused() -> None:
    with pytest.raises(InvalidInput, match="interval"):
        loads('{"$type": "interval", "value": 1}')


def test_a_zone_that_this_machine_does_not_know_keeps_its_offset() -> None:
    text = dumps(datetime(2024, 7, 1, 12, tzinfo=BERLIN)).replace("Europe/Berlin", "Europe/Atlantis")
    back: Any = loads(text)
    assert back == datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
