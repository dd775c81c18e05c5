"""Properties of Neo4j from plain values, plain values from its properties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import neo4j.time

from graphtracker.model.encoding import dumps, loads
from graphtracker.model.events import STAMP
from graphtracker.model.limits import LARGEST_INT, LONGEST

LONG_PLACE = "graphtracker.place"
"""Holds the whole of a place that Neo4j cannot index; ``place`` holds its beginning then."""

JSON = "json:"
"""How text begins that is the JSON of a value which Neo4j does not hold as it is."""

CONTEXT = "context."
"""How the property of a context key begins, behind which the key stands."""

OWN = ["run_id", "name", "path", "place", "created_at", "reported_at", "logged_at", "updated_at"]
"""Properties that are neither metadata nor context, beside those that begin with ``graphtracker.``."""

READ_BY_KEY = [*OWN, "context.started_at", "context.ended_at"]
"""Properties that statements read by their keys: those that are not metadata, and times, which they send as numbers."""

FORGOTTEN_VALUES, FORGOTTEN_RUN = "values", "run"
"""What of a run is forgotten, as its property ``graphtracker.forgotten`` says."""

FORGOTTEN = (FORGOTTEN_VALUES, FORGOTTEN_RUN)

_STAMP = 2 * STAMP  # characters
_ESCAPE = "metadata."
_PREFIXES = ("graphtracker.", CONTEXT, _ESCAPE)
_FARTHEST = timedelta(hours=18)  # from UTC; what java.time.ZoneOffset takes
_MINUTE = timedelta(minutes=1)

# What a list may hold to be an array of Neo4j's, which has one type: int among floats would become float.
_ARRAYS = frozenset([bool, int, float, str])


def to_key(key: str) -> str:
    """The property of a metadata key."""
    return _ESCAPE + key if key in OWN or key.startswith(_PREFIXES) else key


def from_key(name: str) -> str:
    """The metadata key of a property."""
    return name.removeprefix(_ESCAPE)


def to_property(value: object) -> object:
    """A plain value as Neo4j holds it exactly, else as ``json:`` and its JSON."""
    kind = type(value)
    if kind is float or kind is bool or kind is bytes:
        return value
    if kind is str:
        return JSON + dumps(value) if value.startswith(JSON) else value  # type: ignore[attr-defined]
    native = _NATIVE.get(kind)
    return value if native is not None and native(value) else JSON + dumps(value)


def _is_array(value: Any) -> bool:
    kinds: set[type] = set(map(type, value))
    return len(kinds) <= 1 and kinds <= _ARRAYS and (kinds != {int} or all(map(_is_long, value)))


def _is_long(value: Any) -> bool:
    return bool(-LARGEST_INT - 1 <= value <= LARGEST_INT)


def _is_temporal(value: Any) -> bool:
    """Whether it is naive or at a fixed offset of whole minutes, outside any fold, and stays in the years 1 to 9999."""
    if value.fold or (value.tzinfo is not None and type(value.tzinfo) is not timezone):
        return False
    offset = value.utcoffset()
    return offset is None or bool(abs(offset) <= _FARTHEST and not offset % _MINUTE and 1 < value.year < 9999)


_NATIVE: dict[type, Callable[[Any], bool]] = {
    int: _is_long,
    date: lambda value: True,
    datetime: _is_temporal,
    timedelta: lambda value: True,
    list: _is_array,
}


def from_property(value: object) -> object:
    """The plain value that ``to_property`` was given; of what others have put there, something as near as can be."""
    kind = type(value)
    if kind is str:
        return _from_text(value) if value.startswith(JSON) else value  # type: ignore[attr-defined, arg-type]
    if kind is float or kind is int or kind is bool or kind is bytes:
        return value
    if kind is list:
        return [from_property(item) if type(item) not in _ARRAYS else item for item in value]  # type: ignore[attr-defined]
    if isinstance(value, (neo4j.time.Date, neo4j.time.DateTime)):
        return _from_temporal(value)
    if isinstance(value, neo4j.time.Duration):
        return _from_duration(value)
    return None if value is None else str(value)


def _from_text(text: str) -> object:
    try:
        return loads(text[len(JSON) :])
    except ValueError:  # somebody's own text, or a damaged one
        return text


def _from_temporal(value: neo4j.time.Date | neo4j.time.DateTime) -> object:
    try:
        at = value.to_native()
    except ValueError:  # outside the years that Python knows
        return value.iso_format()
    if not isinstance(at, datetime):
        return at
    offset = at.utcoffset()
    return at if offset is None else at.replace(tzinfo=timezone(offset))


def _from_duration(value: neo4j.time.Duration) -> object:
    if value.months or value.nanoseconds % 1000:
        return value.iso_format()
    try:
        return timedelta(value.days, value.seconds, value.nanoseconds // 1000)
    except OverflowError:
        return value.iso_format()


def indexed_place(place: str) -> str:
    """The place, or as much of it as Neo4j can index."""
    encoded = place.encode()
    return place if len(encoded) <= LONGEST else encoded[:LONGEST].decode(errors="ignore")


def clock_entry(stamp: bytes, name: str) -> str:
    """What the clock of a run says of a property."""
    return f"{stamp.hex()} {name}"


def stamps_of(clock: object) -> dict[str, str]:
    """The stamp of each property in a run's clock, in hexadecimal digits, whose order is that of stamps."""
    entries = clock if isinstance(clock, list) else ()
    return {entry[_STAMP + 1 :]: entry[:_STAMP] for entry in entries if isinstance(entry, str)}


def to_stamp(text: object) -> bytes | None:
    """The stamp that the text is; None where it is none."""
    try:
        stamp = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return stamp if len(stamp) == STAMP else None
