"""The times of others, in ns since 1970 UTC: what is unknown, or cannot be stored, is none."""

from __future__ import annotations

from datetime import datetime

from graphtracker.exchange.history import BEFORE_ALL
from graphtracker.model.times import holds, utc


def from_milliseconds(time: object) -> int | None:
    """A time in ms since 1970 UTC in ns; None for what is none.

    >>> from_milliseconds(1_500), from_milliseconds(None), from_milliseconds("1500")
    (1500000000, None, None)
    """
    return time * 10**6 if type(time) is int else None


def moment(time: int | None) -> datetime | None:
    """A time in ns as an aware datetime; None where it is not known, or none that can be stored."""
    return None if time is None or time == BEFORE_ALL or not holds(time) else utc(time)
