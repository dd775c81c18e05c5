"""Files that are no store, and places where none can be."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from graphtracker import (
    GraphTracker,
    GraphTrackerError,
    InvalidInput,
    SchemaMismatch,
    StoreError,
)
from tests.support.needs import missing
from tests.support.sqlite_files import READS, WRITES, content, fill, refusal, sql

USES = READS | WRITES

# -- files that are no store of this version ---------------------------------------------------------------------------


def make_text(path: Path) -> None:
    path.write_text("run,parent\n" * 100, encoding="utf-8")


def make_short_text(path: Path) -> None:
    path.write_text("hi", encoding="utf-8")


def make_folder(path: Path) -> None:
    path.mkdir()


def make_newer(path: Path) -> None:
    fill(path, 3)
    sql(path, "PRAGMA user_version = 99")


def make_foreign(path: Path) -> None:
    sql(path, "CREATE TABLE run (id)", "INSERT INTO run VALUES (1)")


def make_foreign_of_our_version(path: Path) -> None:
    sql(path, "CREATE TABLE run (id)", "PRAGMA user_version = 1")


def make_foreign_without_tables(path: Path) -> None:
    sql(path, "PRAGMA application_id = 77", "PRAGMA user_version = 3")


def make_truncated(path: Path) -> None:
    fill(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def make_truncated_in_its_header(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[:50])


def make_overwritten(path: Path) -> None:
    fill(path)
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


UNUSABLE: dict[str, tuple[Callable[[Path], None], type[GraphTrackerError], str]] = {
    "text": (make_text, StoreError, "name another file"),
    "short text": (make_short_text, StoreError, "name another file"),
    "folder": (make_folder, StoreError, "name a file in it"),
    "newer": (make_newer, SchemaMismatch, "install a newer graphtracker"),
    "foreign": (make_foreign, StoreError, "name another file"),
    "foreign, our version": (make_foreign_of_our_version, StoreError, "name another file"),
    "foreign, no tables": (make_foreign_without_tables, StoreError, "name another file"),
    "truncated": (make_truncated, StoreError, ".recover"),
    "truncated header": (make_truncated_in_its_header, StoreError, ".recover"),
    "overwritten": (make_overwritten, StoreError, ".recover"),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_an_unusable_file_is_refused_with_its_path_and_the_way_out_and_left_as_it_is(
    fault: str, tmp_path: Path
) -> None:
    make, kind, way_out = UNUSABLE[fault]
    folder = tmp_path / "stores"
    folder.mkdir()
    path = folder / "lineage.db"
    make(path)
    before = content(folder)
    for use in USES.values():
        error = refusal(GraphTracker(path), use)
        assert type(error) is kind
        assert str(path) in str(error)
        assert way_out in str(error)
    assert content(folder) == before


def test_an_empty_file_is_a_store_that_nobody_has_begun(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    path.touch()
    with GraphTracker(path) as tracker:
        assert tracker.run_ids() == []
        assert path.stat().st_size == 0
        tracker.add_metadata("run")
        assert tracker.run_ids() == ["run"]


def test_a_link_to_a_file_that_is_not_there_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    with GraphTracker(tmp_path / "link.db") as tracker:
        assert tracker.run_ids() == []
        tracker.add_metadata("run")
    with GraphTracker(tmp_path / "real.db") as tracker:
        assert tracker.run_ids() == ["run"]


# -- places where no store can be --------------------------------------------------------------------------------------


def test_a_missing_folder_is_named_by_a_write_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "lineage.db"
    error = refusal(GraphTracker(path), WRITES["record"])
    assert type(error) is StoreError
    assert str(path) in str(error)
    assert "make it" in str(error)
    assert content(tmp_path) == {}


@pytest.mark.parametrize("place", ["file.txt/lineage.db", "n" * 300, "sqlite:///a%00b.db"])
def test_an_impossible_path_is_a_store_error_to_writes_and_reads(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    for use in (WRITES["record"], READS["run_ids"]):
        with pytest.raises((StoreError, InvalidInput)) as caught, GraphTracker(place) as tracker:
            use(tracker)
        assert place[:20] in str(caught.value)
    assert content(tmp_path) == {"file.txt": b""}


# Runs as a user who owns nothing, if the tests run as root; what it needs has been imported by then.
_AS_NOBODY = """
import json, os, sys
from graphtracker import GraphTracker
with GraphTracker(":memory:") as tracker:
    tracker.add_metadata("run")
    tracker.health(), tracker.lineage("run")
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for verb in ("run_ids", "add_metadata", "run_ids"):
    try:
        with GraphTracker(sys.argv[1]) as tracker:
            answer = getattr(tracker, verb)(*["other"] * (verb == "add_metadata"))
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))
"""


def as_nobody(path: Path) -> list[Any]:
    """What reading, then writing, then reading is for a user without special rights."""
    done = subprocess.run([sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can enter, with a store of one run (pytest's own are its user's alone)."""
    places = map(Path, (tempfile.gettempdir(), "/tmp", "/dev/shm"))  # noqa: S108  # a user's TMPDIR may be theirs alone
    open_to_all = (place for place in places if all(each.stat().st_mode & 0o001 for each in (place, *place.parents)))
    folder = Path(tempfile.mkdtemp(dir=next(open_to_all)))
    with GraphTracker(folder / "lineage.db") as tracker:
        tracker.add_metadata("run")
    (folder / "lineage.db").chmod(0o644)  # whatever the umask
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555), (0o666, 0o555)], ids=["file", "both", "folder"]
)
def test_what_may_only_be_read_is_read_and_left_as_it_is(file_mode: int, folder_mode: int, shared: Path) -> None:
    path = shared / "lineage.db"
    before = content(shared)
    path.chmod(file_mode)
    shared.chmod(folder_mode)
    first, written, again = as_nobody(path)
    assert (first, again) == (["run"], ["run"])
    assert written.startswith(f"AccessDenied: the store '{path}' may not be written by this user; change its rights")
    assert content(shared) == before


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o000, 0o777), (0o666, 0o444), (0o666, 0o000)])
def test_what_may_not_be_read_is_access_denied(file_mode: int, folder_mode: int, shared: Path) -> None:
    path = shared / "lineage.db"
    before = content(shared)
    path.chmod(file_mode)
    shared.chmod(folder_mode)
    for answer in as_nobody(path):
        assert answer.startswith("AccessDenied: ")
        assert str(path) in answer
        assert "rights" in answer
    shared.chmod(0o755)
    path.chmod(0o644)
    assert content(shared) == before


