"""What tests of recording say, compare and expect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from graphtracker.model.context import checked_context
from graphtracker.model.events import ContextSet, stamps
from graphtracker.model.times import nanoseconds
from graphtracker.stores.opening import open_store

NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)


def after(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def remember(store: str, run_id: str, at: datetime | None = None, **context: object) -> None:
    """Records the context of a run, now or as if it had been at that time."""
    (stamp,) = stamps(1, None if at is None else nanoseconds(at))
    open_store(store).write([ContextSet(run_id, checked_context(context), stamp)])


class Stopped(Exception):
    """Leaves a block."""
