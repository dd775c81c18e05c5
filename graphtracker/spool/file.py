"""The spool that this process appends to: a file of its own, locked for as long as the process lives."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import socket
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

from graphtracker.errors import InvalidInput
from graphtracker.model.events import Event
from graphtracker.spool.fitting import BATCH_BYTES
from graphtracker.spool.laid_out import is_at, open_plain, remove_opened
from graphtracker.spool.lines import Header, from_line, header_line
from graphtracker.stores.contract import BATCH

SUFFIX = ".jsonl"
"""How the name of a spool ends."""

_IDLE = 60.0  # seconds after which the file is looked for before the next line: someone may have cleared it away

_PIECE = 1 << 20  # bytes that are read at once

_open_files: weakref.WeakSet[SpoolFile] = weakref.WeakSet()


def _in_child() -> None:
    """A forked child has no part in its parent's files: it neither writes to them nor keeps their locks."""
    for file in list(_open_files):
        file.forget()


os.register_at_fork(after_in_child=_in_child)


class SpoolFile:
    """A new file in a folder, for the events of this process until they are delivered.

    A line is on the local disk when ``append`` returns, for a reader of the file and after the death of the process.
    ``rights`` are those of the file, before the umask. Raises OSError where the folder cannot be written to.
    """

    def __init__(self, folder: str, store: str | None, rights: int = 0o600) -> None:
        host = socket.gethostname()
        now = datetime.now(timezone.utc)
        self.header = Header(store, host, os.getpid(), now.isoformat(timespec="seconds"))
        name = f"{now:%Y%m%dT%H%M%S}-{_plain(host)}-{os.getpid()}-{secrets.token_hex(4)}"
        # Under another name until it is locked, so that nobody takes it for the spool of a dead process.
        unready = os.path.join(folder, f".{name}.new")
        self.path = os.path.join(folder, name + SUFFIX)
        self._descriptor = os.open(unready, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, rights)
        try:
            with contextlib.suppress(OSError):  # a file system without locks: others go by the time
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.header = replace(self.header, locked=True)
            first = header_line(self.header)
            _write_whole(self._descriptor, first)
            os.rename(unready, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                remove_opened(unready, self._descriptor)
            os.close(self._descriptor)
            raise
        self._closing = weakref.finalize(self, os.close, self._descriptor)  # also where nobody closes the tracker
        self._closing.atexit = False  # which would give the lock away while exit handlers still record
        self.size = self.delivered = len(first)
        self.damaged = self.failed = False
        self._torn = self._writing = False
        self._last = time.monotonic()
        _open_files.add(self)

    def append(self, line: bytes) -> None:
        """Writes the line of one call; raises OSError, and then nothing of it counts."""
        now = time.monotonic()
        if now - self._last > _IDLE:
            self._check_there()
        self._last = now
        if self._writing:
            self._undo()  # an interrupt has kept the call before this one from it
        if self._torn:
            line = b"\n" + line
        self._writing = True
        try:
            _write_whole(self._descriptor, line)
            self.size += len(line)
        except BaseException:  # also an interrupt, which may come when the line has been written
            self._undo()
            raise
        self._torn = self._writing = False

    def _check_there(self) -> None:
        if not is_at(self.path, self._descriptor):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _undo(self) -> None:
        """Takes half a line away, or makes sure that it stays alone on its line."""
        try:
            os.ftruncate(self._descriptor, self.size)
        except OSError:
            self._torn = True
            self.size = os.fstat(self._descriptor).st_size
        self._writing = False

    @property
    def waiting(self) -> bool:
        """Whether there are lines that have not been delivered."""
        return self.size > self.delivered

    def next_calls(self, count: int) -> tuple[list[list[Event]], int]:
        """The events of calls that have not been delivered, about so many in all, and where in the file they end."""
        return self._calls(self.delivered, self.size, count)

    def _calls(self, place: int, end: int, count: int) -> tuple[list[list[Event]], int]:
        calls: list[list[Event]] = []
        full = place + BATCH_BYTES
        for line in self._lines(place, end):
            place += len(line) + 1
            try:
                calls.append(from_line(line))
                count -= len(calls[-1])
            except InvalidInput:
                self.damaged = True  # it stays, for sync to tell of
            if count <= 0 or place >= full:
                break
        else:
            self.damaged = self.damaged or place != end  # someone has cut it short
            place = end
        return calls, place

    def _lines(self, place: int, end: int) -> Iterator[bytes]:
        """By the descriptor, which has no offset of its own to share and sees the file wherever it has been moved."""
        rest = b""
        while place < end:
            piece = os.pread(self._descriptor, min(_PIECE, end - place), place)
            place += len(piece) or end
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines

    def events_waiting(self) -> Iterator[list[Event]]:
        """All events that have not been delivered, some at a time; marks none as delivered."""
        place, end = self.delivered, self.size
        while place < end:
            calls, place = self._calls(place, end, BATCH)
            yield [event for call in calls for event in call]

    def tell_lost(self, count: int, reason: str) -> None:
        """Notes in the header, which needs no more room on the disk, that events were lost."""
        self.header = replace(self.header, lost=self.header.lost + count, reason=self.header.reason or reason)
        with contextlib.suppress(OSError):
            self._write_header()

    def _write_header(self) -> None:
        descriptor = open_plain(self.path, os.O_WRONLY)  # one that does not append
        try:
            if is_at(self.path, self._descriptor) and is_at(self.path, descriptor):
                os.pwrite(descriptor, header_line(self.header), 0)
        finally:
            os.close(descriptor)

    @property
    def needed(self) -> bool:
        """Whether there is something in it that someone should still see."""
        return self.waiting or self.damaged or self.header.lost > 0

    def close(self) -> None:
        """Ends it, and removes it where it is not needed."""
        if self._descriptor >= 0 and not self.needed:
            with contextlib.suppress(OSError):
                remove_opened(self.path, self._descriptor)
        self.forget()

    def forget(self) -> None:
        """Leaves the file to whoever delivers it."""
        self._descriptor = -1
        self._closing()


def _write_whole(descriptor: int, data: bytes) -> None:
    if os.write(descriptor, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _plain(host: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-") else "_" for letter in host)[:60]