def test_a_new_store_in_a_folder_that_may_not_be_written_is_access_denied(shared: Path) -> None:
    before = content(shared)
    shared.chmod(0o555)
    first, written, again = as_nobody(shared / "new.db")
    assert (first, again) == ([], [])
    assert written.startswith(f"AccessDenied: the store '{shared / 'new.db'}' may not be written")
    assert content(shared) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
def test_a_reader_does_not_lock_out_the_owner(shared: Path) -> None:
    path = shared / "lineage.db"
    shared.chmod(0o777)
    os.chown(path, 1000, 1000)
    assert as_nobody(path)[0] == ["run"]
    program = _AS_NOBODY.replace("65534", "1000")
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == ["other", "run"]


# -- rights of new files -----------------------------------------------------------------------------------------------

_MODES = """
import json, os, stat, sys
from graphtracker import GraphTracker
os.umask(int(sys.argv[2], 8))
with GraphTracker(sys.argv[1]) as tracker:
    tracker.add_metadata("run")
    folder = os.path.dirname(os.path.realpath(sys.argv[1]))
    modes = {name: stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) for name in os.listdir(folder)}
print(json.dumps(modes))
"""


def modes(path: Path, umask: int) -> dict[str, int]:
    """The rights of the files of a store while a process with this umask writes it."""
    command = [sys.executable, "-c", _MODES, str(path), f"{umask:o}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o027, 0o077])
def test_new_files_have_the_rights_that_the_umask_gives(umask: int, tmp_path: Path) -> None:
    expected = dict.fromkeys(["lineage.db", "lineage.db-wal", "lineage.db-shm"], 0o666 & ~umask)
    assert modes(tmp_path / "lineage.db", umask) == expected


def test_a_store_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    path.touch()
    path.chmod(0o640)
    assert set(modes(path, 0o000).values()) == {0o640}


def test_a_store_made_behind_a_link_has_them_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "lineage.db")
    assert set(modes(tmp_path / "link.db", 0o002)) == {"lineage.db", "lineage.db-wal", "lineage.db-shm"}
    assert (tmp_path / "real" / "lineage.db").stat().st_mode & 0o777 == 0o664


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another group")
def test_in_a_folder_that_a_team_shares_new_files_are_the_teams(tmp_path: Path) -> None:
    os.chown(tmp_path, 0, 1234)
    tmp_path.chmod(0o2775)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
        assert {path.stat().st_gid for path in tmp_path.iterdir()} == {1234}


