"""Spools that others may have laid out: their events are data, their headers choose nothing, links lead nowhere."""

from __future__ import annotations

import json
import os
import socket
import stat
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, StoreError
from graphtracker.model.events import Event, Reported, stamps
from graphtracker.spool.destination import destination
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.left_behind import Step, left_behind
from graphtracker.spool.lines import Header, header_line, to_line
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.waiting import WaitingSpool, waiting_spools
from graphtracker.spool.writer import temporary_folder
from graphtracker.stores.sqlite.store import SQLiteStore
from tests.support.command import command
from tests.support.spools import files, synced
from tests.support.tools import run

HEADER = Header(None, socket.gethostname(), 1, "2026-11-25T00:00:00+00:00", locked=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The spool folder of this user."""
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path / "spool"))
    monkeypatch.delenv("GRAPHTRACKER_URL", raising=False)
    (tmp_path / "spool").mkdir(mode=0o700)
    return tmp_path / "spool"


def lay(folder: Path, store: str | Path | None, run_id: str = "train", *more: bytes, name: str = "a.jsonl") -> Path:
    """A spool of a process that has ended, recorded for this store."""
    path = folder / name
    header = header_line(replace(HEADER, store=None if store is None else str(store)))
    path.write_bytes(b"".join([header, to_line([Reported(run_id, *stamps(1))]), *more]))
    path.chmod(0o600)
    return path


def waiting() -> list[WaitingSpool]:
    return [found for found in waiting_spools() if isinstance(found, WaitingSpool)]


# -- whose word a store is taken from ----------------------------------------------------------------------------------


def of_another_user(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


def in_a_folder_that_a_group_may_write(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o770)


def in_a_folder_that_all_may_write(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o1777)


def that_a_group_may_write(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.chmod(0o660)


Doubt = Callable[[Path, Path, pytest.MonkeyPatch], None]
DOUBTS = [
    of_another_user, in_a_folder_that_a_group_may_write, in_a_folder_that_all_may_write, that_a_group_may_write
]  # fmt: skip


@pytest.mark.parametrize("doubtful", DOUBTS)
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_a_spool_that_others_may_have_written_chooses_no_store(
    doubtful: Doubt, whole: bool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(folder, tmp_path / "theirs.db")
    doubtful(folder, path, monkeypatch)
    place = folder if whole else path
    for dry_run in (False, True):
        [done] = synced(place, dry_run=dry_run)
        assert (done.failed, done.events, path.exists()) == (True, 0, True)
        assert "name the store with --store URL" in done.trouble[0]
        assert str(path) in done.trouble[0]
    assert not (tmp_path / "theirs.db").exists()
    assert [spool.knows_store for spool in waiting()] == [False]
    assert "run `graphtracker sync --store URL`" in command("doctor", "--store", ":memory:").out
    [done] = synced(place, to=str(tmp_path / "ours.db"))
    assert (done.events, done.removed, done.trouble) == (1, True, [])
    assert GraphTracker(tmp_path / "ours.db").run_ids() == ["train"]


@pytest.mark.parametrize("doubtful", DOUBTS)
def test_a_store_that_this_user_named_is_taken_from_any_spool(
    doubtful: Doubt, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(folder, tmp_path / "ours.db")
    doubtful(folder, path, monkeypatch)
    monkeypatch.setenv("GRAPHTRACKER_URL", str(tmp_path / "ours.db"))
    assert [spool.knows_store for spool in waiting()] == [True]
    [done] = synced(folder)
    assert (done.events, done.removed, done.trouble) == (1, True, [])


def test_the_password_of_the_store_that_this_user_named_goes_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_store(url: str) -> SQLiteStore:
        opened.append(url)
        raise StoreError("away")

    monkeypatch.setattr("graphtracker.spool.sync.open_store", open_store)
    lay(folder, "bolt://ada@db.example:7687/neo4j")
    monkeypatch.setenv("GRAPHTRACKER_URL", "bolt://ada:secret@db.example:7687")
    [done] = synced(folder)
    assert opened == ["bolt://ada:secret@db.example:7687"]
    assert "secret" not in str(done)
    monkeypatch.setenv("GRAPHTRACKER_URL", "bolt://ada:secret@other.example:7687")
    synced(folder)
    assert opened[1:] == ["bolt://ada@db.example:7687/neo4j"]


def test_a_spool_of_this_user_alone_names_its_store(folder: Path, tmp_path: Path) -> None:
    lay(folder, tmp_path / "store.db")
    assert [spool.knows_store for spool in waiting()] == [True]
    [done] = synced()
    assert (done.events, done.removed, done.store) == (1, True, str(tmp_path / "store.db"))


def test_a_spool_for_no_store_is_not_delivered(folder: Path) -> None:
    lay(folder, None)
    for dry_run in (False, True):
        [done] = synced(dry_run=dry_run)
        assert (done.failed, done.store) == (True, None)
        assert "recorded for no store; name one with --store URL" in done.trouble[0]
    assert [spool.knows_store for spool in waiting()] == [False]


@pytest.mark.parametrize("store", [":memory:", "other.spool", "a.jsonl"])
@pytest.mark.parametrize("by_header", [True, False])
def test_no_spool_is_taken_to_what_keeps_nothing(store: str, by_header: bool, folder: Path) -> None:
    path = lay(folder, store if by_header else None)
    [done] = synced(folder, to=None if by_header else store)
    assert (done.failed, done.events, path.exists()) == (True, 0, True)
    assert "name a file or a server" in done.trouble[0]


def test_a_header_that_changes_under_the_reader_chooses_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(folder, tmp_path / "store.db")

    def swapped(*arguments: Any) -> str:
        found = destination(*arguments)
        path.unlink()
        lay(folder, tmp_path / "other.db", "other")
        return found

    monkeypatch.setattr("graphtracker.spool.sync.destination", swapped)
    [done] = synced(folder)
    assert (done.events, done.removed) == (0, False)
    assert path.exists()
    assert not (tmp_path / "store.db").exists()


# -- the temporary folder, whose name anybody can take -----------------------------------------------------------------


def linked(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.rename(f"{place}-elsewhere")
    place.symlink_to(f"{place}-elsewhere")


def taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


@pytest.mark.parametrize("how", [linked, taken])
def test_a_temporary_folder_that_someone_else_made_is_refused(
    how: Callable[[Path, pytest.MonkeyPatch], None], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    place = Path(temporary_folder())
    place.mkdir()
    path = lay(place, tmp_path / "theirs.db")
    how(place, monkeypatch)
    [done] = synced()
    assert (done.path, done.failed) == (str(place), True)
    [line] = done.trouble
    assert line.startswith(f"'{place}' stands where spools of this user would")
    assert line.endswith("have it removed, or set TMPDIR")
    [found] = waiting_spools()
    assert isinstance(found, StoreError)
    told = command("doctor", "--store", ":memory:")
    assert str(place) in told.out
    before = set(place.iterdir())
    (tmp_path / "file").write_text("", encoding="utf-8")
    with GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool") as tracker:
        tracker.add_metadata("train")
    assert "go to the store directly" in caplog.text
    assert set(place.iterdir()) == before
    assert path.exists()


def test_an_own_temporary_folder_is_closed_to_others(folder: Path, tmp_path: Path) -> None:
    place = Path(temporary_folder())
    place.mkdir()
    place.chmod(0o777)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with GraphTracker(tmp_path / "store.db", spool=tmp_path / "file" / "spool") as tracker:
        tracker.add_metadata("train")
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert [stat.S_IMODE(path.stat().st_mode) for path in files(place)] == [0o600]


# -- what is no plain file ---------------------------------------------------------------------------------------------


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link(path: Path) -> None:
    lay(path.parent.parent, None, "linked", name="linked.txt")
    path.symlink_to(path.parent.parent / "linked.txt")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(path.parent)  # the path of a socket must be short
        made.bind(path.name)
        os.chdir(before)


STRANGE = [a_pipe, a_link, a_link_to_nothing, a_socket, Path.mkdir]


@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_plain_file_is_passed_by_with_a_line(
    make: Callable[[Path], None], folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    strange = folder / "0.jsonl"
    make(strange)
    lay(folder, tmp_path / "store.db")
    with GraphTracker(folder) as tracker:
        for _ in range(2):
            assert tracker.run_ids() == ["train"]
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1, "once"
    assert f"'{strange}' is no plain file" in told[0]
    found = list(waiting_spools())
    assert [isinstance(each, StoreError) for each in found] == [True, False]
    passed, left = left_behind(str(folder), str(tmp_path / "store.db"))
    assert passed is Step.PASSED_BY
    assert isinstance(left, SpoolReader)
    assert left.path == str(folder / "a.jsonl")
    [first, second] = synced(folder)
    assert (first.path, first.failed, second.removed) == (str(strange), True, True)
    assert first.trouble == [f"'{strange}' is no plain file, and so no spool; it is passed by"]
    assert os.path.lexists(strange)
    if strange.exists() and not strange.is_dir():
        [alone] = synced(strange)
        assert (alone.path, alone.failed) == (str(strange), True)


def test_commands_do_not_wait_for_a_pipe(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "a.jsonl")
    more = {"GRAPHTRACKER_SPOOL": str(folder)}
    assert "no plain file" in run(tmp_path, "graphtracker", "sync", env=more, code=3).stderr
    assert "no plain file" in run(tmp_path, "graphtracker", "doctor", "--store", ":memory:", env=more, code=3).stdout
    assert "no plain file" in run(tmp_path, "graphtracker", "runs", "--store", folder, env=more).stderr
    told = run(tmp_path, "graphtracker", "runs", "--store", folder / "a.jsonl", env=more, code=3).stderr
    assert "no plain file" in told


def test_a_place_that_is_no_folder_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path / "file" / "spool"))
    [done] = synced()
    assert (done.path, done.failed) == (str(tmp_path / "file" / "spool"), True)


# -- files are made anew, and only what was read is removed ------------------------------------------------------------


def through_a_link(aside: Path, victim: Path) -> None:
    aside.symlink_to(victim)


def through_a_link_to_nothing(aside: Path, victim: Path) -> None:
    aside.symlink_to(victim.parent / "nothing")


def through_a_second_name(aside: Path, victim: Path) -> None:
    aside.hardlink_to(victim)


def over_what_an_earlier_sync_kept(aside: Path, victim: Path) -> None:
    aside.write_text("kept before", encoding="utf-8")


@pytest.mark.parametrize(
    "how", [through_a_link, through_a_link_to_nothing, through_a_second_name, over_what_an_earlier_sync_kept]
)
def test_what_is_set_aside_never_lands_in_a_file_that_is_there(
    how: Callable[[Path, Path], None], folder: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    path = lay(folder, tmp_path / "store.db", "train", b"nonsense\n")
    how(Path(f"{path}.damaged"), victim)
    before = Path(f"{path}.damaged").read_text(encoding="utf-8") if Path(f"{path}.damaged").exists() else None
    [done] = synced(folder)
    assert (done.removed, done.aside) == (True, f"{path}.2.damaged")
    assert victim.read_text(encoding="utf-8") == "precious"
    assert before is None or Path(f"{path}.damaged").read_text(encoding="utf-8") == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["spool", "store.db", "tmp", "victim"]
    aside = Path(f"{path}.2.damaged")
    assert aside.read_bytes().endswith(b"\nnonsense\n")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.fixture
def while_delivered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Does something while a spool is being delivered."""

    def patch(work: Callable[[], object]) -> None:
        write = SQLiteStore.write

        def working(self: SQLiteStore, events: list[Event]) -> None:
            monkeypatch.setattr(SQLiteStore, "write", write)
            work()
            write(self, events)

        monkeypatch.setattr(SQLiteStore, "write", working)

    return patch


def test_another_file_at_the_path_of_one_that_was_read_stays(
    folder: Path, tmp_path: Path, while_delivered: Callable[[Callable[[], object]], None]
) -> None:
    path = lay(folder, tmp_path / "store.db")

    def swap() -> None:
        path.rename(tmp_path / "moved")
        path.write_text("something else", encoding="utf-8")

    while_delivered(swap)
    synced(folder)
    assert path.read_text(encoding="utf-8") == "something else"


def test_what_was_written_since_it_was_read_stays(
    folder: Path, tmp_path: Path, while_delivered: Callable[[Callable[[], object]], None]
) -> None:
    path = lay(folder, tmp_path / "store.db")
    line = to_line([Reported("late", *stamps(1))])
    while_delivered(lambda: path.write_bytes(path.read_bytes() + line))
    [done] = synced(folder)
    assert (done.removed, done.failed, path.exists()) == (False, True, True)
    assert "has grown" in done.trouble[0]
    [done] = synced(folder)
    assert (done.removed, done.trouble) == (True, [])
    assert sorted(GraphTracker(tmp_path / "store.db").run_ids()) == ["late", "train"]


def test_a_process_touches_no_file_that_took_the_place_of_its_own(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    for make in (through_a_link, over_what_an_earlier_sync_kept):
        file = SpoolFile(str(folder), None)
        path = Path(file.path)
        path.unlink()
        make(path, victim)
        before = path.read_text(encoding="utf-8")
        file.tell_lost(3, "the disk was full")
        file.header = replace(file.header, lost=0)
        file.close()
        assert path.read_text(encoding="utf-8") == before
        path.unlink()
    assert victim.read_text(encoding="utf-8") == "precious"


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_a_password_in_a_header_is_never_shown(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = lay(folder, "bolt://ada:secret@127.0.0.1:1/neo4j?connection_timeout=1", "train", b"nonsense\n")
    for words in (["sync", "--dry-run"], ["sync", "--json"], ["sync"], ["doctor", "--store", ":memory:"]):
        done = command(*words)
        assert "secret" not in done.out + done.err
        assert "ada:***@127.0.0.1" in done.out + done.err
    path.chmod(0o666)
    for words in (["sync", "--dry-run"], ["sync"]):
        done = command(*words)
        assert "secret" not in done.out + done.err
        assert "ada:***@127.0.0.1" in done.err
    assert "secret" not in caplog.text


ODD: dict[str, dict[str, object]] = {
    "pid list": {"pid": [1]}, "pid text": {"pid": "1"}, "huge pid": {"pid": 1 << 70}, "pid true": {"pid": True},
    "store number": {"store": 7}, "store object": {"store": {"a": 1}}, "long store": {"store": "x" * 20_000},
    "host list": {"host": ["a"]}, "host null": {"host": None}, "created": {"created_at": 0},
    "lost text": {"lost": "3"}, "lost huge": {"lost": 10**30}, "lost negative": {"lost": -1}, "lost": {"lost": 1.5},
    "reason": {"reason": {}}, "locked": {"locked": "yes"},
    "more": {"unknown": 1}, "version": {"graphtracker.spool": []},
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_an_odd_header_is_a_damaged_line(odd: dict[str, object], folder: Path, tmp_path: Path) -> None:
    path = lay(folder, tmp_path / "store.db")
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(first), **odd}).encode() + b"\n" + rest)
    [found] = waiting()
    assert (found.store, found.events) == (None, 1)
    assert [line.partition(":")[0] for line in found.wrong] == ["line 1 is damaged"]
    [done] = synced(folder, to=str(tmp_path / "store.db"))
    assert done.events == 1


@pytest.mark.parametrize(
    "store", ["a\0b", "\ud800", "x://y", "bolt://", "sqlite://host/x", "~", ":memory:", "\x1b[31m"]
)
def test_an_odd_store_in_a_header_is_told_and_harms_nothing(
    store: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = folder / "a.jsonl"
    header = json.dumps({"graphtracker.spool": 1, **vars(replace(HEADER, store=store))}).encode()
    path.write_bytes(header + b"\n" + to_line([Reported("train", *stamps(1))]))
    done = command("sync", "--keep")
    assert "\x1b" not in done.out + done.err
    told = command("doctor", "--store", ":memory:")
    assert "\x1b" not in told.out
    assert "a.jsonl" in told.out


def endless_header(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 32)  # a hole, which takes no room on the disk


def endless_call(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 32)


@pytest.mark.parametrize("spoil", [endless_header, endless_call])
def test_an_endless_line_takes_no_memory_and_is_left_alone(
    spoil: Callable[[Path], None], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphtracker.spool.state._LONGEST_LINE", 1 << 20)
    path = lay(folder, tmp_path / "store.db")
    spoil(path)
    tracemalloc.start()
    [done] = synced(folder)
    [found] = waiting_spools()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 << 20
    assert (done.failed, done.path, path.stat().st_size) == (True, str(path), 1 << 32)
    assert isinstance(found, StoreError)
    assert "has a line of more than" in str(found)


def test_a_file_full_of_damage_is_told_in_one_line(folder: Path, tmp_path: Path) -> None:
    path = lay(folder, tmp_path / "store.db", "train", b"x\n" * 2000)
    [done] = synced(folder)
    assert (done.failed, len(done.trouble), path.exists()) == (True, 1, True)
    assert "more than 1,000 lines" in done.trouble[0]


def test_what_a_lost_event_was_lost_for_acts_on_no_terminal(folder: Path, tmp_path: Path) -> None:
    path = lay(folder, tmp_path / "store.db")
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(first), "lost": 3, "reason": "\x1b[31mred"}).encode() + b"\n" + rest)
    [done] = synced(folder)
    assert done.trouble == [f"'{path}': its process lost 3 events: \\u001b[31mred"]
