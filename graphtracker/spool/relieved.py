"""A store that is written to directly, with a spool behind it for what it cannot take."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence

from graphtracker import logs
from graphtracker.errors import InvalidInput, StoreUnavailable, reason_of
from graphtracker.model.events import Event
from graphtracker.model.signals import pass_on
from graphtracker.spool.spooled import Spooled

_PAUSE = 60.0  # seconds without another direct try after a store kept a call waiting for its whole timeout
_BUSY = StoreUnavailable("this thread is in the middle of another call on the store")


class Relieved(Spooled):
    """The store of a URL; what it cannot take now waits in the spool, from which it is delivered as soon as it can."""

    def __init__(self, folder: str | None, url: str | os.PathLike[str]) -> None:
        super().__init__(folder, url)
        with contextlib.suppress(ImportError):  # a Python without sqlite3: then the events wait for one that has it
            self._store()

    def _begin(self) -> None:
        super()._begin()
        self._again_at = 0.0
        self._trouble: Exception = _BUSY

    def write(self, events: Sequence[Event], *, stand: bool = False) -> None:
        """Writes the events of one call, else appends them to the spool; raises where neither takes them."""
        trouble = self._try(events, stand)
        if trouble is None:
            return
        if not self._spool(events):
            if trouble is _BUSY:
                self._store().write(events, stand=stand)  # is put off
                return
            self._writer.tell_lost(len(events), reason_of(trouble))
            raise trouble
        if not self._delivery.told and trouble is not _BUSY:
            self._delivery.told = True
            logs.loss(
                "graphtracker cannot use its store yet, events wait in %s and the job goes on: %s",
                ", ".join(file.path for file in self._writer.waiting()) or "a spool", reason_of(trouble),
            )  # fmt: skip

    @property
    def _away(self) -> bool:
        return False  # what cannot be written may be read, and a file that cannot says so at once

    def _try(self, events: Sequence[Event], stand: bool) -> Exception | None:
        """What keeps the store from taking the events now; None where it has."""
        if time.monotonic() < self._again_at:
            return self._trouble
        try:
            store = self._store()
            if store.in_call:
                return _BUSY
            store.write(events, stand=stand)
            return None
        except InvalidInput:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the events must not be lost with it
            pass_on(error)
            if isinstance(error, StoreUnavailable):
                self._again_at = time.monotonic() + _PAUSE
            self._trouble = error
            return error
