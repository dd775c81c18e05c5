"""What cannot be answered is an error that says what to do; the server goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker
from tests.mcp.test_answers import TOOLS
from tests.mcp.test_server import held
from tests.support.agent import Agent, agent_on
from tests.support.unusable_stores import UNUSABLE

MEANT: dict[str, dict[str, Any]] = {
    "find": {"text": "a"},
    "diff": {"run_id": "a", "other_run_id": "b"},
    "contrast": {"bad": ["a"]},
    "between": {"source": "a", "target": "b"},
    **{name: {"run_id": "a"} for name in ("show", "lineage", "impact", "stale")},
}


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("lineage", {}, "lineage needs run_id: A run: its id"),
        ("lineage", {"run_id": None}, "lineage needs run_id"),
        ("lineage", {"run_id": 7}, "run_id must be text, not '7'"),
        ("lineage", {"run_id": ["r0001"]}, "run_id must be text"),
        ("lineage", {"run_id": "r0001", "direction": "up"}, "direction must be one of both, downstream, upstream"),
        ("lineage", {"run_id": "r0001", "depth": -1}, "depth must be a whole number of at least 0, not '-1'"),
        ("lineage", {"run_id": "r0001", "depth": 1.5}, "depth must be a whole number"),
        ("lineage", {"run_id": "r0001", "depth": True}, "depth must be a whole number"),
        ("lineage", {"run_id": "r0001", "max_nodes": 0}, "max_nodes must be a whole number from 1 to 1,000, not '0'"),
        ("lineage", {"run_id": "r0001", "max_nodes": 1001}, "from 1 to 1,000"),
        ("lineage", {"run_id": "r0001", "max_nodes": "50"}, "from 1 to 1,000"),
        ("lineage", {"run_id": "r0001", "as_of": "yesterday"}, "'yesterday' is no time"),
        ("lineage", {"run_id": "r0001", "artifact": "out"}, "did you mean artifact_name?"),
        ("lineage", {"run_id": "r0001", "\x1b[31m": 1}, "has no argument '\\u001b[31m'. It has run_id, "),
        ("lineage", {"run_id": "r0001", "artifact_name": "none"}, "(ArtifactNotFound)"),
        ("lineage", {"run_id": "zzz"}, "look for it with find"),
        ("lineage", {"run_id": "train-"}, "is the beginning of the name of several runs"),
        ("lineage", {"run_id": "r0001", "latest": "yes"}, "latest must be true or false"),
        ("find", {"text": ""}, "what is looked for is empty"),
        ("find", {"text": "a", "where": "lr"}, "leave one of the two out"),
        ("find", {"where": "lr ="}, "(InvalidInput)"),
        ("find", {"where": ["lr"]}, "where must be a filter as text"),
        ("find", {"after": "zzz"}, "(RunNotFound)"),
        ("impact", {}, "give one of run_id and path"),
        ("impact", {"run_id": "hub", "path": "/rows"}, "give one of run_id and path"),
        ("impact", {"path": "/none"}, "no artifact was logged at '/none'"),
        ("stale", {"depth": 1}, "depth is counted from a run"),
        ("diff", {"run_id": "hub"}, "diff() wants another run, or as_of"),
        ("contrast", {}, "bad"),
        ("contrast", {"bad": [1]}, "bad must be text, or a list of texts"),
        ("contrast", {"bad": "hub", "good": "hub"}, "(InvalidInput)"),
        ("between", {"source": "hub"}, "between needs target"),
        ("between", {"source": ["hub"], "target": "r0001"}, "source must be a run, or an artifact as [run, name]"),
        ("forget", {"run_id": "hub"}, "there is no tool 'forget'; the tools are find, show"),
        ("forget", {"run_id": "hub"}, "ERROR, nothing was answered (InvalidInput)."),
    ],
    ids=str,
)
def test_a_bad_argument_is_an_error_that_says_what_to_do(agent: Agent, tool: str, arguments: Any, said: str) -> None:
    assert said in agent.refusal(tool, **arguments)


def test_an_ambiguous_name_lists_what_it_may_be_and_latest_takes_the_newest(agent: Agent) -> None:
    text = agent.refusal("show", run_id="train-")
    assert text.count("local_cwd://torchx/train-") == 2
    assert "latest=True" in text
    assert agent.answer("show", run_id="train-", latest=True).data["run"]["name"].startswith("train-")


def test_a_whole_number_may_be_written_with_a_point(agent: Agent) -> None:
    assert agent.answer("lineage", run_id="r0001", depth=1.0, max_nodes=5.0).data["start"] == "r0001"


@pytest.mark.parametrize("kind", [*UNUSABLE, "missing"])
def test_a_store_that_cannot_be_used_is_an_error_of_each_call(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    make: Any = UNUSABLE.get(kind)
    if make is not None:
        make(path)
    with agent_on(path, tmp_path, mode="legacy") as agent:
        for tool in TOOLS:
            text = agent.refusal(tool, **MEANT[tool])
            assert "Tell the user" in text, text
            assert "store.db" in text
        agent.ping()


def test_a_url_of_no_store_is_an_error_of_each_call(tmp_path: Path) -> None:
    with agent_on("nosuch://store", tmp_path) as agent:
        for _ in range(2):
            text = agent.refusal("find")
            assert "no store for 'nosuch://store'" in text
            assert "Tell the user" in text, "who alone can change what the server was started with"


def test_a_store_that_is_away_is_an_error_and_no_dead_server(tmp_path: Path) -> None:
    with agent_on("bolt://127.0.0.1:1", tmp_path, mode="legacy") as agent:
        assert "(StoreUnavailable)" in agent.refusal("find")
        agent.ping()


def test_a_store_that_a_writer_holds_is_an_error_until_it_lets_go(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
    with agent_on(f"sqlite:///{tmp_path}/lineage.db?timeout=0", tmp_path) as agent:
        with held(tmp_path / "lineage.db"):
            assert "(StoreUnavailable)" in agent.refusal("find")
        assert agent.answer("find").data["found"][0]["run_id"] == "run"


@pytest.fixture
def coming(tmp_path: Path) -> Iterator[tuple[Agent, Path]]:
    with agent_on(tmp_path / "lineage.db", tmp_path) as agent:
        yield agent, tmp_path / "lineage.db"


def test_a_store_that_comes_and_goes_is_there_and_away(coming: tuple[Agent, Path]) -> None:
    agent, path = coming
    assert "there is no store at" in agent.refusal("find")
    assert not path.exists(), "reading makes no store"
    with GraphTracker(path) as tracker:
        tracker.add_metadata("run", lr=0.1)
    assert [row["run_id"] for row in agent.answer("find").data["found"]] == ["run"]
    for file in path.parent.glob("lineage.db*"):
        file.unlink()
    assert "there is no store at" in agent.refusal("find")
    with GraphTracker(path) as tracker:
        tracker.add_metadata("other")
    assert [row["run_id"] for row in agent.answer("find").data["found"]] == ["other"]


def test_an_empty_store_has_whole_answers_of_nothing(coming: tuple[Agent, Path]) -> None:
    agent, path = coming
    with GraphTracker(path) as tracker:
        tracker.add_metadata("run")
        tracker.forget("run")
    assert agent.answer("find").data["found"] == []
    assert agent.answer("find", text="a").data["found"] == []
    assert agent.answer("stale").data["stale"] is False
    assert "(RunNotFound)" in agent.refusal("show", run_id="run")


def test_what_is_recorded_meanwhile_is_in_the_next_answer(coming: tuple[Agent, Path]) -> None:
    agent, path = coming
    with GraphTracker(path) as tracker:
        for number in range(3):
            tracker.add_source("run", f"source-{number}")
            rows = agent.answer("show", run_id="run").data["sources"]
            assert [row["run_id"] for row in rows] == [f"source-{each}" for each in range(number + 1)]


def test_no_call_writes_to_the_store(coming: tuple[Agent, Path]) -> None:
    agent, path = coming
    with GraphTracker(path) as tracker:
        tracker.add_source("b", "a")
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("PRAGMA data_version").fetchone()
        for tool in TOOLS:
            agent.call(tool, **MEANT[tool])
        assert connection.execute("PRAGMA data_version").fetchone() == version
