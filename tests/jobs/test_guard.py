"""A store that fails in a job: one line of log, empty answers, and the job goes on."""

from __future__ import annotations

import pickle
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torchx.tracker.api as torchx_api

from graphtracker import (
    GraphTracker,
    RunNotFound,
    SchemaMismatch,
    StoreError,
    StoreUnavailable,
    api,
)
from graphtracker.stores.sqlite import file as sqlite_file
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import JOB_ID, told
from tests.support.tools import environment

# -- broken stores in a job --------------------------------------------------------------------------------------------


JOB = """
from torchx.tracker.api import AppRun

run = AppRun.run_from_env()
for step in range(50):
    run.add_metadata(step=step, loss=1 / (1 + step))
    run.add_artifact(f"checkpoint-{step}", f"/checkpoints/{step}", {"step": step})
run.add_source("prepare", "rows")
list(run.sources())
print("finished")
"""


def job(
    folder: Path, config: str | Path, script: str = JOB, parent: str = "prepare", **options: Any
) -> subprocess.CompletedProcess[str]:
    """A process that torchx might have launched, with its own AppRun; it has to end well."""
    variables = {
        "TORCHX_JOB_ID": JOB_ID,
        "TORCHX_PARENT_RUN_ID": parent,
        "TORCHX_TRACKERS": "graphtracker",
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(config),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(folder, variables),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that the job logged before it finished."""
    assert done.stdout == "finished\n"
    (line,) = done.stderr.splitlines()
    return line


def test_a_job_on_a_good_store_says_nothing(tmp_path: Path, store: Path) -> None:
    done = job(tmp_path, store)
    assert (done.stdout, done.stderr) == ("finished\n", "")
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID) == {"loss": 0.02, "step": 49}
        assert len(direct.artifacts(JOB_ID)) == 50
        assert direct.sources(JOB_ID) == [api.TrackerSource("prepare", None), api.TrackerSource("prepare", "rows")]


def a_folder(folder: Path) -> Path:
    path = folder / "store"
    path.mkdir()
    return path


def no_database(folder: Path) -> Path:
    path = folder / "notes.txt"
    path.write_text("These are notes, and no database.\n" * 100)
    return path


def of_another_program(folder: Path) -> Path:
    path = folder / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE accounts (name TEXT)")
    connection.commit()
    connection.close()
    return path


def newer(folder: Path) -> Path:
    path = folder / "newer.db"
    with GraphTracker(path) as tracker:
        tracker.add_metadata("before")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    return path


BROKEN: dict[str, tuple[Callable[[Path], Path], type[StoreError]]] = {
    "a folder": (a_folder, StoreError),
    "no database": (no_database, StoreError),
    "of another program": (of_another_program, StoreError),
    "newer": (newer, SchemaMismatch),
    "in a missing folder": (lambda folder: folder / "missing" / "lineage.db", StoreError),
}


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_store_costs_a_job_one_line(kind: str, tmp_path: Path) -> None:
    broken = BROKEN[kind][0](tmp_path)
    before = contents(tmp_path)
    assert str(broken) in one_line(job(tmp_path, broken))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("config", ["mystery://host/db", "sqlite:///x.db?no_such_option=1", "lineage.jsonl/\udcff"])
def test_a_configuration_that_names_no_store_costs_a_job_one_line(config: str, tmp_path: Path) -> None:
    assert "graphtracker" in one_line(job(tmp_path, config))
    assert contents(tmp_path) == {}


def test_a_password_is_not_in_that_line(tmp_path: Path) -> None:
    line = one_line(job(tmp_path, "mystery://ada:secret@host/db"))
    assert "mystery://ada:***@host/db" in line
    assert "secret" not in line


def test_a_store_that_another_writer_holds_costs_a_job_one_line(tmp_path: Path, store: Path) -> None:
    with GraphTracker(store) as direct:
        direct.add_metadata("before")
    holder = sqlite3.connect(store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        line = one_line(job(tmp_path, f"sqlite:///{store}?timeout=0.01"))
    finally:
        holder.close()
    assert "another writer" in line


def test_a_full_disk_costs_a_job_one_line_and_what_came_before_it_stays(tmp_path: Path, store: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # Python ignores SIGXFSZ, so writes fail

    script = JOB.replace("range(50)", "range(2000)")
    line = one_line(job(tmp_path, store, script, preexec_fn=little_room))
    assert str(store) in line
    with GraphTracker(store) as direct:
        kept = direct.artifacts(JOB_ID)
        assert 0 < len(kept) < 2000
        assert list(kept) == sorted(f"checkpoint-{step}" for step in range(len(kept)))


def test_a_disk_without_any_room_costs_a_job_one_line(tmp_path: Path, store: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert str(store) in one_line(job(tmp_path, store, preexec_fn=no_room))


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that every user of this machine may read and nobody but its owner write."""
    folder = Path(tempfile.mkdtemp(prefix="graphtracker-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


# Root may write anywhere, so it becomes nobody, with everything imported that nobody might not be allowed to read.
AS_NOBODY = """
import os
from torchx.tracker.api import build_trackers

(tracker,) = build_trackers({"graphtracker": ":memory:"})
tracker.add_metadata("imported")
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.mark.parametrize("exists", [True, False], ids=["a store to read", "no store yet"])
def test_a_store_that_may_not_be_written_costs_a_job_one_line(exists: bool, readable: Path) -> None:
    store = readable / "lineage.db"
    if exists:
        with GraphTracker(store) as direct:
            direct.add_source(JOB_ID, "earlier")
        store.chmod(0o444)
    before = contents(readable)
    readable.chmod(0o555)
    script = JOB.replace("list(run.sources())", "print([source.parent.id for source in run.sources()])")
    done = job(readable, store, AS_NOBODY + script)
    (line,) = done.stderr.splitlines()
    assert "may not be written" in line
    assert str(store) in line
    assert done.stdout == f"{['earlier'] if exists else []}\nfinished\n"
    assert contents(readable) == before


def test_an_empty_parent_id_costs_a_job_one_line_and_nothing_else(tmp_path: Path, store: Path) -> None:
    assert "empty" in one_line(job(tmp_path, store, parent=""))
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID)["step"] == 49
        assert direct.sources(JOB_ID) == [api.TrackerSource("prepare", "rows")]


@pytest.mark.usefixtures("_job")
def test_a_network_file_system_costs_a_job_one_line(
    tracker: TorchXTracker, store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda path: "nfs4")
    for step in range(10):
        tracker.add_metadata("train", step=step)
    (line,) = told(caplog)
    assert "nfs4" in line
    assert str(store) in line
    assert not store.exists()


def test_a_job_without_a_store_of_its_own_is_told_where_it_records(tmp_path: Path) -> None:
    line = one_line(job(tmp_path, ""))
    assert str(tmp_path / "data" / "graphtracker" / "graphtracker.db") in line
    assert socket.gethostname() in line


# -- answers in a job whose store fails --------------------------------------------------------------------------------


READS: dict[str, tuple[Callable[[TorchXTracker], object], object]] = {
    "artifacts": (lambda tracker: tracker.artifacts("train"), {}),
    "metadata": (lambda tracker: tracker.metadata("train"), {}),
    "sources": (lambda tracker: tracker.sources("train"), []),
    "run_ids": (lambda tracker: tracker.run_ids(), []),
    "lineage": (lambda tracker: tracker.lineage("train").reasons, {"unsynced"}),
    "consumers": (lambda tracker: tracker.consumers("train"), []),
    "find_artifacts": (lambda tracker: tracker.find_artifacts("/model"), []),
    "runs": (lambda tracker: tracker.runs(), []),
    "graph": (lambda tracker: tracker.graph().reasons, {"unsynced"}),
}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("verb", READS)
def test_in_a_job_a_store_that_cannot_be_read_gives_empty_answers(
    verb: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ask, empty = READS[verb]
    tracker = create(str(tmp_path))
    assert ask(tracker) == ask(tracker) == empty
    (line,) = told(caplog)
    assert "is a folder" in line


@pytest.mark.parametrize("kind", ["a folder", "no database", "of another program", "newer"])
@pytest.mark.parametrize("verb", READS)
def test_outside_a_job_it_raises(verb: str, kind: str, tmp_path: Path) -> None:
    make, error = BROKEN[kind]
    broken = make(tmp_path)
    with pytest.raises(error, match=re.escape(str(broken))):
        READS[verb][0](create(str(broken)))


def test_outside_a_job_an_unknown_run_has_no_lineage(tracker: TorchXTracker) -> None:
    with pytest.raises(RunNotFound):
        tracker.lineage("absent")


@pytest.mark.usefixtures("_job")
def test_in_a_job_an_unknown_run_has_an_empty_lineage(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    lineage = tracker.lineage("absent")
    assert (len(lineage), lineage.complete) == (0, True)
    assert isinstance(lineage, torchx_api.Lineage)
    assert told(caplog) == []


@pytest.mark.usefixtures("_job")
def test_a_lineage_after_lost_events_says_unsynced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "later"
    tracker = create(str(folder / "lineage.db"))
    tracker.add_source("train", "prepare")
    assert tracker.lineage("train").reasons == {"unsynced"}
    folder.mkdir()
    tracker.add_metadata("train", lr=0.01)
    lineage = tracker.lineage("train")
    assert set(lineage.runs) == {"train"}
    assert (lineage.complete, lineage.reasons) == (False, {"unsynced"})
    assert isinstance(lineage, torchx_api.Lineage)
    assert len(told(caplog)) == 1
    with create(str(folder / "lineage.db")) as another:
        assert another.lineage("train").complete


@pytest.mark.usefixtures("_job")
def test_the_whole_store_after_lost_events_says_unsynced(store: Path) -> None:
    store.mkdir()
    with create(str(store)) as tracker:
        tracker.add_metadata("train", lost=True)
        store.rmdir()
        tracker.add_metadata("train", kept=True)
        assert set(tracker.graph().runs) == {"train"}
        assert tracker.graph().reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_a_store_that_comes_back_is_used_again(tmp_path: Path, store: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.mkdir()
    with create(str(store)) as tracker:
        tracker.add_metadata("train", lost=True)
        store.rmdir()
        tracker.add_metadata("train", kept=True)
        assert tracker.metadata("train") == {"kept": True}
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_a_job_does_not_wait_again_for_a_store_that_kept_it_waiting(
    store: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def held(self: object, events: object, *, stand: bool) -> None:
        tries.append(1)
        raise StoreUnavailable("held by another writer")

    with create(str(store)) as tracker:
        monkeypatch.setattr(type(tracker._recorder.store), "write", held)
        for step in range(100):
            tracker.add_metadata("train", step=step)
    assert len(tries) == 1
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("config", ["lineage.db", ".", "mystery://host/db"], ids=["good", "broken", "no store"])
def test_a_tracker_goes_to_the_worker_processes_of_a_job(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = create(config)
    tracker.add_metadata("train", lr=0.01)
    worker = pickle.loads(pickle.dumps(tracker))  # noqa: S301  # as multiprocessing's spawn does
    worker.add_metadata("train", worker=1)
    assert worker.metadata("train") == ({"lr": 0.01, "worker": 1} if config == "lineage.db" else {})
    assert worker.lineage("train").complete == (config == "lineage.db")
    assert len(told(caplog)) == (0 if config == "lineage.db" else 1)


# -- batch() in a job --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job")
def test_a_batch_is_written_on_leaving(tracker: TorchXTracker, store: Path, caplog: pytest.LogCaptureFixture) -> None:
    with GraphTracker(store) as other:
        with tracker.batch() as batch:
            for step in range(10):
                batch.add_metadata(f"run {step}", odd=step * 1j)
            batch.add_source("", "prepare")
            assert other.run_ids() == []
        assert len(other.run_ids()) == 10
    assert len(told(caplog)) == 2


@pytest.mark.usefixtures("_job")
def test_a_batch_on_a_broken_store_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tracker = create(str(tmp_path))
    for _ in range(2):
        with tracker.batch() as batch:
            batch.add_metadata("train", lr=0.01)
            assert batch.metadata("train") == {}
            batch.add_source("train", "prepare")
    assert len(told(caplog)) == 1
    assert tracker.lineage("train").reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_the_error_of_a_job_inside_a_batch_is_its_own(tracker: TorchXTracker) -> None:
    def fail() -> None:
        with tracker.batch() as batch:
            batch.add_metadata("train", lr=0.01)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert tracker.run_ids() == []
    tracker.add_metadata("train", lr=0.02)
    assert tracker.metadata("train") == {"lr": 0.02}
