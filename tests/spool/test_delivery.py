"""Delivery behind the job: all of it, once, also from stores that come and go."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from graphtracker import GraphTracker, InvalidInput, StoreError
from graphtracker.model.events import Event
from graphtracker.stores.sqlite.store import SQLiteStore
from tests.support.command import command
from tests.support.oracle import Call, tell
from tests.support.spools import content, files, leave, left_behind, lines, recorded_for, synced
from tests.support.strategies import STORE_PER_EXAMPLE, histories


def test_what_was_recorded_is_delivered_and_the_spool_is_gone(tmp_path: Path, folder: Path) -> None:
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        for number in range(1000):
            tracker.add_source(f"run-{number}", "data", "rows")
        assert tracker.lineage("data").complete
        assert len(tracker.run_ids()) == 1000
    assert files(folder) == []
    with GraphTracker(tmp_path / "store.db") as tracker:
        assert len(tracker.run_ids()) == 1000


@STORE_PER_EXAMPLE
@given(histories)
def test_a_spooled_store_is_the_same_as_one_written_directly(tmp_path_factory: Any, calls: list[Call]) -> None:
    folder = tmp_path_factory.mktemp("example")
    with GraphTracker(":memory:") as direct, GraphTracker(folder / "store.db", spool=folder / "spool") as spooled:
        tell(direct, calls)
        tell(spooled, calls)
        assert content(direct.graph()) == content(spooled.graph())


def test_a_store_that_is_away_is_tried_again_and_told_once(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    for number in range(100):
        tracker.add_metadata("train", step=number)
    for _ in range(3):
        assert tracker.metadata("train") == {"step": 99}
    away(False)
    deadline = time.monotonic() + 60
    while not tracker.lineage("train").complete and time.monotonic() < deadline:
        pass
    tracker.close()
    told = [record for record in caplog.records if "cannot deliver" in record.message]
    assert len(told) == 1
    assert "the store is away" in told[0].message
    assert files(folder) == []


def test_what_a_store_says_acts_on_nobodys_terminal(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: SQLiteStore, events: list[Event]) -> None:
        raise StoreError("a trigger says \x1b]0;owned\x07")

    path = left_behind(tmp_path, folder, 1)
    recorded_for(path, tmp_path / "store.db")
    monkeypatch.setattr(SQLiteStore, "write", fail)
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_metadata("train")
    deadline = time.monotonic() + 60
    while "cannot deliver" not in caplog.text and time.monotonic() < deadline:
        pass
    leave(tracker)
    done = command("sync", str(folder))
    for text in (caplog.text, done.out, done.err):
        assert "\x1b" not in text
    assert "a trigger says \\u001b]0;owned\\u0007" in caplog.text
    assert "a trigger says \\u001b]0;owned\\u0007" in done.err


def test_what_could_not_be_delivered_stays_and_the_log_says_how_to(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0.1")
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_metadata("train", lr=0.1)
    tracker.close()
    [path] = files(folder)
    assert f"graphtracker sync {path}" in caplog.records[-1].message
    away(False)
    [done] = synced(folder)
    assert (done.events, done.removed, done.trouble) == (1, True, [])
    assert files(folder) == []
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"lr": 0.1}


def test_a_tracker_may_be_closed_while_other_threads_record(tmp_path: Path, folder: Path) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)

    def record(mine: int) -> None:
        for number in range(500):
            tracker.add_metadata(f"run-{mine}", **{f"key-{number}": number})

    threads = [threading.Thread(target=record, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        tracker.close()
    tracker.close()
    assert files(folder) == []
    with GraphTracker(tmp_path / "store.db") as store:
        assert [len(store.metadata(f"run-{mine}")) for mine in range(4)] == [500] * 4


def test_an_interrupt_takes_half_a_call_away(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_metadata("train", before=1)
    write = os.write

    def interrupted(descriptor: int, data: bytes) -> int:
        write(descriptor, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tracker.add_metadata("train", during=2)
    monkeypatch.setattr(os, "write", write)
    tracker.add_metadata("train", after=3)
    tracker.close()
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"after": 3, "before": 1}
    assert files(folder) == []


def test_the_next_process_delivers_what_an_ended_one_left(tmp_path: Path, folder: Path) -> None:
    for name in ("store", "other"):
        path = left_behind(tmp_path, tmp_path / name, 1)
        folder.mkdir(exist_ok=True)
        recorded_for(path, tmp_path / f"{name}.db").rename(folder / path.name)
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        tracker.add_metadata("second")
        deadline = time.monotonic() + 60
        while len(tracker.run_ids()) < 2 and time.monotonic() < deadline:
            pass
        assert sorted(tracker.run_ids()) == ["run-0", "second"]
    [left] = files(folder)
    assert lines(left)[0]["store"] == str(tmp_path / "other.db")


@pytest.mark.usefixtures("left_alone")
def test_an_event_that_the_store_refuses_holds_nothing_else_up(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = SQLiteStore.write

    def fail(self: SQLiteStore, events: list[Event]) -> None:
        if any(event[0] == "poison" for event in events):
            raise InvalidInput("this one is refused")
        write(self, events)

    monkeypatch.setattr(SQLiteStore, "write", fail)
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        with tracker.batch() as batch:
            for run_id in ("a", "poison", "b"):
                batch.add_metadata(run_id)
        assert sorted(tracker.run_ids()) == ["a", "b"]
    [path] = files(folder)
    [done] = synced(folder)
    assert done.removed
    assert "this one is refused" in done.trouble[0]
    assert done.aside == f"{path}.damaged"
    monkeypatch.undo()
    [again] = synced(Path(done.aside))
    assert again.events == 1
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["a", "b", "poison"]
