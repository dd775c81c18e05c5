"""An answer stays within its budget, says first whether it is whole, and names calls that give more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from graphtracker import GraphTracker
from graphtracker.mcp.budget import DEFAULT, LARGEST
from tests.mcp.conftest import RUNS
from tests.support.agent import Agent, Told
from tests.support.collected import collected

LARGE: dict[str, tuple[str, dict[str, Any]]] = {
    "find a text": ("find", {"text": "step"}),
    "find all": ("find", {}),
    "find by a filter": ("find", {"where": "seed >= 0", "order_by": "seed"}),
    "show a hub": ("show", {"run_id": "hub"}),
    "show many artifacts": ("show", {"run_id": "wide"}),
    "show many sources": ("show", {"run_id": "reader"}),
    "lineage of a chain": ("lineage", {"run_id": "r0130"}),
    "lineage of a hub": ("lineage", {"run_id": "hub"}),
    "lineage of many sources": ("lineage", {"run_id": "reader", "direction": "upstream"}),
    "lineage of many artifacts": ("lineage", {"run_id": "wide"}),
    "diff": ("diff", {"run_id": "end-a", "other_run_id": "end-b"}),
    "impact on a chain": ("impact", {"run_id": "r0000"}),
    "impact on a hub": ("impact", {"run_id": "hub"}),
    "impact of a path": ("impact", {"path": "/rows"}),
    "stale": ("stale", {}),
    "stale run": ("stale", {"run_id": "reader"}),
    "contrast": ("contrast", {"bad_where": "loss == 1", "good_where": "loss == 0"}),
    "contrast of chains": ("contrast", {"bad": ["r0200", "r0259"]}),
    "between": ("between", {"source": "r0000", "target": "r0259"}),
}
_ROWS = ("found", "pairs", "uses", "explanations", "artifacts", "sources", "consumers", "runs")


def nodes(told: Told) -> list[str]:
    """What counts, each as text: runs and artifacts, or the rows of an answer that has others."""
    tops = [row for key in _ROWS if not (key == "runs" and "uses" in told.data) for row in told.data.get(key, ())]
    card = [told.data["run"]] if "run" in told.data else []
    beside = [
        [row["run_id"], each]
        for row in told.data.get("runs", ())
        if isinstance(row, dict)
        for each in row.get("artifacts", ())
    ]
    return [json.dumps(_identity(each)) for each in (*card, *tops, *beside)]


def _identity(row: Any) -> Any:
    """The row without what hangs on how much is shown."""
    if not isinstance(row, dict):
        return row
    beside = (
        "artifacts",
        "sources",
        "left_out",
        "metadata",
        "more_values",
        "context",
        "only",
        "other_only",
        "nodes",
        "values",
        "paths",
    )
    return {key: value for key, value in row.items() if key not in beside or key == "values"}


@pytest.mark.parametrize("budget", [10, 100])
@pytest.mark.parametrize("case", LARGE)
def test_an_answer_stays_within_its_budget_and_says_first_that_it_is_cut(agent: Agent, case: str, budget: int) -> None:
    tool, arguments = LARGE[case]
    told = agent.answer(tool, **arguments, max_nodes=budget)
    assert len(nodes(told)) <= budget
    assert len(nodes(told)) >= min(budget, 5) or told.data.get("explanations"), "it is no use"
    assert len(told.text.encode()) < 6_000 + 500 * budget
    assert len(json.dumps(told.data)) < 6_000 + 500 * budget
    if not case.startswith("contrast") or budget == 10:
        assert told.left_out
        assert re.search(r"^Left out: .*\d", told.head, re.MULTILINE)
        assert re.search(r"^For more: ", told.head, re.MULTILINE)


def calls(tool: str, arguments: dict[str, Any], told: Told) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those that an answer suggests."""
    larger = re.search(r"max_nodes=(\d+)", told.head)
    if larger:
        yield tool, {**arguments, "max_nodes": int(larger[1])}
    for call in told.data["more"]:
        yield call["tool"], call["arguments"]


