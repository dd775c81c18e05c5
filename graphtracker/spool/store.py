"""A folder of spools as a store: the recorded events themselves, read by merging them into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from graphtracker import logs
from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event, Forgotten, Said
from graphtracker.spool.file import SUFFIX
from graphtracker.spool.folder import spools_in
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.writer import SpoolWriter
from graphtracker.stores.contract import Answered, Store, refused
from graphtracker.stores.opening import memory_store
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.urls import StoreURL


class SpoolStore(Store):
    """The spools of a folder, or one spool file; made from its URL.

    What is recorded into a folder goes to a spool of this process there, which is safe on network file systems, too;
    else to one in ``elsewhere``. A call on a run that is forgotten is refused where this process knows of that, as it
    does once it has read the folder; else it is void when it is merged.
    """

    def __init__(self, url: StoreURL, elsewhere: Sequence[str] = (), stand_in: Callable[[], str] | None = None) -> None:
        self.url = url.shown
        self._place = url.rest
        self._writer = SpoolWriter([url.rest, *elsewhere], None, stand_in=stand_in)
        self._told: set[str] = set()
        self._seen: list[tuple[str, int, int]] = []
        self._merged: Store | None = None
        self._forgotten: set[str] = set()  # runs, as far as this process has read, or said so itself

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_seen": [], "_merged": None}

    def write(self, events: Sequence[Event], *, said: Said | None = None) -> None:
        """Appends the events to this process's spool in the folder."""
        if self._place.endswith(SUFFIX):
            raise StoreError(
                f"{quoted(self.url)} is the spool of one process, which nobody else writes to; record into a store, "
                "and merge it there with `graphtracker sync`"
            )
        gone = {event.run_id for event in events} & self._forgotten if said else None
        if gone:
            raise refused(gone)
        if not self._writer.append(events):
            raise StoreError(f"nothing can be written in the spool folder {quoted(self.url)}; name another")
        self._forgotten.update(event.run_id for event in events if type(event) is Forgotten)

    def read(self, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of all the events there now, merged."""
        return self._read().read(work)

    def _read(self) -> Store:
        spools = list(self._spools())
        seen = [spool.moment for spool in spools]
        if self._merged is None or seen != self._seen or self._merged.in_call:
            self._merged, self._seen = self._merge(spools), seen
        return self._merged

    def _merge(self, spools: Iterable[SpoolReader]) -> Store:
        merged = memory_store()
        for spool in spools:
            for events in spool.events():
                merged.write(events)
                self._forgotten.update(event.run_id for event in events if type(event) is Forgotten)
            for line in spool.wrong:
                logs.warning("graphtracker leaves out what is wrong with %s: %s", quoted(spool.path), line)
        return merged

    def _spools(self) -> Iterator[SpoolReader]:
        for found in spools_in(self._place):
            if isinstance(found, SpoolReader):
                yield found
            elif not found.empty or found.path == self._place:
                raise found
            elif found.path not in self._told:
                self._told.add(found.path)
                logs.warning("graphtracker: %s", found)

    def events(self) -> Iterator[list[Event]]:
        """Every event as it was recorded."""
        for spool in self._spools():
            yield from spool.events()

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return next(iter(spools_in(self._place)), None) is not None

    def health(self) -> dict[str, object]:
        """Counts, what is damaged."""
        spools = list(self._spools())
        found = {"store": "spool", "spools": len(spools), "events": sum(spool.counted() for spool in spools)}
        damaged = [f"{spool.path}, line {item.number}" for spool in spools for item in spool.damage]
        return {**found, **({"damaged": ", ".join(damaged)} if damaged else {})}

    def close(self) -> None:
        """Ends this process's spool, which stays in the folder."""
        self._writer.close()
        self._seen, self._merged = [], None
