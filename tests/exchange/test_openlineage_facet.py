"""Our own facet is data of others: what is read of it, and what is said of one that nobody of ours wrote."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, TrackerArtifact
from graphtracker.exchange.openlineage.facet import Externals, check, check_format, facet_of
from graphtracker.exchange.openlineage.own_events import OwnEvents
from graphtracker.exchange.report import Report

_LATER = "2999-01-01T00:00:00.000000+00:00"
_OTHERS: tuple[Any, ...] = (
    None,
    1,
    True,
    False,
    "",
    "x",
    "\ud800",
    "x" * 5000,
    "\0",
    [],
    {},
    [1],
    {"$type": "int"},
    {"": 1},
    1e999,
    _LATER,
)


@pytest.fixture(scope="module")
def facets() -> list[dict[str, Any]]:
    """Those of an ordinary run, of a forgotten one, of one that reported and said nothing."""
    with GraphTracker(":memory:") as tracker:
        model = TrackerArtifact("model", "/model", {"a": 1})
        tracker.record(
            "train", metadata={"lr": 0.1, "tags": ["a"]}, artifacts=[model], sources=["raw", ("data", "rows")]
        )
        tracker.record("old", metadata={"lr": 0.1}, artifacts=[model])
        tracker.forget("old", links=False)
        tracker.add_metadata("empty")
        answer = tracker.graph()
        externals = Externals(answer)
        return [
            facet_of(
                run,
                [artifact for artifact in answer.artifacts.values() if artifact.run_id == run.run_id],
                [source for source in answer.sources if source.run_id == run.run_id],
                externals,
            )
            for run in answer.runs.values()
            if not run.external
        ]


def test_what_is_read_is_what_the_check_takes_and_the_rest_is_told_with_its_place(facets: list[dict[str, Any]]) -> None:
    taken = 0
    for good in facets:
        for changed, what in _changed(good):
            told = _refusal(check_format, changed) or _refusal(check, changed)
            assert _refusal(partial(OwnEvents(Report()).of_facet, writer=bytes(8)), changed) == told, what
            taken += not told
    assert taken > 100  # metadata may hold anything


def _refusal(read: Callable[[Any], object], facet: Any) -> str:
    try:
        read(facet)
    except InvalidInput as error:
        return str(error)
    return ""


def _changed(good: Any) -> Iterator[tuple[Any, object]]:
    """The facet with one thing of it changed, and what that is."""
    yield good, "nothing"
    for way in _ways(good):
        for change in (*_OTHERS, _remove, _double):
            facet = copy.deepcopy(good)
            owner = facet
            for step in way[:-1]:
                owner = owner[step]
            if callable(change):
                change(owner, way[-1])
            else:
                owner[way[-1]] = change
            yield facet, (way, change)


def _remove(owner: Any, key: Any) -> None:
    del owner[key]


def _double(owner: Any, key: Any) -> None:
    """The same once more, in a list; under a name that nobody knows, in a dict."""
    if isinstance(owner, list):
        owner.append(copy.deepcopy(owner[key]))
    else:
        owner[f"{key}s"] = owner[key]


def _ways(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*way, key)
        if isinstance(value, (dict, list)):
            yield from _ways(value, (*way, key))


@pytest.mark.parametrize("facet", [None, 1, "text", [], {}, {"graphtracker": True}, {"graphtracker": 2}])
def test_a_facet_of_another_format_is_refused(facet: Any) -> None:
    with pytest.raises(InvalidInput, match=r"graphtracker_run is .*, not of format 1; another graphtracker wrote it"):
        OwnEvents(Report()).of_facet(facet, bytes(8))
