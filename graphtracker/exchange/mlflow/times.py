"""MLflow's times, which are milliseconds or missing, in nanoseconds."""

from __future__ import annotations

from datetime import datetime

from graphtracker.exchange.history import BEFORE_ALL
from graphtracker.model.times import holds, utc

JUST_AFTER = 1000
"""The ns by which what happened within the same millisecond is told apart."""


def moment(milliseconds: object) -> int | None:
    """The time in ns since 1970 UTC; None where there is none."""
    return milliseconds * 10**6 if type(milliseconds) is int else None


def first_and_last(start: object, end: object, over: bool) -> tuple[int, int]:
    """When it began, and the last time that is known of it: later than that, if it is over."""
    first, last = moment(start), moment(end)
    if first is None:
        first = BEFORE_ALL if last is None else last
    if not over and last is None:
        return first, first
    return first, max(last or 0, first + JUST_AFTER)


def as_datetime(milliseconds: object) -> datetime | None:
    """The time as an aware datetime; None where there is none, or none that can be stored."""
    time = moment(milliseconds)
    return None if time is None or not holds(time) else utc(time)
