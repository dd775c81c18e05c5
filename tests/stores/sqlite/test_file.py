"""Files that are no store, and places where none can be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
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
from tests.support.sqlite_files import READS, WRITES, content, fill, refusal, sql

USES = READS | WRITES

# -- files that are no store of this version ---------------------------------------------------------------------------


def make_text(path: Path) -> None:
    path.write_text("run,parent\n" * 100)


def make_short_text(path: Path) -> None:
    path.write_text("hi")


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
