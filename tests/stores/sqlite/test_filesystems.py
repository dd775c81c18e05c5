"""File systems that several machines share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    StoreError,
)
from graphtracker.model.display import quoted
from graphtracker.stores.sqlite import filesystems
from tests.support.sqlite_files import WRITES, content, fill, refusal


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
