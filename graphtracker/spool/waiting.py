"""What waits in the spools of this user to be delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphtracker.errors import StoreError
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.sync import default_spools


@dataclass(frozen=True)
class WaitingSpool:
    """A spool that has not been delivered, or not all of it.

    ``events`` are in it, for ``store`` (None: the spool names none), in ``size`` bytes; nothing was written to it for
    ``age`` seconds. ``ended`` is whether the process that wrote it has ended; else it may have delivered some of them.
    ``wrong`` has a line for each thing that is wrong with the spool.
    """

    path: str
    store: str | None
    events: int
    size: int
    age: float
    ended: bool
    wrong: tuple[str, ...]


def waiting_spools() -> Iterator[WaitingSpool | StoreError]:
    """The spools of this user, by folder and name; for one that cannot be read, the error that says so."""
    for spool in default_spools():
        if isinstance(spool, StoreError):
            yield spool
            continue
        try:
            yield _examined(spool)
        except FileNotFoundError:
            continue  # delivered meanwhile


def _examined(spool: SpoolReader) -> WaitingSpool:
    ended = spool.is_left_behind()
    events = spool.counted()  # finds the damaged lines
    wrong = [f"line {item.number} is damaged: {item.reason}" for item in spool.damage]
    if spool.header.lost:
        wrong.append(f"its process lost {spool.header.lost:,} events: {spool.header.reason}")
    return WaitingSpool(spool.path, spool.header.store, events, spool.size, spool.age, ended, tuple(wrong))
