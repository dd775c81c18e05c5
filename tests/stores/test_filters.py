"""Which runs there are: their order, and the filters that keep some of them."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerSource
from tests.support.recording import after


def test_runs_come_newest_first_then_by_id(tracker: GraphTracker) -> None:
    for run_id, hours in [("old", 0), ("z", 2), ("\U0001f600", 2), ("\uff5e", 2), ("a", 2), ("new", 3), ("middle", 1)]:
        tracker.record(run_id, at=after(hours))
    expected = ["new", "a", "z", "\uff5e", "\U0001f600", "middle", "old"]
    assert tracker.run_ids() == expected
    assert [run.run_id for run in tracker.runs()] == expected
    assert [run.run_id for run in tracker.runs(limit=3)] == expected[:3]


def test_runs_are_whole_runs(tracker: GraphTracker) -> None:
    tracker.add_metadata("local_cwd://torchx/train-abc", lr=1)
    (run,) = tracker.runs()
    assert run == tracker.run("local_cwd://torchx/train-abc") == tracker.graph().runs["local_cwd://torchx/train-abc"]
    assert (run.name, run.metadata) == ("train-abc", {"lr": 1})


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("local_cwd://torchx/train-abc", "train-abc"),
        ("s3://bucket/folder/rows.parquet", "rows.parquet"),
        ("/data/rows", "rows"),
        ("train", "train"),
        ("/", "/"),
    ],
)
def test_a_runs_name_is_the_last_segment_of_its_path_else_its_id(tracker: GraphTracker, run_id: str, name: str) -> None:
    tracker.add_metadata(run_id)
    assert tracker.run(run_id).name == name


VALUES: dict[str, object] = {
    "int": 1,
    "float": 1.0,
    "true": True,
    "text 1": "1",
    "text true": "true",
    "word": "adam",
    "quoted": '"adam"',
    "null": None,
    "text null": "null",
    "half": 0.5,
    "zero": 0,
    "false": False,
    "list": [1, 2],
    "dict": {"a": 1},
    "date": date(2024, 1, 1),
    "bytes": b"1",
    "big": 2**53 + 1,
    "nearly big": 2**53,
    "huge": 10**400,
    "more digits than Python reads": 10**5000,
    "text 010": "010",
    "2**63 - 1": 2**63 - 1,
    "2**63": 2**63,
    "2.0**63": 2.0**63,
    "-2**63": -(2**63),
    "-2.0**63": -(2.0**63),
    "-2**63 - 1": -(2**63) - 1,
    "1e22": 1e22,
    "10**22": 10**22,
    "least float": 5e-324,
    "-0.0": -0.0,
    "inf": math.inf,
    "-inf": -math.inf,
    "nan": math.nan,
    "decimal half": Decimal("0.50"),
    "decimal nan": Decimal("NaN"),
    "decimal snan": Decimal("sNaN"),
    "uuid": UUID(int=1),
    "duration": timedelta(seconds=1.5),
    "set": {1, ("a", 2)},
    "frozenset": frozenset({"a"}),
    "number as key": {1: "a"},
    "text as key": {"1": "a"},
}


FILTERS: dict[str, tuple[object, set[str]]] = {
    "1": (1, {"int", "float"}),
    "1.0": (1.0, {"int", "float"}),
    "True": (True, {"true"}),
    "False": (False, {"false"}),
    "0": (0, {"zero", "-0.0"}),
    "text 1": ("1", {"text 1", "int", "float"}),
    "text 1.0": ("1.0", {"int", "float"}),
    "text 1e0": ("1e0", {"int", "float"}),
    "text true": ("true", {"text true", "true"}),
    "text null": ("null", {"text null", "null"}),
    "text 0.5": ("0.5", {"half", "decimal half"}),
    "0.5": (0.5, {"half", "decimal half"}),
    "text 010, which is no JSON": ("010", {"text 010"}),
    "text True, which is no JSON": ("True", set()),
    "word": ("adam", {"word"}),
    "word in quotes": ('"adam"', {"quoted", "word"}),
    "text of a list, which is no scalar": ("[1,2]", set()),
    "list": ([1, 2], {"list"}),
    "tuple": ((1, 2), {"list"}),
    "dict": ({"a": 1}, {"dict"}),
    "date": (date(2024, 1, 1), {"date"}),
    "date as text": ("2024-01-01", set()),
    "bytes": (b"1", {"bytes"}),
    "2**53 + 1": (2**53 + 1, {"big"}),
    "2.0**53": (2.0**53, {"nearly big"}),
    "10**400": (10**400, {"huge"}),
    "10**5000": (10**5000, {"more digits than Python reads"}),
    "text of 10**5000": ("1" + "0" * 5000, {"more digits than Python reads"}),
    "text of 2**53 + 1": (str(2**53 + 1), {"big"}),
    "2**63 - 1": (2**63 - 1, {"2**63 - 1"}),
    "2**63": (2**63, {"2**63", "2.0**63"}),
    "2.0**63": (2.0**63, {"2**63", "2.0**63"}),
    "text of 2**63": (str(2**63), {"2**63", "2.0**63"}),
    "text of 2.0**63": (str(2.0**63), {"2**63", "2.0**63"}),
    "-2**63": (-(2**63), {"-2**63", "-2.0**63"}),
    "-2.0**63": (-(2.0**63), {"-2**63", "-2.0**63"}),
    "text of -2**63": (str(-(2**63)), {"-2**63", "-2.0**63"}),
    "-2**63 - 1": (-(2**63) - 1, {"-2**63 - 1"}),
    "1e22": (1e22, {"1e22", "10**22"}),
    "10**22": (10**22, {"1e22", "10**22"}),
    "10**23, which no float is": (10**23, set()),
    "least float": (5e-324, {"least float"}),
    "-0.0": (-0.0, {"zero", "-0.0"}),
    "inf": (math.inf, {"inf"}),
    "-inf": (-math.inf, {"-inf"}),
    "text of a number that no float is": ("1e400", set()),
    "nan": (math.nan, {"nan"}),
    "decimal half": (Decimal("0.5"), {"half", "decimal half"}),
    "decimal 1": (Decimal(1), {"int", "float"}),
    "decimal nan": (Decimal("NaN"), {"decimal nan"}),
    "decimal snan": (Decimal("sNaN"), {"decimal snan"}),
    "uuid": (UUID(int=1), {"uuid"}),
    "uuid as text": (str(UUID(int=1)), set()),
    "duration": (timedelta(milliseconds=1500), {"duration"}),
    "set": ({("a", 2), 1}, {"set"}),
    "frozenset": ({"a"}, {"frozenset"}),
    "number as key": ({1.0: "a"}, {"number as key"}),
    "nothing like it": ("nothing", set()),
    "None": (None, set(VALUES)),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_is_equality_on_run_metadata(tracker: GraphTracker, name: str) -> None:
    with tracker.batch() as batch:
        for run_id, value in VALUES.items():
            batch.add_metadata(run_id, key=value)
    wanted, expected = FILTERS[name]
    assert set(tracker.run_ids(key=wanted)) == expected
    assert {run.run_id for run in tracker.runs(where={"key": wanted})} == expected


def test_several_filters_must_all_hold(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1, "seed": 1}, sources=[TrackerSource("data", None)], at=after(1))
    tracker.record("b", metadata={"lr": 1, "seed": 2}, sources=[TrackerSource("data", "rows")], at=after(2))
    tracker.record("c", metadata={"lr": 1}, at=after(3))
    assert tracker.run_ids(lr=1) == ["c", "b", "a"]
    assert tracker.run_ids(lr=1, seed=2) == ["b"]
    assert tracker.run_ids(lr=1, seed=3) == []
    assert tracker.run_ids(lr=1, parent_run_id="data") == ["b", "a"]
    assert tracker.run_ids(lr=1, parent_run_id="data", seed=1) == ["a"]
    assert [run.run_id for run in tracker.runs(where={"lr": 1}, parent_run_id="data", limit=1)] == ["b"]


def test_a_filter_of_none_is_no_filter(tracker: GraphTracker) -> None:
    tracker.record("a", metadata={"lr": 1}, at=after(0))
    tracker.record("b", metadata={"lr": None}, at=after(1))
    assert tracker.run_ids(lr=None, parent_run_id=None, other=None) == ["b", "a"]


def test_a_key_that_no_run_has_keeps_none(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    assert tracker.run_ids(never="x") == []


def test_a_filter_sees_the_latest_value_only(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", lr=1)
    tracker.add_metadata("a", lr=2)
    assert (tracker.run_ids(lr=1), tracker.run_ids(lr=2)) == ([], ["a"])


def test_artifact_metadata_is_not_run_metadata(tracker: GraphTracker) -> None:
    tracker.add_artifact("a", "model", "/m", {"lr": 1})
    assert tracker.run_ids(lr=1) == []


def test_parent_run_id_is_has_this_source(tracker: GraphTracker) -> None:
    tracker.record("whole", sources=[TrackerSource("parent", None)], at=after(3))
    tracker.record("named", sources=[TrackerSource("parent", "model")], at=after(2))
    tracker.record("both", sources=[TrackerSource("parent", "model"), TrackerSource("parent", None)], at=after(1))
    tracker.record("grandchild", sources=[TrackerSource("whole", None)], at=after(4))
    assert tracker.run_ids(parent_run_id="parent") == ["whole", "named", "both"]
    assert tracker.run_ids(parent_run_id="grandchild") == tracker.run_ids(parent_run_id="nobody") == []
