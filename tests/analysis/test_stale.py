"""What is out of date is what a replay in the order of time finds; the rules by example."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker, IncompleteLineage, InvalidInput, RunNotFound, Staleness
from tests.support.recording import after
from tests.support.stale_oracle import Happening, Logged, Replay, Used, tell

RUNS = ["a", "b", "c", "d"]
NAMES = ["rows", "model"]
PLACES = ["/x", "/y", "/z"]

_runs = st.sampled_from(RUNS)
_happenings = st.lists(
    st.builds(Logged, _runs, st.sampled_from(NAMES), st.sampled_from(PLACES), st.sampled_from([None, "1", "2", 1.0, 1]))
    | st.builds(Used, _runs, _runs, st.none() | st.sampled_from(NAMES)),
    max_size=16,
)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, Happening]]:
    """What happens, an hour each, told in any order."""
    happened = draw(_happenings)
    return list(draw(st.permutations(list(enumerate(happened)))))


def wrong(staleness: Staleness, replay: Replay, start: str | None = None) -> list[str]:
    """What is said of the whole store, or of a run and all above it, that is not so."""
    graph = replay.graph()
    asked = set(graph) if start is None else nx.ancestors(graph, start) | {start}
    distances = dict.fromkeys(graph, 0)
    if start is not None:
        distances = nx.single_source_shortest_path_length(graph.reverse(), start)
    want = {(distances[row[0]], *row) for row in replay.rows() if row[0] in asked}
    got = [
        (use.distance, use.run_id, use.source_run_id, use.artifact_name, use.place, hour(use.used_at),
         hour(use.renewed_at), use.renewed_by)
        for use in staleness.uses
    ]  # fmt: skip
    found = [] if set(got) == want else [f"missing {want - set(got)}, too many {set(got) - want}"]
    if [each[:3] for each in got] != sorted(each[:3] for each in got):
        found.append(f"out of order: {got}")
    below = [nx.descendants(graph, row[1]) | {row[1]} for row in want]
    if staleness.runs != tuple(sorted(set().union(*below) & asked)):
        found.append(f"stale are {staleness.runs}, must be {set().union(*below) & asked}")
    return found


def hour(at: Any) -> int:
    return int((at - after(0)).total_seconds()) // 3600


@settings(max_examples=150)
@given(histories())
def test_what_is_out_of_date_is_what_a_replay_finds(happened: list[tuple[int, Happening]]) -> None:
    replay = Replay.of(happened)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, happened)
        staleness = tracker.stale()
        assert wrong(staleness, replay) == []
        assert (staleness.stale, staleness.complete) == (bool(replay.rows()), True)
        for run_id in replay.graph():
            assert wrong(tracker.stale(run_id), replay, run_id) == [], run_id


@settings(max_examples=40)
@given(histories(), st.sampled_from(RUNS))
def test_what_is_forgotten_lies_nowhere(happened: list[tuple[int, Happening]], gone: str) -> None:
    replay = Replay.of(happened)
    with GraphTracker(":memory:") as tracker:
        tell(tracker, happened)
        if gone not in replay.graph():
            return
        tracker.forget(gone, links=False)
        replay.forget(gone)
        assert wrong(tracker.stale(), replay) == []
        assert wrong(tracker.stale(gone), replay, gone) == []


def random_history(seed: int, count: int) -> list[tuple[int, Happening]]:
    """Much that happens to twenty runs, told in any order."""
    chance = random.Random(seed)
    runs = [f"run-{number:02}" for number in range(20)]
    happened: list[Happening] = []
    for _ in range(count):
        run_id, source = chance.choice(runs), chance.choice(runs)
        if chance.random() < 0.5:
            place, sha256 = f"/{chance.randrange(6)}", chance.choice([None, None, "1", "2"])
            happened.append(Logged(run_id, chance.choice(NAMES), place, sha256))
        else:
            happened.append(Used(run_id, source, chance.choice([None, *NAMES])))
    return chance.sample(list(enumerate(happened)), count)


def test_every_store_finds_what_a_replay_finds(new_url: Callable[[], str]) -> None:
    happened = random_history(1, 120)
    replay = Replay.of(happened)
    assert len(replay.rows()) > 10
    with GraphTracker(new_url()) as tracker:
        tell(tracker, happened)
        assert wrong(tracker.stale(), replay) == []
        for run_id in ("run-03", "run-17"):
            assert wrong(tracker.stale(run_id), replay, run_id) == []


# -- the rules, by example ---------------------------------------------------------------------------------------------


def stale_after(*happened: Happening, run_id: str | None = None, **options: Any) -> Staleness:
    """What is stale after this happened, an hour each."""
    with GraphTracker(":memory:") as tracker:
        tell(tracker, enumerate(happened))
        return tracker.stale(run_id, **options)


CLEAN, TRAIN = Logged("clean", "rows", "/rows", None), Used("train", "clean", "rows")


def test_a_use_is_superseded_by_a_later_log_at_its_place() -> None:
    staleness = stale_after(CLEAN, TRAIN, Logged("clean-2", "out", "file:///rows", None))
    (use,) = staleness.uses
    assert (use.run_id, use.source_run_id, use.artifact_name, use.place) == ("train", "clean", "rows", "/rows")
    assert (use.used_at, use.renewed_at, use.renewed_by) == (after(1), after(2), ("clean-2", "out"))
    assert (staleness.stale, staleness.runs, staleness.compared) == (True, ("train",), 1)


@pytest.mark.parametrize(
    "happened",
    [
        (CLEAN, Logged("clean-2", "rows", "/rows", None), TRAIN),
        (TRAIN, CLEAN, Logged("clean-2", "rows", "/rows", None)),
        (CLEAN, TRAIN, Logged("clean-2", "rows", "/elsewhere", None)),
        (CLEAN, TRAIN, Logged("train", "rows", "/rows", None)),
        (Logged("clean", "rows", "/rows", "1"), TRAIN, Logged("clean-2", "rows", "/rows", "1")),
        (Used("train", "/rows", None), Logged("clean", "rows", "/rows", None)),
        (Used("train", "clean", "rows"), Logged("clean", "rows", "/rows", None)),
    ],
    ids=[
        "written before it was used",
        "used before it was written",
        "another place",
        "written by the run itself",
        "the same content",
        "an external run",
        "declared at the time",
    ],
)
def test_what_is_not_superseded(happened: tuple[Happening, ...]) -> None:
    staleness = stale_after(*happened)
    assert (staleness.uses, staleness.stale, staleness.runs) == ((), False, ())


def test_what_its_own_run_logged_again_is_superseded_whatever_it_carries() -> None:
    first = Logged("clean", "rows", "/rows", "1")
    assert stale_after(first, TRAIN, first).uses[0].renewed_by == ("clean", "rows")
    assert stale_after(first, TRAIN, first, Logged("clean-2", "rows", "/rows", "1")).stale


def test_of_several_later_logs_the_newest_counts() -> None:
    first, same = Logged("clean", "rows", "/rows", "1"), Logged("back", "rows", "/rows", "1")
    assert not stale_after(first, TRAIN, Logged("bad", "rows", "/rows", "2"), same).uses
    (use,) = stale_after(CLEAN, TRAIN, same, Logged("train", "rows", "/rows", "3")).uses
    assert use.renewed_by == ("back", "rows")


def test_a_whole_run_is_a_use_of_each_of_its_artifacts_unless_one_is_named() -> None:
    logs = (CLEAN, Logged("clean", "log", "/log", None))
    again = (Logged("other", "rows", "/rows", None), Logged("other", "log", "/log", None))
    whole = stale_after(*logs, Used("train", "clean", None), *again)
    assert [(use.artifact_name, use.place) for use in whole.uses] == [(None, "/log"), (None, "/rows")]
    some = stale_after(*logs, Used("train", "clean", None), TRAIN, *again)
    assert [(use.artifact_name, use.place) for use in some.uses] == [("rows", "/rows")]


def test_a_run_is_stale_by_what_it_came_from_and_the_cause_alone_is_listed() -> None:
    happened: list[Happening] = [CLEAN, TRAIN, Logged("train", "model", "/m", None), Used("deploy", "train", "model")]
    happened += [Used("b", "data", None), Logged("clean-2", "rows", "/rows", None)]
    staleness = stale_after(*happened, run_id="deploy")
    assert [(use.run_id, use.distance) for use in staleness.uses] == [("train", 1)]
    assert staleness.runs == ("deploy", "train")
    assert stale_after(*happened, run_id="clean").stale is False


def test_what_was_not_asked_about_is_no_verdict() -> None:
    happened = (CLEAN, TRAIN, Used("deploy", "train", None), Logged("clean-2", "rows", "/rows", None))
    staleness = stale_after(*happened, run_id="deploy", depth=0)
    assert (staleness.stale, staleness.complete, staleness.reasons) == (None, False, frozenset({"depth"}))
    assert stale_after(*happened, run_id="deploy", depth=2).stale is True
    with pytest.raises(IncompleteLineage):
        stale_after(*happened, run_id="deploy", depth=1, strict=True)
    with pytest.raises(InvalidInput):
        stale_after(*happened, depth=1)
    with pytest.raises(RunNotFound):
        stale_after(*happened, run_id="nobody")


def test_staleness_as_a_dict_is_json_in_a_stable_order() -> None:
    staleness = stale_after(CLEAN, TRAIN, Logged("clean-2", "out", "/rows", None))
    assert json.loads(json.dumps(staleness.to_dict())) == staleness.to_dict()
    assert staleness.to_dict() == {
        "stale": True,
        "complete": True,
        "reasons": [],
        "compared": 1,
        "runs": ["train"],
        "uses": [
            {
                "run_id": "train",
                "source_run_id": "clean",
                "artifact_name": "rows",
                "place": "/rows",
                "used_at": "2024-01-01T13:00:00.000000+00:00",
                "renewed_at": "2024-01-01T14:00:00.000000+00:00",
                "renewed_by": ["clean-2", "out"],
                "distance": 0,
            }
        ],
    }


def test_a_notebook_shows_what_is_stale_as_a_table_that_obeys_nobody() -> None:
    bad = "<b>\x1bbad"
    shown = stale_after(Logged(bad, bad, "/rows", None), Used(bad + "c", bad, bad), CLEAN)._repr_html_()
    assert "Staleness: stale, 1 of 1 use out of date, 1 stale run" in shown
    assert "&lt;b&gt;\\u001bbad" in shown
    assert "<b>" not in shown
    assert "cut by depth" in stale_after(CLEAN, TRAIN, run_id="train", depth=0)._repr_html_()


def test_it_says_in_a_line_what_it_is() -> None:
    assert repr(stale_after(CLEAN, TRAIN)) == "<Staleness: not stale, 0 of 1 use out of date>"
    cut = stale_after(CLEAN, TRAIN, run_id="train", depth=0)
    assert repr(cut) == "<Staleness: not known to be stale, 0 of 0 uses out of date, cut by depth>"
    again = Staleness((), ("a", "b"), 1000, frozenset({"unsynced", "depth"}))
    assert repr(again).endswith("0 of 1,000 uses out of date, 2 stale runs, cut by depth, unsynced>")


def test_a_place_that_is_written_every_night_is_asked_about_once() -> None:
    nights = 2_000
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for night in range(nights):
                batch.add_artifact(f"clean-{night:04}", "rows", "/rows")
                batch.add_source(f"train-{night:04}", f"clean-{night:04}", "rows")
        staleness = tracker.stale()
    assert len(staleness.uses) == nights - 1
    assert {use.renewed_by[0] for use in staleness.uses} == {f"clean-{nights - 1:04}"}
