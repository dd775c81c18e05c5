"""Frames of pandas: a column for each metadata key, every value in it as it was recorded, nothing lost."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker, Lineage, MissingExtra
from tests.support.hostile import HOSTILE
from tests.support.remembered import CONTEXT, GONE, OLD, PREPARE, TRAINED, record_remembered
from tests.support.sameness import same
from tests.support.strategies import STORE_PER_EXAMPLE, metadata_keys, values
from tests.support.values_of_note import BY_HAND

OWN_OF_RUNS = ["name", "external", "forgotten", "created_at", "reported_at", "updated_at"]
OWN_OF_ARTIFACTS = ["path", "place", "declared", "created_at", "logged_at", "updated_at"]
TIME = "datetime64[us, UTC]"


def frame_of(*rows: Mapping[str, object]) -> Any:
    """The frame of runs r0, r1, ... with this metadata."""
    with GraphTracker(":memory:") as tracker:
        for number, metadata in enumerate(rows):
            tracker.record(f"r{number}", metadata=metadata)
        return tracker.graph().to_pandas()[0]


def metadata_columns(frame: Any) -> list[str]:
    return [name for name in frame.columns if name not in OWN_OF_RUNS]


# -- what is in them ---------------------------------------------------------------------------------------------------


def test_a_lineage_has_a_frame_of_its_runs_by_id_and_one_of_its_artifacts_by_run_and_name() -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        lineage = tracker.graph()
    runs, artifacts = lineage.to_pandas()
    assert runs.index.name == "run_id"
    assert artifacts.index.names == ["run_id", "name"]
    assert list(runs.index) == list(lineage.runs)
    assert list(artifacts.index) == list(lineage.artifacts)
    for frame, nodes, own in ((runs, lineage.runs, OWN_OF_RUNS), (artifacts, lineage.artifacts, OWN_OF_ARTIFACTS)):
        for name in own:
            expected = [getattr(node, name) for node in nodes.values()]
            assert [None if pandas.isna(cell) else cell for cell in frame[name]] == expected
    assert runs.loc[GONE, "external"]
    assert runs.loc[OLD, "forgotten"]
    assert artifacts.loc[(PREPARE, "rows"), "path"] == "out/rows.parquet"


def test_context_stands_behind_its_own_word_in_its_own_order() -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        tracker.add_metadata(PREPARE, user="of the metadata")
        runs = tracker.runs().to_pandas()
    columns = [f"context.{key}" for key in CONTEXT]
    assert list(runs.columns) == [*OWN_OF_RUNS, *columns, "n", "user"]
    assert [runs.loc[PREPARE, column] for column in columns] == list(CONTEXT.values())
    assert pandas.isna(runs.loc[TRAINED, "context.host"])
    assert str(runs["context.started_at"].dtype) == TIME
    assert str(runs["context.dirty"].dtype) == "boolean"


def test_frames_of_nothing_have_our_own_columns() -> None:
    with GraphTracker(":memory:") as tracker:
        runs = tracker.runs().to_pandas()
        found = tracker.find_artifacts("/nothing").to_pandas()
    of_nothing = Lineage().to_pandas()
    for one, other in zip((runs, found), of_nothing, strict=True):
        pandas.testing.assert_frame_equal(one, other)
    assert list(runs.columns) == OWN_OF_RUNS
    assert list(found.columns) == OWN_OF_ARTIFACTS
    assert [str(kind) for kind in runs.dtypes] == ["string", "boolean", "boolean", TIME, TIME, TIME]
    assert (runs.index.name, found.index.names) == ("run_id", ["run_id", "name"])
    assert len(runs) == len(found) == 0


def test_runs_that_were_asked_for_keep_their_order() -> None:
    with GraphTracker(":memory:") as tracker:
        for number in (2, 3, 1):
            tracker.add_metadata(f"r{number}", loss=number)
        found = tracker.runs(order_by="loss")
    assert found.to_pandas()["loss"].tolist() == [1, 2, 3]
    assert list(found[1:].to_pandas().index) == ["r2", "r3"]


# -- names of columns --------------------------------------------------------------------------------------------------


def test_nested_mappings_are_dotted_and_columns_sorted() -> None:
    frame = frame_of({"z": 1, "optim": {"name": "adam", "betas": {"first": 0.9}, "extra": {}}, "labels": {0: "cat"}})
    assert metadata_columns(frame) == ["labels", "optim.betas.first", "optim.extra", "optim.name", "z"]
    assert frame.loc["r0", "optim.extra"] == {}
    assert frame.loc["r0", "labels"] == {0: "cat"}


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("name", "metadata.name"),
        ("run_id", "metadata.run_id"),
        ("path", "metadata.path"),
        ("external", "metadata.external"),
        ("context.user", "metadata.context.user"),
        ("context.", "metadata.context."),
        ("metadata.name", "metadata.metadata.name"),
        ('metadata["a"]', 'metadata.metadata["a"]'),
        ("names", "names"),
        ("context", "context"),
        ("metadata", "metadata"),
    ],
)
def test_a_key_that_is_called_as_what_is_ours_stands_behind_metadata(key: str, column: str) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", metadata={key: 7})
        tracker.add_artifact("run", "model", "/m", {key: 8})
        runs, artifacts = tracker.graph().to_pandas()
    assert metadata_columns(runs) == [column]
    assert runs.loc["run", column] == 7
    assert artifacts.loc[("run", "model"), column] == 8


def test_a_nested_key_that_is_called_as_what_is_ours_stands_behind_metadata() -> None:
    frame = frame_of({"context": {"user": "u"}, "metadata": {"name": "n"}})
    assert metadata_columns(frame) == ["metadata.context.user", "metadata.metadata.name"]


def test_of_keys_that_come_to_the_same_name_the_least_nested_has_it() -> None:
    frame = frame_of({"a.b.c": 1, "a": {"b.c": 2, "b": {"c": 3}}, "a.b": {"c": 4}}, {"a": {"b": {"c": 5}}})
    assert metadata_columns(frame) == [
        "a.b.c",
        'metadata["a"]["b"]["c"]',
        'metadata["a"]["b.c"]',
        'metadata["a.b"]["c"]',
    ]
    assert frame.loc["r0", metadata_columns(frame)].tolist() == [1, 3, 2, 4]
    assert frame.loc["r1", 'metadata["a"]["b"]["c"]'] == 5


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_data(name: str) -> None:
    text = HOSTILE[name]
    with GraphTracker(":memory:") as tracker:
        tracker.record(text, metadata={text: text, "nested": {text: [text]}})
        tracker.add_artifact(text, text, text, {text: text})
        runs, artifacts = tracker.graph().to_pandas()
    assert [text] in runs.loc[text, metadata_columns(runs)].tolist()
    assert text in runs.loc[text, metadata_columns(runs)].tolist()
    assert artifacts.loc[(text, text), "path"] == text
    assert artifacts.loc[(text, text)].iloc[-1] == text


# -- types of columns --------------------------------------------------------------------------------------------------

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
TYPES: dict[str, tuple[list[object], str]] = {
    "ints": ([1, -(2**63), 2**63 - 1], "Int64"),
    "ints of more than 64 bits": ([1, 2**63], "object"),
    "and below zero": ([-(2**63) - 1], "object"),
    "bools": ([True, False], "boolean"),
    "bools and ints": ([True, 1, 0], "object"),
    "floats": ([0.5, math.inf, -0.0], "float64"),
    "ints and floats": ([1, 0.5], "object"),
    "text": (["a", "", "\0"], "string"),
    "text and None": (["a", None], "object"),
    "None": ([None], "object"),
    "times in UTC": ([AT, AT + timedelta(days=1)], TIME),
    "times before nanoseconds": ([datetime.min.replace(tzinfo=timezone.utc), AT], TIME),
    "times behind nanoseconds": ([datetime.max.replace(tzinfo=timezone.utc)], TIME),
    "times without a zone": ([AT.replace(tzinfo=None)], "object"),
    "times of other zones": ([AT, AT.astimezone(ZoneInfo("Europe/Berlin"))], "object"),
    "a zone that is UTC by name": ([AT.astimezone(ZoneInfo("UTC"))], "object"),
    "a time in a fold": ([AT.replace(fold=1)], "object"),
    "dates": ([date(2026, 1, 2)], "object"),
    "timedeltas": ([timedelta(1)], "object"),
    "bytes": ([b"a", b""], "object"),
    "lists of one length": ([[1, 2], [3, 4]], "object"),
    "empty mappings": ([{}, {}], "object"),
}


def assert_holds(column: Any, recorded: list[object]) -> None:
    """Whether the column holds these values in its first rows, and none in the others."""
    for number, value in enumerate(recorded):
        assert same(python_value(column.iloc[number]), value), (column, number, value)
    assert all(is_missing(cell, column) for cell in column.iloc[len(recorded) :])


def python_value(cell: Any) -> object:
    if isinstance(cell, pandas.Timestamp):
        return cell.to_pydatetime()
    return cell.item() if type(cell).__module__ == "numpy" else cell


def is_missing(cell: Any, column: Any) -> bool:
    return cell is pandas.NA or cell is pandas.NaT or (column.dtype == "float64" and math.isnan(cell))


@pytest.mark.parametrize("more", [0, 1], ids=["every run has it", "a run lacks it"])
@pytest.mark.parametrize("name", TYPES)
def test_the_values_of_a_column_decide_its_type(name: str, more: int) -> None:
    recorded, kind = TYPES[name]
    frame = frame_of(*({"key": value} for value in recorded), *[{"other": 1}] * more)
    assert str(frame["key"].dtype) == kind
    assert_holds(frame["key"], recorded)


def test_a_recorded_nan_is_told_from_no_value() -> None:
    frame = frame_of({"loss": math.nan, "always": math.nan}, {"loss": 0.5, "always": 0.5}, {"always": 1.0})
    assert frame["loss"].dtype == "Float64"
    assert frame["loss"].isna().tolist() == [False, False, True]
    assert math.isnan(frame["loss"].iloc[0])
    assert frame["always"].dtype == "float64"


def test_a_recorded_none_is_told_from_no_value() -> None:
    column = frame_of({"a": None}, {"a": 1}, {})["a"]
    assert column.tolist() == [None, 1, pandas.NA]


@pytest.mark.parametrize("name", BY_HAND)
def test_every_value_of_note_is_kept(name: str) -> None:
    frame = frame_of({"key": BY_HAND[name]})
    for path, value in leaves({"key": BY_HAND[name]}):
        assert same(python_value(frame.loc["r0", ".".join(path)]), value)


# -- whatever is recorded ----------------------------------------------------------------------------------------------

_colliding = st.sampled_from(
    ["a", "b", "a.b", "a.b.a", "", "name", "context", "user", "metadata", 'metadata["a"]["b"]']
)
_keys = _colliding.filter(bool) | metadata_keys
_trees = st.recursive(
    values, lambda inner: st.dictionaries(_colliding | metadata_keys, inner, max_size=3), max_leaves=5
)


def leaves(metadata: Mapping[str, object], inside: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in metadata.items():
        if isinstance(value, dict) and value and set(map(type, value)) == {str}:
            yield from leaves(value, (*inside, key))
        else:
            yield (*inside, key), value


def names_of(path: tuple[str, ...]) -> list[str]:
    """What the column of a path may be called."""
    dotted = ".".join(path)
    quoted = "".join(f"[{json.dumps(key, ensure_ascii=False)}]" for key in path)
    return [dotted, f"metadata.{dotted}", f"metadata{quoted}"]


@STORE_PER_EXAMPLE
@given(st.lists(st.dictionaries(_keys, _trees, max_size=4), min_size=1, max_size=4))
def test_every_value_is_found_again_in_a_column_of_its_own(rows: list[dict[str, object]]) -> None:
    frame = frame_of(*rows)
    wanted: dict[tuple[str, ...], dict[int, object]] = {}
    for number, row in enumerate(rows):
        for path, value in leaves(row):
            wanted.setdefault(path, {})[number] = value
    columns = metadata_columns(frame)
    assert len(columns) == len(wanted)
    assert columns == sorted(columns)
    for path, recorded in wanted.items():
        held = [name for name in names_of(path) if name in columns and holds(frame[name], recorded)]
        assert held, (path, recorded, frame)


def holds(column: Any, recorded: Mapping[int, object]) -> bool:
    """Whether the column holds these values in these rows, and none in the others."""
    return all(
        same(python_value(cell), recorded[number]) if number in recorded else is_missing(cell, column)
        for number, cell in enumerate(column)
    )


# -- what it needs -----------------------------------------------------------------------------------------------------


def test_without_pandas_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with GraphTracker(":memory:") as tracker:
        for ask in (tracker.runs().to_pandas, tracker.find_artifacts("/m").to_pandas, tracker.graph().to_pandas):
            with pytest.raises(MissingExtra, match=r"pip install 'graphtracker\[pandas\]'"):
                ask()
