"""The sync command, and spools read as stores: useful before anything is synced, and merged once in the end."""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, StoreError
from graphtracker.errors import TooLarge
from graphtracker.jobs import guard as job
from graphtracker.model.events import MetadataSet, least_stamp
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.lines import Header, header_line, to_line
from graphtracker.stores.sqlite import file as sqlite_file
from graphtracker.stores.sqlite.store import SQLiteStore
from graphtracker.torchx import TorchXTracker
from tests.support.command import command
from tests.support.six_jobs import record_six_jobs
from tests.support.spools import content, files, leave, left_behind, reader, recorded_for, synced
from tests.support.tools import run


def sync(tmp_path: Path, *words: str | Path, code: int = 0) -> tuple[str, str]:
    done = run(tmp_path, "graphtracker", "sync", *words, code=code)
    return done.stdout, done.stderr


def test_each_spool_goes_to_the_store_that_it_names(tmp_path: Path, folder: Path) -> None:
    names = ["one", "two"]
    folder.mkdir()
    for name in names:
        path = left_behind(tmp_path, tmp_path / name, 2)
        recorded_for(path, tmp_path / f"{name}.db").rename(folder / f"{name}.jsonl")
    told, _ = sync(tmp_path, folder)
    assert sorted(told.splitlines()) == [
        f"{folder}/{name}.jsonl  2 events to {tmp_path}/{name}.db" for name in ("one", "two")
    ]
    assert files(folder) == []
    assert len(GraphTracker(tmp_path / "one.db").run_ids()) == len(GraphTracker(tmp_path / "two.db").run_ids()) == 2


def test_a_dry_run_writes_nothing_and_keep_keeps(tmp_path: Path, folder: Path) -> None:
    path = left_behind(tmp_path, folder)
    told, summary = sync(tmp_path, folder, "--dry-run")
    assert told == f"{path}  3 events for bolt://127.0.0.1:1/neo4j\n"
    assert "3 events of 1 spool to be delivered" in summary
    told, summary = sync(tmp_path, folder, "--keep", "--store", tmp_path / "store.db")
    assert told == f"{path}  3 events to {tmp_path}/store.db, kept\n"
    assert "3 events of 1 spool were delivered" in summary
    assert path.exists()
    before = GraphTracker(tmp_path / "store.db").graph().to_dict()
    told, _ = sync(tmp_path, path, "--json", "--store", tmp_path / "store.db")
    [found] = json.loads(told)
    assert (found["events"], found["removed"], found["trouble"]) == (3, True, [])
    assert GraphTracker(tmp_path / "store.db").graph().to_dict() == before
    assert sync(tmp_path, folder)[0] == ""


def test_a_store_that_is_away_keeps_the_spool(tmp_path: Path, folder: Path) -> None:
    path = left_behind(tmp_path, folder)
    told, why = sync(tmp_path, folder, code=3)
    assert told == f"{path}  not delivered\n"
    assert "does not answer" in why
    assert path.exists()


def test_a_place_without_a_spool_is_an_error(tmp_path: Path) -> None:
    assert "no spool at" in sync(tmp_path, tmp_path / "nothing", code=3)[1]
    (tmp_path / "text.txt").write_text("hello", encoding="utf-8")
    assert "is no spool" in sync(tmp_path, tmp_path / "text.txt", code=3)[1]
    assert "0 events of 0 spools" in sync(tmp_path)[1]


def test_the_spool_of_a_living_process_is_delivered_and_left(tmp_path: Path, folder: Path) -> None:
    tracker = GraphTracker("bolt://127.0.0.1:1", spool=folder)
    tracker.add_metadata("train", lr=0.1)
    [path] = files(folder)
    told, _ = sync(tmp_path, folder, "--store", tmp_path / "store.db")
    assert told == f"{path}  1 event to {tmp_path}/store.db, its process still runs\n"
    tracker.add_metadata("train", lr=0.2)
    sync(tmp_path, folder, "--store", tmp_path / "store.db")
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"lr": 0.2}
    leave(tracker)
    sync(tmp_path, folder, "--store", tmp_path / "store.db")
    assert files(folder) == []


