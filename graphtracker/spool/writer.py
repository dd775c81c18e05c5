"""Where the events of this process wait: its spool, in the first folder that can be written to."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import Any

from graphtracker import logs
from graphtracker.environment import is_default_spool_folder
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.laid_out import opened_folder
from graphtracker.spool.lines import to_line

_LARGEST = 1 << 20  # bytes; a file that is larger gives way to a new one once all of it has been delivered
_PAUSE = 60.0  # seconds before folders that could not be written to are tried again


def temporary_folder() -> str:
    """The folder that stands in where the right one cannot be written to."""
    return os.path.join(tempfile.gettempdir(), f"graphtracker-spool-{os.getuid()}")


class SpoolWriter:
    """The spool of this process for one store; begun with the first event, and anew after a fork; shared by threads."""

    def __init__(self, folders: Sequence[str], store: str | None) -> None:
        self.folders = list(dict.fromkeys(folders))
        self.store = store
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._files: list[SpoolFile] = []  # the last is written to, those before it could not be any longer
        self._places = list(self.folders)
        self._again_at = 0.0
        self._told: set[str] = set()
        self._lost, self._reason = 0, ""

    def __getstate__(self) -> dict[str, Any]:
        return {"folders": self.folders, "store": self.store}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def append(self, events: Sequence[Event]) -> bool:
        """Writes the events of one call; False where no folder takes them."""
        line = to_line(events)
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            if self._files and not self._files[-1].failed:
                try:
                    self._files[-1].append(line)
                    return True
                except OSError:
                    self._files[-1].failed = True
            if not self._places and time.monotonic() > self._again_at:
                self._places = list(self.folders)
            while self._places:
                try:
                    self._begin_file(line)
                    return True
                except OSError as error:
                    self._pass_by(self._places.pop(0), error)
            return False

    def _begin_file(self, line: bytes) -> None:
        rights = _made(self._places[0])
        file = SpoolFile(self._places[0], self.store, rights)
        try:
            file.append(line)
        except OSError:
            file.close()
            raise
        if self._lost:
            file.tell_lost(self._lost, self._reason)
            self._lost = 0
        self._files.append(file)

    def _pass_by(self, folder: str, error: OSError) -> None:
        self._again_at = time.monotonic() + _PAUSE
        if folder not in self._told:
            self._told.add(folder)
            instead = (
                f"{quoted(self._places[0])} takes its place" if self._places else "events go to the store directly"
            )
            logs.warning(
                "graphtracker cannot write its spool in %s (%s); %s", quoted(folder), error.strerror or error, instead
            )

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
            return [file for file in self._files if file.waiting]

    def set_delivered(self, file: SpoolFile, place: int) -> None:
        """Notes that what stands in a file up to there is in the store; a file that is done with is removed."""
        with self._lock:
            if file not in self._files:
                return
            file.delivered = place
            current = file is self._files[-1] and not file.failed
            if not file.waiting and (not current or file.size > _LARGEST):
                self._files.remove(file)
                file.close()

    def close(self, *, unless_waiting: bool = False) -> list[str] | None:
        """Ends the files, of which those that are done with are removed; returns the paths of the others.

        ``unless_waiting`` ends none, and returns None, where one has lines to be delivered. A later event begins
        another.
        """
        if self._pid != os.getpid():
            return []
        with self._lock:
            left = [file.path for file in self._files if file.waiting]
            if left and unless_waiting:
                return None
            for file in self._files:
                file.close()
            self._files = []
        return left


def _made(folder: str) -> int:
    """Makes the folder; returns the rights of files in it, before the umask.

    Those that nobody chose are for this user alone, and the temporary one, whose name anybody could take, must be this
    user's own. One that somebody named has the rights that the umask and the folder above give it: a team may share it.
    """
    if folder == temporary_folder():
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with opened_folder(folder, own=True) as (_, descriptor):
            os.fchmod(descriptor, 0o700)
        return 0o600
    private = is_default_spool_folder(folder)
    os.makedirs(folder, mode=0o700 if private else 0o777, exist_ok=True)
    return 0o600 if private else 0o666
