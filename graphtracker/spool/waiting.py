"""What waits in the spools of this user to be delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphtracker.environment import default_url
from graphtracker.errors import GraphTrackerError
from graphtracker.model.events import SILENT, Forgotten
from graphtracker.spool.destination import as_in_headers, destination
from graphtracker.spool.folder import default_spools
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.state import UnreadableSpool
from graphtracker.stores.contract import Store
from graphtracker.stores.opening import open_store
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.urls import MEMORY


@dataclass(frozen=True)
class WaitingSpool:
    """A spool that has not been delivered, or not all of it.

    ``events`` are in it, for ``store`` (None: the spool names none), in ``size`` bytes; nothing was written to it for
    ``age`` seconds. ``doubt`` is what speaks against the process that wrote it having ended; that may have delivered
    some of them. ``knows_store`` is whether a sync finds a store for it without being told one. ``wrong`` has a line
    for each thing that is wrong with the spool. ``forgotten`` are the ids, in order, of runs that still have something
    in it and that its store has forgotten, as far as that was asked.
    """

    path: str
    store: str | None
    events: int
    size: int
    age: float
    doubt: str | None
    knows_store: bool
    wrong: tuple[str, ...]
    forgotten: tuple[str, ...]


def waiting_spools(url: str | None = MEMORY) -> Iterator[WaitingSpool | UnreadableSpool]:
    """The spools of this user, by folder and name; for one that cannot be read, the error that says so.

    ``url`` is of the store (None: the default one) that is asked what it has forgotten; it raises what that raises.
    """
    asked = default_url()[0] if url is None else url
    store = open_store(asked)
    try:
        for spool in default_spools():
            try:
                yield spool if isinstance(spool, UnreadableSpool) else _examined(spool, store, asked)
            except UnreadableSpool as error:
                yield error
    finally:
        store.close()


def _examined(spool: SpoolReader, store: Store, asked: str) -> WaitingSpool:
    doubt = spool.doubt()
    events = 0
    run_ids: set[str] = set()
    for batch in spool.events():  # finds the damaged lines
        events += len(batch)
        run_ids.update(event.run_id for event in batch if type(event) not in SILENT)
    gone: set[str] = set()
    if spool.header.store in (None, as_in_headers(asked)):  # else that store has forgotten runs of its own
        gone = store.read(lambda snapshot: _forgotten(snapshot, sorted(run_ids)))
    return WaitingSpool(
        spool.path, spool.header.shown, events, spool.size, spool.age, doubt, _knows_store(spool), tuple(spool.wrong),
        tuple(sorted(gone)),
    )  # fmt: skip


def _forgotten(snapshot: Snapshot, run_ids: Sequence[str]) -> set[str]:
    return {event.run_id for events in snapshot.events(run_ids) for event in events if type(event) is Forgotten}


def _knows_store(spool: SpoolReader) -> bool:
    try:
        destination(spool)
    except GraphTrackerError:
        return False
    return True
