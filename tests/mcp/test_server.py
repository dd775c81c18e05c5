"""The process: nothing but protocol on stdout, many calls at a time, an end at once."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker
from tests.support.agent import agent_on
from tests.support.tools import environment

PATIENCE = 60  # seconds after which a test gives up


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


# -- without the client ------------------------------------------------------------------------------------------------


@pytest.fixture
def process(store: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "graphtracker", "--store", str(store), "mcp"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as started:
        yield started
        started.kill()


def send(process: subprocess.Popen[str], method: str, number: int | None = None, **parameters: Any) -> None:
    assert process.stdin is not None
    message = {"jsonrpc": "2.0", "method": method, "params": parameters} | ({} if number is None else {"id": number})
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def receive(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def begin(process: subprocess.Popen[str]) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    send(process, "initialize", 0, **client)
    assert receive(process)["result"]["serverInfo"]["name"] == "graphtracker"
    send(process, "notifications/initialized")


def call(process: subprocess.Popen[str], number: int, **arguments: Any) -> None:
    send(process, "tools/call", number, name="lineage", arguments=arguments)


def test_every_line_of_stdout_is_a_message_and_stderr_is_empty(process: subprocess.Popen[str]) -> None:
    begin(process)
    assert process.stdin is not None
    process.stdin.write("this is no message\n\n")
    call(process, 1, run_id="train")
    call(process, 2, run_id="nobody")
    call(process, 3, run_id="train", max_nodes=float("inf"))
    send(process, "no/such/method", 4)
    received = [receive(process) for _ in range(4)]
    assert {each["id"] for each in received if "id" in each} >= {1, 2}
    out, _ = process.communicate(timeout=PATIENCE)
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert process.returncode == 0


@pytest.mark.parametrize("waits", [False, True])
def test_it_ends_when_stdin_closes(process: subprocess.Popen[str], store: Path, waits: bool) -> None:
    ends(process, store, waits, lambda: process.stdin.close() if process.stdin else None)
    assert process.returncode == 0


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_by_a_signal(process: subprocess.Popen[str], store: Path, number: signal.Signals, waits: bool) -> None:
    ends(process, store, waits, lambda: process.send_signal(number))
    assert process.returncode == -number


def ends(process: subprocess.Popen[str], store: Path, waits: bool, end: Callable[[], None]) -> None:
    """It ends while a question waits, too: the one who holds the store still does."""
    begin(process)
    if not waits:
        end()
        process.wait(PATIENCE / 2)
        return
    with held(store):
        call(process, 1, run_id="train")
        send(process, "ping", 2)
        assert receive(process)["id"] == 2
        end()
        process.wait(PATIENCE / 2)
    assert process.stderr is not None
    assert process.stderr.read() == ""


def test_without_the_sdk_the_command_names_the_extra(tmp_path: Path) -> None:
    program = "import sys; sys.modules['mcp_types'] = None; from graphtracker.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "mcp"],
        env=environment(tmp_path),
        input="",
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert done.stderr == "graphtracker: graphtracker mcp needs mcp_types; pip install 'graphtracker[mcp]'\n"


def test_a_fault_of_ours_is_told_and_logged_and_the_server_goes_on(store: Path, tmp_path: Path) -> None:
    program = (
        "import graphtracker.mcp.tools as tools, dataclasses\n"
        "broken = dataclasses.replace(tools.TOOLS['stale'], answer=lambda tracker, given: print('noise') or 1 / 0)\n"
        "tools.TOOLS['stale'] = broken\n"
        "from graphtracker.mcp.server import serve\n"
        f"serve({str(store)!r}, '1')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        begin(process)
        send(process, "tools/call", 1, name="stale", arguments={})
        told = receive(process)["result"]
        assert told["isError"]
        assert "ZeroDivisionError" in told["content"][0]["text"]
        call(process, 2, run_id="train")
        assert receive(process)["result"]["isError"] is False
        _, errors = process.communicate(timeout=PATIENCE)
    assert "noise" in errors
    assert "a question was not answered" in errors
