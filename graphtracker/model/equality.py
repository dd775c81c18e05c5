"""When two plain values are equal: the rule of every filter, difference or fingerprint."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from graphtracker.model.encoding import dumps


class _Missing:
    """The one value that is no plain value."""

    __name__ = "MISSING"

    def __repr__(self) -> str:
        return self.__name__

    def __reduce__(self) -> str:  # a copy is itself
        return self.__name__


MISSING: Any = _Missing()
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
        return bool(value == other) or (value != value and other != other and type(value) is type(other))
    except ArithmeticError:  # Decimal's signalling NaN compares with nothing
        return dumps(value) == dumps(other)


def _canonical(value: object) -> str:
    return dumps(_in_one_form(value))


def _in_one_form(value: Any) -> object:
    """The same value as equal ones are written: keys in order, numbers as keys by value, and one kind of set."""
    if isinstance(value, dict):
        items = {_key(key): _in_one_form(item) for key, item in value.items()}
        return {key: items[key] for key in sorted(items, key=lambda key: (type(key).__name__, repr(key)))}
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
    """The aware datetime: of a day its first instant, of what has no offset that of UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    return value.replace(tzinfo=timezone.utc) if value.utcoffset() is None else value
