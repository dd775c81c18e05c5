"""A lineage in plain JSON types: what is written is read back, and whatever else is refused with its place."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker, InvalidInput, Lineage
from graphtracker.export import export
from tests.support.oracle import Call, tell
from tests.support.strategies import STORE_PER_EXAMPLE, event_sets, histories


def written() -> list[dict[str, Any]]:
    """Lineages with every kind of run, artifact and source, whole, cut, of one artifact, of nothing, of paths."""
    with GraphTracker(":memory:") as tracker:
        tracker.add_artifact("prepare", "rows", "/rows", {"size": 7, "columns": ["a", "b"]})
        tracker.add_source("prepare", "s3://data")
        tracker.add_metadata("train", lr=0.1, seed=b"abc", best=float("nan"), config={"$type": "x", "layers": [1, 2]})
        tracker.add_source("train", "prepare", "rows")
        tracker.add_source("train", "base", "model")
        tracker.add_source("deploy", "train")
        lineages = [
            tracker.graph(),
            tracker.lineage("train", depth=1),
            tracker.lineage("prepare", artifact_name="rows", max_runs=1),
            Lineage(),
            tracker.between(("prepare", "rows"), "deploy"),
            tracker.between("prepare", ("base", "model")),
        ]
    return [lineage.to_dict() for lineage in lineages]


WRITTEN = written()
FORMATS = ["json", "dot", "mermaid", "html", "graphml"]


def taken(data: Any) -> Lineage:
    """The lineage of the data: it can be written in every format, and read again."""
    lineage = Lineage.from_dict(data)
    for name in FORMATS:
        assert b"".join(export(lineage, name))
    assert Lineage.from_dict(json.loads(json.dumps(lineage.to_dict(), allow_nan=False))) == lineage
    return lineage


# -- what was written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", WRITTEN)
def test_what_is_written_is_read_back(data: dict[str, Any]) -> None:
    assert taken(data).to_dict() == data


def test_paths_stay_paths_and_equal_no_lineage() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "prepare", "rows")
        answers = [
            tracker.lineage("train", direction="upstream"),
            *(tracker.between(begin, "train") for begin in ("prepare", ("prepare", "rows"))),
        ]
    assert all(answer.runs == answers[0].runs and answer.artifacts == answers[0].artifacts for answer in answers)
    for answer in answers:
        assert [answer == other for other in answers].count(True) == 1
        for again in (taken(answer.to_dict()), taken(json.loads(b"".join(export(answer, "json"))))):
            assert again.question == answer.question
            assert repr(again) == repr(answer)
            assert again.tree() == answer.tree()
    assert ["begin" in answer.to_dict() for answer in answers] == [False, True, True]


@STORE_PER_EXAMPLE
@given(histories, event_sets())
def test_whatever_a_store_answers_is_read_back(calls: list[Call], events: list[Any]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        tracker._recorder.store.write(events)
        for lineage in (tracker.graph(), *(tracker.lineage(run_id, max_runs=2) for run_id in tracker.run_ids()[:3])):
            data = json.loads(json.dumps(lineage.to_dict(), allow_nan=False))
            assert Lineage.from_dict(data).to_dict() == lineage.to_dict()


def test_the_order_of_what_is_read_does_not_matter() -> None:
    data = copy.deepcopy(WRITTEN[0])
    for name in ("runs", "artifacts", "sources"):
        data[name].reverse()
    data["runs"] = [{**run, "metadata": dict(reversed(run["metadata"].items()))} for run in data["runs"]]
    assert json.dumps(Lineage.from_dict(data).to_dict()) == json.dumps(WRITTEN[0])


# -- what is something else --------------------------------------------------------------------------------------------


class Odd(Mapping[str, Any]):
    """A mapping whose every method raises what nobody expects."""

    def __getitem__(self, key: str) -> NoReturn:
        raise RuntimeError("odd")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("odd")

    def __len__(self) -> NoReturn:
        raise RuntimeError("odd")

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("odd")

    def __hash__(self) -> int:
        return hash("graphtracker")


class OddText(str):
    """Text whose methods raise what nobody expects."""

    def __str__(self) -> NoReturn:
        raise RuntimeError("odd")

    def isascii(self) -> NoReturn:
        raise RuntimeError("odd")

    def encode(self, *of: Any, **named: Any) -> NoReturn:
        raise RuntimeError("odd")


def _deep(levels: int) -> object:
    value: object = 0
    for _ in range(levels):
        value = [value]
    return value


def _endless() -> object:
    value: list[object] = []
    value.append(value)
    return value


_TIME = "2024-01-01T00:00:00+00:00"

MISSHAPEN: dict[str, tuple[str, Callable[[dict[Any, Any]], object]]] = {
    "another format": ("format 1", lambda data: data.update(graphtracker=2)),
    "a format that is no number": ("format 1", lambda data: data.update(graphtracker=True)),
    "a field is missing": ("runs is missing", lambda data: data.pop("runs")),
    "a field too many": ("'more' is unknown", lambda data: data.update(more=1)),
    "an odd key": ("format 1", lambda data: data.setdefault(None, 1)),
    "complete against the reasons": ("complete is True", lambda data: data.update(reasons=["unsynced"])),
    "a reason that nobody knows": ("reasons is", lambda data: data.update(reasons=["whim"])),
    "reasons of numbers": ("reasons is", lambda data: data.update(reasons=[1])),
    "bounds without a frontier": ("frontier", lambda data: data.update(reasons=["depth"], complete=False)),
    "a frontier of numbers": ("frontier is", lambda data: data.update(frontier={"train": [3]})),
    "a frontier of no direction": ("frontier is", lambda data: data.update(frontier={"train": []})),
    "a frontier of nobody": (
        "'nobody', which is not among the runs",
        lambda data: data.update(frontier={"nobody": ["upstream"]}, reasons=["depth"], complete=False),
    ),
    "a start of nobody": ("start is 'nobody'", lambda data: data.update(start="nobody")),
    "a start of no artifact": ("start is '('train', 'x')'", lambda data: data.update(start=["train", "x"])),
    "nothing below a start": (
        "start is 'nobody'",
        lambda data: data.update(start="nobody", direction="downstream", runs=[], artifacts=[], sources=[]),
    ),
    "nothing with a frontier": (
        "frontier",
        lambda data: data.update(
            start="nobody",
            begin="nobody",
            direction="upstream",
            runs=[],
            artifacts=[],
            sources=[],
            reasons=["depth"],
            complete=False,
            frontier={"nobody": ["upstream"]},
        ),
    ),
    "nothing above a start": (
        "start is 'nobody'",
        lambda data: data.update(start="nobody", direction="upstream", runs=[], artifacts=[], sources=[]),
    ),
    "paths from nowhere": ("begin is 'None'", lambda data: data.update(start="train", begin=None)),
    "paths from nobody": (
        "begin is 'nobody', which is not in it",
        lambda data: data.update(start="train", begin="nobody", direction="upstream"),
    ),
    "paths from no artifact": (
        "begin is '('prepare', 'x')', which is not in it",
        lambda data: data.update(start="train", begin=["prepare", "x"], direction="upstream"),
    ),
    "paths that lead nowhere": ("begin goes with a start", lambda data: data.update(begin="train")),
    "paths that lead both ways": ("begin goes with", lambda data: data.update(start="train", begin="prepare")),
    "a start of three": ("start is", lambda data: data.update(start=["a", "b", "c"])),
    "a direction that is none": ("direction 'sideways'", lambda data: data.update(start="train", direction="sideways")),
    "a bound without a start": ("start is None", lambda data: data.update(depth=1)),
    "a negative bound": ("depth must be", lambda data: data.update(start="train", depth=-1)),
    "a bound that nothing writes": ("depth must be", lambda data: data.update(start="train", depth=10**5000)),
    "runs that are no list": ("runs is", lambda data: data.update(runs={})),
    "a run that is none": ("runs[2] is '7'", lambda data: data["runs"].__setitem__(2, 7)),
    "an odd run": ("runs[2] is", lambda data: data["runs"].__setitem__(2, Odd())),
    "a run twice": ("runs[5] is 'base' once more", lambda data: data["runs"].append(data["runs"][0])),
    "an artifact twice": ("once more", lambda data: data["artifacts"].append(data["artifacts"][0])),
    "a source twice": ("once more", lambda data: data["sources"].append(data["sources"][0])),
    "an id that is a number": ("runs[0].run_id is '5'", lambda data: data["runs"][0].update(run_id=5)),
    "an id that is a lone surrogate": (
        r"runs[0].run_id is '\ud800'",
        lambda data: data["runs"][0].update(run_id="\ud800"),
    ),
    "an id that is too long": ("runs[0].run_id is", lambda data: data["runs"][0].update(run_id="x" * 5000)),
    "a name that is a list": ("runs[0].name is", lambda data: data["runs"][0].update(name=["a"])),
    "no name": ("runs[0].name is", lambda data: data["runs"][0].update(name="")),
    "an artifact's name that is none": (
        "artifacts[0].name is 'None'",
        lambda data: data["artifacts"][0].update(name=None),
    ),
    "a time that is none": ("runs[3].created_at is 'noon'", lambda data: data["runs"][3].update(created_at="noon")),
    "a time without a zone": (
        "runs[3].created_at is '2024-01-01'",
        lambda data: data["runs"][3].update(created_at="2024-01-01"),
    ),
    "a time before all": (
        "runs[3].created_at is '0001-01-01T00:00:00+14:00'",
        lambda data: data["runs"][3].update(created_at="0001-01-01T00:00:00+14:00"),
    ),
    "an external run that reported": ("external is True", lambda data: data["runs"][3].update(updated_at=_TIME)),
    "an external run with metadata": ("external is True", lambda data: data["runs"][3].update(metadata={"a": 1})),
    "external that is a number": ("external is '1'", lambda data: data["runs"][3].update(external=1)),
    "a declared artifact with a path": ("declared is True", lambda data: data["artifacts"][0].update(path="/m")),
    "a logged artifact without a path": (
        "artifacts[1].path is 'None'",
        lambda data: data["artifacts"][1].update(path=None),
    ),
    "an artifact of nobody": ("artifacts[0].run_id is 'x'", lambda data: data["artifacts"][0].update(run_id="x")),
    "a source of nobody": ("sources[0].run_id is 'x'", lambda data: data["sources"][0].update(run_id="x")),
    "a source that leads nowhere": (
        "sources[0].source_run_id leads to",
        lambda data: data["sources"][0].update(source_run_id="x"),
    ),
    "metadata that is a list": ("runs[4].metadata is", lambda data: data["runs"][4].update(metadata=[])),
    "metadata with an odd key": ("runs[4].metadata is", lambda data: data["runs"][4].update(metadata={Odd(): 1})),
    "a value that nests too deep": (
        "runs[4].metadata is",
        lambda data: data["runs"][4].update(metadata={"x": _deep(201)}),
    ),
    "a value without an end": ("runs[4].metadata is", lambda data: data["runs"][4].update(metadata={"x": _endless()})),
    "an odd value": ("runs[4].metadata is", lambda data: data["runs"][4].update(metadata={"x": Odd()})),
    "odd text": ("runs[4].metadata is", lambda data: data["runs"][4].update(metadata={"x": OddText("x")})),
    "a value of an unknown type": (
        "runs[4].metadata is",
        lambda data: data["runs"][4].update(metadata={"x": {"$type": "interval", "value": 1}}),
    ),
    "an offset that no time has": (
        "runs[4].metadata is",
        lambda data: data["runs"][4].update(
            metadata={"x": {"$type": "datetime", "value": "2024-01-01T00:00:00", "offset": 10**30}}
        ),
    ),
}


@pytest.mark.parametrize("name", MISSHAPEN)
def test_what_nobody_wrote_is_refused_with_its_place(name: str) -> None:
    told, change = MISSHAPEN[name]
    data = copy.deepcopy(WRITTEN[0])
    assert [run["run_id"] for run in data["runs"]] == ["base", "deploy", "prepare", "s3://data", "train"]
    change(data)
    with pytest.raises(InvalidInput) as caught:
        Lineage.from_dict(data)
    assert told in str(caught.value)
    assert "give what Lineage.to_dict() wrote" in str(caught.value)


@pytest.mark.parametrize("data", [None, 5, "text", [], {}, Odd(), object(), [1]], ids=lambda data: type(data).__name__)
def test_what_is_no_lineage_at_all_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInput, match=r"this is no lineage of format 1: .*; give what"):
        Lineage.from_dict(data)


# -- what may be either ------------------------------------------------------------------------------------------------

ODD_VALUES = [
    *(None, True, False, 0, 1, -1, 2**70, 10**5000, 0.5, float("nan"), float("inf")),
    *(
        "",
        "a",
        "\0",
        "\ud800",
        "\x1b[31m",
        "x" * 5000,
        "train",
        "rows",
        "model",
        "upstream",
        "both",
        "depth",
        "unsynced",
    ),
    *(_TIME, "2024-01-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"),
    *(
        b"",
        object(),
        Odd(),
        OddText("train"),
        [],
        {},
        (),
        set(),
        [None],
        ["train", "rows"],
        {"a": 1},
        {1: 2},
        {Odd(): 1},
    ),
    *(
        _deep(150),
        _deep(5000),
        _endless(),
        {"$type": []},
        {"$type": "int", "value": "zz"},
        {"$type": "dict", "value": 1},
    ),
]


def places(data: Any, inside: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything inside."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*inside, key)
        yield from places(value, (*inside, key))


PLACES = [(number, way) for number, data in enumerate(WRITTEN) for way in places(data)]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """What was written, with one to three places that hold something else, nothing, or something more."""
    number, first = draw(st.sampled_from(PLACES))
    data = copy.deepcopy(WRITTEN[number])
    others = draw(st.lists(st.sampled_from([way for other, way in PLACES if other == number]), max_size=2))
    for way in (first, *others):
        change = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"]))
        odd = copy.copy(draw(st.sampled_from(ODD_VALUES)))
        with contextlib.suppress(
            AttributeError, LookupError, RuntimeError, TypeError
        ):  # an earlier change has closed the way
            _change(data, way, change, odd)
    return data


def _change(data: Any, way: tuple[Any, ...], change: str, odd: object) -> None:
    parent = reduce(getitem, way[:-1], data)
    if change == "remove":
        del parent[way[-1]]
    elif change == "replace":
        parent[way[-1]] = odd
    elif isinstance(parent, dict):
        parent["more"] = odd
    else:
        parent.append(odd)


@given(changed())
def test_whatever_is_changed_is_refused_or_taken_for_a_lineage_like_any_other(data: Any) -> None:
    with contextlib.suppress(InvalidInput):
        taken(data)
