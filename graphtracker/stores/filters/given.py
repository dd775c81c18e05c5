"""Filters in the forms in which people give them: an expression, a mapping, KEY=VALUE, or a filter itself."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.stores.filters.conditions import (
    Comparison,
    Condition,
    Every,
    MetadataKey,
    Not,
    Place,
    Some,
    Wanted,
    dotted,
)
from graphtracker.stores.filters.parsing import condition

Where = str | Mapping[str, object] | Condition
"""A filter as people give it: an expression, a mapping of metadata keys to values, or what ``parsing`` makes of one."""


def given(where: Where | None, checked: Callable[[Mapping[str, object]], dict[str, object]]) -> Condition | None:
    """The filter; None where all runs are meant. ``checked`` returns a mapping with its keys and values checked.

    In a mapping None is no filter, text means that text and, where it reads as a JSON scalar, that value, and a key is
    a key as it was recorded. Raises InvalidInput.
    """
    if where is None or isinstance(where, (Comparison, Not, Every, Some)):
        return where
    if not isinstance(where, Mapping):
        return condition(where)
    wanted = checked({key: value for key, value in where.items() if value is not None})
    tests = tuple(_is((Place(key),), value, _json_scalar) for key, value in wanted.items())
    return Every(tests) if tests else None


def argument(text: str, now: datetime | None = None) -> Condition:
    """The filter that a person types: an expression, else KEY=VALUE.

    VALUE is text and, where it reads as a JSON scalar or as Python's True, False or None, that value, too; KEY may be
    dotted. Raises InvalidInput.
    """
    try:
        return condition(text, now)
    except InvalidInput as error:
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or key[-1] in "!<>=" or value[:1] == "=":
            raise
        if _joined(_LONE.sub("==", text)) or _joined(key) or not _balanced(key):
            raise
        if key != key.strip() and value[:1] in ("<", ">"):
            raise
        if key != key.strip():
            raise InvalidInput(f"{error}, or {quoted(f'{key.strip()}={value.strip()}')} without spaces") from error
        return _is(_places(key), value, _scalar)


def _joined(text: str) -> bool:
    """Whether it is a filter of several parts."""
    try:
        return not isinstance(condition(text), Comparison)
    except InvalidInput:
        return False


def _balanced(key: str) -> bool:
    """Whether no bracket and no quotation goes on behind it."""
    pairs = all(key.count(opening) == key.count(closing) for opening, closing in ("()", "[]", "{}"))
    return pairs and key.count('"') % 2 == 0 and key.count("'") % 2 == 0


def _places(key: str) -> tuple[Place, ...]:
    names = tuple(key.split("."))
    return dotted(names) if all(names) else (Place(key),)


def _is(places: tuple[Place, ...], value: object, read: Callable[[str], object]) -> Comparison:
    wanted = [Wanted(value)]
    if isinstance(value, str) and (scalar := read(value)) is not _NO_SCALAR:
        wanted.append(Wanted(scalar))
    return Comparison(MetadataKey(places), "in", tuple(wanted))


_LONE = re.compile(r"(?<![=!<>])=(?!=)")
_NO_SCALAR = object()
_WORDS: dict[str, object] = {
    "True": True,
    "False": False,
    "None": None,
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
}


def _scalar(text: str) -> object:
    return _WORDS[text] if text in _WORDS else _json_scalar(text)


def _json_scalar(text: str) -> object:
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _NO_SCALAR
    return _NO_SCALAR if isinstance(value, (list, dict)) else value


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
