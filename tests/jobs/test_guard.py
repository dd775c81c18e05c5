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
from graphtracker.spool.writer import SpoolWriter
from graphtracker.stores.sqlite import file as sqlite_file
from graphtracker.stores.sqlite.store import SQLiteStore
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import JOB_ID, told
from tests.support.spools import files, synced
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


def check_waits(done: subprocess.CompletedProcess[str], folder: Path, store: str, calls: int = 50) -> str:
    """Two lines say that the events of the job wait, and nothing of them is lost; returns the first."""
    assert done.stdout.splitlines()[-1] == "finished"
    first, last = done.stderr.splitlines()
    assert store in first
    assert "events wait in" in first
    assert "graphtracker sync" in last
    spools = folder / "data" / "graphtracker" / "spool"
    with GraphTracker(spools) as waiting:
        assert waiting.metadata(JOB_ID)["step"] == calls - 1
        assert len(waiting.artifacts(JOB_ID)) == calls
        assert waiting.sources(JOB_ID) == [api.TrackerSource("prepare", None), api.TrackerSource("prepare", "rows")]
    return first


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
    path.write_text("These are notes, and no database.\n" * 100, encoding="utf-8")
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
def test_for_a_broken_store_the_events_of_a_job_wait(kind: str, tmp_path: Path) -> None:
    broken = BROKEN[kind][0](tmp_path)
    before = contents(tmp_path)
    check_waits(job(tmp_path, broken), tmp_path, str(broken))
    assert before.items() <= contents(tmp_path).items()


@pytest.mark.parametrize("config", ["mystery://host/db", "sqlite:///x.db?no_such_option=1", "lineage.jsonl/\udcff"])
def test_for_a_configuration_that_names_no_store_they_wait_for_whoever_names_one(config: str, tmp_path: Path) -> None:
    done = job(tmp_path, config)
    line = one_line(done)
    assert "--store URL" in line
    [path] = files(tmp_path / "data" / "graphtracker" / "spool")
    assert str(path) in line
    assert synced(path, to=str(tmp_path / "named.db"))[0].events == 50 * 3 + 2 + 2  # of its context, and its end
    with GraphTracker(tmp_path / "named.db") as named:
        assert len(named.artifacts(JOB_ID)) == 50


def test_a_password_is_not_in_that_line(tmp_path: Path) -> None:
    done = job(tmp_path, "mystery://ada:secret@host/db")
    assert "mystery://ada:***@host/db" in one_line(done)
    [path] = files(tmp_path / "data" / "graphtracker" / "spool")
    assert b"secret" not in done.stderr.encode() + path.read_bytes()


def test_while_another_writer_holds_the_store_events_wait_and_are_delivered(tmp_path: Path, store: Path) -> None:
    script = JOB.replace(
        "run = AppRun", f"import sqlite3\nfree = sqlite3.connect({str(store)!r}, isolation_level=None)\nrun = AppRun"
    )
    held, freed = script.index("for step"), script.index("run.add_source")
    script = (
        f"{script[:held]}run.add_metadata(first=1)\nfree.execute('BEGIN IMMEDIATE')\n{script[held:freed]}"
        f"free.execute('ROLLBACK')\n{script[freed:]}"
    )
    done = job(tmp_path, f"sqlite:///{store}?timeout=0.01", script)
    (line,) = done.stderr.splitlines()
    assert "another writer" in line
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID) == {"first": 1, "loss": 0.02, "step": 49}
        assert len(direct.artifacts(JOB_ID)) == 50
        assert len(direct.sources(JOB_ID)) == 2
    assert files(tmp_path / "data" / "graphtracker" / "spool") == []


