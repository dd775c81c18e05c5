"""Times: nanoseconds since 1970 UTC in events, aware datetimes in values, ISO 8601 in text."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted

_UTC = timezone.utc
_EPOCH = datetime(1970, 1, 1, tzinfo=_UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = datetime(1678, 1, 1, tzinfo=timezone.utc)
_LATEST = datetime(2262, 1, 1, tzinfo=timezone.utc)


def nanoseconds(at: datetime, what: str = "at") -> int:
    """The time in ns since 1970 UTC; raises InvalidInput, which calls it ``what``, unless it is aware and within the
    years 1678 to 2261."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidInput(f"{what} must be a timezone-aware datetime, not {quoted(at)}; add tzinfo=timezone.utc")
    if not _EARLIEST <= at < _LATEST:
        raise InvalidInput(f"{what} {quoted(at)} is outside the years 1678 to 2261, which 64 bits of nanoseconds hold")
    return (at - _EPOCH) // _MICROSECOND * 1000


def utc(time: int) -> datetime:
    """The aware datetime of a time in ns since 1970 UTC."""
    return _EPOCH + _MICROSECOND * (time // 1000)  # twice as quick as a timedelta made of so many microseconds


class Times(dict[int, datetime]):
    """Times in ns as datetimes, each made once: a run and what it recorded often share theirs."""

    def __missing__(self, time: int) -> datetime:
        at = self[time] = utc(time)
        return at


def time_text(at: datetime | None) -> str | None:
    """A time as ISO 8601 text in UTC with microseconds, so that text order is time order."""
    return None if at is None else at.astimezone(timezone.utc).isoformat(timespec="microseconds")


def to_the_second(at: datetime) -> str:
    """A time in UTC as people read it, such as ``2026-01-02 03:04:05Z``."""
    # Not strftime, which takes twice as long: pictures of many runs are full of times.
    return str(at if at.tzinfo is _UTC else at.astimezone(_UTC))[:19] + "Z"


def time_from_text(text: str) -> datetime:
    """The time that ``time_text`` wrote; raises ValueError for what is none, or none that ``nanoseconds`` takes."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is timezone.utc and _EARLIEST <= at < _LATEST:
        return at  # a third of the time, for what time_text wrote
    return utc(nanoseconds(at))
