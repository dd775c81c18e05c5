"""What a file holds, as far as it can be recorded: its SHA-256, its size, when it was changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_path
from graphtracker.model.places import place_of

_CHUNK = 1 << 20  # bytes
# A FIFO that took the place of a file would wait for its writer, a terminal become that of this process.
_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Unreadable(Exception):
    """What lies at a path cannot be read; says why."""


class NothingThere(Unreadable):
    """Nothing lies at the path."""


def file_metadata(path: str | os.PathLike[str]) -> dict[str, object]:
    """What tells a file's contents from others: its ``sha256`` and ``size`` in bytes, as metadata of an artifact.

    Of a folder they are those of all in it: the SHA-256 over its entries below, folders too, in the order of their
    relative names as bytes: of each its kind (``file``, ``folder``, ``link``), its name, and of a file the SHA-256 of
    its contents, of a link its target, each after its length in 8 bytes. Links to files are followed, as ``open`` does,
    those to folders and to nothing are links. It takes the time of reading all of it. Raises InvalidInput where nothing
    can be read there, or where it changes meanwhile.

    >>> import tempfile, graphtracker
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     graphtracker.file_metadata(file.name)["size"]
    0
    """
    written = checked_path(path)
    place = place_of(written, os.getcwd)
    if not place.startswith("/"):
        raise InvalidInput(f"{quoted(written)} is no path of this machine, so that its contents cannot be recorded")
    try:
        contents = contents_of(existing(os.path.join(os.getcwd(), written), place))
    except Unreadable as error:
        raise InvalidInput(f"the contents of {quoted(written)} cannot be recorded: {error}") from error
    return {"sha256": contents.sha256, "size": contents.size}


def existing(*paths: str) -> str:
    """The first of these at which something lies, else the last."""
    return next(filter(_lies_at, paths), paths[-1])


def _lies_at(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # it holds a NUL
        return False


@dataclass(frozen=True)
class Contents:
    """What was read: the SHA-256 in lower-case hexadecimal digits, and how many bytes."""

    sha256: str
    size: int


def status_of(path: str) -> os.stat_result:
    """Of the file or folder at the path, through links; raises Unreadable (NothingThere)."""
    with _told():
        found = os.stat(path)
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise Unreadable("it is neither a file nor a folder")
    return found


def contents_of(path: str) -> Contents:
    """Of the file at the path, or of all in the folder; raises Unreadable (NothingThere)."""
    found = status_of(path)
    with _told():
        return _of_folder(path) if stat.S_ISDIR(found.st_mode) else _of_file(path)


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the system as ours."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NothingThere("there is no file") from error
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from error
    except ValueError as error:  # a NUL, which the path of no file has
        raise NothingThere("there is no file") from error


def _of_file(path: str | bytes) -> Contents:
    digest = hashlib.sha256()
    size = 0
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    with open(os.open(path, _READING), "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unreadable("it is no file any more")
        while count := file.readinto(view):
            digest.update(view[:count])
            size += count
        after = os.fstat(file.fileno())
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or size != after.st_size:
        raise Unreadable("it changed while it was read")
    return Contents(digest.hexdigest(), size)


def _of_folder(path: str) -> Contents:
    top = os.fsencode(path)
    digest = hashlib.sha256()
    size = 0
    for name in sorted(_below(top)):
        kind, told = _entry(os.path.join(top, name))
        if isinstance(told, Contents):
            size += told.size
        parts = kind, name, bytes.fromhex(told.sha256) if isinstance(told, Contents) else told
        digest.update(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return Contents(digest.hexdigest(), size)


def _below(top: bytes) -> Iterator[bytes]:
    """The names of all that is in a folder and the folders in it, relative to it."""
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(os.path.join(top, folder)) as entries:
            for entry in entries:
                name = os.path.join(folder, entry.name)
                yield name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(name)


def _entry(path: bytes) -> tuple[bytes, bytes | Contents]:
    """What is in a folder: its kind, and what it holds."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        if not os.path.isfile(path):
            return b"link", os.readlink(path)  # what it leads to may hold the folder itself
    elif stat.S_ISDIR(found.st_mode):
        return b"folder", b""
    elif not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{quoted(os.fsdecode(path))} in it is neither a file nor a folder")
    return b"file", _of_file(path)
