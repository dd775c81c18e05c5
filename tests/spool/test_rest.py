"""A delivery with nothing to do keeps nothing: no thread, no connection, no file."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.spool import delivery, spooled
from tests.support.spools import files
from tests.support.tools import environment

WAIT = 60


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not reached():
        assert time.monotonic() < deadline


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def descriptors(folder: Path) -> int:
    """How many of this process's descriptors are of files in the folder."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith(str(folder))
        except FileNotFoundError:
            continue
    return count


on_linux = pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="only Linux tells threads and descriptors")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery rests as soon as it has nothing to do."""
    monkeypatch.setattr(delivery, "_IDLE", 0.01)
    monkeypatch.setattr(delivery, "_FIRST", 0.0)


@on_linux
@pytest.mark.usefixtures("impatient")
def test_a_delivery_that_has_nothing_to_do_ends_and_begins_again(tmp_path: Path, folder: Path) -> None:
    before = threads()
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    store = tracker._recorder.store
    for number in range(3):
        tracker.add_metadata("train", number=number)
        wait_until(lambda: threads() == before and store not in spooled._active)
        assert files(folder) == []
        assert descriptors(tmp_path) == 0
    assert tracker.metadata("train") == {"number": 2}
    tracker.close()


@on_linux
@pytest.mark.usefixtures("impatient")
def test_trackers_that_nobody_closes_keep_nothing(tmp_path: Path, folder: Path) -> None:
    before = threads()
    for number in range(30):
        for tracker in (
            GraphTracker(tmp_path / "store.db", spool=folder),
            GraphTracker(tmp_path / "store.db"),
            GraphTracker(tmp_path / "folder.spool"),
        ):
            tracker.add_metadata(f"run-{number}", number=number)
            del tracker
    wait_until(lambda: threads() == before)
    gc.collect()
    assert descriptors(tmp_path) == 0
    with GraphTracker(tmp_path / "store.db") as store:
        assert len(store.run_ids()) == 30


AT_EXIT = """
import atexit
atexit.register(lambda: tracker.add_metadata("late", recorded="by a handler that runs last"))
import sys
from graphtracker import GraphTracker
tracker = GraphTracker(sys.argv[1], spool=sys.argv[2])
tracker.add_metadata("train", lr=0.1)
"""


def at_exit(tmp_path: Path, folder: Path, store: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT, store, str(folder)], env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_what_an_exit_handler_records_after_ours_is_delivered(tmp_path: Path, folder: Path) -> None:
    assert at_exit(tmp_path, folder, str(tmp_path / "store.db")) == ""
    with GraphTracker(tmp_path / "store.db") as store:
        assert set(store.run_ids()) == {"late", "train"}
    assert files(folder) == []


def test_or_it_is_said_where_it_waits(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0.1")
    told = at_exit(tmp_path, folder, "bolt://127.0.0.1:1")
    paths = files(folder)
    assert len(paths) == 2
    for path in paths:
        assert f"graphtracker sync {path}" in told


# What pandas does when it is imported: it imports concurrent.futures, which cannot be once the main thread has ended.
PANDAS = """
import builtins, threading, time
threading._register_atexit(lambda: None)
getattr(builtins, "imports", threading.Event()).set()
deadline = time.monotonic() + float({seconds})
while time.monotonic() < deadline:
    pass
from unittest.mock import MagicMock
def __getattr__(name):
    return MagicMock()
"""

IMPORTS = """
import builtins, os, signal, sys, threading
from graphtracker import GraphTracker
builtins.imports = threading.Event()
tracker = GraphTracker("bolt://127.0.0.1:1", spool=sys.argv[1])
thread = threading.Thread(target=tracker.add_metadata, args=("train",))
thread.start()
builtins.imports.wait()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        import pandas, neo4j
        GraphTracker("bolt://127.0.0.1:1", spool=sys.argv[1]).add_metadata("child")
        os._exit(0)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
os._exit(0)
"""


def with_pandas(folder: Path, seconds: float) -> dict[str, str]:
    package = folder / "modules" / "pandas"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PANDAS.format(seconds=seconds), encoding="utf-8")
    return environment(folder, {"PYTHONPATH": str(package.parent)})


def test_a_child_that_is_forked_while_a_driver_is_imported_may_import_it(tmp_path: Path, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(folder)], env=with_pandas(tmp_path, 0.3), capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[0, 0, 0]\n", "")
    assert len(files(folder)) == 4


SHORT = """
import sys
from graphtracker import GraphTracker
GraphTracker(sys.argv[1], spool=sys.argv[2]).add_metadata("train", lr=0.1)
"""


def test_the_driver_is_imported_before_the_main_thread_ends(tmp_path: Path, folder: Path) -> None:
    program = f"{SHORT}\nassert 'neo4j' in sys.modules and 'pandas' in sys.modules\nprint('imported')"
    done = subprocess.run(
        [sys.executable, "-c", program, "bolt://127.0.0.1:1", str(folder)],
        env=with_pandas(tmp_path, 0) | {"GRAPHTRACKER_EXIT_TIMEOUT": "0"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "imported\n"
