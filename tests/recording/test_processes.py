"""Many processes and threads at once, forks, and kills: nothing that was recorded is lost, and nothing fails."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, StoreError
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.support.forking import WAIT, await_child, fork, in_fork, needs_fork
from tests.support.tools import environment

CONTEXTS = [
    pytest.param("fork", marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")),
    "spawn",
]
# Python 3.12 warns of every fork beside threads; that it works with ours is what is tested here.
forks_beside_threads = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def run_all(context: BaseContext, work: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> None:
    """Runs ``work`` in a process for each of these arguments, and fails unless all of them end well."""
    processes = [context.Process(target=work, args=given) for given in arguments]  # type: ignore[attr-defined]
    for process in processes:
        process.start()
    for process in processes:
        process.join(WAIT)
    codes = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
    assert codes == [0] * len(processes)


def run_ids(path: Path) -> set[str]:
    with GraphTracker(path) as tracker:
        return set(tracker.run_ids())


def check_integrity(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


# -- many processes ----------------------------------------------------------------------------------------------------


def _record_many(path: Path, barrier: Any, mine: int, count: int) -> None:
    with GraphTracker(path) as tracker:
        barrier.wait(WAIT)
        for number in range(count):
            tracker.record(
                f"run-{mine}-{number}",
                metadata={"process": mine, "number": number},
                artifacts=[TrackerArtifact("model", f"s3://bucket/{mine}/{number}", {"size": number})],
                sources=[TrackerSource(f"run-{mine - 1}-{number}", "model"), TrackerSource("data", None)],
            )


def test_eight_processes_begin_one_file_at_the_same_moment_and_lose_nothing(tmp_path: Path) -> None:
    processes, count, path = 8, 500, tmp_path / "lineage.db"
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    run_all(context, _record_many, [(path, barrier, mine, count) for mine in range(processes)])
    check_integrity(path)
    with GraphTracker(path) as tracker:
        graph = tracker.graph()
        found = tracker.lineage("run-7-0", direction="upstream")
    runs = {f"run-{mine}-{number}" for mine in range(processes) for number in range(count)}
    externals = {"data", *(f"run--1-{number}" for number in range(count))}
    assert {run_id for run_id, run in graph.runs.items() if not run.external} == runs
    assert {run_id for run_id, run in graph.runs.items() if run.external} == externals
    assert all(
        run.metadata == {"process": int(run_id.split("-")[1]), "number": int(run_id.split("-")[2])}
        for run_id, run in graph.runs.items()
        if not run.external
    )
    assert len(graph.artifacts) == len(runs) + count, "each run's own, and those declared of run--1-..."
    assert len(graph.sources) == 2 * len(runs)
    assert set(found.runs) == {"data", *(f"run-{mine}-0" for mine in range(-1, processes))}


def _name_parent(paths: list[Path], barrier: Any) -> None:
    try:
        for path in paths:
            with GraphTracker(path) as tracker:
                barrier.wait(WAIT)
                tracker.add_source("job", "parent")
    except BaseException:
        barrier.abort()  # so that the others need not wait for this one
        raise


def test_sixteen_processes_that_name_the_same_parent_make_one_edge(tmp_path: Path) -> None:
    paths = [tmp_path / f"lineage-{number}.db" for number in range(10)]  # ten, because beginning a file is a race
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    barrier = context.Barrier(16)
    run_all(context, _name_parent, [(paths, barrier)] * 16)
    for path in paths:
        with GraphTracker(path) as tracker:
            assert tracker.sources("job") == [TrackerSource("parent", None)]
            graph = tracker.graph()
        assert (set(graph.runs), len(graph.sources), len(graph.artifacts)) == ({"job", "parent"}, 1, 0)
        assert graph.runs["parent"].external


# -- kill -9 -----------------------------------------------------------------------------------------------------------

_BUSY = """
import sys
from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
tracker, own = GraphTracker(sys.argv[1]), sys.argv[2]
for number in range(1_000_000):
    run_id = f"{own}-{number}"
    artifacts = [TrackerArtifact("model", f"{run_id}.pt", {"number": number})]
    sources = [TrackerSource(f"{own}-{number - 1}", "model")]
    tracker.record(run_id, metadata={"number": number, "note": "x" * 500}, artifacts=artifacts, sources=sources)
    print(run_id, flush=True)
