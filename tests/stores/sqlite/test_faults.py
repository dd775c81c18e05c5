"""A store that fails while it is used, and reads that make nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sized
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    InvalidInput,
    RunNotFound,
    StoreError,
    StoreUnavailable,
)
from tests.support.sqlite_files import READS, WRITES, content, fill, limited, refusal, sql

# -- stores that fail while they are used ------------------------------------------------------------------------------


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another writer's connection to a store of one run."""
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
    connection = sqlite3.connect(tmp_path / "lineage.db", isolation_level=None)
    yield connection
    connection.close()


def test_a_store_that_another_writer_holds_for_longer_than_the_timeout_is_unavailable(
    holder: sqlite3.Connection, tmp_path: Path
) -> None:
    holder.execute("BEGIN IMMEDIATE")
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=0.1") as tracker:
        with pytest.raises(StoreUnavailable, match=r"lineage\.db\?timeout=0\.1' was held .* 0\.1 s.*raise \?timeout="):
            tracker.add_metadata("other")
        assert tracker.run_ids() == ["run"], "a writer hinders no reader"
        holder.execute("COMMIT")
        tracker.add_metadata("other")
        assert tracker.run_ids() == ["other", "run"]


def test_a_store_that_is_held_while_it_is_opened_is_unavailable(tmp_path: Path) -> None:
    sql(tmp_path / "lineage.db", "CREATE TABLE gone (id)", "DROP TABLE gone")
    holder = sqlite3.connect(tmp_path / "lineage.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    tracker = GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=0.1")
    for use in (WRITES["record"], READS["run_ids"]):
        assert type(refusal(tracker, use)) is StoreUnavailable
    holder.close()
    with tracker:
        tracker.add_metadata("run")


def test_a_full_disk_costs_the_call_and_nothing_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lineage.db"
    with monkeypatch.context() as patch, GraphTracker(path) as tracker:
        limited(patch, lambda connection: connection.execute("PRAGMA max_page_count = 30"))
        tracker.add_metadata("before", lr=0.1)
        with pytest.raises(StoreError, match=r"disk .*lineage\.db' is full; make room"):
            tracker.record("too much", metadata={"lr": 0.1, "note": "x" * 200_000})
        assert tracker.run_ids() == ["before"]
        tracker.add_metadata("small", lr=0.1)
    with GraphTracker(path) as tracker:
        tracker.record("too much", metadata={"lr": 0.1, "note": "x" * 200_000})
        assert set(tracker.run_ids()) == {"before", "small", "too much"}


_IN_A_SMALL_DISK = """
import json, resource, signal, sys
from graphtracker import GraphTracker, StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit, unlimited = 200_000, resource.getrlimit(resource.RLIMIT_FSIZE)
acknowledged, tracker = [], GraphTracker(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
try:
    for number in range(1000):
        tracker.add_metadata(f"run-{number:03}", note="x" * 1000)
        acknowledged.append(f"run-{number:03}")
except StoreError as error:
    message = str(error)
held = tracker.run_ids()
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
tracker.add_metadata("after")
tracker.close()
print(json.dumps([message, acknowledged, held]))
"""


def test_a_write_that_the_system_refuses_costs_the_call_and_nothing_before_it(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    program = [sys.executable, "-c", _IN_A_SMALL_DISK, str(path)]
    message, acknowledged, held = json.loads(subprocess.run(program, capture_output=True, check=True).stdout)
    assert str(path) in message
    assert "room" in message
    assert 0 < len(acknowledged) < 1000
    assert sorted(held) == acknowledged
    with GraphTracker(path) as tracker:
        assert sorted(tracker.run_ids()) == ["after", *acknowledged]


def shortened(connection: sqlite3.Connection) -> None:
    """Lets it take values of up to 100 kB; SQLite's own limit is 1 GB."""
    if sys.version_info >= (3, 11):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 lets limits be set since 3.11")
def test_a_value_that_is_too_large_is_refused_and_nothing_of_the_call_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, shortened)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        with pytest.raises(InvalidInput, match=r"lineage\.db' cannot hold .* store a path to it instead"):
            tracker.record("run", metadata={"lr": 0.1, "note": "x" * 200_000}, sources=[])
        assert tracker.run_ids() == []
        tracker.add_metadata("run", lr=0.1)


def test_a_file_that_is_removed_while_it_is_open_takes_no_event_with_it_unsaid(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    folder.mkdir()
    with GraphTracker(folder / "lineage.db") as tracker:
        tracker.add_metadata("before")
        shutil.rmtree(folder)
        folder.mkdir()
        try:
            tracker.add_metadata("after")
            told = None
        except StoreError as error:
            told = str(error)
    with GraphTracker(folder / "lineage.db") as tracker:
        assert told or tracker.run_ids() == ["after"]


# -- reading makes nothing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["lineage.db", "missing/lineage.db"])
def test_a_missing_store_is_empty_and_reading_does_not_make_it(place: str, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / place) as tracker:
        assert not tracker.exists()
        for verb in ("artifacts", "metadata", "sources", "run_ids", "runs", "consumers", "find_artifacts", "graph"):
            answer = READS[verb](tracker)
            assert isinstance(answer, Sized)
            assert len(answer) == 0, verb
        with pytest.raises(RunNotFound, match=r"lineage\.db"):
            tracker.lineage("run")
        with pytest.raises(RunNotFound, match=r"lineage\.db"):
            tracker.run("run")
        tracker.health()
    assert content(tmp_path) == {}


def test_reading_a_store_leaves_it_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path / "lineage.db", 3)
    before = content(tmp_path)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.lineage("run-1")
        tracker.graph()
        tracker.health()
    assert content(tmp_path) == before


def test_a_process_that_records_nothing_leaves_no_file_and_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    threads = threading.active_count()
    for url in (None, "lineage.db", ":memory:"):
        with GraphTracker(url) as tracker, tracker.batch() as batch:
            batch.run_ids()
    assert threading.active_count() == threads
    assert content(tmp_path) == {}


@pytest.mark.parametrize("verb", WRITES)
def test_a_refused_call_makes_no_store(verb: str, tmp_path: Path) -> None:
    others = {"add_artifact": ("model", "model.pt"), "add_source": ("data",)}
    with GraphTracker(tmp_path / "lineage.db") as tracker, pytest.raises(InvalidInput):
        getattr(tracker, verb)("", *others.get(verb, ()))
    assert content(tmp_path) == {}
