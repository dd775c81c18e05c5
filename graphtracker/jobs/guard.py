"""Recording inside a job: a store that fails costs a line of log, never the job."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from graphtracker import logs
from graphtracker.environment import inside_job, spool_folder
from graphtracker.errors import StoreError, StoreUnavailable, reason_of
from graphtracker.jobs.launch import is_this_launch
from graphtracker.jobs.remembering import remember
from graphtracker.model.events import Event, Said
from graphtracker.model.signals import pass_on
from graphtracker.recording.recorder import Recorder, by_run
from graphtracker.spool.relieved import Relieved
from graphtracker.stores.contract import OnForgotten, Store
from graphtracker.stores.opening import SPOOL_FOLDER, is_spool, open_store
from graphtracker.stores.sqlite.filesystems import network_file_system
from graphtracker.stores.urls import MEMORY, StoreURL, parse, without_password

_PAUSE = 60.0
"""Seconds without another try after neither a spool nor the store took a call, which had to wait for that."""


class JobRecorder(Recorder):
    """A recorder whose writes raise nothing; ``lost`` counts the events that neither its store nor a spool took."""

    def __init__(self, url: str | os.PathLike[str] | None) -> None:
        self.lost = 0
        self._silent_until = 0.0
        self._reported = False
        self._refused = False
        self._remembers = False  # whether the context of this launch has been seen to
        self._on_network: str | None = None  # the SQLite file whose place a spool folder takes
        try:
            super().__init__(url)
        except Exception as error:
            pass_on(error)
            if not inside_job():
                raise
            self._take_stray(url, error)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "lost": 0, "_silent_until": 0.0, "_remembers": False}

    def _opened(self, url: str | os.PathLike[str], spool: str | None) -> Store:
        parsed = parse(url)
        if parsed.scheme != "sqlite":
            from graphtracker.spool.spooled import Spooled  # 15 ms, for those whose store is no file

            return Spooled(_folder(), url)
        if parsed.rest == MEMORY:
            return open_store(url)
        kind = None if is_spool(parsed.rest) else network_file_system(parsed.rest)
        if kind is None and not is_spool(parsed.rest):
            return Relieved(url, _folder)
        from graphtracker.spool.store import SpoolStore
        from graphtracker.spool.writer import temporary_folder

        if kind is not None:
            parsed = self._in_place_of(parsed)
        return SpoolStore(parsed, [folder for folder in [_folder()] if folder is not None], temporary_folder)

    def _make_folder(self) -> None:
        with suppress(StoreError):  # the store says it, too, when it is written to
            super()._make_folder()

    def _in_place_of(self, store: StoreURL) -> StoreURL:
        """The spool folder that takes the place of an SQLite file on a network file system."""
        folder = parse(store.rest + SPOOL_FOLDER)
        self.url, self._on_network = folder.shown, store.shown
        return folder

    def _announce(self) -> None:
        if self._on_network is not None:
            logs.warning(
                "%s lies on a network file system, where SQLite breaks: graphtracker records to the spool folder %s; "
                "merge it into a store with `graphtracker sync %s --store URL`", self._on_network, self.url, self.url,
            )  # fmt: skip
        super()._announce()

    def _take_stray(self, url: object, error: Exception) -> None:
        """Keeps what is recorded for a store that cannot be made."""
        from graphtracker.spool.stray import StraySpool  # as above

        self._default = None
        self.url = without_password(str(url)) if url is not None else "the default store"
        self.store = StraySpool(_folder(), self.url, error)

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Writes the events of one call, or counts them as lost; before the first one of this launch, its context."""
        if not self._remembers and said is not None:
            self._remember(events)
        if self._silent_until and time.monotonic() < self._silent_until:
            self.lost += len(events)
            return
        try:
            super().write(events, said=said)
        except OnForgotten as refusal:
            self._drop(events, said, refusal)
        except Exception as error:  # noqa: BLE001  # what a store raises ends here, what a verb raises in torchx.py
            pass_on(error)
            self.lost += len(events)
            if isinstance(error, StoreUnavailable):
                self._silent_until = time.monotonic() + _PAUSE
            self._tell_lost(error)

    def _drop(self, events: Sequence[Event], said: Said | None, refusal: OnForgotten) -> None:
        """Leaves out what a forgotten run recorded, and writes what others did."""
        parts = by_run(events)
        if len(parts) > 1:
            for part in parts:
                self.write(part, said=said)
            return
        if not self._refused:
            self._refused = True
            logs.loss("graphtracker cannot record this, and the job goes on (told once): %s", reason_of(refusal))

    def _remember(self, events: Sequence[Event]) -> None:
        run_id = next((event.run_id for event in events if is_this_launch(event.run_id)), None)
        if run_id is not None:
            self._remembers = True
            remember(run_id, self)

    def _tell_lost(self, error: Exception) -> None:
        """Logs the first loss, and no other."""
        if not self._reported:
            self._reported = True
            logs.loss("graphtracker cannot use its store, events are lost and the job goes on: %s", reason_of(error))


def _folder() -> str | None:
    """Where the spools of this user lie; None where only the temporary folder is left."""
    try:
        return spool_folder()
    except StoreError:
        return None
