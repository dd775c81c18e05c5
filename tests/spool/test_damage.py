"""Damaged spools, and places where none can be written."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import GraphTracker, StoreError
from tests.support.spools import files, leave, left_behind, synced
from tests.support.tools import run


def test_a_torn_last_line_is_passed_over(tmp_path: Path, folder: Path) -> None:
    path = left_behind(tmp_path, folder)
    with path.open("ab") as file:
        file.write(b'[{"run": "half"')
    [done] = synced(folder, to=str(tmp_path / "store.db"))
    assert (done.events, done.trouble, done.removed) == (3, [], True)
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["run-0", "run-1", "run-2"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_damaged_line_is_told_with_its_number_and_kept(tmp_path: Path, folder: Path, number: int) -> None:
    path = left_behind(tmp_path, folder)
    content = path.read_bytes().split(b"\n")
    content[number - 1] = b"\x00\xffgarbage" + content[number - 1][9:]
    path.write_bytes(b"\n".join(content))
    os.utime(path, (0, 0))  # without its header nothing says that its lock can be believed
    store = str(tmp_path / "store.db")
    done = run(tmp_path, "graphtracker", "--store", store, "sync", folder, code=1)
    assert f"line {number}" in done.stderr
    assert str(path) in done.stderr
    assert len(GraphTracker(store).run_ids()) == (3 if number == 1 else 2)
    assert not path.exists()
    assert content[number - 1] in Path(f"{path}.damaged").read_bytes()


def test_a_file_that_is_no_spool_is_told_and_left(tmp_path: Path, folder: Path) -> None:
    folder.mkdir()
    other = folder / "someone.jsonl"
    other.write_text('{"a": 1}\n', encoding="utf-8")
    left_behind(tmp_path, folder)
    done = run(tmp_path, "graphtracker", "sync", folder, "--store", tmp_path / "store.db", code=3)
    assert "someone.jsonl" in done.stderr
    assert "is no spool" in done.stderr
    assert other.read_text(encoding="utf-8") == '{"a": 1}\n'
    assert len(GraphTracker(tmp_path / "store.db").run_ids()) == 3


def test_a_folder_that_cannot_be_written_gives_way_to_the_temporary_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    tracker = GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool")
    for number in range(10):
        tracker.add_metadata("train", step=number)
    [place] = (tmp_path / "tmp").iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert len(files(place)) == 1
    tracker.close()
    assert files(place) == []
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "takes its place" in told[0]
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"step": 9}


def test_without_any_folder_events_go_to_the_store_directly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    tracker = GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool")
    for number in range(10):
        tracker.add_metadata("train", step=number)
        assert GraphTracker(tmp_path / "store.db").metadata("train") == {"step": number}
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 2
    assert "directly" in told[1]


@pytest.mark.usefixtures("left_alone")
def test_a_full_disk_loses_no_other_call_and_is_told(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "data" / "graphtracker" / "spool"
    tracker = GraphTracker(tmp_path / "store.db", spool=True)
    tracker.add_metadata("train", before=1)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[: len(data) // 2]))
    with pytest.raises(StoreError):
        tracker.add_metadata("train", during=2)
    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(time, "monotonic", lambda begun=time.monotonic: begun() + 100)
    tracker.add_metadata("train", after=3)
    assert tracker.metadata("train") == {"after": 3, "before": 1}
    leave(tracker)
    away(False)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    told = run(tmp_path, "graphtracker", "--store", tmp_path / "store.db", "doctor", code=3).stdout
    assert "its process lost 1 event: the store is away" in told
    found = [done for done in synced(folder) if done.trouble]
    assert "lost 1 event" in found[0].trouble[0]
    assert files(folder) == []
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"after": 3, "before": 1}
