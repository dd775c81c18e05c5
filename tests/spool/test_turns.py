"""A folder with the spools of many is looked through by one at a time, and what ended processes left is still found."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from graphtracker import GraphTracker
from graphtracker.model.events import Reported, stamps
from graphtracker.spool import delivery, spooled, turns
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.left_behind import Step, left_behind
from graphtracker.spool.lines import to_line
from graphtracker.spool.reader import SpoolReader
from tests.spool.test_rest import wait_until
from tests.support.forking import await_child, fork, needs_fork
from tests.support.spools import files, synced

MANY = turns._FEW + 20


def begun(folder: Path, store: str, run_id: str = "train") -> SpoolFile:
    """The spool of a process that lives."""
    folder.mkdir(exist_ok=True)
    file = SpoolFile(str(folder), store)
    file.append(to_line([Reported(run_id, *stamps(1))]))
    return file


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store.db")


@pytest.fixture
def crowd(folder: Path, store: str) -> Iterator[list[SpoolFile]]:
    """The spools of many processes that live."""
    living = [begun(folder, store) for _ in range(MANY)]
    yield living
    for file in living:
        file.forget()


def look(folder: Path, store: str) -> list[SpoolReader | Step]:
    """The steps of one process, until it is through or is told to come later."""
    steps: list[SpoolReader | Step] = []
    for step in left_behind(str(folder), store):
        steps.append(step)
        if step is Step.LATER:
            break
    return steps


def marks(folder: Path) -> list[Path]:
    return sorted(folder.glob(".looked-*"))


def time_passes(folder: Path) -> None:
    """The looks that were put off are due."""
    for mark in marks(folder):
        os.utime(mark, (time.time() - 1,) * 2)


def test_of_many_processes_one_looks_until_the_next_look_is_due(
    crowd: list[SpoolFile], folder: Path, store: str
) -> None:
    assert look(folder, store) == [Step.PASSED_BY] * MANY
    for _ in range(3):
        assert look(folder, store) == [Step.LATER]
    time_passes(folder)
    assert look(folder, store) == [Step.PASSED_BY] * MANY


@needs_fork
def test_nobody_else_looks_while_another_process_does(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    mine = left_behind(str(folder), store)
    assert next(mine) is Step.PASSED_BY

    def child() -> None:
        assert look(folder, store) == [Step.LATER]

    assert await_child(fork(child)) == 0
    assert list(mine) == [Step.PASSED_BY] * (MANY - 1)


def test_a_folder_of_few_is_looked_through_by_everyone(folder: Path, store: str) -> None:
    living = begun(folder, store)
    for _ in range(3):
        assert look(folder, store) == [Step.PASSED_BY]
    assert marks(folder) == []
    living.forget()


def test_what_is_found_puts_nobody_off(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    for file in crowd:
        file.forget()
    for _ in range(3):
        assert [type(step) for step in look(folder, store)] == [SpoolReader] * MANY


def test_a_look_that_is_broken_off_gives_its_turn_away(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    broken_off = left_behind(str(folder), store)
    assert next(broken_off) is Step.PASSED_BY
    assert look(folder, store) == [Step.LATER]
    del broken_off
    assert look(folder, store) == [Step.PASSED_BY] * MANY


def test_each_store_is_looked_for_in_turns_of_its_own(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    assert look(folder, store) == [Step.PASSED_BY] * MANY
    assert look(folder, "another.db") == [Step.PASSED_BY] * MANY


def test_sync_waits_for_no_turn(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    assert look(folder, store) == [Step.PASSED_BY] * MANY
    crowd.pop().forget()
    assert len([done for done in synced(folder) if done.removed]) == 1


def test_a_clock_that_was_wrong_puts_nobody_off_for_long(crowd: list[SpoolFile], folder: Path, store: str) -> None:
    look(folder, store)
    [mark] = marks(folder)
    os.utime(mark, (time.time() + 1e6,) * 2)
    assert look(folder, store) == [Step.PASSED_BY] * MANY


def test_where_there_are_no_locks_the_time_alone_tells(
    crowd: list[SpoolFile], folder: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int, how: int) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", fail)
    assert look(folder, store) == [Step.PASSED_BY] * MANY
    assert look(folder, store) == [Step.LATER]


@pytest.mark.parametrize("laid_out", ["link", "pipe", "folder", "unwritable"])
def test_whoever_cannot_use_the_mark_looks_at_once(
    laid_out: str, crowd: list[SpoolFile], folder: Path, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(folder, store)
    [mark] = marks(folder)
    mark.unlink()
    other = tmp_path / "other"
    other.write_text("mine", encoding="utf-8")
    os.utime(other, (1, 1))
    if laid_out == "link":
        mark.symlink_to(other)
    elif laid_out == "pipe":
        os.mkfifo(mark)
    elif laid_out == "folder":
        mark.mkdir()
    else:
        mark.touch()
        monkeypatch.setattr(os, "geteuid", lambda: -2)  # it belongs to somebody else
        mark.rename(folder / mark.name.replace(str(os.getuid()), "-2", 1))
    for _ in range(3):
        assert look(folder, store) == [Step.PASSED_BY] * MANY
    assert (other.read_text(encoding="utf-8"), other.stat().st_mtime) == ("mine", 1)


def test_a_process_whose_turn_it_was_not_looks_again_before_it_rests(
    crowd: list[SpoolFile], folder: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_FIRST", 0.0)
    monkeypatch.setattr(delivery, "_IDLE", 0.01)
    monkeypatch.setattr(turns, "_PACE", 1.0)
    look(folder, store)
    dead = begun(folder, store, "dead")
    dead.forget()
    with GraphTracker(store, spool=folder) as tracker:
        tracker.add_metadata("living", step=1)
        wait_until(lambda: tracker._recorder.store not in spooled._active)
        assert tracker.run_ids() == ["living"]
        time_passes(folder)
        tracker.add_metadata("living", step=2)
        wait_until(lambda: Path(dead.path) not in files(folder))
        assert sorted(tracker.run_ids()) == ["dead", "living"]