@pytest.mark.parametrize("budget", [1, 10, 100])
@pytest.mark.parametrize("case", LARGE)
def test_every_call_that_a_cut_answer_suggests_gives_more(agent: Agent, case: str, budget: int) -> None:
    tool, arguments = LARGE[case]
    told = agent.answer(tool, **arguments, max_nodes=budget)
    suggested = list(calls(tool, {**arguments}, told))
    assert bool(suggested) == told.left_out
    for next_tool, next_arguments in suggested:
        more = agent.answer(next_tool, **next_arguments)
        assert set(nodes(more)) - set(nodes(told)) or more.data["left_out"] != told.data["left_out"], next_arguments


@pytest.mark.parametrize("case", LARGE)
def test_following_the_first_suggestion_ends_with_all_or_with_the_largest_budget(agent: Agent, case: str) -> None:
    tool, arguments = LARGE[case]
    told, budget = agent.answer(tool, **arguments, max_nodes=10), 10
    for _ in range(10):
        larger = re.search(r"max_nodes=(\d+)", told.head)
        if larger is None:
            break
        assert int(larger[1]) > budget
        budget = int(larger[1])
        told = agent.answer(tool, **arguments, max_nodes=budget)
    assert not told.left_out or budget == LARGEST


def test_pages_of_runs_join_to_all_of_them(agent: Agent, tracker: GraphTracker) -> None:
    asked: dict[str, Any] = {"where": "seed >= 0", "order_by": "-seed"}
    told = collected(lambda tool, arguments: agent.answer(tool, **arguments).data, "find", **asked, max_nodes=100)
    assert [row["run_id"] for row in told["found"]] == [run.run_id for run in tracker.runs(**asked)]


@pytest.mark.parametrize("first", ["lineage", "between"])
def test_the_frontier_leads_on_to_the_end(agent: Agent, first: str) -> None:
    asked = (
        {"run_id": "r0100", "direction": "upstream"} if first == "lineage" else {"source": "r0000", "target": "r0100"}
    )
    told = agent.answer(first, **asked, max_nodes=10)
    met = {row["run_id"] for row in told.data["runs"]}
    while told.data["more"]:
        call = told.data["more"][0]
        told = agent.answer(call["tool"], **call["arguments"])
        met |= {row["run_id"] for row in told.data["runs"]}
    assert met == {f"r{number:04}" for number in range(101)}


def test_the_nearest_come_first(agent: Agent) -> None:
    rows = agent.answer("lineage", run_id="r0130", max_nodes=10).data["runs"]
    assert {row["run_id"] for row in rows} == {"r0128", "r0129", "r0130", "r0131", "r0132"}
    assert [row["distance"] for row in rows] == [0, 1, 1, 2, 2]
    assert {row["run_id"]: row.get("left_out") for row in rows} == {
        "r0128": ["upstream"], "r0129": None, "r0130": None, "r0131": None, "r0132": ["downstream"],
    }  # fmt: skip


def test_a_run_with_very_many_artifacts_does_not_keep_its_neighbours_out(tracker: GraphTracker, agent: Agent) -> None:
    told = agent.answer("lineage", run_id="wide", max_nodes=20)
    assert told.data["left_out"] == [f"{RUNS - 19} artifacts"]


def test_without_a_budget_an_answer_is_small(agent: Agent) -> None:
    assert len(nodes(agent.answer("lineage", run_id="hub"))) == DEFAULT


def test_what_is_left_out_is_told_exactly_or_as_the_least_that_it_is(agent: Agent) -> None:
    assert agent.answer("lineage", run_id="hub", max_nodes=20).data["left_out"] == [
        f"{RUNS - 9} runs", f"{RUNS - 9} artifacts", f"{RUNS - 9} sources",
    ]  # fmt: skip
    assert agent.answer("lineage", run_id="hub", max_nodes=2).data["left_out"][0] == "at least 39 runs"


def test_whole_answers_say_so_and_suggest_nothing(agent: Agent) -> None:
    told = agent.answer("show", run_id="train-x7mw")
    assert told.text.startswith("WHOLE ANSWER: 1 run with 2 sources, 0 artifacts, 0 consumers; nothing was left out.\n")
    assert (told.data["complete"], told.data["left_out"], told.data["for_more"], told.data["more"]) == (
        True,
        [],
        [],
        [],
    )
