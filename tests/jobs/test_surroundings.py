"""Jobs in rough surroundings: each falls back no further than it must, and what is lost is said."""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import platformdirs
import pytest

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.api import TrackerSource
from graphtracker.spool import writer
from graphtracker.spool.sync import sync
from graphtracker.stores.sqlite.store import SQLiteStore
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import JOB_ID, told
from tests.support.spools import files
from tests.support.tools import environment


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the spools of this user lie that lie nowhere else."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp" / f"graphtracker-spool-{os.getuid()}"


@pytest.fixture
def _homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user id without a name on this machine, whose ``~`` nothing can be made of."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: Path("~/.local/share/graphtracker"))


@pytest.fixture
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a folder for temporary files."""

    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(writer, "tempfile", SimpleNamespace(gettempdir=none))


@pytest.fixture
def _gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder that is gone."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    yield
    os.chdir("/")


# -- folders that are not there ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job", "_homeless")
def test_a_job_without_a_home_keeps_its_events_in_the_temporary_folder(
    temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with create() as tracker:
        tracker.add_metadata("train", lr=0.1)
        assert tracker.metadata("train") == {"lr": 0.1}
    [path] = files(temporary)
    (line,) = told(caplog)
    assert "no home folder" in line
    assert str(path) in line
    assert [done.path for done in sync(dry_run=True)] == [str(path)]


@pytest.mark.usefixtures("_homeless")
def test_without_a_home_the_library_says_what_to_name() -> None:
    with pytest.raises(StoreError, match="GRAPHTRACKER_URL"):
        GraphTracker()
    with pytest.raises(StoreError, match="GRAPHTRACKER_SPOOL"):
        GraphTracker("bolt://127.0.0.1:1", spool=True)


@pytest.mark.usefixtures("_job", "_homeless")
def test_a_store_that_is_named_needs_no_home(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with create(str(tmp_path / "lineage.db")) as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert GraphTracker(tmp_path / "lineage.db").metadata("train") == {"lr": 0.1}
    assert told(caplog) == []


@pytest.mark.usefixtures("_job", "_nowhere")
def test_without_a_temporary_folder_the_spool_that_is_named_takes_the_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path / "volume"))
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
    with create("bolt://127.0.0.1:1") as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert len(files(tmp_path / "volume")) == 1
    assert [done.events for done in sync(dry_run=True)] == [1]
    with GraphTracker("bolt://127.0.0.1:1", spool=tmp_path / "other") as direct:
        direct.add_metadata("train", lr=0.1)


@pytest.mark.usefixtures("_job", "_nowhere", "_homeless")
def test_without_any_folder_a_store_that_works_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with create(str(tmp_path / "lineage.db")) as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert GraphTracker(tmp_path / "lineage.db").metadata("train") == {"lr": 0.1}
    with create("mystery://host") as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert "events are lost" in told(caplog)[-1]


@pytest.mark.usefixtures("_job", "_gone")
def test_in_a_folder_that_is_gone_only_what_is_relative_to_it_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with create(str(tmp_path / "lineage.db")) as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert GraphTracker(tmp_path / "lineage.db").metadata("train") == {"lr": 0.1}
    assert told(caplog) == []
    with create("lineage.db") as tracker:
        tracker.add_metadata("train", lr=0.2)
    (line,) = told(caplog)
    assert "working folder that is gone" in line
    assert len(files(tmp_path / "data" / "graphtracker" / "spool")) == 1
    with pytest.raises(InvalidInput, match="working folder that is gone"):
        GraphTracker("lineage.db")


# -- logging, which is the job's ---------------------------------------------------------------------------------------


SWITCHED_OFF = """
import logging.config, sys
from graphtracker.spool import writer
from graphtracker.torchx import create
tracker = create(sys.argv[1])
logging.config.dictConfig({"version": 1})
assert logging.getLogger("graphtracker").disabled
writer.SpoolWriter.append = lambda *_: False
tracker.add_metadata("train", lr=0.1)
tracker.add_metadata("train", lr=0.2)
"""


def test_a_loss_is_said_also_where_the_job_has_switched_our_logger_off(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWITCHED_OFF, str(tmp_path / "missing" / "lineage.db")],
        env=environment(tmp_path, {"TORCHX_JOB_ID": JOB_ID}), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("events are lost") == 1


class Refusing(logging.Handler):
    """A handler that wants a field of its own on each record."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AttributeError(record.job_id)  # type: ignore[attr-defined]


@pytest.fixture
def _refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler = Refusing()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)


