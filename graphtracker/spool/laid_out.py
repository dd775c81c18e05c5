"""What others may have laid out, opened so that it leads nowhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from graphtracker.stores.sqlite.filesystems import network_file_system

_NO_PLAIN_FILE = (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR, errno.ENODEV)  # of links, sockets, devices

Identity = tuple[int, int]
"""What tells a file from every other, for as long as it is open: its device and its inode."""


class NoPlainFile(OSError):
    """A link, a pipe, a socket, a device or a folder stands where a file is expected."""


@dataclass(frozen=True)
class Folder:
    """A folder that was opened; ``alone`` is whether it belongs to this user, and nobody else may write to it.

    What lies above it does not matter: whoever can put another folder in its place cannot make one of this user's.
    """

    path: str
    alone: bool

    @cached_property
    def on_network(self) -> bool:
        """Whether other machines may have it, too."""
        return network_file_system(self.path) is not None


@contextmanager
def opened_folder(path: str, *, own: bool = False) -> Iterator[tuple[Folder, int]]:
    """The folder with a descriptor of it; raises OSError.

    ``own`` is for one whose name anybody could have taken before: it must be this user's, and no link.
    """
    link = os.O_NOFOLLOW if own else 0
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK | os.O_CLOEXEC | link)
    try:
        status = os.fstat(descriptor)
        if own and status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to someone else")
        yield Folder(path, is_alone(status)), descriptor
    finally:
        os.close(descriptor)


def open_plain(path: str, flags: int, folder: int | None = None) -> int:
    """A descriptor of a plain file, without waiting for anybody; raises OSError (NoPlainFile for anything else).

    With the descriptor of a folder, of the file with this name in it.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno in _NO_PLAIN_FILE:
            raise NoPlainFile(error.errno, "it is no plain file") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NoPlainFile(errno.EINVAL, "it is no plain file")
    return descriptor


def is_alone(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and nobody else may write to it."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def identity(status: os.stat_result) -> Identity:
    """What tells this file from every other."""
    return status.st_dev, status.st_ino


def is_at(path: str, descriptor: int) -> bool:
    """Whether the file that is open lies at this path."""
    with contextlib.suppress(OSError):
        return identity(os.lstat(path)) == identity(os.fstat(descriptor))
    return False


def remove_opened(path: str, descriptor: int) -> None:
    """Removes the file that is open; whatever else lies at this path by now stays. Raises OSError."""
    if is_at(path, descriptor):
        os.unlink(path)
