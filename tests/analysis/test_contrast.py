"""What bad runs share upstream that good ones lack: every line is the oracle's; the rules by example."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker, InvalidInput
from graphtracker.analysis.contrast import SharedValue
from graphtracker.model.equality import equal
from tests.support.contrast_oracle import Told, lines_of
from tests.support.hostile import obeyed
from tests.support.oracle import Call, Logs, Names, Reports, tell

IDS = ["a", "b", "c", "s3://x/a", "\uff5e", "\U0001f600", "d'\"\\%_", "e"]
NAMES = ["rows", "m"]
ALIKE = [1, 1.0, True, "1", None, math.nan, {}, {"v": 1}, [1], "", 10**30]

_names = st.sampled_from(NAMES)
_metadata = st.dictionaries(st.sampled_from(["k", "rows", "deep"]), st.sampled_from(ALIKE), max_size=2)


@st.composite
def _stores(draw: st.DrawFn) -> list[Call]:
    """Calls about a few runs: few values, which many of them share, stand beside many that are alike."""
    ids = st.sampled_from(IDS[: draw(st.sampled_from([3, 5, 8]))])
    metadata = _metadata | st.fixed_dictionaries({"k": st.sampled_from([1, 2])})
    named = st.builds(Names, ids, ids, st.none() | _names)
    logged = st.builds(Logs, ids, _names, st.sampled_from(["/one", "/two"]), metadata)
    return draw(st.lists(st.one_of(named, named, named, logged, st.builds(Reports, ids, metadata)), min_size=4))


_ladder: list[Call] = [Names(later, earlier, name) for earlier, later in pairwise(IDS) for name in (None, "rows", "m")]


@settings(max_examples=150)
@given(_stores() | _stores().map(lambda calls: _ladder + calls), st.data())
def test_every_line_is_the_oracles(calls: list[Call], data: st.DataObject) -> None:
    """On graphs with cycles, ladders, externals, declared artifacts; whatever is asked, some of it upstream of others;
    cut, too."""
    oracle = Told(tuple(calls))
    asked = data.draw(st.lists(st.sampled_from(sorted(oracle.model.runs)), min_size=1, unique=True), label="asked")
    split = data.draw(st.integers(1, len(asked)), label="how many are bad")
    ignore = data.draw(st.lists(st.sampled_from(["k", "rows.*", "deep.v", "d*"]), max_size=2), label="ignore")
    depth = data.draw(st.none() | st.integers(0, 3), label="depth")
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        found = tracker.contrast(asked[:split], asked[split:], depth=depth, ignore=ignore)
    assert repr(lines_of(found)) == repr(oracle.contrast(asked[:split], asked[split:], ignore, depth))  # nan is itself
    assert (found.bad, found.good) == (tuple(asked[:split]), tuple(asked[split:]))
    assert found.compared == len(found.explanations)


# -- the rules ---------------------------------------------------------------------------------------------------------


def pipelines(tracker: GraphTracker, cleaned: dict[str, bool]) -> None:
    """Name → whether its rows are deduplicated: one preparation and one training of each, made anew."""
    for name, dedupe in cleaned.items():
        path = f"/d/{'one' if dedupe else 'two'}.parquet"
        tracker.record(f"clean-{name}", metadata={"dedupe": dedupe}, artifacts={"rows": path})
        tracker.record(f"train-{name}", metadata={"lr": 0.1}, sources=[(f"clean-{name}", "rows")])


@pytest.fixture
def tracker() -> GraphTracker:
    made = GraphTracker(":memory:")
    pipelines(made, {"a": False, "b": False, "c": True, "d": True})
    return made


def test_what_runs_share_by_value_is_found_though_every_pipeline_ran_anew(tracker: GraphTracker) -> None:
    found = tracker.contrast(["train-a", "train-b"], ["train-c", "train-d"])
    best, other = found.explanations
    assert (best.texts(found.called), best.bad, best.good) == (["dedupe = False", "path /d/two.parquet"], 2, 0)
    assert (best.p, best.distance, best.explains) == (1 / 6, 1, 2)
    assert (other.texts(found.called), other.p, other.explains) == (["own lr = 0.1"], 1, 0)


def test_without_good_runs_it_is_the_nearest_that_all_have(tracker: GraphTracker) -> None:
    found = tracker.contrast(["train-a", "train-b", "train-c"])
    assert [(each.bad, each.p) for each in found.explanations] == [(3, 1), (2, 1)]
    assert found.explanations[0].distance == 0


def test_of_one_bad_run_all_that_it_came_from_is_compared(tracker: GraphTracker) -> None:
    [line] = tracker.contrast("train-a").explanations
    assert line.nodes == ("clean-a", ("clean-a", "rows"))
    assert [str(value) for value in line.values] == ["own lr = 0.1", "dedupe = False"]


def test_a_run_that_another_descends_from_is_a_cause_and_its_values_are_the_others(tracker: GraphTracker) -> None:
    tracker.record("tune", sources=["train-a"])
    [both] = tracker.contrast(["train-a", "tune"]).explanations
    assert both.nodes == ("train-a", "clean-a", ("clean-a", "rows"))
    assert [str(value) for value in both.values] == ["dedupe = False"]  # lr is above tune alone


def test_values_are_compared_as_they_are_equal() -> None:
    with GraphTracker(":memory:") as tracker:
        for number, value in enumerate([1, 1.0, True, "1"]):
            tracker.add_metadata(f"data-{number}", k=value)
            tracker.add_source(f"train-{number}", f"data-{number}")
        found = tracker.contrast([f"train-{number}" for number in range(4)])
    [line] = found.explanations
    assert (line.bad, [value.value for value in line.values]) == (2, [1])
    assert equal(line.values[0].value, 1.0)


def test_values_are_those_of_artifacts_of_one_name_and_as_near_as_the_nearest_that_has_them() -> None:
    with GraphTracker(":memory:") as tracker:
        for run_id, name in (("far", "rows"), ("near", "rows"), ("other", "log")):
            tracker.add_artifact(run_id, name, f"/{run_id}", {"n": 5})
        tracker.add_source("between", "far", "rows")
        tracker.add_source("a", "between")
        tracker.add_source("b", "near", "rows")
        tracker.add_source("c", "other", "log")
        [line] = tracker.contrast(["a", "b", "c"]).explanations
    assert ([str(value) for value in line.values], line.bad, line.distance) == (["rows.n = 5"], 2, 1)


def test_of_what_is_alike_the_nearest_comes_first_then_the_least_by_id_key_or_value() -> None:
    with GraphTracker(":memory:") as tracker:
        sources = {
            "1": ["near", "also near", "a near one"],
            "2": ["near", "a near one", "between"],
            "3": ["also near", "beyond"],
            "between": ["a far"],
            "beyond": ["a far"],
        }
        for consumer, named in sources.items():
            for source in named:
                tracker.add_source(consumer, source)
        tracker.add_metadata("near", k="x", j=None)
        tracker.add_metadata("a near one", k=5)
        first, second, third = tracker.contrast(["1", "2", "3"]).explanations
    assert (first.nodes, second.nodes, third.nodes) == (("a near one", "near"), ("also near",), ("a far",))
    assert [str(value) for value in first.values] == ["j = None", "k = x", "k = 5"]
    assert [each.distance for each in (first, second, third)] == [1, 1, 2]


def test_a_run_on_both_sides_and_no_bad_run_are_refused(tracker: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match="'train-a' is both bad and good, and so is 1 more"):
        tracker.contrast(["train-b", "train-a"], ["train-a", "train-b", "train-c"])
    with pytest.raises(InvalidInput, match="there is no bad run"):
        tracker.contrast([], ["train-a"])


def test_what_forgotten_runs_held_explains_nothing_and_they_still_do(tracker: GraphTracker) -> None:
    tracker.forget(["clean-a", "clean-b"], links=False)
    tracker.add_source("train-b", "clean-a", "rows")
    best = tracker.contrast(["train-a", "train-b"], ["train-c", "train-d"]).explanations[0]
    assert (best.nodes, best.values, best.paths) == (("clean-a", ("clean-a", "rows")), (), ())


# -- planted causes ----------------------------------------------------------------------------------------------------

HISTORIES = 300


def history(source: random.Random, number: int, tracker: GraphTracker) -> tuple[list[str], list[str]]:
    """A pipeline with noise in every value: the bad and the good of 48 trainings.

    Bad are those that used a cleaning with ``mode = broken``, but for one, and one that did not.
    """
    cleaned = [f"{number}/clean-{each}" for each in range(12)]
    broken = set(source.sample(cleaned, 4))
    for run_id in cleaned:
        mode = "broken" if run_id in broken else source.choice(["fast", "slow"])
        noise = {"mode": mode, "seed": source.randrange(5), "cores": source.choice([4, 8])}
        tracker.record(run_id, metadata=noise, artifacts={"rows": f"/{number}/{source.randrange(6)}"})
    bad: list[str] = []
    good: list[str] = []
    for each in range(48):
        used = source.choice(cleaned)
        run_id = f"{number}/train-{each}"
        tracker.record(run_id, metadata={"lr": source.choice([0.1, 0.01])}, sources=[(used, "rows")])
        (bad if used in broken else good).append(run_id)
    good.append(bad.pop())
    bad.append(good.pop(0))
    return bad, good


def test_a_planted_cause_among_noise_comes_first() -> None:
    source = random.Random(17)
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            histories = [history(source, number, batch) for number in range(HISTORIES)]
        best = [tracker.contrast(bad, good).explanations[0] for bad, good in histories]
    assert [number for number, each in enumerate(best) if "mode = broken" not in map(str, each.values)] == []


# -- size --------------------------------------------------------------------------------------------------------------


def test_a_long_chain_and_a_ladder_of_many_paths_are_ordinary_input() -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for step in range(5_000):
                batch.add_source(f"run-{step + 1}", f"run-{step}", None if step % 2 else "left")
                batch.add_source(f"run-{step + 1}", f"run-{step}", "right")
        runs, lefts, rights = 4_989, 2_495, 4_989  # behind run-10, whose artifacts are
        [best, other] = tracker.contrast(["run-5000", "run-4999"], ["run-10"]).explanations
    assert (best.bad, best.good, len(best.nodes)) == (2, 0, runs + lefts + rights)
    assert (other.bad, other.good) == (2, 1)


# -- as data -----------------------------------------------------------------------------------------------------------


def test_a_contrast_in_plain_types_leaves_out_what_is_not_there(tracker: GraphTracker) -> None:
    tracker.add_artifact("clean-a", "rows", "/d/two.parquet", {"n": math.inf})
    tracker.add_source("train-b", "clean-a", "rows")
    found = tracker.contrast(["train-b", "train-a"], ["train-c"])
    as_dict = found.to_dict()
    assert json.loads(json.dumps(as_dict, allow_nan=False)) == as_dict
    assert {key: as_dict[key] for key in as_dict if key != "explanations"} == {
        "bad": ["train-b", "train-a"],
        "good": ["train-c"],
        "compared": 2,
        "complete": True,
        "reasons": [],
    }
    assert as_dict["explanations"][0] == {
        "bad": 2,
        "good": 0,
        "p": 1 / 3,
        "distance": 1,
        "explains": 2,
        "nodes": ["clean-a", ["clean-a", "rows"]],
        "values": [
            {"of": "run", "key": "dedupe", "value": False},
            {"of": "artifact", "artifact_name": "rows", "key": "n", "value": {"$type": "float", "value": "inf"}},
        ],
        "paths": ["/d/two.parquet"],
    }
    assert as_dict["explanations"][1]["values"] == [{"of": "own", "key": "lr", "value": 0.1}]


def test_notebooks_show_a_table_in_which_nothing_acts(tracker: GraphTracker) -> None:
    tracker.add_metadata("clean-a", note="<script>\x1b" * 100)
    shown = tracker.contrast(["train-a"], ["train-c"])._repr_html_()
    assert "what 1 bad run shares upstream that 1 good one lacks" in shown
    assert "dedupe = False" in shown
    assert "<script>" not in shown
    assert not obeyed(shown)


def test_it_says_in_a_line_what_it_is(tracker: GraphTracker) -> None:
    found = tracker.contrast(["train-a", "train-b"], ["train-c"])
    count = found.compared
    assert count > 1
    assert repr(found) == f"<Contrast of 2 bad and 1 good: {count} explanations, the best of p 0.333>"
    cut = tracker.contrast(["train-c"], ["train-a"], depth=0)
    assert repr(cut).endswith(", cut by depth>")
    assert "cut by depth" in cut._repr_html_()


def cells(shown: str) -> list[str]:
    """The last cell of each row, which says what is shared."""
    table = ElementTree.fromstring(shown)  # noqa: S314  # our own table
    return ["".join(row[-1].itertext()) for row in list(table.iter("tr"))[1:]]


def test_a_notebook_cuts_no_word_of_what_is_shared_and_says_how_much_more_there_is(tracker: GraphTracker) -> None:
    for step in range(9):
        tracker.record(f"a-rather-long-name-of-a-step-{step}", metadata={f"of_step_{step}": "a" * 30})
        tracker.add_source("train-a", f"a-rather-long-name-of-a-step-{step}")
    found = tracker.contrast(["train-a"], ["train-c"])
    [*shown, more] = cells(found._repr_html_())[0].split(", ")
    every = found.explanations[0].texts(found.called)
    assert set(shown) <= set(every)
    assert more == f"and {len(every) - len(shown)} more"
    kinds = [" = " in text for text in shown]
    assert {*kinds} == {False, True}


def test_a_notebook_says_so_where_no_name_finds_room() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("bad", "x" * 4000)
        tracker.record("good")
        assert cells(tracker.contrast(["bad"], ["good"])._repr_html_()) == ["1 of long names"]


def test_long_lists_are_told_by_their_nearest(tracker: GraphTracker) -> None:
    for step in range(9):
        tracker.add_source(f"step-{step}", f"step-{step + 1}")
    tracker.add_source("train-a", "step-0")
    found = tracker.contrast(["train-a"], ["train-c"])
    texts = found.explanations[0].texts(found.called, 4)
    assert texts[:5] == ["clean-a", "rows of clean-a", "step-0", "step-1", "and 8 more runs and artifacts"]
    assert len(found.explanations[0].texts(found.called)) == len(texts) + 7


def test_runs_of_one_name_are_told_by_their_ids(tracker: GraphTracker) -> None:
    for host in ("one", "two"):
        tracker.add_source("train-a", f"{host}://x/data")
        tracker.add_source("train-b", f"{host}://x/data")
    tracker.add_source("train-a", "s3://x/other")
    tracker.add_source("train-b", "s3://x/other")
    found = tracker.contrast(["train-a", "train-b"], ["train-c"])
    assert found.explanations[0].texts(found.called)[:3] == ["one://x/data", "other", "two://x/data"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("v2", "v2"), ("a b", "'a b'"), ("1e3", "'1e3'"), (1000.0, "1000.0"), ("True", "'True'"), (True, "True"),
     ("", "''"), ("x, y = 1", "'x, y = 1'"), ([1, "a"], "[1, 'a']"), ("/d/a.b", "/d/a.b")],
)  # fmt: skip
def test_text_that_could_be_taken_for_something_else_is_in_quotes(value: object, said: str) -> None:
    assert str(SharedValue("own", None, "k", value)) == f"own k = {said}"
