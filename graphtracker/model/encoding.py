"""The one JSON encoding of metadata values.

JSON's own types stand as they are; what JSON lacks is ``{"$type": "...", "value": ...}``, and a dict that has the key
``$type`` is wrapped the same way. ``plain`` makes the value that is stored and read back; ``to_json`` and ``from_json``
are inverses on plain values, and so are ``dumps`` and ``loads``.
"""

from __future__ import annotations

import base64
import json
import math
import os
from collections import UserString
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_text

TAG = "$type"
DEEPEST = 200
"""Levels of nesting; Python's own JSON reader gives up at a few hundred, depending on its caller."""

_MICROSECOND = timedelta(microseconds=1)
_LONGEST_JSON_INT = 2000  # bits; Python refuses to read decimal integers of 4,300 digits or (if set so) of 640


def plain(value: object, key: str) -> object:
    """The value in plain Python types, copied: what a store keeps and gives back under this key.

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
    if depth > DEEPEST:
        raise InvalidInput(
            f"metadata {quoted(key)} is nested more than {DEEPEST} levels deep; store a path to it instead"
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


def to_json(value: object) -> object:
    """A plain value in JSON's own types."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    return _WRITERS[kind](value)


def _tagged(kind: str, value: object, **more: object) -> dict[str, object]:
    return {TAG: kind, "value": value, **more}


def _int_to_json(value: int) -> object:
    return value if value.bit_length() <= _LONGEST_JSON_INT else _tagged("int", hex(value))


def _float_to_json(value: float) -> object:
    return value if math.isfinite(value) else _tagged("float", repr(value))


def _datetime_to_json(value: datetime) -> object:
    more: dict[str, object] = {"fold": 1} if value.fold else {}
    offset = value.utcoffset()
    if offset is not None and offset.microseconds:
        # Python writes such an offset, but reads one of less than a second as UTC.
        return _tagged("datetime", value.replace(tzinfo=None).isoformat(), offset=offset // _MICROSECOND, **more)
    text = value.isoformat()
    key = getattr(value.tzinfo, "key", None)
    if key is not None:
        text += f"[{key}]"  # RFC 9557: the offset stays readable where the zone is unknown
    return _tagged("datetime", text, **more)


def _dict_to_json(value: dict[str, object]) -> object:
    encoded = {key: to_json(item) for key, item in value.items()}
    return _tagged("dict", encoded) if TAG in encoded else encoded


_WRITERS: dict[type, Callable[[Any], object]] = {
    int: _int_to_json,
    float: _float_to_json,
    bytes: lambda value: _tagged("bytes", base64.b64encode(value).decode("ascii")),
    datetime: _datetime_to_json,
    date: lambda value: _tagged("date", value.isoformat()),
    list: lambda value: [to_json(item) for item in value],
    dict: _dict_to_json,
}


def from_json(value: object) -> object:
    """The plain value that ``to_json`` gave these JSON types for; raises InvalidInput for an unknown ``$type``."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if TAG not in value:
        return {key: from_json(item) for key, item in value.items()}
    reader = _READERS.get(value[TAG])
    if reader is None:
        raise InvalidInput(
            f"the JSON value has the unknown {TAG} {quoted(value[TAG])}; read it with a newer graphtracker"
        )
    return reader(value)


def _read_datetime(tagged: dict[str, Any]) -> datetime:
    text, bracket, zone = tagged["value"].partition("[")
    at = datetime.fromisoformat(text).replace(fold=tagged.get("fold", 0))
    if "offset" in tagged:
        return at.replace(tzinfo=timezone(tagged["offset"] * _MICROSECOND))
    if not bracket:
        return at
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return at.replace(tzinfo=ZoneInfo(zone[:-1]))
    except (ZoneInfoNotFoundError, ValueError):
        return at


_READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "int": lambda tagged: int(tagged["value"], 16),
    "float": lambda tagged: float(tagged["value"]),
    "bytes": lambda tagged: base64.b64decode(tagged["value"]),
    "date": lambda tagged: date.fromisoformat(tagged["value"]),
    "datetime": _read_datetime,
    "dict": lambda tagged: {key: from_json(item) for key, item in tagged["value"].items()},
}

_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_load = json.JSONDecoder().raw_decode  # decode() looks for white space, which dumps() does not write


def dumps(value: object) -> str:
    """A plain value as JSON text on one line."""
    return _dump(to_json(value))


def loads(text: str) -> object:
    """The plain value of a text that ``dumps`` wrote."""
    value, _ = _load(text)
    return from_json(value) if TAG in text else value


def time_text(at: datetime | None) -> str | None:
    """A time as ISO 8601 text in UTC with microseconds, so that text order is time order."""
    return None if at is None else at.astimezone(timezone.utc).isoformat(timespec="microseconds")


def time_from_text(text: str | None) -> datetime | None:
    """The time that ``time_text`` wrote."""
    return None if text is None else datetime.fromisoformat(text).astimezone(timezone.utc)
