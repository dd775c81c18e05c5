"""File systems that several machines share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    StoreError,
)
from graphtracker.model.display import quoted
from graphtracker.stores.sqlite import filesystems
from graphtracker.stores.sqlite.filesystems import network_file_system
from tests.support.needs import missing
from tests.support.sqlite_files import WRITES, content, fill, refusal


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Adds a line to a made-up mount table, as mountinfo in proc(5) has them: folder, file system type."""
    table = tmp_path / "mountinfo"
    table.write_text("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n", encoding="utf-8")
    monkeypatch.setattr(filesystems, "_MOUNTS", table)

    def add(folder: Path, kind: str) -> None:
        place = str(folder.resolve()).replace(" ", "\\040")
        with table.open("a") as file:
            file.write(f"36 22 0:32 / {place} rw,relatime shared:2 master:1 - {kind} server:/export rw,vers=4\n")

    return add


# Of a network, of a machine around this one, of a cloud's buckets, on top of anything, or never heard of.
SHARED = [
    *("nfs", "nfs4", "lustre", "gpfs", "cifs", "smb3", "ceph", "afs", "beegfs", "gfs2", "ocfs2", "fuse.sshfs"),
    *("virtiofs", "9p", "vboxsf", "drvfs", "prl_fs", "vmhgfs", "fuse.vmhgfs-fuse", "fuse.grpcfuse", "fakeowner"),
    *("fuse.gcsfuse", "fuse.s3fs", "fuse.rclone", "fuse.mount-s3", "fuse.mountpoint-s3", "fuse.juicefs", "fuse.goofys"),
    *("fuse.mergerfs", "fuse.gocryptfs", "fuse.bindfs", "fuse", "autofs", "newfs2031"),
]
LOCAL = [
    *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "bcachefs", "f2fs", "jfs", "reiserfs", "vfat", "exfat", "ntfs3"),
    *("tmpfs", "ramfs", "overlay", "squashfs", "erofs", "ubifs", "apfs", "hfsplus"),
    *("fuseblk", "fuseblk.ntfs-3g", "fuse.ext4", "fuse.fuse-overlayfs"),
]


@pytest.mark.parametrize("kind", SHARED)
def test_what_is_not_known_to_be_local_is_refused_to_writes(
    kind: str, mount: Callable[[Path, str], None], tmp_path: Path
) -> None:
    folder = tmp_path / "team share" / "deep"
    folder.mkdir(parents=True)
    mount(folder.parent, kind)
    error = refusal(GraphTracker(folder / "lineage.db"), WRITES["record"])
    assert type(error) is StoreError
    for part in (
        quoted(str(folder / "lineage.db")),
        f"({kind.removeprefix('fuse.')})",
        "local path",
        "Neo4j",
        ".spool",
    ):
        assert part in str(error)
    assert content(folder) == {}


@pytest.mark.parametrize("kind", LOCAL)
def test_a_local_file_system_holds_a_store(kind: str, mount: Callable[[Path, str], None], tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    mount(tmp_path, "nfs4")
    mount(tmp_path / "disk", kind)
    with GraphTracker(tmp_path / "disk" / "lineage.db") as tracker:
        tracker.add_metadata("run")
        assert tracker.run_ids() == ["run"]


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


def test_a_table_that_does_not_tell_of_the_path_is_taken_as_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filesystems, "_MOUNTS", tmp_path / "mountinfo")
    for table in ("", "not a table\n", "36 22 0:32 / /elsewhere rw - nfs4 server:/export rw\n", "\xff - \xfe\n"):
        (tmp_path / "mountinfo").write_text(table, encoding="utf-8")
        assert network_file_system(str(tmp_path / "lineage.db")) is None


@pytest.mark.skipif(os.getuid() != 0 or not sys.platform.startswith("linux"), reason="only root may mount")
def test_what_the_kernel_itself_has_mounted_is_read_from_its_table(tmp_path: Path) -> None:
    memory = tmp_path / "in memory \u00e9"
    bound = tmp_path / "bound"
    for folder in (memory, bound):
        folder.mkdir()
    program = """
import subprocess, sys
from graphtracker import GraphTracker
from graphtracker.stores.sqlite import filesystems
from graphtracker.stores.sqlite.filesystems import network_file_system
from tests.support.needs import missing
memory, bound = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "none", memory], check=True)
subprocess.run(["mount", "--bind", memory, bound], check=True)
for folder in (memory, bound):
    with GraphTracker(f"{folder}/lineage.db") as tracker:
        tracker.add_metadata("run")
filesystems._LOCAL_FILE_SYSTEMS -= {"tmpfs"}
print(*(filesystems.network_file_system(f"{folder}/lineage.db") for folder in (memory, bound, "/proc/self")))
"""
    unshare = ["unshare", "--mount", sys.executable, "-c", program, str(memory), str(bound)]
    done = subprocess.run(unshare, capture_output=True, text=True)
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        missing("this root may not mount: it has no CAP_SYS_ADMIN")
    assert done.stdout.split() == ["tmpfs", "tmpfs", "proc"], done.stderr
    assert content(tmp_path) == {memory.name: None, "bound": None}
