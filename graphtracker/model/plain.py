"""Metadata values in the plain types that stores keep."""

from __future__ import annotations

import os
from collections import UserString
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timezone, tzinfo
from enum import Enum
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_text

_DEEPEST = 200
"""Levels of nesting; Python's own JSON reader gives up at a few hundred, depending on its caller."""


def plain(value: object, key: str) -> object:
    """The value in plain Python types, copied: what a store keeps and returns under this key.

    None, bool, int, float, str, bytes, date and datetime stay; sequences become lists (``bytearray`` and ``memoryview``
    are refused), mappings with text keys dicts, ``os.PathLike`` str, an Enum its value, and anything with a one-element
    ``.item()`` (numpy and torch scalars) its Python value. Anything else raises InvalidInput.
    """
    kind = type(value)
    if kind is int or kind is float or kind is bool or value is None:
        return value
    if kind is str and value.isascii():  # type: ignore[attr-defined]  # kind says that it is a str
        return value
    return _plain(value, key, 0)


def _plain(value: object, key: str, depth: int) -> object:
    if depth > _DEEPEST:
        raise InvalidInput(
            f"metadata {quoted(key)} is nested more than {_DEEPEST} levels deep; store a path to it instead"
        )
    if value is None or isinstance(value, bool):
        return value
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value, key, depth)
    item = getattr(value, "item", None)
    if callable(item):
        return _from_item(value, item, key, depth)
    raise _unsupported(value, key)


def _from_item(value: object, item: Callable[[], object], key: str, depth: int) -> object:
    try:
        scalar = item()
    except Exception as error:  # any library's array: whatever it raises, it is not one element
        raise _unsupported(value, key) from error
    if type(scalar) is type(value):
        raise _unsupported(value, key)
    try:
        return _plain(scalar, key, depth + 1)
    except InvalidInput:
        raise _unsupported(value, key) from None


def _unsupported(value: object, key: str) -> InvalidInput:
    return InvalidInput(
        f"metadata {quoted(key)} has a value of type {type(value).__name__}, which cannot be stored; "
        "give text, numbers, bytes, dates, lists or dicts of these"
    )


def _text(value: Any, key: str, depth: int) -> object:
    return checked_text(f"metadata value of {quoted(key)}", value)


def _datetime(value: Any, key: str, depth: int) -> object:
    try:
        day, clock = value.date(), value.time()  # of plain types, whatever the class of the value
        copy = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second, clock.microsecond)
        return copy.replace(tzinfo=_zone(value), fold=value.fold)
    except (TypeError, ValueError) as error:
        raise _unsupported(value, key) from error


def _zone(value: datetime) -> tzinfo | None:
    zone = value.tzinfo
    if zone is None or type(zone) is timezone:
        return zone
    from zoneinfo import ZoneInfo  # 5 ms, for values with a named zone

    if isinstance(zone, ZoneInfo) and zone.key:
        return zone
    name = getattr(zone, "zone", None)  # pytz
    if isinstance(name, str):
        return ZoneInfo(name)
    offset = value.utcoffset()
    return None if offset is None else timezone(offset)


def _path(value: Any, key: str, depth: int) -> object:
    return _plain(os.fspath(value), key, depth + 1)


def _mapping(value: Any, key: str, depth: int) -> object:
    result = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise InvalidInput(
                f"metadata {quoted(key)} is a mapping with the key {quoted(name)} of type {type(name).__name__}; "
                "keys must be text"
            )
        result[checked_text(f"key in metadata {quoted(key)}", name)] = _plain(item, key, depth + 1)
    return result


def _sequence(value: Any, key: str, depth: int) -> object:
    return [_plain(item, key, depth + 1) for item in value]


def _refused(value: Any, key: str, depth: int) -> object:
    raise _unsupported(value, key)


# Looked up from the top: an Enum may be a str or an int, numpy's float64 is a float, every datetime is a date.
_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any, str, int], object]], ...] = (
    (Enum, lambda value, key, depth: _plain(value.value, key, depth + 1)),
    (int, lambda value, key, depth: int(value)),
    (float, lambda value, key, depth: float(value)),
    (str, _text),
    (bytes, lambda value, key, depth: bytes(value)),
    ((bytearray, memoryview, UserString), _refused),  # which is a sequence of itself
    (datetime, _datetime),
    (date, lambda value, key, depth: date(value.year, value.month, value.day)),
    (os.PathLike, _path),
    (Mapping, _mapping),
    (Sequence, _sequence),
)
