"""What a value of any class holds, one level deep, in simpler types."""

from __future__ import annotations

import os
from collections import UserString
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import Enum
from itertools import islice
from math import prod
from typing import Any

from graphtracker.model.display import printable, shorten
from graphtracker.model.signals import pass_on

MOST = 1_000_000
"""Values within one: more is data, and what counts up for ever has to end somewhere."""


class Shape(Enum):
    """What ``unpacked`` found."""

    LEAF = "a plain value"
    OTHER = "a value that stands for it"
    ITEMS = "a list of values"
    PAIRS = "a list of pairs of a key and a value"
    MEMBERS = "a set or frozenset of values"


class Odd(Exception):
    """A value that has no plain form; the message goes on from "has a value of type X, "."""


@dataclass(frozen=True)
class Unread:
    """Stands for a value that its container, of this type, did not give out."""

    container: type
    error: Exception


Unpacked = tuple[Shape, Any]


def unpacked(value: object) -> Unpacked:
    """What the value holds; raises Odd, and whatever the value's own code raises."""
    read = _EXACT.get(type(value))
    if read is not None:
        return read(value)
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    for each in type(value).__mro__:
        named = _BY_NAME.get((each.__module__, each.__qualname__))
        if named is not None:
            return named(value)
    for names, duck in _BY_ATTRIBUTE:
        # Of the class, since some objects have every attribute that they are asked for.
        if all(hasattr(type(value), name) for name in names):
            return duck(value)
    raise Odd(UNSUPPORTED)


UNSUPPORTED = "which cannot be stored; give text, numbers, bytes, dates, lists, sets or dicts of these"


def type_name(kind: type) -> str:
    """The name of a class, printable and short; of no metaclass's making."""
    return printable(shorten(type.__dict__["__name__"].__get__(kind), 100))


# -- leaves ------------------------------------------------------------------------------------------------------------


def _text(value: str) -> Unpacked:
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Odd(f"which holds a lone surrogate (at {error.start}); decode it properly first") from None
    return Shape.LEAF, text


def _datetime(value: datetime) -> Unpacked:
    if getattr(value, "nanosecond", 0):  # pandas
        raise Odd(_TOO_FINE)
    day, clock = value.date(), value.time()  # of plain types, whatever the class of the value
    copy = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second, clock.microsecond)
    return Shape.LEAF, copy.replace(tzinfo=_zone(value), fold=value.fold)


def _zone(value: datetime) -> tzinfo | None:
    zone = value.tzinfo
    if zone is None or type(zone) is timezone:
        return zone
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 5 ms, for values with a named zone

    if isinstance(zone, ZoneInfo) and zone.key:
        return zone
    name = getattr(zone, "zone", None)  # pytz, which knows zones of its own
    if isinstance(name, str):
        with suppress(ZoneInfoNotFoundError):
            return ZoneInfo(name)
    offset = value.utcoffset()
    return None if offset is None else timezone(offset)


def _timedelta(value: timedelta) -> Unpacked:
    if getattr(value, "nanoseconds", 0):  # pandas
        raise Odd(_TOO_FINE)
    return Shape.LEAF, timedelta(value.days, value.seconds, value.microseconds)


_TOO_FINE = "which is finer than a microsecond, or none at all; round it first"


def _decimal(value: Any) -> Unpacked:
    from decimal import Decimal  # 2 ms, for values of this class

    return Shape.LEAF, Decimal(value)


def _uuid(value: Any) -> Unpacked:
    from uuid import UUID  # 3 ms, for values of this class

    return Shape.LEAF, UUID(int=value.int)


def _refused(value: object) -> Unpacked:
    raise Odd(UNSUPPORTED)


# -- containers --------------------------------------------------------------------------------------------------------


def unpacked_mapping(value: Mapping[Any, object]) -> list[tuple[object, object]]:
    """Its pairs, read all at once; where that fails, one by one, so that what fails is one value (then Unread)."""
    try:
        return [(key, item) for key, item in islice(value.items(), MOST + 1)]
    except Exception as error:  # noqa: BLE001  # the value's own code
        pass_on(error)
        return [(key, _got(value, type(value).__getitem__, key)) for key in islice(value.keys(), MOST + 1)]


def _unpacked_sequence(value: Sequence[object]) -> list[object]:
    """Its items, read likewise."""
    try:
        return list(islice(value, MOST + 1))
    except Exception as error:  # noqa: BLE001  # the value's own code
        pass_on(error)
        return [_got(value, type(value).__getitem__, place) for place in range(min(len(value), MOST + 1))]


def _got(value: object, get: Callable[[Any, Any], object], name: object) -> object:
    try:
        return get(value, name)
    except Exception as error:  # noqa: BLE001  # the value's own code
        pass_on(error)
        return Unread(type(value), error)


