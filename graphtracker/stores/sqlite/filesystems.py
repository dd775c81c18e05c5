"""Which file systems several machines may share: SQLite's write-ahead log is not safe there."""

from __future__ import annotations

import os
import re
from pathlib import Path

# What is known to belong to one machine, as the kernel names it in /proc/self/mountinfo. All else may be shared: there
# are more network file systems than anybody can list, and a store that two machines write is soon none.
_LOCAL_FILE_SYSTEMS = frozenset(
    [
        # on a disk
        *("ext2", "ext3", "ext4", "xfs", "btrfs", "bcachefs", "zfs", "f2fs", "jfs", "reiserfs", "reiser4", "nilfs2"),
        *("vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus", "apfs", "ufs", "minix", "udf", "iso9660"),
        # on flash memory without a controller, read-only images
        *("ubifs", "jffs2", "yaffs2", "squashfs", "erofs", "cramfs", "romfs"),
        # in memory
        *("tmpfs", "ramfs", "rootfs", "devtmpfs", "hugetlbfs"),
        # above another: of overlays the kernel takes no NFS for the layer that is written
        *("overlay", "overlayfs", "aufs", "shiftfs", "ecryptfs"),
        # the disk of a container (OpenVZ), of Linux on Windows in its first version
        *("simfs", "lxfs", "wslfs"),
        # in user space, on a disk; "fuseblk" is what only a block device can be mounted as
        *("fuseblk", "fuse.ext2", "fuse.ext3", "fuse.ext4", "fuse.fuse2fs", "fuse.ntfs-3g", "fuse.ntfs", "fuse.exfat"),
        # the root of containers that users start; not mergerfs, gocryptfs and such, which may lie on what is shared
        "fuse.fuse-overlayfs",
    ]
)
_MOUNTS = Path("/proc/self/mountinfo")


def network_file_system(path: str) -> str | None:
    """The type of the file system that holds this path, None where it is local (or the system does not tell).

    The system's mount table is read, as ``mountinfo`` in proc(5) describes it; only Linux has one.
    """
    place = os.path.realpath(path)  # before the table is read: it mounts what is mounted on demand
    try:
        table = _MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return None
    kind = _type_of(place, table)
    if not kind or kind in _LOCAL_FILE_SYSTEMS or kind.startswith("fuseblk."):
        return None
    return kind.removeprefix("fuse.")


def _type_of(path: str, table: str) -> str:
    """The type of the deepest mount above the path, "" of none; of several mounts on one folder the last is on top."""
    deepest, kind = "", ""
    for line in table.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 5 or not source:
            continue
        folder = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        if len(folder) >= len(deepest) and (path == folder or path.startswith(folder.rstrip("/") + "/")):
            deepest, kind = folder, source.split(" ")[0]
    return kind
