"""The process without a client: nothing but protocol on stdout, an end at once, and of what it does for others, too."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.mcp.test_server import held
from tests.support.bare_server import PATIENCE, BareServer, bare_server
from tests.support.tools import environment

ENDLESS = """
import dataclasses, fcntl
from graphtracker.mcp.tools import TOOLS

def endless(tracker, given):
    with open("busy") as busy, open("begun", "w") as begun:
        fcntl.flock(busy, fcntl.LOCK_SH)
        print("begun", file=begun, flush=True)
        {work}

TOOLS["stale"] = dataclasses.replace(TOOLS["stale"], answer=endless)
"""
WORK = {
    "in Python": "while True: pass",
    "in SQLite": "import sqlite3; sqlite3.connect(':memory:').execute("
    "'WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT max(a) FROM n').fetchone()",
    "on a server": "import socket; ends = socket.socketpair(); ends[0].recv(1)",
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_source("train", "prepare")
    return tmp_path / "lineage.db"


@pytest.fixture
def server(store: Path, tmp_path: Path) -> Iterator[BareServer]:
    with bare_server(store, tmp_path) as started:
        started.begin()
        yield started


def test_every_line_of_stdout_is_a_message_and_stderr_is_empty(server: BareServer) -> None:
    server.write("this is no message\n\n")
    server.call(1, run_id="train")
    server.call(2, run_id="nobody")
    server.call(3, run_id="train", max_nodes=float("inf"))
    server.send("no/such/method", 4)
    received = [server.receive() for _ in range(4)]
    assert {each["id"] for each in received if "id" in each} >= {1, 2}
    out, _ = server.process.communicate(timeout=PATIENCE)
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert server.process.returncode == 0


def close(server: BareServer) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()


ENDS: dict[str, tuple[Callable[[BareServer], None], int]] = {
    "stdin closes": (close, 0),
    "SIGTERM": (lambda server: server.process.send_signal(signal.SIGTERM), -signal.SIGTERM),
    "SIGINT": (lambda server: server.process.send_signal(signal.SIGINT), -signal.SIGINT),
    "SIGKILL": (lambda server: server.process.kill(), -signal.SIGKILL),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_when_it_has_nothing_to_do(server: BareServer, end: str) -> None:
    ends(server, end)


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_while_a_question_waits_for_a_writer(server: BareServer, store: Path, end: str) -> None:
    with held(store):
        server.call(1, run_id="train")
        server.ping(2)
        ends(server, end)


def ends(server: BareServer, end: str) -> None:
    """It ends, with all that it started: nobody else has its stderr."""
    action, code = ENDS[end]
    action(server)
    assert server.process.wait(PATIENCE) == code
    assert server.errors() == ""


@pytest.fixture
def endless(store: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BareServer]:
    """A server that has been asked five questions, four of which it has begun, and none of which will end."""
    with patched(store, tmp_path, WORK[request.param]) as started:
        for number in range(1, 6):
            started.call(number, "stale")
        with (tmp_path / "begun").open() as begun:
            assert [begun.readline() for _ in range(4)] == ["begun\n"] * 4
        yield started


@contextmanager
def patched(store: Path, folder: Path, work: str) -> Iterator[BareServer]:
    """A server whose tool ``stale`` does this work, with the file ``busy`` locked, once somebody reads ``begun``."""
    (folder / "busy").touch()
    os.mkfifo(folder / "begun")
    with bare_server(store, folder, ENDLESS.format(work=work)) as started:
        started.begin()
        yield started


def wait_until_nobody_is_busy(folder: Path) -> None:
    with (folder / "busy").open() as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)


@pytest.mark.parametrize("endless", WORK, indirect=True)
def test_a_question_that_is_cancelled_ends(endless: BareServer, tmp_path: Path) -> None:
    for number in range(1, 6):
        endless.send("notifications/cancelled", requestId=number)
    endless.call(6, run_id="train")
    while endless.receive().get("id") != 6:
        pass
    wait_until_nobody_is_busy(tmp_path)


@pytest.mark.parametrize("endless", ["in SQLite"], indirect=True)
@pytest.mark.parametrize("end", ENDS)
def test_no_question_outlives_the_server(endless: BareServer, tmp_path: Path, end: str) -> None:
    endless.ping(6)
    ends(endless, end)
    wait_until_nobody_is_busy(tmp_path)


def test_where_the_answering_process_is_ended_by_others_the_next_question_is_answered(
    store: Path, tmp_path: Path
) -> None:
    with patched(store, tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") as server:
        assert "has ended with exit code -9" in fault(server, tmp_path)
        assert answers(server)


def test_a_fault_of_ours_is_told_and_logged_and_the_server_goes_on(store: Path, tmp_path: Path) -> None:
    with patched(store, tmp_path, "print('noise'); 1 / 0") as server:
        assert "ZeroDivisionError" in fault(server, tmp_path)
        assert answers(server)
        close(server)
        errors = server.errors()
    assert "noise" in errors
    assert "a question was not answered" in errors


def fault(server: BareServer, folder: Path) -> str:
    """What the patched tool is told to have answered."""
    server.call(1, "stale")
    (folder / "begun").read_text(encoding="utf-8")
    told = server.receive()["result"]
    assert told["isError"]
    return str(told["content"][0]["text"])


def answers(server: BareServer) -> bool:
    server.call(2, run_id="train")
    return server.receive()["result"]["isError"] is False


def test_nothing_of_the_working_folder_is_run(store: Path, tmp_path: Path) -> None:
    for name in ("json", "graphtracker", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')", encoding="utf-8")
    with bare_server(store, tmp_path, command=["graphtracker"]) as server:
        server.begin()
        assert answers(server)
        close(server)


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