def _fields(value: Any) -> Unpacked:
    return Shape.PAIRS, [(field.name, _got(value, getattr, field.name)) for field in fields(value)]


# -- numpy, pandas, torch and their like, without importing them -------------------------------------------------------


def _array(value: Any) -> Unpacked:
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", ())
    if hasattr(type(value), "keys"):  # a Series of pandas
        raise Odd("which has labels; give its to_dict(), or its tolist() without them")
    if getattr(dtype, "names", None) is not None:
        raise Odd("whose items have named fields; give dicts")
    if prod(shape) > MOST:
        raise Odd(TOO_MANY)
    if getattr(dtype, "kind", "") in ("m", "M"):  # times, of which tolist() makes bare integers
        return (Shape.ITEMS, list(value)) if shape else (Shape.OTHER, value[()])
    return _other(value, value.tolist())


TOO_MANY = f"which holds more than {MOST:,} values; store a path to it instead"


def _other(value: object, found: object) -> Unpacked:
    if type(found) is type(value):
        raise Odd(UNSUPPORTED)
    return Shape.OTHER, found


def _numpy_time(value: Any) -> Unpacked:
    """A date, datetime or timedelta that is exactly as long; numpy counts from 1970 in any unit."""
    if value.dtype.str.endswith(("[Y]", "[M]", "m8")) and value.dtype.kind == "m":
        raise Odd("which is no exact time; give days, seconds or less")  # a year or a month has no one length
    found = value.item()
    if isinstance(found, int):
        found = _in_microseconds(value)
    if not isinstance(found, (date, timedelta)):
        raise Odd("which is no time that Python knows: none at all, finer than a microsecond or too far away")
    return Shape.OTHER, found


def _in_microseconds(value: Any) -> object:
    converted = value.astype(f"{value.dtype.kind}8[us]")
    # There and back: what is finer is cut, and what is too far away turns over.
    return converted.item() if converted.astype(value.dtype) == value else None


# -- the tables --------------------------------------------------------------------------------------------------------


def _unread(value: Unread) -> Unpacked:
    raise value.error


_EXACT: dict[type, Callable[[Any], Unpacked]] = {
    Unread: _unread,
    dict: lambda value: (Shape.PAIRS, list(value.items())),
    list: lambda value: (Shape.ITEMS, value.copy()),
    tuple: lambda value: (Shape.ITEMS, value),
    str: _text,
}
"""What is met most."""

# Looked up from the top: an Enum may be a str or an int, numpy's float64 is a float, every datetime is a date.
_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Unpacked]], ...] = (
    (Enum, lambda value: (Shape.OTHER, value.value)),
    ((bool, type(None)), lambda value: (Shape.LEAF, value)),
    (int, lambda value: (Shape.LEAF, int.__int__(value))),
    (float, lambda value: (Shape.LEAF, float.__float__(value))),
    (str, _text),
    (bytes, lambda value: (Shape.LEAF, bytes(value))),
    ((bytearray, memoryview, UserString), _refused),  # which is a sequence of itself
    (datetime, _datetime),
    (date, lambda value: (Shape.LEAF, date(value.year, value.month, value.day))),
    (timedelta, _timedelta),
    (os.PathLike, lambda value: (Shape.OTHER, os.fspath(value))),
    (Mapping, lambda value: (Shape.PAIRS, unpacked_mapping(value))),
    (Sequence, lambda value: (Shape.ITEMS, _unpacked_sequence(value))),
    (set, lambda value: (Shape.MEMBERS, set(value))),
    (frozenset, lambda value: (Shape.MEMBERS, frozenset(value))),
)

# By the names of their classes, so that nothing has to be imported to find out that a value is none of these.
_BY_NAME: dict[tuple[str, str], Callable[[Any], Unpacked]] = {
    ("argparse", "Namespace"): lambda value: (Shape.PAIRS, list(vars(value).items())),
    ("decimal", "Decimal"): _decimal,
    ("numpy", "datetime64"): _numpy_time,
    ("numpy", "timedelta64"): _numpy_time,
    ("uuid", "UUID"): _uuid,
}

_MAPPING = ("__getitem__", "__iter__", "__len__", "__contains__", "keys", "items", "values", "get")

_BY_ATTRIBUTE: tuple[tuple[tuple[str, ...], Callable[[Any], Unpacked]], ...] = (
    (("model_dump",), lambda value: _other(value, value.model_dump())),  # pydantic
    (("__dataclass_fields__",), _fields),
    (("tolist",), _array),
    (("item",), lambda value: _other(value, value.item())),  # scalars that have no tolist()
    (_MAPPING, lambda value: (Shape.PAIRS, unpacked_mapping(value))),  # ml_collections
)