def test_a_store_that_another_writer_holds_to_the_end_leaves_them_in_the_spool(tmp_path: Path, store: Path) -> None:
    with GraphTracker(store) as direct:
        direct.add_metadata("before")
    holder = sqlite3.connect(store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        line = check_waits(job(tmp_path, f"sqlite:///{store}?timeout=0.01"), tmp_path, str(store))
    finally:
        holder.close()
    assert "another writer" in line
    assert [done.trouble for done in synced(tmp_path / "data" / "graphtracker" / "spool")] == [[]]
    with GraphTracker(store) as direct:
        assert len(direct.artifacts(JOB_ID)) == 50


def test_what_a_full_disk_keeps_from_the_store_waits(tmp_path: Path, store: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # Python ignores SIGXFSZ, so writes fail

    script = JOB.replace("range(50)", "range(2000)")
    done = job(tmp_path, store, script, preexec_fn=little_room)
    assert str(store) in done.stderr.splitlines()[0]
    with GraphTracker(store) as direct:
        assert 0 < len(direct.artifacts(JOB_ID)) < 2000
        direct.copy_from(tmp_path / "data" / "graphtracker" / "spool")
        assert len(direct.artifacts(JOB_ID)) == 2000
        assert len(direct.sources(JOB_ID)) == 2


def test_without_room_for_any_file_events_are_lost_and_a_job_is_told(tmp_path: Path, store: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = job(tmp_path, store, preexec_fn=no_room)
    (line,) = [line for line in done.stderr.splitlines() if "events are lost" in line]
    assert str(store) in line
    assert len(done.stderr.splitlines()) == 3, "and one for each folder that was tried"


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that every user of this machine may read and nobody but its owner write."""
    folder = Path(tempfile.mkdtemp(prefix="graphtracker-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def everybodys() -> Iterator[str]:
    """A folder for temporary files that every user may write to."""
    folder = tempfile.mkdtemp(prefix="graphtracker-")
    Path(folder).chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


# Root may write anywhere, so it becomes nobody, with everything imported that nobody might not be allowed to read.
AS_NOBODY = """
import os
import graphtracker.spool.spooled
from torchx.tracker.api import build_trackers

(tracker,) = build_trackers({"graphtracker": ":memory:"})
tracker.add_metadata("imported")
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.mark.parametrize("exists", [True, False], ids=["a store to read", "no store yet"])
def test_for_a_store_that_may_not_be_written_events_wait(exists: bool, readable: Path, everybodys: str) -> None:
    store = readable / "lineage.db"
    if exists:
        with GraphTracker(store) as direct:
            direct.add_source(JOB_ID, "earlier")
        store.chmod(0o444)
    before = contents(readable)
    readable.chmod(0o555)
    script = JOB.replace("list(run.sources())", "print(sorted(source.parent.id for source in run.sources()))")
    done = job(readable, store, f"import tempfile\ntempfile.tempdir = {everybodys!r}\n{AS_NOBODY}{script}")
    (line,) = [line for line in done.stderr.splitlines() if "may not be written" in line]
    assert str(store) in line
    assert everybodys in line
    assert done.stdout == f"{[*(['earlier'] if exists else []), 'prepare', 'prepare']}\nfinished\n"
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
    assert "events wait in" in line
    assert not store.exists()
    assert tracker.metadata("train") == {"step": 9}


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
def test_a_lineage_with_events_that_wait_says_unsynced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "later"
    tracker = create(str(folder / "lineage.db"))
    tracker.add_source("train", "prepare")
    lineage = tracker.lineage("train")
    assert set(lineage.runs) == {"train", "prepare"}
    assert (lineage.complete, lineage.reasons) == (False, {"unsynced"})
    assert isinstance(lineage, torchx_api.Lineage)
    assert tracker.graph().reasons == {"unsynced"}
    folder.mkdir()
    tracker.add_metadata("train", lr=0.01)
    tracker.close()
    assert len(told(caplog)) == 1
    with create(str(folder / "lineage.db")) as another:
        assert another.lineage("train").complete
        assert set(another.lineage("train").runs) == {"train", "prepare"}


@pytest.mark.usefixtures("_job")
def test_answers_after_lost_events_say_unsynced(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.mkdir()
    monkeypatch.setattr(SpoolWriter, "append", lambda *_: False)
    with create(str(store)) as tracker:
        tracker.add_metadata("train", lost=True)
        store.rmdir()
        tracker.add_metadata("train", kept=True)
        assert tracker.metadata("train") == {"kept": True}
        assert tracker.graph().reasons == tracker.lineage("train").reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_a_job_does_not_wait_again_for_a_store_that_kept_it_waiting(
    store: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def held(self: object, events: object, *, said: object) -> None:
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
    good = config == "lineage.db"
    assert worker.metadata("train") == ({"lr": 0.01, "worker": 1} if good else {"worker": 1}), "else in its own spool"
    assert worker.lineage("train").complete == good
    assert len(told(caplog)) == (0 if good else 2)


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
            assert batch.metadata("train") == {"lr": 0.01}
            batch.add_source("train", "prepare")
    assert len(told(caplog)) == 1
    assert tracker.lineage("train").reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_what_a_store_says_acts_on_no_terminal(
    tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("a trigger says \x1b[31m")

    monkeypatch.setattr(SQLiteStore, "write", fail)
    tracker.add_metadata("train")
    assert told(caplog)[-1].endswith("a trigger says \\u001b[31m")


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


# -- copy_from() -------------------------------------------------------------------------------------------------------


def test_a_copy_tells_how_many_events_there_were_and_raises_outside_a_job(tmp_path: Path, store: Path) -> None:
    with GraphTracker(tmp_path / "other.db") as other:
        other.add_metadata("train", lr=0.1)
    with create(str(store)) as tracker:
        assert tracker.copy_from(tmp_path / "other.db") == 2
        assert tracker.metadata("train") == {"lr": 0.1}
        with pytest.raises(StoreError, match="there is no store"):
            tracker.copy_from(tmp_path / "missing.db")


@pytest.mark.usefixtures("_job")
def test_in_a_job_a_copy_of_nothing_copies_nothing(tmp_path: Path, store: Path) -> None:
    with create(str(store)) as tracker:
        assert tracker.copy_from(tmp_path / "missing.db") == 0
