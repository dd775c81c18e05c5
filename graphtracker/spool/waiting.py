"""What waits in the spools of this user to be delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphtracker.errors import GraphTrackerError
from graphtracker.spool.destination import destination
from graphtracker.spool.folder import default_spools
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.state import UnreadableSpool


@dataclass(frozen=True)
class WaitingSpool:
    """A spool that has not been delivered, or not all of it.

    ``events`` are in it, for ``store`` (None: the spool names none), in ``size`` bytes; nothing was written to it for
    ``age`` seconds. ``doubt`` is what speaks against the process that wrote it having ended; that may have delivered
    some of them. ``knows_store`` is whether a sync finds a store for it without being told one. ``wrong`` has a line
    for each thing that is wrong with the spool.
    """

    path: str
    store: str | None
    events: int
    size: int
    age: float
    doubt: str | None
    knows_store: bool
    wrong: tuple[str, ...]


def waiting_spools() -> Iterator[WaitingSpool | UnreadableSpool]:
    """The spools of this user, by folder and name; for one that cannot be read, the error that says so."""
    for spool in default_spools():
        try:
            yield spool if isinstance(spool, UnreadableSpool) else _examined(spool)
        except UnreadableSpool as error:
            yield error


def _examined(spool: SpoolReader) -> WaitingSpool:
    doubt = spool.doubt()
    events = spool.counted()  # finds the damaged lines
    return WaitingSpool(
        spool.path, spool.header.shown, events, spool.size, spool.age, doubt, _knows_store(spool), tuple(spool.wrong)
    )


def _knows_store(spool: SpoolReader) -> bool:
    try:
        destination(spool)
    except GraphTrackerError:
        return False
    return True