def test_a_large_spool_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("wb") as file:
        file.write(header_line(Header(None, "host", 1, "2026-11-25T00:00:00+00:00")))
        for number in range(200_000):
            file.write(to_line([MetadataSet(f"run-{number}", "note", "x" * 100, least_stamp(number * 1000))]))
    tracemalloc.start()
    events = sum(map(len, reader(path).events()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert events == 200_000
    assert peak < path.stat().st_size / 3


def test_many_spools_need_few_open_files(tmp_path: Path, folder: Path) -> None:
    folder.mkdir()
    for number in range(100):
        file = SpoolFile(str(folder), None)
        file.append(to_line([MetadataSet(f"run-{number}", "lr", 0.1, least_stamp(number * 1000))]))
        file.forget()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[0], len(os.listdir("/dev/fd")) + 50), limits[1]))
    try:
        with GraphTracker(folder) as tracker:
            assert len(tracker.run_ids()) == 100
        assert sum(done.removed for done in synced(folder, to=str(tmp_path / "store.db"))) == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_large_values_are_delivered_in_parts(tmp_path: Path, folder: Path) -> None:
    folder.mkdir()
    file = SpoolFile(str(folder), None)
    for number in range(20):
        file.append(to_line([MetadataSet(f"run-{number}", "note", "x" * (1 << 20), least_stamp(number * 1000))]))
    read = [len(calls) for calls in reader(Path(file.path)).batches()]
    written = []
    while file.waiting:
        calls, file.delivered = file.next_calls(5000)
        written.append(len(calls))
    assert read == written == [8, 8, 4]
    file.forget()


def test_doctor_shows_what_waits(tmp_path: Path) -> None:
    path = left_behind(tmp_path, tmp_path / "data" / "graphtracker" / "spool")
    told = run(tmp_path, "graphtracker", "doctor", "--store", ":memory:", code=3).stdout
    [line] = [line for line in told.splitlines() if "spool:" in line]
    assert re.fullmatch(
        rf"-   spool: {path}: 3 events wait for bolt://127\.0\.0\.1:1/neo4j, [\d,]+ bytes, \d+ s old; "
        "run `graphtracker sync`",
        line,
    )


def test_doctor_tells_of_what_is_no_spool_as_json_too(tmp_path: Path) -> None:
    place = tmp_path / "data" / "graphtracker" / "spool"
    place.mkdir(parents=True)
    (place / "other.jsonl").write_text("{}\n", encoding="utf-8")
    told = json.loads(run(tmp_path, "graphtracker", "doctor", "--json", "--store", ":memory:", code=3).stdout)
    [found] = [finding for finding in told if finding["subject"] == "spool"]
    assert "other.jsonl" in found["fact"]
    assert found["ok"] is False


# -- spools as stores --------------------------------------------------------------------------------------------------


