"""A store that is written to directly, with a spool behind it for what it cannot take."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphtracker.errors import InvalidInput, StoreUnavailable, reason_of
from graphtracker.model.events import Event, Said
from graphtracker.model.signals import pass_on
from graphtracker.stores.contract import Answered, Store
from graphtracker.stores.opening import open_store
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.urls import parse

if TYPE_CHECKING:
    from graphtracker.spool.spooled import Spooled

_PAUSE = 60.0  # seconds without another direct try after a store kept a call waiting for its whole timeout
_BUSY = StoreUnavailable("this thread is in the middle of another call on the store")


class Relieved(Store):
    """The store of a URL; what it cannot take now waits in a spool, from which it is delivered as soon as it can.

    ``folder`` says where the spool is to lie (None: in the temporary folder), once there is something for it.
    """

    def __init__(self, url: str | os.PathLike[str], folder: Callable[[], str | None]) -> None:
        self.url = parse(url).shown
        self._named = url
        self._folder = folder
        self._direct: Store | None = None
        with contextlib.suppress(ImportError):  # a Python without sqlite3: then the events wait for one that has it
            self._store()
        self._begin()

    def _begin(self) -> None:
        self._again_at = 0.0
        self._trouble: Exception = _BUSY
        self._behind: Spooled | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("url", "_named", "_folder", "_direct")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    def _store(self) -> Store:
        if self._direct is None:
            self._direct = open_store(self._named)
        return self._direct

    def _spooled(self) -> Spooled:
        if self._behind is None:
            from graphtracker.spool.spooled import Spooled  # 15 ms, for those whose store fails

            self._behind = Spooled(self._folder(), self._named, quick=True)
        return self._behind

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Writes the events of one call, else appends them to the spool; raises where neither takes them."""
        trouble = self._try(events, said)
        if trouble is None:
            return
        behind = self._spooled()
        if behind.take(events):
            if trouble is not _BUSY:
                behind.tell(trouble)
        elif trouble is _BUSY:
            self._store().write(events, said=said)  # which puts it off
        else:
            behind.tell_lost(len(events), reason_of(trouble))
            raise trouble

    def _try(self, events: Sequence[Event], said: Said | None) -> Exception | None:
        """What keeps the store from taking the events now; None where it has."""
        if time.monotonic() < self._again_at:
            return self._trouble
        try:
            store = self._store()
            if store.in_call:
                return _BUSY
            store.write(events, said=said)
            return None
        except InvalidInput:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the events must not be lost with it
            pass_on(error)
            if isinstance(error, StoreUnavailable):
                self._again_at = time.monotonic() + _PAUSE
            self._trouble = error
            return error

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of the store, together with what waits for it."""
        return (self._behind or self._store()).read(work)

    def events(self) -> Iterator[list[Event]]:
        """Every event, the store's first, then what waits for it."""
        return (self._behind or self._store()).events()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return (self._behind or self._store()).exists()

    def health(self) -> dict[str, object]:
        """What the store says of itself."""
        return self._store().health()

    def close(self) -> None:
        """Delivers what waits, for as long as a process waits at its end, then ends connections."""
        if self._behind is not None:
            self._behind.close()
        if self._direct is not None:
            self._direct.close()
