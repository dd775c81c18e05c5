"""A metadata value as people read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any


def written(value: object) -> str:
    """Text as it is; any other value as Python writes it, with dates in ISO 8601 and sets in the order of their texts.

    >>> written({"lr": float("nan"), "layers": [1, 2.5], 3: None})
    "{'lr': nan, 'layers': [1, 2.5], 3: None}"
    """
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return _WORDS.get(type(value), str)(value)


def _int(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python writes
        return hex(value)


def _set(value: set[object] | frozenset[object]) -> str:
    name = type(value).__name__
    if not value:
        return f"{name}()"
    members = f"{{{', '.join(sorted(map(_written, value)))}}}"
    return members if name == "set" else f"{name}({members})"


_WORDS: dict[type, Callable[[Any], str]] = {
    int: _int,
    str: repr,
    list: lambda value: f"[{', '.join(map(_written, value))}]",
    tuple: lambda value: f"({_written(value[0])},)" if len(value) == 1 else f"({', '.join(map(_written, value))})",
    dict: lambda value: f"{{{', '.join(f'{_written(key)}: {_written(item)}' for key, item in value.items())}}}",
    set: _set,
    frozenset: _set,
}
