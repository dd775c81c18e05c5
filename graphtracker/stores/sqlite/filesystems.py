"""Which file systems several machines share: SQLite's write-ahead log is not safe there."""

from __future__ import annotations

import os
import re
from pathlib import Path

# As the kernel names them in /proc/self/mountinfo, FUSE ones behind "fuse.".
_NETWORK_FILE_SYSTEMS = frozenset(
    [
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "gfs2",
        "glusterfs",
        "gpfs",
        "juicefs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "panfs",
        "pvfs2",
        "smb2",
        "smb3",
        "smbfs",
        "sshfs",
        "wekafs",
    ]
)
_MOUNTS = Path("/proc/self/mountinfo")


def network_file_system(path: str) -> str | None:
    """The type of the network file system that holds this path, None where it is local (or the system does not tell).

    The system's mount table is read, as ``mountinfo`` in proc(5) describes it; only Linux has one.
    """
    try:
        table = _MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return None
    kind = _type_of(os.path.realpath(path), table).removeprefix("fuse.")
    return kind if kind in _NETWORK_FILE_SYSTEMS else None


def _type_of(path: str, table: str) -> str:
    """The type of the deepest mount above the path; of several mounts on one folder the last is on top."""
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
