"""Which file a store's URL names, and what graphtracker says of one that it cannot use, which it leaves as it is."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sized
from pathlib import Path
from typing import Any

import pytest

from graphtracker import (
    GraphTracker,
    GraphTrackerError,
    InvalidInput,
    RunNotFound,
    SchemaMismatch,
    StoreError,
    StoreUnavailable,
)
from graphtracker.model.display import quoted
from graphtracker.stores.sqlite import filesystems
from graphtracker.stores.sqlite.file import SQLiteFile
from tests.support.tools import run

Use = Callable[[GraphTracker], object]

READS: dict[str, Use] = {
    "artifacts": lambda tracker: tracker.artifacts("run"),
    "metadata": lambda tracker: tracker.metadata("run"),
    "sources": lambda tracker: tracker.sources("run"),
    "run_ids": lambda tracker: tracker.run_ids(),
    "runs": lambda tracker: tracker.runs(limit=1),
    "consumers": lambda tracker: tracker.consumers("run"),
    "find_artifacts": lambda tracker: tracker.find_artifacts("model.pt"),
    "graph": lambda tracker: tracker.graph(),
    "lineage": lambda tracker: tracker.lineage("run"),
    "health": lambda tracker: tracker.health(),
}
WRITES: dict[str, Use] = {
    "add_artifact": lambda tracker: tracker.add_artifact("run", "model", "model.pt"),
    "add_metadata": lambda tracker: tracker.add_metadata("run", lr=0.1),
    "add_source": lambda tracker: tracker.add_source("run", "data"),
    "record": lambda tracker: tracker.record("run"),
}
USES = READS | WRITES


def fill(path: Path, runs: int = 200) -> None:
    """A store of a few dozen pages."""
    with GraphTracker(path) as tracker, tracker.batch():
        for number in range(runs):
            tracker.add_metadata(f"run-{number}", note="x" * 200)
            tracker.add_source(f"run-{number}", f"run-{number - 1}")


def content(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder by its name, with its bytes; None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refusal(tracker: GraphTracker, use: Use) -> GraphTrackerError:
    with tracker, pytest.raises(GraphTrackerError) as caught:
        use(tracker)
    return caught.value


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


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


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


# -- network file systems ----------------------------------------------------------------------------------------------


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Adds a line to a made-up mount table, as mountinfo in proc(5) has them: folder, file system type."""
    table = tmp_path / "mountinfo"
    table.write_text("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n")
    monkeypatch.setattr(filesystems, "_MOUNTS", table)

    def add(folder: Path, kind: str) -> None:
        place = str(folder.resolve()).replace(" ", "\\040")
        with table.open("a") as file:
            file.write(f"36 22 0:32 / {place} rw,relatime shared:2 master:1 - {kind} server:/export rw,vers=4\n")

    return add


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "lustre", "gpfs", "cifs", "smb3", "ceph", "fuse.sshfs", "fuse.glusterfs"]
)
def test_a_network_file_system_is_refused_to_writes(
    kind: str, mount: Callable[[Path, str], None], tmp_path: Path
) -> None:
    folder = tmp_path / "team share" / "deep"
    folder.mkdir(parents=True)
    mount(folder.parent, kind)
    error = refusal(GraphTracker(folder / "lineage.db"), WRITES["record"])
    assert type(error) is StoreError
    for part in (quoted(str(folder / "lineage.db")), kind.removeprefix("fuse."), "local path", "Neo4j"):
        assert part in str(error)
    assert content(folder) == {}


