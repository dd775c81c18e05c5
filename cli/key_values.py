"""The KEY=VALUE arguments of commands."""

from __future__ import annotations

import json
import math

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted


def texts_by_key(arguments: list[str] | None) -> dict[str, str]:
    """Key → text of its VALUE; raises InvalidInput for what is not KEY=VALUE, or has the key of an earlier one."""
    found: dict[str, str] = {}
    for argument in arguments or []:
        key, equals, text = argument.partition("=")
        if not equals or not key:
            raise InvalidInput(f"{quoted(argument)} is not KEY=VALUE, such as lr=0.01")
        if key in found:
            raise InvalidInput(f"the key {quoted(key)} is given twice; give it once")
        found[key] = text
    return found


def values_by_key(arguments: list[str] | None) -> dict[str, object]:
    """Key → VALUE as JSON where it reads as JSON, else its text; raises InvalidInput as ``texts_by_key`` does."""
    return {key: _value(text) for key, text in texts_by_key(arguments).items()}


def _value(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError):
        return text


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)  # JSON has no number this large
    return number


def _not_json(constant: str) -> object:
    raise ValueError(constant)  # NaN and Infinity, which Python reads but JSON does not know
