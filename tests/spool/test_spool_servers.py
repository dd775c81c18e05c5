"""Spools whose server is frozen, killed or down, or their job or syncer killed: all is there at last, and once."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from tests.spool.test_spool_processes import acknowledged, check, check_launch, job, launch, read_until
from tests.support.forking import WAIT
from tests.support.needs import missing
from tests.support.neo4j_server import NoServer, Server, running
from tests.support.servers import rows
from tests.support.spools import files
from tests.support.tools import environment, run


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    try:
        with running() as started:
            yield started
    except NoServer as error:
        missing(str(error))


@pytest.fixture
def own_server(_server: Server) -> Server:
    """A server with nothing in it that a test may freeze, kill and end, if it starts it again."""
    with neo4j.GraphDatabase.driver(_server.url) as bare:
        rows(bare, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    return _server


def test_a_frozen_server_holds_up_no_call_and_the_end_for_no_longer_than_the_deadline(
    own_server: Server, tmp_path: Path
) -> None:
    warm = job(tmp_path, own_server.url, "warm", 1)
    warm.communicate(timeout=WAIT)
    own_server.send(signal.SIGSTOP)
    try:
        began = time.monotonic()
        process = job(tmp_path, own_server.url, "own", 2000, GRAPHTRACKER_EXIT_TIMEOUT="2")
        told, logged = process.communicate(timeout=WAIT)
        took = time.monotonic() - began
    finally:
        own_server.send(signal.SIGCONT)
    assert (process.returncode, acknowledged(told)) == (0, 2000)
    assert took < 2 + WAIT / 3  # a hang, not a measure of speed
    calls = sorted(float(line.split()[1]) for line in told.splitlines())
    assert calls[1000] < 0.05
    assert "graphtracker sync" in logged
    assert len(logged.splitlines()) <= 2
    run(tmp_path, "graphtracker", "sync", tmp_path / "spool")
    check(own_server.url, {"warm": 1, "own": 2000})


def test_twenty_kills_of_job_server_or_syncer_lose_and_double_nothing(own_server: Server, tmp_path: Path) -> None:
    chance = random.Random(20)
    done: dict[str, int] = {}
    impatient = f"{own_server.url}?connection_timeout=2"  # so that a kill costs no long wait for who will not answer
    sync = [shutil.which("graphtracker", path=environment(tmp_path)["PATH"]) or "", "sync", str(tmp_path / "spool")]
    for number in range(20):
        own, victim = f"own{number}", ["job", "syncer", "server"][min(2, chance.randrange(8) // 3)]
        told = tmp_path / own
        with told.open("w") as file:
            process = job(tmp_path, impatient, own, 300, told=file, GRAPHTRACKER_EXIT_TIMEOUT="0.2")
        syncer = subprocess.Popen(sync, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        read_until(process, told, chance.randrange(1, 250))
        if victim == "job":
            process.kill()
        elif victim == "syncer":
            syncer.kill()
        else:
            own_server.kill()
        process.communicate(timeout=WAIT)
        syncer.wait(WAIT)
        done[own] = acknowledged(told.read_text(encoding="utf-8"))
        if victim == "server":
            own_server.start()
    assert min(done.values()) < 300 == max(done.values())
    run(tmp_path, "graphtracker", "--store", own_server.url, "sync", tmp_path / "spool")
    check(own_server.url, done)
    run(tmp_path, "graphtracker", "--store", own_server.url, "sync", tmp_path / "spool")
    check(own_server.url, done)
    assert files(tmp_path / "spool") == []


def test_a_launch_whose_server_is_down_loses_nothing(own_server: Server, tmp_path: Path) -> None:
    own_server.stop()
    done = launch(tmp_path, own_server.url)
    handle = done.stdout.strip()
    assert len(files(tmp_path / "spool")) == 4
    assert run(tmp_path, "graphtracker", "--store", tmp_path / "spool", "show", handle).stdout.count("lr = 0.1") == 1
    own_server.start()
    with neo4j.GraphDatabase.driver(own_server.url) as bare:
        for more in (["--keep"], ["--keep"], []):
            run(tmp_path, "graphtracker", "sync", tmp_path / "spool", *more)
            check_launch(own_server.url, handle, bare)
    assert files(tmp_path / "spool") == []
