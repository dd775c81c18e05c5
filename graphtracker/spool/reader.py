"""The spools that lie in a folder, for whoever reads what others wrote."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.spool.file import SUFFIX
from graphtracker.spool.fitting import BATCH_BYTES
from graphtracker.spool.lines import Header, from_line, read_header
from graphtracker.stores.contract import BATCH

_DAMAGED = ".damaged"
"""What follows the name of a spool in that of the file with the lines of it that cannot be delivered."""

_UNKNOWN = Header(None, "", 0, "")  # stands in for a header that is damaged
_OTHER_HOSTS = 86_400.0  # seconds that a spool of another host must have been quiet before it counts as left behind


@dataclass(frozen=True)
class Damage:
    """A line of a spool that holds no events: its number (the header is line 1), its bytes, what is wrong."""

    number: int
    line: bytes
    reason: str


@dataclass
class SpoolReader:
    """One spool file, read from its beginning; ``damage`` grows while its events are read.

    One whose header is damaged was recorded for no store that it could name.
    """

    path: str
    header: Header
    header_damage: list[Damage] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)

    def _calls(self) -> Iterator[tuple[list[Event], int]]:
        """The events and bytes of each line; an unfinished last one is not there yet, or never was."""
        self.damage[:] = self.header_damage
        with contextlib.suppress(FileNotFoundError), open(self.path, "rb") as file:  # else it has been cleared away
            file.readline()
            for number, line in enumerate(file, 2):
                if not line.endswith(b"\n"):
                    return
                if line.strip():
                    try:
                        yield from_line(line), len(line)
                    except InvalidInput as error:
                        self.damage.append(Damage(number, line, str(error)))

    def batches(self) -> Iterator[list[list[Event]]]:
        """The calls, as many at a time as are worth a transaction."""
        batch: list[list[Event]] = []
        events = size = 0
        for call, length in self._calls():
            batch.append(call)
            events, size = events + len(call), size + length
            if events >= BATCH or size >= BATCH_BYTES:
                yield batch
                batch, events, size = [], 0, 0
        if batch:
            yield batch

    def events(self) -> Iterator[list[Event]]:
        """The events, as many at a time as are worth a transaction."""
        for calls in self.batches():
            yield [event for call in calls for event in call]

    def counted(self) -> int:
        """The number of events in it."""
        return sum(map(len, self.events()))

    @property
    def size(self) -> int:
        """Bytes."""
        return os.stat(self.path).st_size

    @property
    def age(self) -> float:
        """Seconds since something was last written to it."""
        return max(0.0, time.time() - os.stat(self.path).st_mtime)

    @contextmanager
    def left_behind(self) -> Iterator[bool]:
        """Whether the process that wrote it has ended; while the block lasts nobody else is told so.

        A process holds a lock on its spool for as long as it lives. Of another host's, whose locks a network file
        system may not show, nothing is believed before the file has been quiet for a day.
        """
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            yield False
            return
        except OSError:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield self._unlocked(descriptor) and (self._of_this_host or self.age > _OTHER_HOSTS)
        finally:
            os.close(descriptor)

    def is_left_behind(self) -> bool:
        """Whether it is, at this moment."""
        with self.left_behind() as ended:
            return ended

    def _unlocked(self, descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            return self._of_this_host and not _alive(self.header.pid)
        return True

    @property
    def _of_this_host(self) -> bool:
        return self.header.host in (socket.gethostname(), _UNKNOWN.host)

    def set_aside(self, lines: list[bytes]) -> str:
        """Keeps these lines beside the spool, behind its header, in a file for themselves; returns its path.

        Raises GraphTrackerError.
        """
        kept = self.path + _DAMAGED
        try:
            descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file, open(self.path, "rb") as whole:
                file.write(whole.readline())
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise GraphTrackerError(
                f"{quoted(kept)}, for what cannot be delivered, cannot be written ({error.strerror}); the spool stays"
            ) from error
        return kept

    def remove(self) -> None:
        """Removes the file; another who does the same may have been first. Raises GraphTrackerError."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise GraphTrackerError(
                f"the spool {quoted(self.path)} is delivered but cannot be removed ({error.strerror})"
            ) from error


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def open_spool(path: str) -> SpoolReader:
    """The spool at this path; raises StoreError that names it."""
    try:
        with open(path, "rb") as file:
            first, second = file.readline(), file.readline()
    except OSError as error:
        raise StoreError(f"the spool {quoted(path)} cannot be read ({error.strerror}); name another") from error
    try:
        return SpoolReader(path, read_header(first))
    except InvalidInput as error:
        if not _holds_events(second):
            raise StoreError(f"{quoted(path)} is no spool, {error}; name another, or move it away") from error
        return SpoolReader(path, _UNKNOWN, [Damage(1, first, str(error))])


def _holds_events(line: bytes) -> bool:
    try:
        return bool(from_line(line))
    except InvalidInput:
        return False


def spools_in(place: str) -> Iterator[SpoolReader | StoreError]:
    """The spools of a folder, by name (which begins with the time), or the one at the path of a file.

    For a file that cannot be read as one, the error that says so. One that is gone by now is passed by.
    """
    try:
        names = None if os.path.isfile(place) else sorted(os.listdir(place))
    except FileNotFoundError:
        return
    except OSError as error:
        yield StoreError(f"the spool folder {quoted(place)} cannot be read ({error.strerror}); name another")
        return
    for path in [place] if names is None else [os.path.join(place, name) for name in names if name.endswith(SUFFIX)]:
        try:
            yield open_spool(path)
        except StoreError as error:
            if os.path.exists(path):
                yield error
