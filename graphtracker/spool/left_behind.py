"""The spools that ended processes left in a folder, found one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import TypeGuard

from graphtracker import logs
from graphtracker.spool.folder import spools_in
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.state import UnreadableSpool
from graphtracker.spool.turns import turn_in


class Step(Enum):
    """What a step of the look found where it found no spool to deliver: a spool that is passed by; or that others look,
    or have just done so, and that it may be asked again later."""

    PASSED_BY = auto()
    LATER = auto()


def left_behind(folder: str, store: str) -> Iterator[SpoolReader | Step]:
    """Looks once for the spools in a folder that name this store, and whose processes have ended; a step for each
    spool."""
    while (turn := turn_in(folder, store)) is None:
        yield Step.LATER
    try:
        for found in spools_in(folder):
            if _is_left_behind(found, store):
                yield found
            else:
                turn.in_vain += 1
                yield Step.PASSED_BY
    finally:
        turn.end()


def _is_left_behind(found: SpoolReader | UnreadableSpool, store: str) -> TypeGuard[SpoolReader]:
    try:
        if isinstance(found, UnreadableSpool):
            raise found
        return found.header.store == store and found.doubt() is None
    except UnreadableSpool as error:
        logs.info("graphtracker: %s", error)
        return False