def test_where_files_cannot_be_made_unopened_sqlite_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def only_root(path: str, mode: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "mknod", only_root)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
        assert tracker.run_ids() == ["run"]


def test_threads_that_make_one_store_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def record(number: int) -> None:
        with GraphTracker(tmp_path / "lineage.db") as tracker:
            start.wait()
            tracker.add_metadata(f"run-{number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(record, range(8)))
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        assert len(tracker.run_ids()) == 8


# -- what is not a matter of rights ------------------------------------------------------------------------------------

_FEW_DESCRIPTORS = """
import json, os, resource, sys
import graphtracker.stores.sqlite.store
from graphtracker import GraphTracker, GraphTrackerError
path, more, verb = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with GraphTracker(":memory:") as tracker:  # what it needs is imported by then
    tracker.add_metadata("run")
    tracker.run_ids()
tracker = GraphTracker(path)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1 + more,) * 2)
try:
    getattr(tracker, verb)(*["run"] * (verb == "add_metadata"))
    answer = None
except GraphTrackerError as error:
    answer = [type(error).__name__, str(error)]
print(json.dumps(answer))
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists a process's descriptors there")
@pytest.mark.parametrize("verb", ["add_metadata", "run_ids"])
def test_too_many_open_files_are_not_a_matter_of_rights(verb: str, tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    fill(path, 1)
    command = [sys.executable, "-c", _FEW_DESCRIPTORS, str(path)]
    answers = [
        json.loads(subprocess.run([*command, str(more), verb], capture_output=True, text=True, check=True).stdout)
        for more in range(6)
    ]
    assert answers[0] is not None
    assert answers[-1] is None
    for answer in filter(None, answers):
        assert answer[0] == "StoreUnavailable"
        assert str(path) in answer[1]
        assert "Too many open files" in answer[1]


def test_a_link_whose_folder_is_not_there_is_named_with_it(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "gone" / "lineage.db")
    error = refusal(GraphTracker(tmp_path / "link.db"), WRITES["record"])
    assert type(error) is StoreError
    for part in (tmp_path / "link.db", tmp_path / "gone" / "lineage.db", "does not exist; make it"):
        assert str(part) in str(error)


def test_a_name_that_leaves_no_room_for_sqlites_own_files_is_too_long(tmp_path: Path) -> None:
    error = refusal(GraphTracker(tmp_path / ("n" * 253)), WRITES["record"])
    assert type(error) is StoreError
    assert "File name too long" in str(error)


def test_a_path_that_is_longer_than_sqlite_takes_is_named_as_too_long(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["n" * 200] * 5)
    folder.mkdir(parents=True)
    error = refusal(GraphTracker(folder / "lineage.db"), WRITES["record"])
    assert type(error) is StoreError
    assert "longer than SQLite takes" in str(error)


@pytest.mark.skipif(os.getuid() != 0 or not sys.platform.startswith("linux"), reason="only root may mount")
@pytest.mark.parametrize("name", ["lineage.db", "new.db"])
def test_a_file_system_that_can_only_be_read_is_not_a_matter_of_rights(name: str, tmp_path: Path) -> None:
    fill(tmp_path / "lineage.db", 3)
    program = """
import subprocess, sys
from graphtracker import GraphTracker, StoreError
folder, name = sys.argv[1:]
subprocess.run(["mount", "--bind", folder, folder], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
with GraphTracker(f"{folder}/{name}") as tracker:
    print(len(tracker.run_ids()))
    try:
        tracker.add_metadata("run")
    except StoreError as error:
        print(type(error).__name__, error)
"""
    unshare = ["unshare", "--mount", sys.executable, "-c", program, str(tmp_path), name]
    done = subprocess.run(unshare, capture_output=True, text=True)
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        missing("this root may not mount: it has no CAP_SYS_ADMIN")
    read, refused = done.stdout.splitlines()
    assert read == ("3" if name == "lineage.db" else "0")
    assert refused.startswith(f"StoreError the store '{tmp_path / name}' lies on a file system that can only be read")
