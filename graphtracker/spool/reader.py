"""One spool, for whoever reads what another process wrote."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from graphtracker.errors import InvalidInput
from graphtracker.model.counted import counted
from graphtracker.model.display import printable
from graphtracker.model.events import Event
from graphtracker.spool.clearing import remove, set_aside
from graphtracker.spool.fitting import BATCH_BYTES
from graphtracker.spool.laid_out import Folder, open_plain
from graphtracker.spool.lines import Header, from_line
from graphtracker.spool.state import Damage, UnreadableSpool, examined, numbered_lines, unreadable
from graphtracker.stores.contract import BATCH

_RUNS = "its process still runs"
_MAY_RUN = "quiet for less than a day, so its process may still run"
_GONE = "another has delivered it"

_DAY = 86_400.0  # seconds that a spool whose lock tells nothing must have been quiet before it counts as left behind
_MOST_DAMAGE = 1000  # lines; what has more is no spool that someone could look through


class SpoolReader:
    """One spool file; ``damage`` grows while its events are read. What it raises are GraphTrackerErrors.

    It is looked at anew for each use, and is one and the same file while ``left_behind`` lasts. One whose header is
    damaged was recorded for no store that it could name.
    """

    def __init__(self, folder: Folder, path: str, descriptor: int) -> None:
        self.path = path
        self._folder = folder
        self._descriptor = -1  # but while left_behind lasts
        self._state = examined(folder, path, descriptor)
        self.damage: list[Damage] = []

    @property
    def header(self) -> Header:
        """What it says of itself."""
        return self._state.header

    @property
    def alone(self) -> bool:
        """Whether it and its folder belong to this user, and nobody else may write to them."""
        return self._state.alone

    @property
    def size(self) -> int:
        """Bytes."""
        return self._state.size

    @property
    def moment(self) -> tuple[str, int, int]:
        """What tells it at this moment from it at others."""
        return self.path, self._state.size, self._state.changed

    @property
    def age(self) -> float:
        """Seconds since something was last written to it."""
        return max(0.0, time.time() - self._state.changed / 1e9)

    @property
    def wrong(self) -> list[str]:
        """A line for each damage that was found so far, and for what its process lost."""
        lines = [f"line {item.number} is damaged: {item.reason}" for item in self.damage]
        if self.header.lost:
            lines.append(f"its process lost {counted(self.header.lost, 'event')}: {printable(str(self.header.reason))}")
        return lines

    def batches(self) -> Iterator[list[list[Event]]]:
        """The calls, as many at a time as are worth a transaction; none where it has been cleared away."""
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

    def _calls(self) -> Iterator[tuple[list[Event], int]]:
        """The events and bytes of each line."""
        with self._opened() as descriptor:
            self.damage[:] = self._state.damage
            for number, start, line in numbered_lines(self.path, descriptor) if descriptor >= 0 else ():
                if line.isspace():
                    continue
                try:
                    yield from_line(line), len(line)
                except InvalidInput as error:
                    self._note(Damage(number, start, len(line), str(error)))

    def _note(self, damage: Damage) -> None:
        if len(self.damage) == _MOST_DAMAGE:
            raise UnreadableSpool(self.path, f"has more than {_MOST_DAMAGE:,} lines without events; look at it")
        self.damage.append(damage)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """A descriptor of it, that of ``left_behind`` while there is one; -1 where it has been cleared away."""
        if self._descriptor >= 0:
            yield self._descriptor
            return
        descriptor = self._reopened(os.O_RDONLY)
        try:
            yield descriptor
        finally:
            _close(descriptor)

    def _reopened(self, flags: int) -> int:
        try:
            descriptor = open_plain(self.path, flags)
        except FileNotFoundError:
            return -1
        except OSError as error:
            raise unreadable(self.path, error) from error
        try:
            state = examined(self._folder, self.path, descriptor)
            if (state.header.store, state.alone) == (self.header.store, self.alone):
                self._state = state
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # another file than the one for which a store was chosen
        return -1

    @contextmanager
    def left_behind(self) -> Iterator[str | None]:
        """What speaks against the process that wrote it having ended; None where it has.

        A process holds a lock on its spool for as long as it lives. Where the file system has no locks, or does not
        show those of other hosts, the file must have been quiet for a day. While the block lasts nobody else is told
        that the process has ended, and what is read, kept or removed is the file that was opened for it.
        """
        try:
            self._descriptor = self._reopened(os.O_RDWR)
        except UnreadableSpool:
            self._descriptor = self._reopened(os.O_RDONLY)
        try:
            yield _GONE if self._descriptor < 0 else self._doubt()
        finally:
            _close(self._descriptor)
            self._descriptor = -1

    def doubt(self) -> str | None:
        """What speaks against it at this moment."""
        with self.left_behind() as doubt:
            return doubt

    def _doubt(self) -> str | None:
        told = self.header.locked and (self.header.host == socket.gethostname() or not self._folder.on_network)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return _RUNS
            told = False
        return None if told or self.age > _DAY else _MAY_RUN

    def set_aside(self, lines: Sequence[bytes]) -> str:
        """Keeps the damaged lines and these, behind the header, in a new file beside the spool; returns its path.

        In the block of ``left_behind``, as is ``remove``.
        """
        parts = [(item.start, item.size) for item in self.damage if item.number > 1]
        return set_aside(self.path, self._descriptor, [(0, self._state.begin), *parts], lines)

    def remove(self) -> None:
        """Removes it, where it is what was read; another who does the same may have been first."""
        remove(self.path, self._descriptor, self.size)


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        os.close(descriptor)
