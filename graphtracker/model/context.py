"""What a run is remembered by without being told: the closed keys of its context."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_text
from graphtracker.model.times import in_utc

KEYS: dict[str, type] = {
    "user": str,
    "host": str,
    "directory": str,
    "command": str,
    "commit": str,
    "dirty": bool,
    "branch": str,
    "python": str,
    "started_at": datetime,
    "ended_at": datetime,
    "status": str,
}
"""Key → type, in the order in which people read them. Times are aware; ``dirty`` is about tracked files; ``status`` is
``running``, ``succeeded`` or ``failed: `` and the type of an exception."""


def checked_context(values: Mapping[str, object]) -> dict[str, object]:
    """The values in the order of KEYS, times in UTC; raises InvalidInput for other keys, or values of another type."""
    return {key: _checked(key, kind, values[key]) for key, kind in _kinds(tuple(values))}


@lru_cache(100)  # the contexts of many runs have the same keys
def _kinds(keys: tuple[str, ...]) -> list[tuple[str, type]]:
    for key in keys:
        if key not in KEYS:
            raise InvalidInput(f"context has no key {quoted(key)}; its keys are {', '.join(KEYS)}")
    return [(key, kind) for key, kind in KEYS.items() if key in keys]


def _checked(key: str, kind: type, value: object) -> object:
    if kind is datetime and isinstance(value, datetime):
        return in_utc(value, f"context's {key}")
    if kind is str:
        return checked_text(f"context's {key}", value)
    if type(value) is not kind:
        raise InvalidInput(f"context's {key} must be {kind.__name__}, not {quoted(value)}")
    return value


def in_order(values: Mapping[str, object]) -> dict[str, object]:
    """The values in the order of KEYS."""
    return {key: values[key] for key in KEYS if key in values}
