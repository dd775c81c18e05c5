"""Recording inside a job: a store that fails costs one line of log and the facts, never the job."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Sequence
from typing import Any

from graphtracker.errors import GraphTrackerError, StoreUnavailable
from graphtracker.events import Event
from graphtracker.recorder import Recorder

PAUSE = 60.0
"""Seconds without another try after a store kept this process waiting for its whole timeout."""

logger = logging.getLogger("graphtracker")


class JobRecorder(Recorder):
    """A recorder that raises nothing; ``lost`` counts the facts that its store did not take."""

    def __init__(self, url: str | os.PathLike[str] | None) -> None:
        super().__init__(url)
        self.lost = 0
        self._silent_until = 0.0
        self._reported = False

    def __getstate__(self) -> dict[str, Any]:
        silent = math.inf if self._silent_until == math.inf else 0.0
        return {**super().__getstate__(), "lost": 0, "_silent_until": silent, "_reported": self._reported}

    def refuse_all(self) -> None:
        """From now on takes nothing: there is no store to write to."""
        self._silent_until = math.inf

    def _write(self, events: Sequence[Event]) -> None:
        if time.monotonic() < self._silent_until:
            self.lost += len(events)
            return
        try:
            super()._write(events)
        except Exception as error:  # noqa: BLE001  # the one place that protects a job
            self.lost += len(events)
            if isinstance(error, StoreUnavailable):
                self._silent_until = time.monotonic() + PAUSE
            self.report(error)

    def report(self, error: Exception) -> None:
        """Logs the first failure of the store, and no other."""
        if not self._reported:
            self._reported = True
            reason = error if isinstance(error, GraphTrackerError) else f"{type(error).__name__}: {error}"
            logger.error("graphtracker cannot use its store, facts are lost and the job goes on: %s", reason)
