"""What may be an id, a name, a key, a path or a time; the same rule on every store."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted

LONGEST = 4000
"""Bytes of UTF-8 in an id, an artifact name or a metadata key: Neo4j cannot index more than about 8 kB."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = datetime(1678, 1, 1, tzinfo=timezone.utc)
_LATEST = datetime(2262, 1, 1, tzinfo=timezone.utc)


def _identifier(what: str) -> Callable[[object], str]:
    def check(text: object) -> str:
        if type(text) is str and text and len(text) <= LONGEST and text.isascii() and "\0" not in text:
            return text
        return _slow_identifier(what, text)

    check.__doc__ = f"The {what}, if it is non-empty text of at most {LONGEST:,} bytes of UTF-8; raises InvalidInput."
    return check


def _slow_identifier(what: str, text: object) -> str:
    checked = checked_text(what, text)
    if not checked:
        raise InvalidInput(f"the {what} is empty; give one")
    if "\0" in checked:
        raise InvalidInput(f"{what} {quoted(checked)} holds a NUL character; leave it out")
    size = len(checked.encode())
    if size > LONGEST:
        raise InvalidInput(
            f"{what} {quoted(checked)} is {size:,} bytes of UTF-8, more than {LONGEST:,}; use a shorter one"
        )
    return checked


def checked_text(what: str, text: object) -> str:
    """The text as a plain str, if it has no lone surrogates; raises InvalidInput."""
    if not isinstance(text, str):
        raise InvalidInput(f"the {what} must be text, not {type(text).__name__}: {quoted(text)}")
    plain = str.__str__(text)
    if not plain.isascii():
        try:
            plain.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(
                f"{what} {quoted(plain)} holds a lone surrogate (at {error.start}); decode it properly first"
            ) from None
    return plain


checked_run_id = _identifier("run id")
checked_name = _identifier("artifact name")
checked_key = _identifier("metadata key")


def checked_path(path: object) -> str:
    """The path as text, from any text without lone surrogates or an ``os.PathLike``; raises InvalidInput."""
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    return checked_text("path", path)


def nanoseconds(at: datetime) -> int:
    """The time in ns since 1970 UTC; raises InvalidInput unless it is aware and within the years 1678 to 2261."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidInput(f"at must be a timezone-aware datetime, not {quoted(at)}; add tzinfo=timezone.utc")
    if not _EARLIEST <= at < _LATEST:
        raise InvalidInput(f"at {quoted(at)} is outside the years 1678 to 2261, which 64 bits of nanoseconds hold")
    return (at - EPOCH) // _MICROSECOND * 1000


def utc(time: int) -> datetime:
    """The aware datetime of a time in ns since 1970 UTC."""
    return EPOCH + _MICROSECOND * (time // 1000)  # twice as quick as a timedelta made of so many microseconds
