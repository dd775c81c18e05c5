"""Recording inside a job: a store that fails costs a line of log, never the job."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Sequence
from typing import Any

from graphtracker.environment import default_url, spool_folder
from graphtracker.errors import StoreUnavailable, reason_of
from graphtracker.model.display import printable
from graphtracker.model.events import Event
from graphtracker.recording.recorder import Recorder
from graphtracker.stores.opening import SPOOL_FOLDER, is_spool
from graphtracker.stores.sqlite.filesystems import network_file_system
from graphtracker.stores.urls import MEMORY, parse

_PAUSE = 60.0
"""Seconds without another try after a store kept this process waiting for its whole timeout."""

logger = logging.getLogger("graphtracker")


class JobRecorder(Recorder):
    """A recorder whose writes raise nothing; ``lost`` counts the events that its store did not take."""

    def __init__(self, url: str | os.PathLike[str] | None) -> None:
        url, spool, self._in_place_of = _spared(url)
        super().__init__(url, spool=spool)
        self.lost = 0
        self._silent_until = 0.0
        self._reported = False

    def __getstate__(self) -> dict[str, Any]:
        silent = math.inf if self._silent_until == math.inf else 0.0
        more = {"lost": 0, "_silent_until": silent, "_reported": self._reported, "_in_place_of": self._in_place_of}
        return {**super().__getstate__(), **more}

    def refuse_all(self) -> None:
        """From now on takes nothing: there is no store to write to."""
        self._silent_until = math.inf

    def _write(self, events: Sequence[Event]) -> None:
        if self._silent_until and time.monotonic() < self._silent_until:
            self.lost += len(events)
            return
        try:
            super()._write(events)
        except Exception as error:  # noqa: BLE001  # what a store raises ends here, what a verb raises in torchx.py
            self.lost += len(events)
            if isinstance(error, StoreUnavailable):
                self._silent_until = time.monotonic() + _PAUSE
            self.report(error)

    def _announce(self) -> None:
        if self._in_place_of is not None:
            logger.warning(
                "%s lies on a network file system, where SQLite breaks: graphtracker records to the spool folder %s; "
                "merge it into a store with `graphtracker sync %s --store URL`", self._in_place_of, self.url, self.url,
            )  # fmt: skip
        super()._announce()

    def report(self, error: Exception) -> None:
        """Logs the first failure of the store, and no other."""
        if not self._reported:
            self._reported = True
            why = printable(reason_of(error))
            logger.error("graphtracker cannot use its store, events are lost and the job goes on: %s", why)


def _spared(url: str | os.PathLike[str] | None) -> tuple[str | os.PathLike[str] | None, str | None, str | None]:
    """What spares a job the wait: the store to use, the folder of a spool before it, the store whose place it takes.

    A store that is no local file gets a spool, and on a network file system a spool folder takes its place.
    """
    parsed = parse(default_url()[0] if url is None else url)
    if parsed.scheme != "sqlite":
        return url, spool_folder(), None
    if parsed.rest != MEMORY and not is_spool(parsed.rest) and network_file_system(parsed.rest):
        return parsed.rest + SPOOL_FOLDER, None, parsed.shown
    return url, None, None
