"""Where the events of this process wait: its spool, in the first folder that can be written to."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from graphtracker import logs
from graphtracker.environment import is_default_spool_folder
from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.laid_out import opened_folder
from graphtracker.spool.lines import to_line

_LARGEST = 1 << 20  # bytes; a file that is larger gives way to a new one once all of it has been delivered
_PAUSE = 60.0  # seconds before folders that could not be written to are tried again


def temporary_folder() -> str:
    """The folder that stands in where the right one cannot be written to; raises OSError where there is none either."""
    return os.path.join(tempfile.gettempdir(), _temporary_name())


def _temporary_name() -> str:
    return f"graphtracker-spool-{os.getuid()}"


class SpoolWriter:
    """The spool of this process for one store; begun with the first event, and anew after a fork; shared by threads.

    It lies in the first of ``folders`` that can be written to, else in the one that ``stand_in`` names. A call inside
    another one of the same thread, which is in the middle of a line, writes to a file of its own.
    """

    def __init__(self, folders: Sequence[str], store: str | None, *, stand_in: Callable[[], str] | None = None) -> None:
        self.folders = list(dict.fromkeys(folders))
        self.store = store
        self._stand_in = stand_in
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._inside = threading.Lock()  # held, by whoever holds the lock, while it is in the middle of a call
        self._caller = 0  # who that is
        self._files: list[SpoolFile] = []  # the last is written to, those before it could not be any longer
        self._beside: list[SpoolFile] = []  # of inner calls
        self._free: list[SpoolFile] = []  # those of them that no call is writing to
        self._places = self._all_places()
        self._again_at = 0.0
        self._told: set[str] = set()
        self._lost, self._reason = 0, ""

    def __getstate__(self) -> dict[str, Any]:
        return {"folders": self.folders, "store": self.store, "_stand_in": self._stand_in}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def _all_places(self) -> list[Callable[[], str]]:
        """Where a spool may lie, each place asked for only when those before it have failed."""
        return [partial(str, folder) for folder in self.folders] + ([self._stand_in] if self._stand_in else [])

    @property
    def _in_call(self) -> bool:
        """Whether this thread is in the middle of a call."""
        return self._inside.locked() and self._caller == threading.get_ident()

    def append(self, events: Sequence[Event]) -> bool:
        """Writes the events of one call; False where no folder takes them."""
        line = to_line(events)
        if self._pid != os.getpid():
            self._begin()
        caller = threading.get_ident()
        if self._inside.locked() and self._caller == caller:
            return self._append_beside(line)
        with self._lock:
            self._caller = caller
            with self._inside:
                return self._append(line)

    def _append(self, line: bytes) -> bool:
        if self._files and not self._files[-1].failed:
            try:
                self._files[-1].append(line)
                return True
            except OSError:
                self._files[-1].failed = True
        if not self._places and time.monotonic() > self._again_at:
            self._places = self._all_places()
        while self._places:
            try:
                self._files.append(self._file_with(line, self._places[0]))
                return True
            except (OSError, StoreError) as error:
                self._pass_by(self._places.pop(0), error)
        return False

    def _append_beside(self, line: bytes) -> bool:
        """Writes the line of an inner call; lists are popped and added to so that no call finds another's file."""
        if self._free:
            file = self._free.pop()
            try:
                file.append(line)
                self._free.append(file)
                return True
            except OSError:
                file.failed = True
        for place in list(self._places):
            try:
                file = self._file_with(line, place)
            except (OSError, StoreError):
                continue
            self._beside.append(file)
            self._free.append(file)
            return True
        return False

    def _file_with(self, line: bytes, place: Callable[[], str]) -> SpoolFile:
        folder = place()
        file = SpoolFile(folder, self.store, _made(folder))
        try:
            file.append(line)
        except OSError:
            file.close()
            raise
        if self._lost:
            file.tell_lost(self._lost, self._reason)
            self._lost = 0
        return file

    def _pass_by(self, place: Callable[[], str], error: OSError | StoreError) -> None:
        self._again_at = time.monotonic() + _PAUSE
        folder = _named(place)
        if folder not in self._told:
            self._told.add(folder)
            instead = (
                f"{_named(self._places[0])} takes its place" if self._places else "events go to the store directly"
            )
            reason = error.strerror or error if isinstance(error, OSError) else error
            logs.warning("graphtracker cannot write its spool in %s (%s); %s", folder, reason, instead)

    def tell_lost(self, count: int, reason: str) -> None:
        """Notes in the spool that events of this process are neither there nor in the store."""
        with self._lock:
            if self._files:
                self._files[-1].tell_lost(count, reason)
            else:
                self._lost, self._reason = self._lost + count, self._reason or reason

    def waiting(self) -> list[SpoolFile]:
        """The files that have lines to be delivered, in the order in which they were written."""
        if self._pid != os.getpid():
            return []
        with self._lock:
            return [file for file in [*self._files, *self._beside] if file.waiting]

    def set_delivered(self, file: SpoolFile, place: int) -> None:
        """Notes that what stands in a file up to there is in the store; a file that is done with is removed."""
        with self._lock:
            self._caller = threading.get_ident()
            with self._inside:
                file.delivered = place
                if file in self._files and not file.waiting:
                    current = file is self._files[-1] and not file.failed
                    if not current or file.size > _LARGEST:
                        self._files.remove(file)
                        file.close()

    def close(self, *, unless_waiting: bool = False) -> list[str] | None:
        """Ends the files, of which those that are done with are removed; returns the paths of the others.

        ``unless_waiting`` ends none, and returns None, where one has lines to be delivered. A later event begins
        another. In the middle of a call of this thread none is ended.
        """
        if self._pid != os.getpid():
            return []
        with self._lock:
            left = [file.path for file in self.waiting()]
            if self._in_call:
                return left
            if left and unless_waiting:
                return None
            self._caller = threading.get_ident()
            with self._inside:
                self._end_files()
        return left

    def _end_files(self) -> None:
        for file in self._files:
            file.close()
        self._files = []
        while self._free:
            file = self._free.pop()
            self._beside.remove(file)
            file.close()


def _named(place: Callable[[], str]) -> str:
    try:
        return quoted(place())
    except (OSError, StoreError):
        return "a temporary folder"


def _made(folder: str) -> int:
    """Makes the folder; returns the rights of files in it, before the umask.

    Those that nobody chose are for this user alone, and the temporary one, whose name anybody could take, must be this
    user's own. One that somebody named has the rights that the umask and the folder above give it: a team may share it.
    """
    if os.path.basename(folder) == _temporary_name() and folder == temporary_folder():
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with opened_folder(folder, own=True) as (_, descriptor):
            os.fchmod(descriptor, 0o700)
        return 0o600
    private = is_default_spool_folder(folder)
    os.makedirs(folder, mode=0o700 if private else 0o777, exist_ok=True)
    return 0o600 if private else 0o666
