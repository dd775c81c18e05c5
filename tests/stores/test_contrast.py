"""The verb: what it compares is what a store holds in one view, chosen by ids, by filters, or by both."""

from __future__ import annotations

from typing import Any

import pytest

from graphtracker import GraphTracker, IncompleteLineage, InvalidInput, RunNotFound
from tests.support.contrast_oracle import Told, lines_of
from tests.support.oracle import Call, Logs, Names, Reports, tell

# A cycle (mix, loop), a run that another of those asked about descends from, an external, a declared artifact.
CALLS: list[Call] = [
    *(Names(f"clean-{n}", "s3://lake/events", None) for n in "abcd"),
    *(Reports(f"clean-{n}", {"dedupe": n in "cd", "cfg": {"n": 1.0 if n == "a" else 1}}) for n in "abcd"),
    *(Logs(f"clean-{n}", "rows", "/d/one" if n in "cd" else "/d/two", {"n": 5}) for n in "abcd"),
    *(Names(f"train-{n}", f"clean-{n}", "rows") for n in "abcd"),
    *(Reports(f"train-{n}", {"loss": 0.9 if n in "ab" else 0.1, "lr": 0.1}) for n in "abcd"),
    *(Logs(f"train-{n}", "model", f"/m/{n}", {"loss": n in "ab"}) for n in "abcd"),
    *(Names("train-d", "mix", None), Names("mix", "loop", None), Names("loop", "mix", "nobody logged it")),
    *(Names("tune", "train-b", None), Reports("tune", {"lr": 0.1, "loss": 0.8})),
]


@pytest.fixture
def told(tracker: GraphTracker) -> GraphTracker:
    tell(tracker, CALLS)
    return tracker


def test_every_store_answers_as_the_oracle(told: GraphTracker) -> None:
    oracle = Told(tuple(CALLS))
    bad, good = ["train-a", "train-b", "tune"], ["train-c", "train-d", "loop"]
    for depth in (None, 0, 1):
        found = told.contrast(bad, good, depth=depth, ignore=["loss"])
        assert lines_of(found) == oracle.contrast(bad, good, ["loss"], depth)
        assert found.reasons == ({"depth"} if depth is not None else set())
    by_filters = told.contrast(bad_where="loss > 0.5", good=["loop"], good_where={"loss": 0.1})
    assert set(by_filters.bad) == set(bad)
    assert set(by_filters.good) == set(good)
    assert sorted(lines_of(by_filters)) == sorted(lines_of(told.contrast(bad, good, ignore=["loss"])))
    with pytest.raises(IncompleteLineage):
        told.contrast(bad, depth=1, strict=True)
    with pytest.raises(RunNotFound, match="nobody"):
        told.contrast(bad, ["nobody"])


@pytest.fixture
def memory() -> GraphTracker:
    made = GraphTracker(":memory:")
    tell(made, CALLS)
    return made


def test_a_run_may_be_given_itself_or_alone_or_twice(memory: GraphTracker) -> None:
    train = memory.run("train-a")
    assert memory.contrast(train).bad == memory.contrast("train-a").bad == memory.contrast([train, "train-a"]).bad


def test_the_keys_of_filters_are_no_causes(memory: GraphTracker) -> None:
    found = memory.contrast(bad_where="loss > 0.5", good_where="loss < 0.5")
    assert {value.key for each in found.explanations for value in each.values} == {"dedupe", "cfg.n", "n", "lr"}
    named = memory.contrast(found.bad, found.good)
    assert "loss" in {value.key for each in named.explanations for value in each.values}


def test_a_run_that_matches_both_sides_is_refused(memory: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match="'train-a' is both bad and good"):
        memory.contrast("train-a", good_where="lr == 0.1")


@pytest.mark.parametrize("asked", [{}, {"bad_where": "loss > 7"}, {"good": "train-a"}], ids=str)
def test_without_a_bad_run_there_is_nothing_to_explain(asked: dict[str, Any], memory: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match="there is no bad run"):
        memory.contrast(**asked)


@pytest.mark.parametrize("asked", [{"depth": -1}, {"ignore": [1]}, {"bad_where": "loss >"}, {"bad": [""]}], ids=str)
def test_odd_questions_are_refused(asked: dict[str, Any], memory: GraphTracker) -> None:
    with pytest.raises(InvalidInput):
        memory.contrast(**{"bad": ["train-a"], **asked})
