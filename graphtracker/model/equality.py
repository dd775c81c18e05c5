"""When two plain values are equal: the rule of every filter, difference or fingerprint."""

from __future__ import annotations

import math
import struct
from datetime import date, datetime, timedelta, timezone
from typing import Any

from graphtracker.model.encoding import dumps


class _Missing:
    """The one value that is no plain value."""

    __name__ = "MISSING"

    def __repr__(self) -> str:
        return self.__name__

    def __reduce__(self) -> str:  # a copy is itself
        return self.__name__


MISSING = _Missing()
"""What stands for the value that one side of a comparison has not; no plain value."""


def equal(value: Any, other: Any) -> bool:
    """Whether two plain values are equal.

    None is only None, a bool only a bool; numbers are equal by value, nan to nan; days and times by their instants. All
    others are equal where their JSON encoding is, whatever the order of keys. MISSING is equal to itself alone.
    """
    if value is MISSING or other is MISSING:
        return value is other
    if type(value) is str or type(other) is str or value is None or other is None:
        return type(value) is type(other) and bool(value == other)
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if is_number(value) and is_number(other):
        return _equal_numbers(value, other)
    if is_time(value) and is_time(other):
        return instant(value) == instant(other)
    return _canonical(value) == _canonical(other)


def _equal_numbers(value: Any, other: Any) -> bool:
    try:
        if value == other:
            return True
    except ArithmeticError:  # Decimal's signalling NaN compares with nothing
        pass
    return is_nan(value) and is_nan(other) and _nan_bytes(value) == _nan_bytes(other)


def canonical_bytes(value: Any) -> bytes:
    """The bytes of a plain value, which are the same exactly where two are equal, on every machine.

    >>> canonical_bytes(1) == canonical_bytes(1.0), canonical_bytes(1) == canonical_bytes(True)
    (True, False)
    """
    if type(value) is str:
        return b"text:" + value.encode()
    kind = type(value)
    if (kind is float and value == value) or (kind is int and -_EXACT <= value <= _EXACT):  # most are, so first
        return _float_bytes(value)
    if value is None or isinstance(value, bool):
        return b"%a" % value
    if is_number(value):
        return _number_bytes(value)
    if is_time(value):
        return b"time:%d" % ((instant(value) - _EPOCH) // _MICROSECOND)
    return b"json:" + _canonical(value).encode()


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_FLOAT = struct.Struct(">d")
_EXACT = 1 << 53  # up to which a float is any int


def _number_bytes(value: Any) -> bytes:
    """Those of the float that it is, as most are, else of its digits."""
    if is_nan(value):
        return _nan_bytes(value)
    try:
        near = float(value)
    except OverflowError:
        near = math.inf
    return _float_bytes(near) if near == value else _digits(value)


def _float_bytes(value: float) -> bytes:
    return b"float:" + _FLOAT.pack(value + 0.0)  # -0.0 + 0.0 is 0.0


def _nan_bytes(value: Any) -> bytes:
    if type(value) is float:
        return b"nan"
    return b"decimal:nan" if value.is_qnan() else b"json:" + dumps(value).encode()


def _digits(value: Any) -> bytes:
    """An int or finite Decimal, not 0, as n * 2**a * 5**b, where n has no such factors: of 1E+999999 all is short."""
    if type(value) is int:
        number, exponent = abs(value), 0
    else:
        _, digits, exponent = value.as_tuple()
        number = int(type(value)((0, digits, 0)))  # of a text, Python would read 4,300 digits at most
    twos = (number & -number).bit_length() - 1
    number, fives = _without_fives(number >> twos)
    return b"exact:%s%x*2**%d*5**%d" % (b"-" if value < 0 else b"", number, exponent + twos, exponent + fives)


def _without_fives(number: int) -> tuple[int, int]:
    """The number without its factors of 5, and how many these are; by powers, since it may have very many."""
    powers = [5]
    while powers[-1] ** 2 <= number:
        powers.append(powers[-1] ** 2)
    fives = 0
    for place in reversed(range(len(powers))):
        quotient, rest = divmod(number, powers[place])
        if not rest:
            number, fives = quotient, fives + 2**place
    return number, fives


def _canonical(value: object) -> str:
    return dumps(_in_one_form(value))


def _in_one_form(value: Any) -> object:
    """The same value as equal ones are written: keys in order, numbers as keys by value, and one kind of set."""
    if isinstance(value, dict):
        items = {_key(key): _in_one_form(item) for key, item in value.items()}
        return {key: items[key] for key in sorted(items, key=dumps)}
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    return list(map(_in_one_form, value)) if isinstance(value, list) else value


def _key(key: Any) -> Any:
    return int(key) if type(key) is float and key.is_integer() else key


def is_number(value: object) -> bool:
    """Whether it is an int, a float or a Decimal; a bool is none."""
    return type(value) in _NUMBERS or type(value).__name__ == "Decimal"


_NUMBERS = frozenset([int, float])


def is_nan(number: Any) -> bool:
    """Whether a number is none after all."""
    return bool(number != number) if type(number) in _NUMBERS else bool(number.is_nan())


def is_time(value: object) -> bool:
    """Whether it is a date or a datetime."""
    return isinstance(value, date)


def instant(value: date | datetime) -> datetime:
    """The aware datetime, in UTC: of a day its first instant, of what has no offset that of UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    if value.utcoffset() is None:
        return value.replace(tzinfo=timezone.utc)
    try:
        return value.astimezone(timezone.utc)  # Python compares two of one zone by what their clocks show
    except OverflowError:  # before the year 1 in UTC, or after 9999
        return value.replace(tzinfo=timezone(value.utcoffset() or timedelta(0)))
