"""When something of MLflow began, with the last time that is known of it."""

from __future__ import annotations

from graphtracker.exchange.history import BEFORE_ALL
from graphtracker.exchange.times import from_milliseconds

JUST_AFTER = 1000
"""The ns by which what happened within the same millisecond is told apart."""


def first_and_last(start: object, end: object, over: bool) -> tuple[int, int]:
    """When it began, and the last time that is known of it, in ns of times in ms: later than that, if it is over."""
    first, last = from_milliseconds(start), from_milliseconds(end)
    if first is None:
        first = BEFORE_ALL if last is None else last
    if not over and last is None:
        return first, first
    return first, max(last or 0, first + JUST_AFTER)
