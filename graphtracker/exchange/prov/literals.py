"""Which literal of PROV a value is."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from graphtracker.model.encoding import dumps


class Literal(NamedTuple):
    """A text of an XSD type, or of ``graphtracker:json``; one without a type is a string."""

    text: str
    datatype: str | None = None


def literal(value: object) -> Literal:
    """The literal of this very value, which is plain."""
    kind = type(value)
    return _WRITERS[kind](value) if kind in _WRITERS else _json(value)


def _json(value: object) -> Literal:
    return Literal(dumps(value), "graphtracker:json")


def _int(value: int) -> Literal:
    bits = max(value, ~value).bit_length()  # beside the sign
    if bits > _LONGEST:
        return _json(value)
    return Literal(str(value), "xsd:int" if bits < 32 else "xsd:long" if bits < 64 else "xsd:integer")


_LONGEST = 2000  # bits; of an int of more, Python may not print the digits


def _float(value: float) -> Literal:
    if math.isfinite(value):
        return Literal(repr(value), "xsd:double")
    return Literal("NaN" if math.isnan(value) else "INF" if value > 0 else "-INF", "xsd:double")


def _datetime(value: datetime) -> Literal:
    return Literal(value.isoformat(), "xsd:dateTime") if _is_xsd(value) else _json(value)


def _is_xsd(at: datetime) -> bool:
    """Whether XSD's dateTime is this very value: with no zone, or an offset of minutes."""
    if at.fold or not (at.tzinfo is None or type(at.tzinfo) is timezone):
        return False
    offset = at.utcoffset()
    return not offset or (abs(offset) <= _FARTHEST and not offset % timedelta(minutes=1))


_FARTHEST = timedelta(hours=14)  # https://www.w3.org/TR/xmlschema11-2/#dateTime

_WRITERS: dict[type, Callable[[Any], Literal]] = {
    str: Literal,
    bool: lambda value: Literal("true" if value else "false", "xsd:boolean"),
    int: _int,
    float: _float,
    datetime: _datetime,
    date: lambda value: Literal(value.isoformat(), "xsd:date"),
    bytes: lambda value: Literal(b64encode(value).decode("ascii"), "xsd:base64Binary"),
}
