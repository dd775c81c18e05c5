"""What a spool file is at one moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from graphtracker.errors import InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.spool.laid_out import Folder, NoPlainFile, is_alone
from graphtracker.spool.lines import LONGEST_HEADER, Header, from_line, read_header

# No file may take all memory, whoever wrote it.
_LONGEST_LINE = 1 << 29  # bytes of a call, far beyond what a store takes
_LONGEST_SECOND = 1 << 24  # bytes of the line that tells whether a file without a header is a spool
_UNKNOWN = Header(None, "", 0, "")  # stands in for a header that is damaged


class UnreadableSpool(StoreError):
    """A file, or a folder, that cannot be read as spools; the message says why, and what to do.

    ``empty`` is whether it is no plain file, so that no reader misses anything.
    """

    def __init__(self, path: str, why: str, *, empty: bool = False) -> None:
        super().__init__(f"{quoted(path)} {why}")
        self.path = path
        self.empty = empty


@dataclass(frozen=True)
class Damage:
    """A line of a spool that holds no events: its number (the header is line 1), its first byte in the file, its
    number of bytes, what is wrong."""

    number: int
    start: int
    size: int
    reason: str


@dataclass(frozen=True)
class State:
    """What a spool says of itself, where its header ends, and what is wrong with that; its size in bytes, and when it
    was last changed, in ns.

    ``alone`` is whether the file and its folder belong to this user, and nobody else may write to them: what any other
    says of itself is the word of others.
    """

    header: Header
    begin: int
    damage: tuple[Damage, ...]
    alone: bool
    size: int
    changed: int


def examined(folder: Folder, path: str, descriptor: int) -> State:
    """The state of the spool that is open; raises UnreadableSpool."""
    try:
        status = os.fstat(descriptor)
        first = next(_lines(path, descriptor, LONGEST_HEADER), (0, b""))[1]
        header, damage = _header(path, descriptor, first)
    except OSError as error:
        raise unreadable(path, error) from error
    alone = folder.alone and is_alone(status)
    return State(header, len(first), damage, alone, status.st_size, status.st_mtime_ns)


def _header(path: str, descriptor: int, first: bytes) -> tuple[Header, tuple[Damage, ...]]:
    try:
        return read_header(first), ()
    except InvalidInput as error:
        lines = _lines(path, descriptor, _LONGEST_SECOND)
        next(lines, None)
        if not _holds_events(next(lines, (0, b""))[1]):
            raise UnreadableSpool(path, f"is no spool, {error}; name another, or move it away") from error
        return _UNKNOWN, (Damage(1, 0, len(first), str(error)),)


def _holds_events(line: bytes) -> bool:
    try:
        return bool(from_line(line))
    except InvalidInput:
        return False


def numbered_lines(path: str, descriptor: int) -> Iterator[tuple[int, int, bytes]]:
    """The lines behind the first: number, first byte, content; an unfinished last one is not there yet, or never was.

    Raises UnreadableSpool.
    """
    try:
        for number, (start, line) in enumerate(_lines(path, descriptor, _LONGEST_LINE), 1):
            if number > 1:
                yield number, start, line
    except OSError as error:
        raise unreadable(path, error) from error


def _lines(path: str, descriptor: int, longest: int) -> Iterator[tuple[int, bytes]]:
    start = 0
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        while (line := file.readline(longest)).endswith(b"\n"):
            yield start, line
            start += len(line)
        if len(line) == longest:
            raise UnreadableSpool(path, f"has a line of more than {longest:,} bytes, as no spool has; move it away")


def unreadable(path: str, error: OSError) -> UnreadableSpool:
    """The error for a file, or folder, that the system does not let read."""
    if isinstance(error, NoPlainFile):
        return UnreadableSpool(path, "is no plain file, and so no spool; it is passed by", empty=True)
    return UnreadableSpool(path, f"cannot be read ({error.strerror}); name another")