def test_a_store_on_a_network_file_system_is_read_and_left_as_it_is(
    mount: Callable[[Path, str], None], tmp_path: Path
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    fill(folder / "lineage.db", 3)
    before = content(folder)
    mount(folder, "nfs4")
    with GraphTracker(folder / "lineage.db") as tracker:
        assert len(tracker.run_ids()) == 3
    assert content(folder) == before


def test_a_link_into_a_network_file_system_is_seen_through(mount: Callable[[Path, str], None], tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    mount(tmp_path / "share", "nfs4")
    assert "nfs4" in str(refusal(GraphTracker(tmp_path / "link" / "lineage.db"), WRITES["record"]))


def test_only_the_mount_that_holds_the_file_counts(mount: Callable[[Path, str], None], tmp_path: Path) -> None:
    for name in ("share", "share/local", "share-too", "twice"):
        (tmp_path / name).mkdir()
    mount(tmp_path / "share", "nfs4")
    mount(tmp_path / "share" / "local", "xfs")
    mount(tmp_path / "twice", "nfs4")
    mount(tmp_path / "twice", "tmpfs")
    for name in ("share/local", "share-too", "twice"):
        with GraphTracker(tmp_path / name / "lineage.db") as tracker:
            tracker.add_metadata("run")


def test_a_system_without_a_mount_table_is_taken_as_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystems, "_MOUNTS", tmp_path / "none")
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")


# -- stores that fail while they are used ------------------------------------------------------------------------------


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another writer's connection to a store of one run."""
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("run")
    connection = sqlite3.connect(tmp_path / "lineage.db", isolation_level=None)
    yield connection
    connection.close()


def test_a_store_that_another_writer_holds_for_longer_than_the_timeout_is_unavailable(
    holder: sqlite3.Connection, tmp_path: Path
) -> None:
    holder.execute("BEGIN IMMEDIATE")
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=0.1") as tracker:
        with pytest.raises(StoreUnavailable, match=r"lineage\.db\?timeout=0\.1' was held .* 0\.1 s.*raise \?timeout="):
            tracker.add_metadata("other")
        assert tracker.run_ids() == ["run"], "a writer hinders no reader"
        holder.execute("COMMIT")
        tracker.add_metadata("other")
        assert tracker.run_ids() == ["other", "run"]


def test_a_store_that_is_held_while_it_is_opened_is_unavailable(tmp_path: Path) -> None:
    sql(tmp_path / "lineage.db", "CREATE TABLE gone (id)", "DROP TABLE gone")
    holder = sqlite3.connect(tmp_path / "lineage.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    tracker = GraphTracker(f"sqlite:///{tmp_path}/lineage.db?timeout=0.1")
    for use in (WRITES["record"], READS["run_ids"]):
        assert type(refusal(tracker, use)) is StoreUnavailable
    holder.close()
    with tracker:
        tracker.add_metadata("run")


def limited(monkeypatch: pytest.MonkeyPatch, limit: Callable[[sqlite3.Connection], object]) -> None:
    """Every connection that is opened from now on gets a limit."""
    prepared = SQLiteFile._prepared

    def prepare(file: SQLiteFile, connection: sqlite3.Connection) -> sqlite3.Connection:
        limit(connection)
        return prepared(file, connection)

    monkeypatch.setattr(SQLiteFile, "_prepared", prepare)


def test_a_full_disk_costs_the_call_and_nothing_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lineage.db"
    with monkeypatch.context() as patch, GraphTracker(path) as tracker:
        limited(patch, lambda connection: connection.execute("PRAGMA max_page_count = 30"))
        tracker.add_metadata("before", lr=0.1)
        with pytest.raises(StoreError, match=r"disk .*lineage\.db' is full; make room"):
            tracker.record("too much", metadata={"lr": 0.1, "note": "x" * 200_000})
        assert tracker.run_ids() == ["before"]
        tracker.add_metadata("small", lr=0.1)
    with GraphTracker(path) as tracker:
        tracker.record("too much", metadata={"lr": 0.1, "note": "x" * 200_000})
        assert set(tracker.run_ids()) == {"before", "small", "too much"}


_IN_A_SMALL_DISK = """
import json, resource, signal, sys
from graphtracker import GraphTracker, StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit, unlimited = 200_000, resource.getrlimit(resource.RLIMIT_FSIZE)
acknowledged, tracker = [], GraphTracker(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
try:
    for number in range(1000):
        tracker.add_metadata(f"run-{number:03}", note="x" * 1000)
        acknowledged.append(f"run-{number:03}")
except StoreError as error:
    message = str(error)
held = tracker.run_ids()
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
tracker.add_metadata("after")
tracker.close()
print(json.dumps([message, acknowledged, held]))
"""


def test_a_write_that_the_system_refuses_costs_the_call_and_nothing_before_it(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    program = [sys.executable, "-c", _IN_A_SMALL_DISK, str(path)]
    message, acknowledged, held = json.loads(subprocess.run(program, capture_output=True, check=True).stdout)
    assert str(path) in message
    assert "room" in message
    assert 0 < len(acknowledged) < 1000
    assert sorted(held) == acknowledged
    with GraphTracker(path) as tracker:
        assert sorted(tracker.run_ids()) == ["after", *acknowledged]


def shortened(connection: sqlite3.Connection) -> None:
    """Lets it take values of up to 100 kB; SQLite's own limit is 1 GB."""
    if sys.version_info >= (3, 11):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 lets limits be set since 3.11")
def test_a_value_that_is_too_large_is_refused_and_nothing_of_the_call_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, shortened)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        with pytest.raises(InvalidInput, match=r"lineage\.db' cannot hold .* store a path to it instead"):
            tracker.record("run", metadata={"lr": 0.1, "note": "x" * 200_000}, sources=[])
        assert tracker.run_ids() == []
        tracker.add_metadata("run", lr=0.1)


def test_a_file_that_is_removed_while_it_is_open_takes_no_event_with_it_unsaid(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    folder.mkdir()
    with GraphTracker(folder / "lineage.db") as tracker:
        tracker.add_metadata("before")
        shutil.rmtree(folder)
        folder.mkdir()
        try:
            tracker.add_metadata("after")
            told = None
        except StoreError as error:
            told = str(error)
    with GraphTracker(folder / "lineage.db") as tracker:
        assert told or tracker.run_ids() == ["after"]


# -- reading makes nothing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["lineage.db", "missing/lineage.db"])
def test_a_missing_store_is_empty_and_reading_does_not_make_it(place: str, tmp_path: Path) -> None:
    with GraphTracker(tmp_path / place) as tracker:
        assert not tracker.exists()
        for verb in ("artifacts", "metadata", "sources", "run_ids", "runs", "consumers", "find_artifacts", "graph"):
            answer = READS[verb](tracker)
            assert isinstance(answer, Sized)
            assert len(answer) == 0, verb
        with pytest.raises(RunNotFound, match=r"lineage\.db"):
            tracker.lineage("run")
        with pytest.raises(RunNotFound, match=r"lineage\.db"):
            tracker.run("run")
        tracker.health()
    assert content(tmp_path) == {}


def test_reading_a_store_leaves_it_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path / "lineage.db", 3)
    before = content(tmp_path)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.lineage("run-1")
        tracker.graph()
        tracker.health()
    assert content(tmp_path) == before


def test_a_process_that_records_nothing_leaves_no_file_and_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    threads = threading.active_count()
    for url in (None, "lineage.db", ":memory:"):
        with GraphTracker(url) as tracker, tracker.batch():
            tracker.run_ids()
    assert threading.active_count() == threads
    assert content(tmp_path) == {}


@pytest.mark.parametrize("verb", WRITES)
def test_a_refused_call_makes_no_store(verb: str, tmp_path: Path) -> None:
    others = {"add_artifact": ("model", "model.pt"), "add_source": ("data",)}
    with GraphTracker(tmp_path / "lineage.db") as tracker, pytest.raises(InvalidInput):
        getattr(tracker, verb)("", *others.get(verb, ()))
    assert content(tmp_path) == {}


# -- which file a URL names --------------------------------------------------------------------------------------------

URLS = {
    "lineage.db": "lineage.db",
    "sub/lineage.db": "sub/lineage.db",
    "sub/../lineage.db": "lineage.db",
    "sqlite:///lineage.db": "lineage.db",
    "sqlite:///sub/lineage.db": "sub/lineage.db",
    "SQLite:///lineage.db": "lineage.db",
    "sqlite:///a%20b%3F%23%25.db": "a b?#%.db",
    "sqlite:///lineage.db?timeout=5": "lineage.db",
    "sqlite:///lineage.db?synchronous=full&timeout=0.5": "lineage.db",
    "~/lineage.db": "home/lineage.db",
    "sqlite:///~/lineage.db": "home/lineage.db",
}
PLAIN_PATHS = [
    "why?.db", "why?timeout=abc", "a#b.db", "a%20b.db", "100%.db", "a b.db", " a.db ", "it's.db", 'say "hi".db',
    "two\nlines.db", "tab\t.db", "naïve.db", "日本.db", "🦜.db", "a&b=c;d.db", "-dash", "c:d.db", "file:a.db",
    "[x]*.db", "$HOME.db", "back\\slash.db", "noending", ".hidden", "wide\u2028line.db",
]  # fmt: skip


def names(url: str | os.PathLike[str], path: Path, folder: Path) -> None:
    """Asserts that recording to the URL makes this file and nothing else."""
    before = set(content(folder))
    with GraphTracker(url) as tracker:
        tracker.add_metadata("run")
    assert set(content(folder)) - before == {str(path.relative_to(folder))}
    with GraphTracker(url) as tracker:
        assert tracker.run_ids() == ["run"]


@pytest.mark.parametrize("url", URLS)
def test_a_url_names_a_file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "home").mkdir()
    names(url, tmp_path / URLS[url], tmp_path)


ANY_TEXT_IS_A_PATH = sys.getfilesystemencoding() == "utf-8"


@pytest.mark.parametrize("name", [name for name in PLAIN_PATHS if ANY_TEXT_IS_A_PATH or name.isascii()])
def test_a_plain_path_is_taken_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names(name, tmp_path / name, tmp_path)
    (tmp_path / name).unlink()
    names(tmp_path / name, tmp_path / name, tmp_path)


def test_a_path_that_the_locale_cannot_say_is_a_store_error(tmp_path: Path) -> None:
    program = """
from graphtracker import GraphTracker, StoreError
for verb in ("add_metadata", "lineage"):
    try:
        getattr(GraphTracker("na\\u00efve.db"), verb)("run")
    except StoreError as error:
        print(error)
"""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"}
    told = run(tmp_path, "python", "-c", program, env=plain).stdout.splitlines()
    assert len(told) == 2
    assert all("'naïve.db' has a name that is no path in this locale's encoding (ascii)" in line for line in told)
    assert content(tmp_path) == {}


def test_a_url_may_be_absolute(tmp_path: Path) -> None:
    assert str(tmp_path).startswith("/")
    names(f"sqlite:///{tmp_path}/lineage.db", tmp_path / "lineage.db", tmp_path)


def test_a_relative_path_stays_where_it_was_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = GraphTracker("lineage.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with tracker:
        tracker.add_metadata("run")
    assert set(content(tmp_path)) == {"elsewhere", "lineage.db"}


@pytest.mark.parametrize("url", [":memory:", "sqlite:///:memory:"])
def test_memory_leaves_no_file_and_belongs_to_its_tracker(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with GraphTracker(url) as tracker, GraphTracker(url) as other:
        tracker.add_metadata("run")
        assert (tracker.run_ids(), other.run_ids()) == (["run"], [])
    assert content(tmp_path) == {}


@pytest.mark.parametrize(("option", "level"), [("", 1), ("?synchronous=NORMAL", 1), ("?synchronous=FULL", 2)])
def test_synchronous_is_an_option(option: str, level: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    limited(monkeypatch, opened.append)
    with GraphTracker(f"sqlite:///{tmp_path}/lineage.db{option}") as tracker:
        tracker.add_metadata("run")
        assert [connection.execute("PRAGMA synchronous").fetchone() for connection in opened] == [(level,)]


REFUSED = {
    "": "give a path",
    "\0": "give a path",
    "sqlite:///lineage.db?mode=ro": "timeout and synchronous",
    "sqlite:///lineage.db?timeout=abc": "must be seconds",
    "sqlite:///lineage.db?timeout=": "must be seconds",
    "sqlite:///lineage.db?timeout=nan": "must be seconds",
    "sqlite:///lineage.db?timeout=inf": "must be seconds",
    "sqlite:///lineage.db?timeout=-1": "must be seconds",
    "sqlite:///lineage.db?synchronous=OFF": "use NORMAL or FULL",
    "sqlite://lineage.db": "sqlite:///",
    "mysql://host/lineage": "give a path",
    "http://host/lineage.db": "give a path",
}


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_names_no_store_is_invalid_input_that_says_what_would(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GraphTracker(url)
    assert REFUSED[url] in str(caught.value)


@pytest.mark.parametrize("url", [5, b"lineage.db", ["lineage.db"], "lone\ud800.db"])
def test_what_is_no_text_is_invalid_input(url: Any) -> None:
    with pytest.raises(InvalidInput):
        GraphTracker(url)


@pytest.mark.parametrize(
    "url",
    [
        "neo4j+s://ada:secret@h:7687/db?timeout=abc",
        "neo4j://ada:secret@",
        "bolt://ada:secret:with/any?char#acter@h:port",
        "mysql://ada:secret@h/lineage",
        "sqlite://ada:secret@h/lineage.db",
        "sqlite:///lineage.db?password=secret",
        "sqlite:///lineage.db?timeout=abc&token=secret",
        "neo4j://ada:secret@h\0",
        "neo4j://ada:secret@h\ud800",
    ],
)
def test_no_password_is_shown(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GraphTracker(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["neo4j://ada:secret@h", "bolt://ada:secret:with/any?char#acter@h"])
def test_no_password_is_shown_of_a_store_that_is_not_opened(url: str) -> None:
    tracker = GraphTracker(url)
    assert "secret" not in f"{tracker!r} {tracker.url} {vars(tracker._recorder.store)}"


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "sqlite:///?timeout=3", "sqlite:a.db"])
def test_a_url_without_a_file_is_refused_and_nothing_is_lost_in_memory(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"lineage\.db"):
        GraphTracker(url)


def test_the_url_of_a_tracker_is_printable() -> None:
    assert repr(GraphTracker("two\nlines\x1b[31m.db")) == r"<GraphTracker on two\u000alines\u001b[31m.db>"


# -- the store of a tracker that was given none ------------------------------------------------------------------------


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_URL", f"sqlite:///{tmp_path}/chosen.db?timeout=5")
    with GraphTracker() as tracker:
        tracker.add_metadata("run")
    assert set(content(tmp_path)) == {"chosen.db"}
    with GraphTracker(tmp_path / "other.db") as tracker:
        assert tracker.run_ids() == [], "a URL that was given goes before"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_DATA_HOME is Linux's")
@pytest.mark.parametrize("url", [None, ""])
def test_else_it_is_a_file_in_the_users_data_folder(
    url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url is not None:
        monkeypatch.setenv("GRAPHTRACKER_URL", url)
    monkeypatch.setenv("NEO4J_URI", "neo4j://h")
    with GraphTracker() as tracker:
        assert tracker.run_ids() == []
        assert content(tmp_path) == {}, "reading makes no folder"
        tracker.add_metadata("run")
    files = {name for name, data in content(tmp_path).items() if data is not None}
    assert files == {"data/graphtracker/graphtracker.db"}


def test_a_default_store_whose_folder_cannot_be_made_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    error = refusal(GraphTracker(), WRITES["record"])
    assert type(error) is StoreError
    assert str(tmp_path / "file") in str(error)
    assert "GRAPHTRACKER_URL" in str(error)


# -- the line about the store at the first write -----------------------------------------------------------------------


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """What graphtracker has logged, as (level, message)."""
    caplog.set_level(logging.DEBUG, "graphtracker")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def test_the_first_write_of_a_process_says_where_it_goes(
    lines: Callable[[], list[tuple[str, str]]], tmp_path: Path
) -> None:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker, GraphTracker(path) as second:
        tracker.run_ids()
        assert lines() == []
        tracker.add_metadata("run")
        assert lines() == [("INFO", f"graphtracker records to {path}")]
        tracker.add_metadata("run")
        second.add_metadata("run")
        assert len(lines()) == 1, "once"
    with GraphTracker(tmp_path / "other.db") as other:
        other.add_metadata("run")
    assert len(lines()) == 2, "once for each store"


def test_a_job_that_was_given_no_store_is_warned(
    lines: Callable[[], list[tuple[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-abc")
    with GraphTracker() as tracker:
        tracker.add_metadata("run")
        tracker.add_metadata("run")
        ((level, message),) = lines()
    assert level == "WARNING"
    for part in (tracker.url, socket.gethostname(), "where it stays", "GRAPHTRACKER_URL"):
        assert part in message


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_job_that_was_given_a_store_is_not(
    how: str, lines: Callable[[], list[tuple[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "lineage.db")
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-abc")
    if how == "environment":
        monkeypatch.setenv("GRAPHTRACKER_URL", path)
    with GraphTracker(path if how == "argument" else None) as tracker:
        tracker.add_metadata("run")
    assert lines() == [("INFO", f"graphtracker records to {path}")]