@pytest.mark.usefixtures("_job", "_refusing")
@pytest.mark.parametrize("config", ["good.db", "missing/lineage.db", "mystery://host", "bolt://127.0.0.1:1"])
def test_a_log_handler_that_raises_does_not_make_a_verb_raise(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
    with create(config) as tracker:
        tracker.add_metadata("train", odd=1j)
        tracker.add_source("", "prepare")
        tracker.metadata("train")
        tracker.lineage("train")


@pytest.mark.usefixtures("_refusing")
def test_nor_does_one_of_the_library(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("train", lr=0.1)
        assert tracker.metadata("train") == {"lr": 0.1}


class Recording(logging.Handler):
    """A handler that records what is logged."""

    def __init__(self, tracker: GraphTracker) -> None:
        super().__init__()
        self._tracker = tracker

    def emit(self, record: logging.LogRecord) -> None:
        self._tracker.add_metadata("log", said=record.getMessage())


@pytest.mark.parametrize("name", ["lineage.db", "lineage.spool", ":memory:"])
def test_a_log_handler_may_record(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with GraphTracker(name if name == ":memory:" else tmp_path / name) as tracker:
        handler = Recording(tracker)
        logging.getLogger("graphtracker").addHandler(handler)
        try:
            tracker.add_metadata("train", lr=0.1)
        finally:
            logging.getLogger("graphtracker").removeHandler(handler)
        assert tracker.metadata("train") == {"lr": 0.1}
        if name != ":memory:":  # of which another tracker has told already
            assert "graphtracker records to" in str(tracker.metadata("log")["said"])


# -- the job's own process ---------------------------------------------------------------------------------------------


WITHOUT_SQLITE = """
import sys
sys.modules["_sqlite3"] = None
from torchx.tracker.api import AppRun
run = AppRun.run_from_env()
run.add_metadata(lr=0.1)
list(run.sources())
print("finished")
"""


@pytest.mark.parametrize("config", ["lineage.db", "bolt://127.0.0.1:1"])
def test_on_a_python_without_sqlite_events_wait(config: str, tmp_path: Path) -> None:
    variables = {
        "TORCHX_JOB_ID": JOB_ID, "TORCHX_TRACKERS": "graphtracker", "GRAPHTRACKER_EXIT_TIMEOUT": "0",
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": config,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SQLITE], cwd=tmp_path, env=environment(tmp_path, variables),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "finished\n", done.stderr
    with GraphTracker(tmp_path / "data" / "graphtracker" / "spool") as waiting:
        assert waiting.metadata(JOB_ID) == {"lr": 0.1}


PREEMPTED = """
import os, signal, sys
from graphtracker.stores.sqlite.store import SQLiteStore
from graphtracker.torchx import TorchXTracker, create

tracker = create(sys.argv[1])
step = 0


def handle(*_):
    tracker.add_metadata("train", status="preempted", at=step)
    os._exit(0)


signal.signal(signal.SIGTERM, handle)
tracker.add_metadata("train", started=True)
print("ready", flush=True)
while True:
    step += 1
    tracker.add_metadata("train", step=step)
"""


@pytest.mark.parametrize("place", ["file", "spool"])
def test_what_a_handler_records_before_it_ends_the_job_is_there(place: str, tmp_path: Path) -> None:
    url = str(tmp_path / "lineage.db") if place == "file" else "bolt://127.0.0.1:1"
    variables = {"TORCHX_JOB_ID": JOB_ID, "GRAPHTRACKER_SPOOL": str(tmp_path / "spool")}
    for _ in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", PREEMPTED, url], env=environment(tmp_path, variables), stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGTERM)  # at whatever moment that is
            assert process.wait(60) == 0
        with GraphTracker(url if place == "file" else tmp_path / "spool") as there:
            found = there.metadata("train")
        assert found["status"] == "preempted"
        assert int(str(found["at"])) - int(str(found.get("step", 0))) in (0, 1), (
            "each call is there whole, or not at all"
        )
        if place == "file":
            Path(url).unlink()
        else:
            shutil.rmtree(tmp_path / "spool")


class TooSlow(Exception):
    """What a job raises in a step that takes too long, by an alarm."""


def interrupt(*_: object, **__: object) -> None:
    signal.raise_signal(signal.SIGALRM)


class Slow(Mapping[str, object]):
    """A config that takes too long to read."""

    def __getitem__(self, key: str) -> object:
        interrupt()
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter(["lr"])

    def __len__(self) -> int:
        return 1


class SlowPath:
    def __fspath__(self) -> str:
        interrupt()
        return "/model"


def slow_sources() -> Iterator[TrackerSource]:
    interrupt()
    yield TrackerSource("prepare", "rows")


INTERRUPTED: dict[str, Callable[[TorchXTracker], object]] = {
    "reads a value": lambda tracker: tracker.add_metadata("train", config={"optim": Slow()}),
    "reads metadata": lambda tracker: tracker.add_artifact("train", "model", "/model", Slow()),
    "reads a path": lambda tracker: tracker.add_artifact("train", "model", SlowPath()),
    "reads sources": lambda tracker: tracker.record("train", sources=slow_sources()),
    "writes": lambda tracker: tracker.add_metadata("train", lr=0.1),
}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("how", ["function", "method", "object"])
@pytest.mark.parametrize("what", INTERRUPTED)
def test_what_a_signal_handler_of_the_job_raises_is_the_jobs(
    what: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def too_slow(*_: object) -> None:
        raise TooSlow

    class Watch:
        def ring(self, *_: object) -> None:
            raise TooSlow

        __call__ = ring

    handlers: dict[str, Any] = {"function": too_slow, "method": Watch().ring, "object": Watch()}
    before = signal.signal(signal.SIGALRM, handlers[how])
    try:
        with create(str(tmp_path / "lineage.db")) as tracker:
            if what == "writes":
                monkeypatch.setattr(SQLiteStore, "write", interrupt)
            with pytest.raises(TooSlow):
                INTERRUPTED[what](tracker)
            monkeypatch.undo()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert told(caplog) == []


def test_a_job_that_has_seeded_chance_goes_on_as_without_us(tmp_path: Path) -> None:
    random.seed(7)
    alone = [random.random() for _ in range(3)]
    random.seed(7)
    with GraphTracker(tmp_path / "lineage.db", spool=tmp_path / "spool") as tracker:
        drawn = [random.random()]
        tracker.add_metadata("train", lr=0.1)
        assert tracker.metadata("train") == {"lr": 0.1}
        drawn.append(random.random())
    assert [*drawn, random.random()] == alone