"""


def kill_after(path: Path, own: str, calls: int) -> list[str]:
    """Kills a busy writer once it has acknowledged so many calls; gives all that it has acknowledged."""
    command = [sys.executable, "-c", _BUSY, str(path), own]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(calls)]
        writer.kill()
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    assert writer.returncode == -signal.SIGKILL
    return acknowledged


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_thirty_times_kill_9_and_every_acknowledged_call_is_there(tmp_path: Path) -> None:
    path, rng = tmp_path / "lineage.db", random.Random(9)
    acknowledged: list[str] = []
    for number in range(30):
        acknowledged += kill_after(path, f"writer-{number}", rng.randrange(1, 60))
        check_integrity(path)
        with GraphTracker(path) as tracker:
            assert set(acknowledged) - set(tracker.run_ids()) == set()
    with GraphTracker(path) as tracker:
        graph = tracker.graph()
    for run_id, run in graph.runs.items():
        if not run.external:
            number = int(run_id.rpartition("-")[2])
            assert run.metadata == {"note": "x" * 500, "number": number}, "a call is there whole"
            assert graph.artifacts[run_id, "model"].metadata == {"number": number}
    consumers = {source.run_id for source in graph.sources}
    assert {run_id for run_id, run in graph.runs.items() if not run.external} == consumers


# -- one tracker in a parent and its children --------------------------------------------------------------------------


def _record_some(tracker: GraphTracker, own: str, count: int) -> None:
    for number in range(count):
        tracker.add_metadata(f"{own}-{number}", number=number)
        tracker.add_source(f"{own}-{number}", "data")
    assert f"{own}-0" in tracker.run_ids()
    tracker.close()


@pytest.mark.parametrize("method", CONTEXTS)
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_a_tracker_goes_on_in_the_processes_that_it_is_given_to(method: str, used: bool, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        if used:
            tracker.add_metadata("parent-before")
        context = multiprocessing.get_context(method)
        run_all(context, _record_some, [(tracker, f"child-{mine}", 20) for mine in range(4)])
        tracker.add_metadata("parent-after")
        children = {f"child-{mine}-{number}" for mine in range(4) for number in range(20)}
        assert set(tracker.run_ids()) == children | {"parent-after"} | ({"parent-before"} if used else set())
    check_integrity(tmp_path / "lineage.db")


@needs_fork
def test_parent_and_forked_child_take_turns(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run", at="parent, first")
        to_parent, to_child = os.pipe(), os.pipe()

        def child() -> None:
            assert tracker.metadata("run") == {"at": "parent, first"}
            tracker.add_metadata("run", at="child")
            os.write(to_parent[1], b".")
            os.read(to_child[0], 1)
            assert tracker.metadata("run") == {"at": "parent, last"}

        pid = fork(child)
        os.read(to_parent[0], 1)
        assert tracker.metadata("run") == {"at": "child"}
        tracker.add_metadata("run", at="parent, last")
        os.write(to_child[1], b".")
        assert await_child(pid) == 0
        for end in (*to_parent, *to_child):
            os.close(end)


@needs_fork
def test_a_grandchild_goes_on_too(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("parent")

        def child() -> None:
            in_fork(lambda: tracker.add_metadata("grandchild, before its parent wrote"))
            tracker.add_metadata("child")
            in_fork(lambda: tracker.add_metadata("grandchild"))

        in_fork(child)
        assert set(tracker.run_ids()) == {"parent", "child", "grandchild", "grandchild, before its parent wrote"}


@needs_fork
@pytest.mark.parametrize("leaving", ["return", "close", "exit"])
def test_a_child_that_ends_takes_nothing_from_its_parent(leaving: str, tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker:
        tracker.add_metadata("parent")

        def child() -> None:
            tracker.add_metadata("child")
            if leaving == "close":
                tracker.close()
            elif leaving == "exit":
                os._exit(0)

        in_fork(child)
        for number in range(50):
            tracker.add_metadata(f"parent-{number}")
        assert run_ids(path) == {"parent", "child", *(f"parent-{number}" for number in range(50))}
    check_integrity(path)


@needs_fork
def test_a_parent_that_closes_takes_nothing_from_its_child(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    tracker = GraphTracker(path)
    tracker.add_metadata("parent")
    to_parent, to_child = os.pipe(), os.pipe()

    def child() -> None:
        tracker.add_metadata("child-0")
        os.write(to_parent[1], b".")
        os.read(to_child[0], 1)
        for number in range(1, 50):
            tracker.add_metadata(f"child-{number}")
        os._exit(0)

    pid = fork(child)
    os.read(to_parent[0], 1)
    tracker.close()
    os.write(to_child[1], b".")
    assert await_child(pid) == 0
    assert run_ids(path) == {"parent", *(f"child-{number}" for number in range(50))}
    check_integrity(path)
    for end in (*to_parent, *to_child):
        os.close(end)


@needs_fork
def test_stamps_of_parent_and_child_differ(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run", before=1)

        def record() -> None:
            for number in range(100):
                tracker.add_metadata("run", last=f"child {number}")

        in_fork(record)
        tracker.add_metadata("run", last="parent")
        assert tracker.metadata("run") == {"before": 1, "last": "parent"}


# -- a fork inside a batch ---------------------------------------------------------------------------------------------


@needs_fork
@pytest.mark.parametrize("leaving", ["falls out of the block", "raises", "exits"])
def test_a_fork_inside_a_batch_leaves_the_parents_events_to_the_parent(leaving: str, tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker:

        def child_in_the_block(batch: GraphTracker) -> None:
            batch.add_metadata("child")
            assert set(batch.run_ids()) == {"child"}, "a read shows what this process has recorded"
            if leaving == "raises":
                raise ValueError(leaving)
            if leaving == "exits":
                os._exit(0)

        with tracker.batch() as batch:
            batch.add_metadata("parent, before")
            pid = fork(lambda: _in_a_batch(batch, child_in_the_block, leaving))
            assert await_child(pid) == 0
            assert run_ids(path) == {"child"}
            batch.add_metadata("parent, after")
        assert set(tracker.run_ids()) == {"parent, before", "child", "parent, after"}


def _in_a_batch(tracker: GraphTracker, work: Callable[[GraphTracker], None], leaving: str) -> None:
    """Does it in a block of the child's own, inside the one that it was forked in."""
    try:
        with tracker.batch() as batch:
            work(batch)
    except ValueError:
        assert leaving == "raises"


