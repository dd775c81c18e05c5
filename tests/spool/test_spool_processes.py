"""Spools in real processes: however a job ends, each acknowledged event is there once at last."""

from __future__ import annotations

import multiprocessing
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import neo4j
import pytest

from graphtracker import GraphTracker
from tests.recording.test_processes import CONTEXTS, forks_beside_threads, run_all
from tests.support.forking import WAIT, await_child, fork, needs_fork
from tests.support.servers import driver, emptied, rows
from tests.support.spools import files
from tests.support.tools import environment, run

WORK = """
import os, sys, time
from graphtracker import GraphTracker

url, spool, own, count, end = sys.argv[1:]
tracker = GraphTracker(url, spool=spool)
for number in range(int(count)):
    began = time.perf_counter()
    tracker.add_metadata(f"shared-{number % 7}", **{own: number})
    tracker.add_source(f"{own}-{number}", "base", "rows")
    print(number, time.perf_counter() - began, flush=True)
if end == "exit":
    sys.exit()
elif end == "os._exit":
    os._exit(0)
os.kill(os.getpid(), getattr(os, end, 0) or getattr(__import__("signal"), end))
"""


def job(
    folder: Path, url: str, own: str, count: int, end: str = "exit", told: Any = subprocess.PIPE, **more: str
) -> subprocess.Popen[str]:
    """A process that records: of each number, under its own name, metadata of a shared run and a source of its own."""
    command = [sys.executable, "-c", WORK, url, str(folder / "spool"), own, str(count), end]
    return subprocess.Popen(command, env=environment(folder, more), stdout=told, stderr=subprocess.PIPE, text=True)


def acknowledged(told: str) -> int:
    """How many numbers a job was told that they are recorded."""
    return len(re.findall(r"^\d+ [\d.e-]+$", told, re.MULTILINE))


def read_until(process: subprocess.Popen[str], told: Path, count: int) -> None:
    """Returns once the job has told of so many numbers, or has ended."""
    while acknowledged(told.read_text(encoding="utf-8")) < count:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.002)
            return


def check(url: str, done: dict[str, int]) -> None:
    """The store holds all that was acknowledged, each source once, and the last write of each writer."""
    with GraphTracker(url) as tracker:
        lineage = tracker.lineage("base", direction="downstream")
        expected = {f"{own}-{number}" for own, count in done.items() for number in range(count)}
        found = [source.run_id for source in lineage.sources]
        assert len(found) == len(set(found))
        assert expected - set(found) == set()
        # A call that was cut off may have been written, or not.
        extra = {f"{own}-{count}" for own, count in done.items()}
        assert set(found) - expected - extra == set()
        for shared in range(7):
            metadata = tracker.metadata(f"shared-{shared}")
            for own, count in done.items():
                last = max((number for number in range(count) if number % 7 == shared), default=None)
                assert last is None or metadata[own] >= last  # type: ignore[operator]
                assert metadata.get(own) in (last, count)