@pytest.fixture
def both(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A store, and a spool folder of two processes that recorded the same events."""
    monkeypatch.setenv("GRAPHTRACKER_EXIT_TIMEOUT", "0")
    with GraphTracker("bolt://127.0.0.1:1", spool=folder) as spooled:
        record_six_jobs(spooled)
    with GraphTracker("bolt://127.0.0.1:1", spool=folder) as spooled:
        spooled.add_source("later", "local_cwd://torchx/fine-tune-h8rc", "model")
    with GraphTracker(tmp_path / "store.db") as store:
        store.copy_from(str(folder))
    return str(tmp_path / "store.db"), str(folder)


@pytest.mark.parametrize(
    "words",
    [["lineage", "fine-tune-h8rc"], ["show", "fine-tune-h8rc"], ["runs"], ["export"], ["export", "later", "--json"]],
)
def test_every_command_reads_a_spool_as_it_reads_a_store(
    both: tuple[str, str], tmp_path: Path, words: list[str]
) -> None:
    store, spool = both
    read = [run(tmp_path, "graphtracker", "--store", place, *words).stdout for place in (store, spool)]
    assert read[0] == read[1] != ""


def test_one_file_is_a_store_too(both: tuple[str, str]) -> None:
    first, second = sorted(files(Path(both[1])), key=lambda path: -path.stat().st_size)
    assert len(GraphTracker(first).lineage("local_cwd://torchx/fine-tune-h8rc").runs) > 5
    assert GraphTracker(str(second)).run_ids() == ["later"]
    with pytest.raises(StoreError, match="spool of one process"):
        GraphTracker(first).add_metadata("run")
    with pytest.raises(StoreError, match="is no spool"):
        GraphTracker(Path(both[0]).rename(first.parent / "x.jsonl")).run_ids()


def test_a_spool_folder_is_written_to_by_its_name(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.spool") as tracker:
        assert not tracker.exists()
        assert tracker.run_ids() == []
        tracker.add_source("train", "data", "rows")
        assert tracker.lineage("train").complete
    with GraphTracker(tmp_path / "lineage.spool") as tracker:
        tracker.add_metadata("train", lr=0.1)
    assert len(files(tmp_path / "lineage.spool")) == 2
    sync(tmp_path, tmp_path / "lineage.spool", "--store", tmp_path / "store.db")
    assert GraphTracker(tmp_path / "store.db").metadata("train") == {"lr": 0.1}
    assert files(tmp_path / "lineage.spool") == []


def test_a_job_on_a_network_file_system_records_to_a_spool_folder_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in (sqlite_file, job):
        monkeypatch.setattr(module, "network_file_system", lambda path: "nfs4")
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train")
    tracker = TorchXTracker(str(tmp_path / "lineage.db"))
    tracker.add_source("train", "data", "rows")
    other = TorchXTracker(str(tmp_path / "lineage.db"))
    assert [source.source_run_id for source in other.sources("train")] == ["data"]
    assert other.lineage("train").complete
    assert not (tmp_path / "lineage.db").exists()
    assert len(files(tmp_path / "lineage.db.spool")) == 1
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1
    assert f"graphtracker sync {tmp_path}/lineage.db.spool" in told[0]


def test_what_is_read_names_a_damaged_line(both: tuple[str, str], caplog: pytest.LogCaptureFixture) -> None:
    path = max(files(Path(both[1])), key=lambda path: path.stat().st_size)
    data = path.read_bytes().split(b"\n")
    data[2] = b"nonsense"
    path.write_bytes(b"\n".join(data))
    with GraphTracker(both[1]) as tracker:
        assert len(tracker.run_ids()) >= 5
        assert f"{path}, line 3" in str(tracker.health()["damaged"])
    assert "line 3 is damaged" in caplog.text


def test_copies_of_a_spool_are_complete(both: tuple[str, str], tmp_path: Path) -> None:
    with GraphTracker(both[0]) as store, GraphTracker(both[1]) as spool:
        assert content(store.graph()) == content(spool.graph())
        assert store.graph().to_dict() == spool.graph().to_dict()


def test_a_memory_store_has_no_use_for_a_spool(folder: Path) -> None:
    made: list[Any] = []
    with pytest.raises(ValueError, match=":memory:"):
        made.append(GraphTracker(":memory:", spool=folder))
    with pytest.raises(ValueError, match="spool"):
        made.append(GraphTracker(str(folder / "x.jsonl"), spool=folder))
    assert made == []


# -- stores that do not take all ---------------------------------------------------------------------------------------


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Exception | None]], None]:
    """Makes SQLite files raise what a function finds wrong with some events."""
    write = SQLiteStore.write

    def refuse(what: Callable[[Any], Exception | None]) -> None:
        def picky(self: SQLiteStore, events: Any) -> None:
            error = None if self.url == ":memory:" else what(events)
            if error is not None:
                raise error
            write(self, events)

        monkeypatch.setattr(SQLiteStore, "write", picky)

    return refuse


def left(folder: Path, calls: int) -> Path:
    """The spool of a process that ended, of calls about a run each."""
    folder.mkdir()
    file = SpoolFile(str(folder), None)
    for number in range(calls):
        file.append(to_line([MetadataSet(f"run-{number}", "note", "x" * (1 << 20), least_stamp(number * 1000))]))
    file.forget()
    return Path(file.path)


@pytest.mark.parametrize("error", [StoreError("the disk is full"), OSError(28, "No space left"), MemoryError()])
def test_a_store_that_fails_on_the_way_sets_nothing_aside(
    error: Exception, tmp_path: Path, folder: Path, refusing: Callable[[Callable[[Any], Exception | None]], None]
) -> None:
    path = left(folder, 20)
    full = True
    refusing(lambda events: error if full and any(event[0] == "run-12" for event in events) else None)
    [done] = synced(folder, to=str(tmp_path / "store.db"))
    assert (done.failed, done.removed, done.aside, done.events, len(done.trouble)) == (True, False, None, 8, 1)
    assert files(folder) == list(folder.iterdir()) == [path]
    full = False
    [done] = synced(folder, to=str(tmp_path / "store.db"))
    assert (done.failed, done.removed, done.aside, done.events, done.trouble) == (False, True, None, 20, [])
    assert len(GraphTracker(tmp_path / "store.db").run_ids()) == 20


def test_a_full_store_is_not_tried_again_for_the_next_spool(
    tmp_path: Path, folder: Path, refusing: Callable[[Callable[[Any], Exception | None]], None]
) -> None:
    left(folder, 1)
    left(folder / "more", 1).rename(folder / "z.jsonl")
    tried: list[Any] = []

    def fail(events: Any) -> Exception:
        tried.append(events)
        return StoreError("the disk is full")

    refusing(fail)
    assert [done.trouble for done in synced(folder, to=str(tmp_path / "store.db"))] == [["the disk is full"]] * 2
    assert len(tried) == 1


def test_an_event_too_large_for_the_store_keeps_the_spool_and_holds_nothing_up(
    tmp_path: Path, folder: Path, refusing: Callable[[Callable[[Any], Exception | None]], None]
) -> None:
    path = left(folder, 20)
    small = True
    refusing(
        lambda events: TooLarge("more memory") if small and any(event[0] == "run-12" for event in events) else None
    )
    store = str(tmp_path / "store.db")
    told = command("sync", str(folder), "--store", store)
    assert (told.code, told.out) == (3, f"{path}  19 events to {store}, the spool stays\n")
    assert "the store cannot take yet MetadataSet(run_id='run-12'" in told.err
    assert list(folder.iterdir()) == [path]
    assert len(GraphTracker(store).run_ids()) == 19
    small = False
    assert command("sync", str(folder), "--store", store).out == f"{path}  20 events to {store}\n"
    assert len(GraphTracker(store).run_ids()) == 20


def test_a_process_delivers_what_stands_behind_an_event_too_large_and_leaves_its_spool(
    tmp_path: Path, folder: Path, refusing: Callable[[Callable[[Any], Exception | None]], None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    small = True
    refusing(lambda events: TooLarge("\x1bmemory") if small and any(event[0] == "large" for event in events) else None)
    with GraphTracker(tmp_path / "store.db", spool=folder) as tracker:
        for run_id in ("a", "large", "b"):
            tracker.add_metadata(run_id)
        assert sorted(tracker.run_ids()) == ["a", "b"]
    [path] = files(folder)
    assert f"the store does not take all of '{path}'" in caplog.text
    assert "\\u001bmemory" in caplog.text
    small = False
    [done] = synced(folder)
    assert (done.events, done.removed, done.trouble) == (3, True, [])
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["a", "b", "large"]
