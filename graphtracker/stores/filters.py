"""What a filter of ``run_ids`` matches, on every store."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from graphtracker.model.encoding import dumps
from graphtracker.model.limits import LARGEST_INT

Key = TypeVar("Key")
"""How a store names a run."""


def matching(
    where: Mapping[str, object], values_of: Callable[[str, object], Iterable[tuple[Key, object]]]
) -> set[Key] | None:
    """The runs that have for each key a value that matches; None where there is no filter.

    ``values_of`` is given a key and the value that is wanted, and returns runs with their values of that key: all of
    them, or those that ``candidates`` chooses.
    """
    kept: set[Key] | None = None
    for key, wanted in where.items():
        matches = matcher(wanted)
        found = {run for run, value in values_of(key, wanted) if matches(value)}
        kept = found if kept is None else kept & found
    return kept


def matcher(wanted: object) -> Callable[[object], bool]:
    """Tells whether a plain metadata value matches a (plain) filter value.

    Text matches that text and, where it reads as a JSON scalar, that value; a number matches a number (1 == 1.0), a
    bool only a bool, anything else what equals it.
    """
    if not isinstance(wanted, str):
        return lambda value: _equal(wanted, value)
    read = _json_scalar(wanted)
    return lambda value: _equal(wanted, value) or (read is not _NOT_JSON and _equal(read, value))


def candidates(wanted: object) -> list[object] | None:
    """Scalars to one of which a store may compare a value, before ``matcher`` does; None where it cannot choose so."""
    if isinstance(wanted, str):
        read = _json_scalar(wanted)
        found = [wanted, *([] if read is _NOT_JSON else [read])]
    elif isinstance(wanted, (bool, int, float)) and wanted == wanted:
        found = [wanted]
    else:
        return None
    return [near for value in found if (near := _within_64_bits(value)) is not None]


def _within_64_bits(value: object) -> object:
    """The value; an integer that no store holds as one is a float, which may equal it, or None where that ends, too."""
    if not isinstance(value, int) or -LARGEST_INT - 1 <= value <= LARGEST_INT:
        return value
    try:
        return float(value)
    except OverflowError:
        return None


_NOT_JSON = object()


def _json_scalar(text: str) -> object:
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _NOT_JSON
    return _NOT_JSON if isinstance(value, (list, dict)) else value


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # more digits than Python reads at once
        from decimal import Decimal  # for numbers that hardly anybody has

        return int(Decimal(digits))


def _finite(text: str) -> float:
    number = float(text)
    if number in (math.inf, -math.inf):
        raise ValueError(text)  # no float is as large
    return number


def _refuse(constant: str) -> object:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


def _equal(wanted: object, value: object) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool) or wanted is None or value is None:
        return wanted is value
    try:
        if wanted != wanted:  # NaN, of float or Decimal
            return type(value) is type(wanted) and value != value
        return bool(wanted == value)
    except ArithmeticError:  # Decimal's signalling NaN compares with nothing
        return dumps(wanted) == dumps(value)