@needs_fork
def test_a_child_that_leaves_the_batch_it_was_forked_in_writes_its_own_events(tmp_path: Path) -> None:
    path, parent = tmp_path / "lineage.db", os.getpid()
    tracker = GraphTracker(path)
    try:
        with tracker.batch() as batch:
            batch.add_metadata("parent")
            child = os.fork()
            if child:
                assert await_child(child) == 0
            else:
                batch.add_metadata("child")
        if os.getpid() != parent:
            os._exit(0 if run_ids(path) == {"child"} else 1)
    finally:
        if os.getpid() != parent:
            os._exit(1)
    with tracker:
        assert set(tracker.run_ids()) == {"child", "parent"}


# -- threads -----------------------------------------------------------------------------------------------------------


def in_threads(works: Iterable[Callable[[], None]]) -> None:
    """Runs each in a thread, all beginning at the same moment, and raises what one of them raised."""
    works = list(works)
    barrier, failed = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            barrier.wait(WAIT)
            work()
        except BaseException as error:  # noqa: BLE001  # raised again below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads)
    if failed:
        raise failed[0]


@pytest.mark.parametrize("place", ["file", "memory"])
def test_threads_share_a_tracker(place: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:" if place == "memory" else tmp_path / "lineage.db") as tracker:

        def work(mine: int) -> None:
            for number in range(50):
                run_id = f"run-{mine}-{number}"
                tracker.add_metadata(run_id, mine=mine)
                tracker.add_source(run_id, "data")
                assert tracker.metadata(run_id) == {"mine": mine}
                assert run_id in tracker.lineage("data", direction="downstream").runs

        in_threads(partial(work, mine) for mine in range(6))
        assert set(tracker.run_ids()) == {f"run-{mine}-{number}" for mine in range(6) for number in range(50)}


def test_a_batch_and_the_calls_of_other_threads(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:

        def work(mine: int) -> None:
            with tracker.batch() as batch:
                for number in range(200):
                    batch.add_metadata(f"run-{mine}-{number}", mine=mine)

        with tracker.batch() as batch:
            batch.add_metadata("waits")
            in_threads([lambda: tracker.add_metadata("is written at once")])
            assert run_ids(tmp_path / "lineage.db") == {"is written at once"}
        in_threads(partial(work, mine) for mine in range(4))
        assert len(tracker.run_ids()) == 2 + 800


def test_threads_that_begin_a_store_together_lose_nothing(tmp_path: Path) -> None:
    trackers = [GraphTracker(tmp_path / "lineage.db") for _ in range(8)]
    in_threads(partial(trackers[mine].add_metadata, f"run-{mine}") for mine in range(8))
    for tracker in trackers:
        assert set(tracker.run_ids()) == {f"run-{mine}" for mine in range(8)}
        tracker.close()


@needs_fork
@forks_beside_threads
def test_a_fork_while_another_thread_is_recording(tmp_path: Path) -> None:
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=10") as tracker:
        recorded: list[str] = []
        enough, running = threading.Event(), threading.Event()

        def record() -> None:
            while not enough.is_set():
                tracker.add_metadata(f"thread-{len(recorded)}", number=len(recorded))
                recorded.append(f"thread-{len(recorded)}")
                running.set()

        thread = threading.Thread(target=record)
        thread.start()
        try:
            assert running.wait(WAIT)
            for mine in range(20):
                in_fork(partial(_record_some, tracker, f"child-{mine}", 5))
                tracker.add_metadata(f"parent-{mine}")
        finally:
            enough.set()
            thread.join(WAIT)
        expected = {f"child-{mine}-{number}" for mine in range(20) for number in range(5)}
        assert set(tracker.run_ids()) == expected | {f"parent-{mine}" for mine in range(20)} | set(recorded)
    check_integrity(tmp_path / "lineage.db")


@needs_fork
@forks_beside_threads
def test_a_fork_while_another_thread_reads(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker, tracker.batch() as batch:
        for number in range(500):
            batch.add_source(f"run-{number + 1}", f"run-{number}")
    enough, running = threading.Event(), threading.Event()

    def ask() -> None:
        while not enough.is_set():
            tracker.lineage("run-250")
            running.set()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert running.wait(WAIT)
        for _ in range(10):
            in_fork(lambda: _ask_for_all(tracker))
    finally:
        enough.set()
        thread.join(WAIT)
    tracker.close()


def _ask_for_all(tracker: GraphTracker) -> None:
    assert len(tracker.lineage("run-250").runs) == 501


# -- pickles -----------------------------------------------------------------------------------------------------------


def copied(tracker: GraphTracker) -> GraphTracker:
    again: GraphTracker = pickle.loads(pickle.dumps(tracker))  # noqa: S301  # what this very process pickled
    return again


def test_a_pickled_tracker_is_on_the_same_store(tmp_path: Path) -> None:
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=5") as tracker:
        tracker.add_metadata("run", lr=0.1)
        with copied(tracker) as copy:
            assert copy.url == tracker.url
            assert copy.metadata("run") == {"lr": 0.1}
            copy.add_metadata("run", lr=0.2)
        assert tracker.metadata("run") == {"lr": 0.2}


def test_a_tracker_pickled_inside_a_batch_leaves_the_batch_behind(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        with tracker.batch() as batch:
            batch.add_metadata("waits")
            with copied(batch) as copy:
                copy.add_metadata("copy")
                assert copy.run_ids() == ["copy"]
        assert set(tracker.run_ids()) == {"waits", "copy"}


@pytest.mark.parametrize("used", [False, True])
def test_a_memory_store_belongs_to_one_process(used: bool) -> None:
    with GraphTracker(":memory:") as tracker:
        if used:
            tracker.add_metadata("run")
        with pytest.raises(StoreError, match="use a file"):
            pickle.dumps(tracker)


@needs_fork
def test_a_memory_store_says_so_in_a_forked_child_and_stays_in_its_parent() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_metadata("run")

        def child() -> None:
            with pytest.raises(StoreError, match="use a file"):
                tracker.add_metadata("child")
            with pytest.raises(StoreError, match="use a file"):
                tracker.run_ids()

        in_fork(child)
        assert tracker.run_ids() == ["run"]


AT_EXIT = """
import atexit, sys
atexit.register(lambda: tracker.add_metadata("late", recorded="by a handler that runs last"))
from graphtracker import GraphTracker
tracker = GraphTracker(sys.argv[1])
tracker.add_metadata("train")
"""


@pytest.mark.parametrize("name", ["lineage.db", "lineage.spool"])
def test_an_exit_handler_may_record_after_everything_of_ours_has_ended(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    done = subprocess.run([sys.executable, "-c", AT_EXIT, path], env=environment(tmp_path), stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run_ids(path) == {"late", "train"}
