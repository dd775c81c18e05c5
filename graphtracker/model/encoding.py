"""The one JSON encoding of metadata values.

JSON's own types stand as they are; what JSON lacks is ``{"$type": "...", "value": ...}``, and a dict that has the key
``$type`` is wrapped the same way. ``to_json`` and ``from_json`` are inverses on plain values, and so are ``dumps`` and
``loads``.
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


def _dict_to_json(value: dict[str, object]) -> object:
    encoded = {key: to_json(item) for key, item in value.items()}
    return _tagged("dict", encoded) if _TAG in encoded else encoded


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
    """The plain value that ``to_json`` made these JSON types of; raises InvalidInput for an unknown ``$type``."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {key: from_json(item) for key, item in value.items()}
    reader = _READERS.get(value[_TAG])
    if reader is None:
        raise InvalidInput(
            f"the JSON value has the unknown {_TAG} {quoted(value[_TAG])}; read it with a newer graphtracker"
        )
    return reader(value)


def _read_datetime(tagged: dict[str, Any]) -> datetime:
    text, bracket, zone = tagged["value"].partition("[")
    at = datetime.fromisoformat(text).replace(fold=tagged.get("fold", 0))
    if "offset" in tagged:
        return at.replace(tzinfo=timezone(tagged["offset"] * _MICROSECOND))
    if not bracket:
        return at
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 5 ms, for values with a named zone

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

compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""JSON's own types as text on one line."""

_load = json.JSONDecoder().raw_decode  # decode() looks for white space, which dumps() does not write


def dumps(value: object) -> str:
    """A plain value as JSON text on one line."""
    return compact(to_json(value))


def loads(text: str) -> object:
    """The plain value of a text that ``dumps`` wrote."""
    value, _ = _load(text)
    return from_json(value) if _TAG in text else value
