"""The context of a run as SQLite holds it: one text, of the values that stand, by the stamps of their calls."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from graphtracker.model.context import in_order
from graphtracker.model.display import quoted
from graphtracker.model.encoding import dumps, loads
from graphtracker.model.events import STAMP, ContextSet


def to_parts(events: Sequence[ContextSet]) -> str:
    """What stands of the context of one run: of each key the value of the greatest stamp."""
    if len(events) == 1 and events[0].values:
        return dumps({events[0].stamp.hex(): events[0].values})
    latest = {key: event for event in sorted(events, key=attrgetter("stamp")) for key in event.values}
    parts: dict[str, dict[str, object]] = {}
    for key, event in latest.items():
        parts.setdefault(event.stamp.hex(), {})[key] = event.values[key]
    return dumps(parts)


def from_parts(run_id: str, parts: Any) -> list[ContextSet]:
    """The events that make it; raises TypeError or ValueError for what is none."""
    return [ContextSet(run_id, values, _stamp(stamp)) for stamp, values in _read(parts).items()]


def to_context(parts: Any, later: str) -> tuple[dict[str, object], bool]:
    """The values whose stamps, in hexadecimal digits, are less than ``later``, and whether there are others."""
    read = _read(parts)
    if len(read) == 1:
        ((stamp, values),) = read.items()  # as mostly, while a run goes on
        return (in_order(values), False) if stamp < later else ({}, True)
    kept = {key: value for stamp, values in read.items() if stamp < later for key, value in values.items()}
    return in_order(kept), not all(stamp < later for stamp in read)


def _read(parts: Any) -> dict[str, dict[str, object]]:
    read: Any = loads(parts) if type(parts) is str else None
    if type(read) is not dict or not all(type(values) is dict for values in read.values()):
        raise TypeError(f"its context is {quoted(parts)}")
    return read


def _stamp(text: str) -> bytes:
    stamp = bytes.fromhex(text)
    if len(stamp) != STAMP:
        raise ValueError(f"a stamp of its context is {quoted(text)}")
    return stamp
