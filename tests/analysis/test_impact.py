"""Impact is what networkx finds below the starts on the full graph, each after all that it was made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import (
    ArtifactNotFound,
    GraphTracker,
    Impact,
    IncompleteLineage,
    InvalidInput,
    RunNotFound,
    TrackerArtifact,
    TrackerSource,
)
from tests.support.oracle import ArtifactKey, Call, Logs, Model, Names, Node, Reports, tell
from tests.support.recording import NOON, after
from tests.support.strategies import histories

FEW = settings(max_examples=40)


def kept_by(model: Model, starts: list[Node], depth: int | None = None, max_runs: int | None = None) -> set[str]:
    """The runs that are nearest to any of the starts, whose own runs are at 0."""
    nearest: dict[str, int] = {}
    for start in starts:
        for run_id, distance in model.distances(start, "downstream").items():
            nearest[run_id] = min(distance, nearest.get(run_id, distance))
    within = sorted((distance, run_id) for run_id, distance in nearest.items() if depth is None or distance <= depth)
    return {run_id for _, run_id in within[:max_runs]}


def expected(
    model: Model, starts: list[Node], depth: int | None = None, max_runs: int | None = None
) -> tuple[dict[str, tuple[int, bool]], set[ArtifactKey]]:
    """Run id → (distance, whether it ends), and the artifacts, of the store that a cut leaves."""
    part = model.restricted(kept_by(model, starts, depth, max_runs))
    rows: dict[str, int] = {}
    made: set[Any] = set()
    for start in (start for start in starts if start in part.e):
        walked = nx.single_source_dijkstra_path_length(part.e, start, weight="walked")
        for node in nx.descendants(part.e, start) - set(starts):
            made.add(node)
            if isinstance(node, str):
                rows[node] = min(int(walked[node]), rows.get(node, int(walked[node])))
    users = {source for consumer, source, _ in model.sources if consumer != source}
    return {run_id: (distance, run_id not in users) for run_id, distance in rows.items()}, made - set(rows)


def wrong(impact: Impact, model: Model, starts: list[Node], **bounds: int | None) -> list[str]:
    """What an impact says that is not so."""
    rows, made = expected(model, starts, **bounds)
    got = {row.run_id: (row.distance, row.ends) for row in impact.runs}
    found = [f"rows are {got}, must be {rows}"] if got != rows or len(got) != len(impact.runs) else []
    if impact.artifacts != tuple(sorted(made)):
        found.append(f"artifacts are {impact.artifacts}, must be {sorted(made)}")
    if set(impact.starts) != set(starts):
        found.append(f"starts are {impact.starts}, must be {starts}")
    return found + [
        f"{each} comes too early" for each in too_early(impact, model.restricted(kept_by(model, starts, **bounds)))
    ]


def too_early(impact: Impact, model: Model) -> list[tuple[str, str]]:
    """Rows that come before one that they descend from and that does not descend from them."""
    places = {row.run_id: place for place, row in enumerate(impact.runs)}
    above = {run_id: nx.ancestors(model.e, run_id) for run_id in places}
    return [
        (run_id, other)
        for run_id, place in places.items()
        for other in above[run_id] & set(places)
        if run_id not in above[other] and places[other] > place
    ]


def asked(tracker: GraphTracker, start: Node, **options: Any) -> Impact:
    run_id, name = (start, None) if isinstance(start, str) else start
    return tracker.impact(run_id, artifact_name=name, **options)


@FEW
@given(histories)
def test_an_impact_is_all_that_descends(calls: list[Call]) -> None:
    model = Model.of(calls)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for start in model.nodes:
            impact = asked(tracker, start)
            assert wrong(impact, model, [start]) == [], start
            assert impact.complete


@FEW
@given(histories, st.data())
def test_a_bound_cuts_an_impact_as_it_cuts_a_lineage(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    start = data.draw(st.sampled_from(model.nodes))
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for depth in (None, 0, 1, 2):
            for max_runs in (None, 1, 2, 3):
                lineage = model.lineage(start, "downstream", depth, max_runs)
                impact = asked(tracker, start, depth=depth, max_runs=max_runs)
                found = wrong(impact, model, [start], depth=depth, max_runs=max_runs)
                assert found == [], (depth, max_runs)
                assert set(impact.reasons) == lineage.reasons, (depth, max_runs)


@FEW
@given(histories, st.integers(0, 2) | st.none(), st.integers(1, 3) | st.none())
def test_an_impact_of_a_path_is_that_of_all_that_was_logged_there(
    calls: list[Call], depth: int | None, max_runs: int | None
) -> None:
    model = Model.of(calls)
    starts: list[Node] = sorted({(call.run_id, call.name) for call in calls if isinstance(call, Logs)})
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        if not starts:
            with pytest.raises(ArtifactNotFound):
                tracker.impact(path="/path")
            return
        impact = tracker.impact(path="/path", depth=depth, max_runs=max_runs)
    assert wrong(impact, model, starts, depth=depth, max_runs=max_runs) == []
    whole = kept_by(model, starts, None, None) == kept_by(model, starts, depth, max_runs)
    assert impact.complete == whole


@FEW
@given(histories, histories)
def test_an_impact_as_of_a_time_is_that_of_what_was_told_by_then(early: list[Call], late: list[Call]) -> None:
    model = Model.of(early)
    with GraphTracker(":memory:") as tracker:
        for hour, calls in ((2, late), (0, early)):
            for call in calls:
                record(tracker, call, hour)
        for start in model.nodes[::2]:
            impact = asked(tracker, start, as_of=after(1))
            assert wrong(impact, model, [start]) == [], start
            assert impact.reasons <= {"overwritten"}


def record(tracker: GraphTracker, call: Call, hour: int) -> None:
    """Makes the call as if it had been at that hour."""
    if isinstance(call, Reports):
        tracker.record(call.run_id, metadata=call.metadata, at=after(hour))
    elif isinstance(call, Logs):
        tracker.record(call.run_id, artifacts=[TrackerArtifact(*call[1:])], at=after(hour))
    else:
        tracker.record(call.run_id, sources=[TrackerSource(*call[1:])], at=after(hour))


@FEW
@given(histories, st.data())
def test_a_filter_keeps_rows_in_their_order_and_cuts_no_walk(calls: list[Call], data: st.DataObject) -> None:
    model = Model.of(calls)
    start = data.draw(st.sampled_from(model.nodes))
    wanted = "artifact.model or lr"
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        whole, some = asked(tracker, start), asked(tracker, start, where=wanted)
        matching = set(tracker.run_ids(wanted))
    assert some.runs == tuple(row for row in whole.runs if row.run_id in matching)
    assert (some.artifacts, some.starts) == (whole.artifacts, whole.starts)


# -- by example, on every store ----------------------------------------------------------------------------------------


def told(impact: Impact) -> list[tuple[str, int, bool]]:
    return [(row.run_id, row.distance, row.ends) for row in impact.runs]


def test_runs_come_as_they_can_be_made_again_the_nearest_first(tracker: GraphTracker) -> None:
    tell(tracker, [Names("a", "z", None), Names("z", "data", "rows"), Names("a", "data", "rows")])
    tell(tracker, [Names("c", "data", "rows"), Names("b", "c", None), Names("b", "b", None)])
    assert told(tracker.impact("data")) == [("c", 1, False), ("z", 1, False), ("a", 1, True), ("b", 2, True)]
    assert tracker.impact("data").artifacts == (("data", "rows"),)
    assert tracker.impact("data", artifact_name="rows").artifacts == ()


def test_what_a_cycle_forbids_to_order_comes_together(tracker: GraphTracker) -> None:
    tell(tracker, [Names(later, earlier, "x") for earlier, later in pairwise("abcb")])
    tell(tracker, [Names("d", "c", None), Names("a", "d", "x")])
    assert told(tracker.impact("a")) == [("b", 1, False), ("c", 2, False), ("d", 3, False)]
    assert told(tracker.impact("a", artifact_name="x")) == [
        ("b", 1, False),
        ("c", 2, False),
        ("d", 3, False),
        ("a", 4, False),
    ]


def test_who_named_another_artifact_of_the_run_did_not_mean_this_one(tracker: GraphTracker) -> None:
    """Though the answer about the one artifact does not hold the other."""
    for name in ("rows", "log"):
        tracker.add_artifact("clean", name, f"/{name}")
    tell(tracker, [Names("b", "clean", "rows"), Names("c", "b", None)])
    tell(tracker, [Names("c", "clean", None), Names("c", "clean", "log"), Names("clean", "clean", None)])
    tell(tracker, [Names("clean", "clean", "log")])
    assert told(tracker.impact("clean", artifact_name="rows")) == [("b", 1, False), ("c", 2, True)]


def test_beside_a_cut_nothing_is_said_to_end(tracker: GraphTracker) -> None:
    tell(tracker, [Names(later, earlier, None) for earlier, later in pairwise("abc")])
    impact = tracker.impact("a", depth=1)
    assert (told(impact), impact.complete, impact.reasons) == ([("b", 1, False)], False, frozenset({"depth"}))
    with pytest.raises(IncompleteLineage):
        tracker.impact("a", depth=1, strict=True)
    assert told(tracker.impact("a", max_runs=3, strict=True)) == [("b", 1, False), ("c", 2, True)]


def test_what_is_asked_about_is_one_thing(tracker: GraphTracker) -> None:
    tracker.add_artifact("clean", "rows", "/rows")
    for options in ({}, {"path": "/rows", "run_id": "clean"}, {"path": "/rows", "artifact_name": "rows"}):
        with pytest.raises(InvalidInput):
            tracker.impact(**options)  # type: ignore[arg-type]
    with pytest.raises(RunNotFound):
        tracker.impact("nobody")
    with pytest.raises(ArtifactNotFound):
        tracker.impact("clean", artifact_name="log")
    with pytest.raises(ArtifactNotFound):
        tracker.impact(path="/nothing")
    assert told(tracker.impact("clean")) == []


def test_an_impact_as_a_dict_is_json_in_a_stable_order(tracker: GraphTracker) -> None:
    tracker.record("clean", artifacts=[TrackerArtifact("rows", "/rows", None)], at=NOON)
    tracker.record("train", sources=[TrackerSource("clean", "rows")], at=NOON)
    impact = tracker.impact("clean", artifact_name="rows")
    assert json.loads(json.dumps(impact.to_dict())) == impact.to_dict()
    assert impact.to_dict() == {
        "starts": [["clean", "rows"]],
        "complete": True,
        "reasons": [],
        "runs": [{"run_id": "train", "name": "train", "distance": 1, "ends": True}],
        "artifacts": [],
    }


def test_a_notebook_shows_an_impact_as_a_table_that_obeys_nobody() -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, [Names("<b>\x1bbad", "a", None)])
        shown = tracker.impact("a")._repr_html_()
        assert "cut by depth" in tracker.impact("a", depth=0)._repr_html_()
    assert "&lt;b&gt;\\u001bbad" in shown
    assert "<b>" not in shown


def test_it_says_in_a_line_what_it_is() -> None:
    with GraphTracker(":memory:") as tracker:
        for run in ("clean", "again"):
            tracker.add_artifact(run, "rows", "/rows")
        tracker.record("train", sources=[("clean", "rows")], artifacts={"model": "/m"})
        assert repr(tracker.impact("clean")) == "<Impact of 'clean': 1 run, 2 artifacts>"
        assert (
            repr(tracker.impact("train", artifact_name="model"))
            == "<Impact of 'model' of 'train': 0 runs, 0 artifacts>"
        )
        assert repr(tracker.impact(path="/rows")) == "<Impact of 2 artifacts: 1 run, 1 artifact>"
        assert repr(tracker.impact("clean", depth=0)) == "<Impact of 'clean': 0 runs, 1 artifact, cut by depth>"
        assert "\x1b" not in repr(Impact(("a\x1b",), (), (), frozenset()))


def test_a_chain_and_a_star_are_ordered_in_one_walk() -> None:
    size = 20_000
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(1, size):
                batch.add_source(f"{number:06}", f"{number - 1:06}", "out")
                batch.add_source(f"x{number:06}", f"{0:06}", "out")
        rows = tracker.impact(f"{0:06}").runs
    assert [row.run_id for row in rows if row.run_id[0] != "x"] == [f"{number:06}" for number in range(1, size)]
    assert len(rows) == 2 * (size - 1)


def test_the_rows_know_their_runs(new_url: Callable[[], str]) -> None:
    with GraphTracker(new_url()) as tracker:
        tracker.record("train", metadata={"lr": 0.1}, sources=[TrackerSource("clean", None)])
        (row,) = tracker.impact("clean").runs
    assert row.run.metadata == {"lr": 0.1}
    assert row.run_id == row.run.run_id
