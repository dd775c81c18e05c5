"""Events for a store that nothing can be made of: they wait in a spool for whoever names another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from graphtracker import logs
from graphtracker.errors import StoreError, reason_of
from graphtracker.model.events import Event, Said
from graphtracker.spool.unsynced import UnsyncedSnapshot
from graphtracker.spool.writer import SpoolWriter, temporary_folder
from graphtracker.stores.contract import Answered, Store
from graphtracker.stores.snapshot import EmptySnapshot, Snapshot


class StraySpool(Store):
    """The spool of this process in a folder (None: the temporary one), for no store; ``error`` says why there is
    none."""

    def __init__(self, folder: str | None, url: str, error: Exception) -> None:
        self.url = url
        self._error = error
        self._told = False
        self._writer = SpoolWriter([] if folder is None else [folder], None, stand_in=temporary_folder)

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_told": False}  # another process has a spool of its own to tell of

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Appends the events to the spool; raises what keeps the store from being used where that fails, too."""
        if not self._writer.append(events):
            raise self._error
        if not self._told:
            self._told = True
            path = self._writer.waiting()[0].path
            logs.loss(
                "graphtracker cannot use its store, events wait in %s and the job goes on; run "
                "`graphtracker sync %s --store URL`: %s", path, path, reason_of(self._error),
            )  # fmt: skip

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of what this process recorded."""
        return work(UnsyncedSnapshot(EmptySnapshot(), self.events()))

    def events(self) -> Iterator[list[Event]]:
        """Every event that this process recorded."""
        for file in self._writer.waiting():
            yield from file.events_waiting()

    def exists(self) -> bool:
        """Whether this process recorded anything."""
        return bool(self._writer.waiting())

    def health(self) -> dict[str, object]:
        """Raises StoreError, which says why there is no store."""
        raise StoreError(reason_of(self._error)) from self._error

    def close(self) -> None:
        """Ends this process's spool, which stays."""
        self._writer.close()
