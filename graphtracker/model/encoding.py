"""The one JSON encoding of metadata values.

JSON's own types stand as they are; what JSON lacks is ``{"$type": "...", "value": ...}``:

``int`` (hexadecimal, where it is very long) · ``float`` (``nan``, ``inf``, ``-inf``) · ``bytes`` (base64) · ``date`` ·
``datetime`` (ISO 8601 and ``[zone]``, with ``offset`` in microseconds where ISO 8601 has none as fine, and ``fold``) ·
``timedelta`` (in microseconds) · ``decimal`` · ``uuid`` · ``set``, ``frozenset`` and, in these, ``tuple`` (lists) ·
``dict`` (one that has the key ``$type``) · ``pairs`` (a dict with keys that are no text: a list of [key, value]).

``to_json`` and ``from_json`` are inverses on plain values, and so are ``dumps`` and ``loads``. The order in which a set
was made does not change its text.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.plain import KEYS

_TAG = "$type"

_MICROSECOND = timedelta(microseconds=1)
_LONGEST_JSON_INT = 2000  # bits; Python refuses to read decimal integers of 4,300 digits or (if set so) of 640


def to_json(value: object) -> object:
    """A plain value in JSON's own types."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    return _WRITERS[kind](value)


def _tagged(kind: str, value: object, **more: object) -> dict[str, object]:
    return {_TAG: kind, "value": value, **more}


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


def _dict_to_json(value: dict[object, object]) -> object:
    if not _TEXT.issuperset(map(type, value)):
        return _tagged("pairs", [[to_json(key), to_json(item)] for key, item in value.items()])
    encoded = {key: to_json(item) for key, item in value.items()}
    return _tagged("dict", encoded) if _TAG in encoded else encoded


def _set_to_json(value: set[object] | frozenset[object]) -> object:
    return _tagged(type(value).__name__, sorted(map(to_json, value), key=compact))


_TEXT = frozenset([str])


class _Writers(dict[type, Callable[[Any], object]]):
    """Finds a class by its name, too: importing one whose values are rare takes 2 ms."""

    def __missing__(self, kind: type) -> Callable[[Any], object]:
        return _RARE_WRITERS[kind.__name__]


_RARE_WRITERS: dict[str, Callable[[Any], object]] = {
    "Decimal": lambda value: _tagged("decimal", str(value)),
    "UUID": lambda value: _tagged("uuid", str(value)),
}

_WRITERS = _Writers(
    {
        int: _int_to_json,
        float: _float_to_json,
        bytes: lambda value: _tagged("bytes", base64.b64encode(value).decode("ascii")),
        datetime: _datetime_to_json,
        date: lambda value: _tagged("date", value.isoformat()),
        timedelta: lambda value: _tagged("timedelta", value // _MICROSECOND),
        list: lambda value: [to_json(item) for item in value],
        tuple: lambda value: _tagged("tuple", [to_json(item) for item in value]),
        set: _set_to_json,
        frozenset: _set_to_json,
        dict: _dict_to_json,
    }
)


def from_json(value: object) -> object:
    """The plain value that ``to_json`` made these JSON types of; raises InvalidInput for anything else."""
    try:
        return _restored(value)
    except _MALFORMED as error:
        raise _no_value(error) from error


_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def _no_value(error: Exception) -> InvalidInput:
    if isinstance(error, InvalidInput):
        return error
    return InvalidInput(f"this is no value that graphtracker wrote ({type(error).__name__}); it may be damaged")


def _restored(value: Any) -> object:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _without_surrogates(value)
    if kind is list:
        return [_restored(item) for item in value]
    if kind is not dict:
        if kind in _SCALARS:
            return value
        raise TypeError(kind)
    if _TAG in value:
        return _reader(value)(value["value"], value)
    return {_key(key): _restored(item) for key, item in value.items()}


_SCALARS = frozenset([int, float, bool, type(None)])


def _without_surrogates(text: str) -> str:
    text.encode()  # raises UnicodeEncodeError
    return text


def _key(key: Any) -> str:
    if type(key) is not str:
        raise TypeError(type(key))
    return key if key.isascii() else _without_surrogates(key)


def _reader(tagged: dict[str, Any]) -> Callable[[Any, dict[str, Any]], object]:
    kind = tagged[_TAG]
    reader = _READERS.get(kind) if type(kind) is str else None
    if reader is None:
        raise InvalidInput(f"the JSON value has the unknown {_TAG} {quoted(kind)}; read it with a newer graphtracker")
    return reader


def _read_datetime(value: Any, tagged: dict[str, Any]) -> datetime:
    text, bracket, zone = value.partition("[")
    at = datetime.fromisoformat(text).replace(fold=tagged.get("fold", 0))
    if "offset" in tagged:
        return at.replace(tzinfo=timezone(_microseconds(tagged["offset"])))
    if not bracket:
        return at
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 5 ms, for values with a named zone

    try:
        return at.replace(tzinfo=ZoneInfo(zone[:-1]))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return at


def _microseconds(count: Any) -> timedelta:
    if type(count) is not int:
        raise TypeError(type(count))
    return count * _MICROSECOND


def _read_decimal(value: Any, tagged: dict[str, Any]) -> object:
    from decimal import Decimal

    return Decimal(_key(value))


def _read_uuid(value: Any, tagged: dict[str, Any]) -> object:
    from uuid import UUID

    return UUID(value)


def _read_dict(value: dict[Any, Any], tagged: dict[str, Any]) -> object:
    return {_key(key): _restored(item) for key, item in value.items()}


def _read_pairs(value: list[Any], tagged: dict[str, Any]) -> object:
    result = {_restored(key): _restored(item) for key, item in value}
    if len(result) < len(value) or not _KEYS.issuperset(map(type, result)):
        raise ValueError(value)
    return result


_KEYS = frozenset(KEYS)


def _read_members(value: list[Any], tagged: dict[str, Any]) -> frozenset[object]:
    return frozenset(map(_member, value))


def _member(value: Any) -> object:
    if type(value) is dict and value.get(_TAG) == "tuple":
        return tuple(map(_member, value["value"]))
    return _restored(value)


_READERS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "int": lambda value, tagged: int(value, 16),
    "float": lambda value, tagged: float(value),
    "bytes": lambda value, tagged: base64.b64decode(value, validate=True),
    "date": lambda value, tagged: date.fromisoformat(value),
    "datetime": _read_datetime,
    "timedelta": lambda value, tagged: _microseconds(value),
    "decimal": _read_decimal,
    "uuid": _read_uuid,
    "set": lambda value, tagged: set(_read_members(value, tagged)),
    "frozenset": _read_members,
    "dict": _read_dict,
    "pairs": _read_pairs,
}

compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""JSON's own types as text on one line."""

_load = json.JSONDecoder().raw_decode  # decode() looks for white space, which dumps() does not write


def dumps(value: object) -> str:
    """A plain value as JSON text on one line."""
    return compact(to_json(value))


def loads(text: str | bytes) -> object:
    """The plain value of a text that ``dumps`` wrote, or of its UTF-8; raises InvalidInput for anything else."""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value, end = _load(text)
        if end != len(text):
            raise ValueError(text)
        # An escape may spell a tag, or a lone surrogate; dumps() writes only those of control characters.
        return _restored(value) if _TAG in text or "\\u" in text else value
    except _MALFORMED as error:
        raise _no_value(error) from error