@pytest.mark.parametrize("end", ["exit", "os._exit", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("place", ["sqlite", "neo4j"])
def test_however_a_process_ends_what_it_recorded_is_not_lost(tmp_path: Path, place: str, end: str) -> None:
    url = emptied() if place == "neo4j" else str(tmp_path / "store.db")
    process = job(tmp_path, url, "own", 50, end, GRAPHTRACKER_EXIT_TIMEOUT=str(WAIT))
    told, logged = process.communicate(timeout=WAIT)
    assert acknowledged(told) == 50
    assert "Traceback" not in logged
    if end == "exit":
        assert process.returncode == 0
        assert files(tmp_path / "spool") == []
    run(tmp_path, "graphtracker", "sync", tmp_path / "spool", code=0) if end != "exit" else None
    check(url, {"own": 50})
    assert files(tmp_path / "spool") == []


def test_a_job_that_records_one_event_and_ends_at_once_delivers_it(tmp_path: Path) -> None:
    url = emptied()
    process = job(tmp_path, url, "own", 1, GRAPHTRACKER_EXIT_TIMEOUT=str(WAIT))
    _, logged = process.communicate(timeout=WAIT)
    assert (process.returncode, logged) == (0, "")
    check(url, {"own": 1})


def test_eight_processes_record_into_one_folder_while_another_syncs(tmp_path: Path) -> None:
    url = str(tmp_path / "store.db")
    jobs = {f"own{number}": job(tmp_path, url, f"own{number}", 1000) for number in range(8)}
    while any(process.poll() is None for process in jobs.values()):
        if (tmp_path / "spool").exists():
            run(tmp_path, "graphtracker", "sync", tmp_path / "spool")
    for process in jobs.values():
        process.communicate(timeout=WAIT)
    assert [process.returncode for process in jobs.values()] == [0] * 8
    run(tmp_path, "graphtracker", "sync", tmp_path / "spool")
    check(url, dict.fromkeys(jobs, 1000))
    assert files(tmp_path / "spool") == []


def test_two_syncs_at_once_are_harmless_and_both_end(tmp_path: Path) -> None:
    for number in range(3):
        job(tmp_path, "bolt://127.0.0.1:1", f"own{number}", 500, "SIGKILL").communicate(timeout=WAIT)
    url = emptied()
    command = [shutil.which("graphtracker", path=environment(tmp_path)["PATH"]) or "", "--store", url, "sync"]
    syncers = [
        subprocess.Popen([*command, str(tmp_path / "spool")], env=environment(tmp_path), stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [syncer.wait(WAIT) for syncer in syncers] == [0, 0]
    check(url, {f"own{number}": 500 for number in range(3)})


# -- forks and workers -------------------------------------------------------------------------------------------------


def _record(tracker: GraphTracker, own: str, count: int) -> None:
    for number in range(count):
        tracker.add_source(f"{own}-{number}", "base", "rows")


def sources(url: str) -> list[str]:
    with GraphTracker(url) as tracker:
        return sorted(source.run_id for source in tracker.graph().sources)


@forks_beside_threads
@pytest.mark.parametrize("method", CONTEXTS)
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_children_of_multiprocessing_deliver_what_they_recorded(method: str, used: bool, tmp_path: Path) -> None:
    url = str(tmp_path / "store.db")
    with GraphTracker(url, spool=tmp_path / "spool") as tracker:
        if used:
            _record(tracker, "parent", 3)
            assert len(tracker.run_ids()) == 3
        run_all(multiprocessing.get_context(method), _record, [(tracker, f"child{number}", 20) for number in range(4)])
        _record(tracker, "late", 2)
    expected = [f"child{number}-{each}" for number in range(4) for each in range(20)] + ["late-0", "late-1"]
    assert sources(url) == sorted(expected + [f"parent-{number}" for number in range(3) if used])
    assert files(tmp_path / "spool") == []


@needs_fork
@forks_beside_threads
def test_a_forked_child_has_a_spool_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
    # The store is away: else the parent, while it goes on, delivers its spool and those of children that have ended.
    with GraphTracker("bolt://127.0.0.1:1", spool=tmp_path / "spool") as tracker:
        _record(tracker, "parent", 5)
        for number in range(3):
            assert await_child(fork(lambda number=number: _record(tracker, f"child{number}", 5))) == 0  # type: ignore[misc]
        _record(tracker, "after", 5)
        left = files(tmp_path / "spool")
        assert len(left) == 4
        assert len({re.split("-", path.name)[-2] for path in left}) == 4
    url = str(tmp_path / "store.db")
    run(tmp_path, "graphtracker", "--store", url, "sync", tmp_path / "spool")
    names = ["parent", "after", "child0", "child1", "child2"]
    assert sources(url) == sorted(f"{name}-{number}" for name in names for number in range(5))


# -- torchx ------------------------------------------------------------------------------------------------------------

SCRIPT = """
import os, sys
from torchx.tracker.api import AppRun

run = AppRun.run_from_env()
run.add_metadata(lr=0.1)
run.add_artifact("model", "/models/a.pt", {"size": 3})
run.add_source("s3://data", "rows")
if "ask" in sys.argv:
    assert {(source.parent.id, source.artifact_name) for source in run.sources()} >= {("s3://data", "rows")}
"""


def launch(folder: Path, url: str, *arguments: str, parent: str = "kubernetes://torchx/lab:prepare-x1") -> Any:
    """A real launch of four replicas, with a store of this URL and a parent as `torchx run` would print it."""
    (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
    (folder / ".torchxconfig").write_text(
        f"[torchx:tracker]\ngraphtracker =\n[tracker:graphtracker]\nconfig = {url}\n", encoding="utf-8"
    )
    of = ["--parent_run_id", parent]
    component = ["utils.python", "--name", "train", "--script", "train.py", "--num_replicas", "4"]
    more = {
        "GRAPHTRACKER_SPOOL": str(folder / "spool"),
        "GRAPHTRACKER_EXIT_TIMEOUT": "20" if "up" in arguments else "1",
    }
    return run(
        folder, "torchx", "run", "--scheduler", "local_cwd", "--wait", *of, *component, "--", *arguments, env=more
    )


def check_launch(url: str, handle: str, bare: neo4j.Driver) -> None:
    with GraphTracker(url) as tracker:
        lineage = tracker.lineage(handle)
        assert {(source.run_id, source.source_run_id, source.artifact_name) for source in lineage.sources} == {
            (handle, "s3://data", "rows"),
            (handle, "kubernetes://torchx/prepare-x1", None),
        }
        assert len(lineage.sources) == 2
        assert lineage.runs[handle].metadata == {"lr": 0.1}
        assert lineage.artifacts[handle, "model"].metadata == {"size": 3}
    assert rows(bare, "MATCH (:Run)-[r:DERIVED_FROM|USED]->() RETURN count(r)") == [[2]]


def test_a_launch_of_four_replicas_is_in_neo4j_once(tmp_path: Path) -> None:
    url = emptied()
    done = launch(tmp_path, url, "up", "ask")
    check_launch(url, done.stdout.strip(), driver("5"))
    assert files(tmp_path / "spool") == []
