"""When the process of a spool counts as ended."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from graphtracker.model.events import Reported, stamps
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.laid_out import open_plain
from graphtracker.spool.lines import to_line
from tests.support.command import command
from tests.support.spools import lines, reader, synced

RUNS = "its process still runs"
MAY_RUN = "quiet for less than a day, so its process may still run"


@pytest.fixture
def file(tmp_path: Path) -> SpoolFile:
    """The spool of a process that lives."""
    return begun(tmp_path)


def begun(folder: Path) -> SpoolFile:
    file = SpoolFile(str(folder), None)
    file.append(to_line([Reported("train", *stamps(1))]))
    return file


def doubt(file: SpoolFile) -> str | None:
    return reader(Path(file.path)).doubt()


def quiet_for_a_day(file: SpoolFile) -> None:
    os.utime(file.path, (time.time() - 90_000,) * 2)


@pytest.fixture
def other_host(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on this is another host, as a pod is that gets the volume of one that died."""
    return lambda: monkeypatch.setattr(socket, "gethostname", lambda: "another-host")


@pytest.fixture
def on_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphtracker.spool.laid_out.network_file_system", lambda path: "nfs4")


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether the file system has locks."""
    flock = fcntl.flock

    def fail(descriptor: int, how: int) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    return lambda gone: monkeypatch.setattr(fcntl, "flock", fail if gone else flock)


def test_a_process_that_holds_its_lock_runs(file: SpoolFile, other_host: Callable[[], None]) -> None:
    assert lines(Path(file.path))[0]["locked"] is True
    assert doubt(file) == RUNS
    quiet_for_a_day(file)
    assert doubt(file) == RUNS
    other_host()
    assert doubt(file) == RUNS
    file.forget()


@pytest.mark.usefixtures("on_network")
def test_a_process_of_this_host_whose_lock_is_free_has_ended_on_a_network_too(file: SpoolFile) -> None:
    file.forget()
    assert doubt(file) is None


def test_a_process_of_another_host_whose_lock_is_free_has_ended_on_a_local_disk(
    file: SpoolFile, other_host: Callable[[], None]
) -> None:
    file.forget()
    other_host()
    assert doubt(file) is None


@pytest.mark.usefixtures("on_network")
def test_a_process_of_another_host_may_run_for_a_day_on_a_network(
    file: SpoolFile, other_host: Callable[[], None]
) -> None:
    file.forget()
    other_host()
    assert doubt(file) == MAY_RUN
    quiet_for_a_day(file)
    assert doubt(file) is None


def test_a_process_that_got_no_lock_may_run_for_a_day(tmp_path: Path, without_locks: Callable[[bool], None]) -> None:
    without_locks(True)
    file = begun(tmp_path)
    without_locks(False)
    assert lines(Path(file.path))[0]["locked"] is False
    for _ in range(2):  # whether it lives or not
        assert doubt(file) == MAY_RUN
        file.forget()
    quiet_for_a_day(file)
    assert doubt(file) is None


def test_a_reader_that_gets_no_lock_waits_for_a_day(file: SpoolFile, without_locks: Callable[[bool], None]) -> None:
    file.forget()
    without_locks(True)
    assert doubt(file) == MAY_RUN
    quiet_for_a_day(file)
    assert doubt(file) is None


def test_a_file_that_may_only_be_read_is_asked_for_its_lock_too(
    file: SpoolFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: str, flags: int) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_plain(path, flags)

    monkeypatch.setattr("graphtracker.spool.reader.open_plain", read_only)
    assert doubt(file) == RUNS
    file.forget()
    assert doubt(file) is None


def test_what_stands_in_the_way_is_told_in_words(
    tmp_path: Path, file: SpoolFile, other_host: Callable[[], None], on_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path))
    store = str(tmp_path / "store.db")

    def doctor() -> str:
        [line] = [line for line in command("doctor", "--store", ":memory:").out.splitlines() if file.path in line]
        return line

    def sync() -> str:
        return command("sync", "--store", store).out.strip()

    assert f": at most 1 events wait for no store ({RUNS}), " in doctor()
    assert "run `" not in doctor()
    assert sync() == f"{file.path}  1 event to {store}, {RUNS}"
    file.forget()
    other_host()
    assert f": at most 1 events wait for no store ({MAY_RUN}), " in doctor()
    assert sync() == f"{file.path}  1 event to {store}, {MAY_RUN}"
    quiet_for_a_day(file)
    assert ": 1 events wait for no store, " in doctor()
    assert doctor().endswith("run `graphtracker sync --store URL`")
    assert sync() == f"{file.path}  1 event to {store}"


def test_a_spool_that_another_removes_meanwhile_is_passed_by(file: SpoolFile, tmp_path: Path) -> None:
    found = reader(Path(file.path))
    file.forget()
    Path(file.path).unlink()
    assert found.doubt() == "another has delivered it"
    assert found.counted() == 0
    assert synced(tmp_path) == []
