"""The server beside its answers: clients of every kind, many calls at a time, pings in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.agent import agent_on
from tests.support.bare_server import PATIENCE


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_source("train", "prepare")
    return tmp_path / "lineage.db"


@contextmanager
def held(store: Path) -> Iterator[None]:
    """A writer that lets nobody read, so that a question waits."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("CREATE TABLE held (a)")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_clients_of_both_generations_of_the_protocol_are_answered(store: Path, tmp_path: Path, mode: str) -> None:
    with agent_on(store, tmp_path, mode=mode) as agent:
        assert agent.answer("lineage", run_id="train").data["start"] == "train"


def test_many_calls_at_the_same_time_are_all_answered(store: Path, tmp_path: Path) -> None:
    with agent_on(store, tmp_path) as agent:
        asked = [agent.begin("lineage", run_id=["train", "prepare", "nobody"][each % 3]) for each in range(60)]
        told = [each.result(PATIENCE) for each in asked]
    assert [each.error for each in told] == [number % 3 == 2 for number in range(60)]
    assert [each.data["start"] for each in told if not each.error] == ["train", "prepare"] * 20


def test_a_question_that_waits_keeps_no_ping_waiting(store: Path, tmp_path: Path) -> None:
    with agent_on(store, tmp_path, mode="legacy") as agent:
        with held(store):
            asked = agent.begin("lineage", run_id="train")
            agent.ping()
            assert not asked.done()
        assert asked.result(PATIENCE).data["complete"]


def test_a_question_that_is_cancelled_leaves_the_server_as_it_was(store: Path, tmp_path: Path) -> None:
    with agent_on(store, tmp_path, mode="legacy") as agent:
        with held(store):
            asked = [agent.begin("lineage", run_id="train") for _ in range(10)]
            agent.ping()
            for each in asked:
                each.cancel()
            for each in asked:
                with pytest.raises(CancelledError):
                    each.result(PATIENCE)
            agent.ping()
        assert agent.answer("show", run_id="train").data["run"]["name"] == "train"
