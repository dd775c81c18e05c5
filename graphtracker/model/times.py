"""Times: nanoseconds since 1970 UTC in events, aware datetimes in values, ISO 8601 in text."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted

_UTC = timezone.utc
_EPOCH = datetime(1970, 1, 1, tzinfo=_UTC)
_EPOCH_OF_USUAL = datetime(1970, 1, 1)  # UTC, which their texts say
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = datetime(1678, 1, 1, tzinfo=timezone.utc)
_LATEST = datetime(2262, 1, 1, tzinfo=timezone.utc)
_FIRST, _LAST = ((at - _EPOCH) // _MICROSECOND * 1000 for at in (_EARLIEST, _LATEST))
_AGE = re.compile(r"-?(?P<count>\d{1,9})(?P<unit>[mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_MOMENT = re.compile(
    rf"(?P<date>\d{{4}}-\d\d-\d\d)(?:[Tt ](?P<clock>{_CLOCK})(?::(?P<second>[0-5]\d)(?:\.(?P<fraction>\d{{1,9}}))?)?"
    r" ?(?P<zone>[Zz]|(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):?(?P<minutes>[0-5]\d))?)?",
    re.ASCII,
)
_USUAL = re.compile(rf"(\d{{4}}-\d\d-\d\dT{_CLOCK}:[0-5]\d\.(?:\d{{3}}|\d{{6}}))(?:Z|\+00:00)", re.ASCII)
_WAYS = "give a date or time such as 2026-03-01 or 2026-03-01T09:30 (UTC, or with +02:00), or an age such as 12h or 7d"


def nanoseconds(at: datetime, what: str = "at") -> int:
    """The time in ns since 1970 UTC; raises InvalidInput, which calls it ``what``, unless it is aware and within the
    years 1678 to 2261."""
    if type(at) is not datetime or at.tzinfo is not _UTC:  # as hardly any
        _check_aware(at, what)
    time = (at - _EPOCH) // _MICROSECOND * 1000
    if not _FIRST <= time < _LAST:
        raise InvalidInput(f"{what} {quoted(at)} is outside the years 1678 to 2261, which 64 bits of nanoseconds hold")
    return time


def _check_aware(at: datetime, what: str) -> None:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        way_out = "add tzinfo=timezone.utc" if isinstance(at, datetime) else "give one as datetime.now(timezone.utc) is"
        raise InvalidInput(f"{what} must be a timezone-aware datetime, not {quoted(at)}; {way_out}")


def holds(time: int) -> bool:
    """Whether a time in ns since 1970 UTC is one that ``nanoseconds`` gives: within the years 1678 to 2261."""
    return _FIRST <= time < _LAST


def utc(time: int) -> datetime:
    """The aware datetime of a time in ns since 1970 UTC."""
    return _EPOCH + _MICROSECOND * (time // 1000)  # twice as quick as a timedelta made of so many microseconds


def in_utc(at: datetime, what: str = "at") -> datetime:
    """The same time in UTC; raises InvalidInput as ``nanoseconds``."""
    if type(at) is datetime and at.tzinfo is _UTC and not at.fold and _EARLIEST <= at < _LATEST:
        return at  # in a third of the time, for nearly all
    return utc(nanoseconds(at, what))


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
    return in_utc(datetime.fromisoformat(text))


def nanoseconds_from_text(text: str) -> int | None:
    """The time of ISO 8601 text of any system, in ns since 1970 UTC, cut to microseconds; None where it is none.

    It may be one that ``holds`` does not take.

    >>> nanoseconds_from_text("1970-01-01T01:00:00.123456789+01:00"), nanoseconds_from_text("noon")
    (123456000, None)
    """
    try:
        if usual := _USUAL.fullmatch(text):  # in half the time
            return (datetime.fromisoformat(usual[1]) - _EPOCH_OF_USUAL) // _MICROSECOND * 1000
        moment = _MOMENT.fullmatch(text)
        return (_at(moment) - _EPOCH) // _MICROSECOND * 1000 if moment else None
    except ValueError:
        return None


def moment_from_text(text: str, now: datetime) -> datetime:
    """The aware UTC time that a person means by a date (its first instant), by a time, or by an age: how long before
    ``now``, an aware datetime, it was.

    Dates and times are ISO 8601, in UTC where they say no offset, cut to microseconds. Ages are whole minutes, hours,
    days or weeks, and may have a minus. Raises InvalidInput for what is none, or outside the years 1678 to 2261.

    >>> now = datetime(2026, 3, 8, 12, tzinfo=timezone.utc)
    >>> texts = "7d", "-90m", "2026-03-01", "2026-03-01T09:30+02:00"
    >>> [f"{moment_from_text(text, now):%d %b %H:%M}" for text in texts]
    ['01 Mar 12:00', '08 Mar 10:30', '01 Mar 00:00', '01 Mar 07:30']
    """
    written = text.strip()
    age, moment = _AGE.fullmatch(written), _MOMENT.fullmatch(written)
    try:
        at = _before(now, age) if age else _at(moment) if moment else None
    except (OverflowError, ValueError) as error:
        raise InvalidInput(f"{quoted(text)} is no time ({error}); {_WAYS}") from error
    if at is None:
        raise InvalidInput(f"{quoted(text)} is no time; {_WAYS}")
    return utc(nanoseconds(at, "a time"))


def _before(now: datetime, age: re.Match[str]) -> datetime:
    return now - timedelta(**{_UNITS[age["unit"]]: int(age["count"])})


# In the one form that datetime.fromisoformat reads alike in each version of Python.
def _at(moment: re.Match[str]) -> datetime:
    day, clock, second, fraction, _, sign, hours, minutes = moment.groups()
    micros = fraction[:6].ljust(6, "0") if fraction else "000000"
    zone = f"{sign}{hours}:{minutes}" if sign else "+00:00"
    return datetime.fromisoformat(f"{day}T{clock or '00:00'}:{second or '00'}.{micros}{zone}")
