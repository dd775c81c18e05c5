"""Properties of Neo4j from plain values, frozen values from its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import neo4j.time

from graphtracker.model.encoding import dumps, loads
from graphtracker.model.limits import LARGEST_INT, LONGEST
from graphtracker.model.times import Times
from graphtracker.model.values import Artifact, Run, run_name

LONG_PATH = "graphtracker.path"
"""Holds the whole of a path that Neo4j cannot index; ``path`` holds its beginning then."""

OWN = ["run_id", "name", "path", "created_at", "updated_at"]
"""Properties that are no metadata, beside those that begin with ``graphtracker.``."""

_TEXT = "json:"
_ESCAPE = "metadata."
_FARTHEST = timedelta(hours=18)  # from UTC; what java.time.ZoneOffset takes
_MINUTE = timedelta(minutes=1)

# What a list may hold to be an array of Neo4j's, which has one type: int among floats would become float.
_ARRAYS = frozenset([bool, int, float, str])


def to_key(key: str) -> str:
    """The property of a metadata key."""
    return _ESCAPE + key if key in OWN or key.startswith(("graphtracker.", _ESCAPE)) else key


def from_key(name: str) -> str:
    """The metadata key of a property."""
    return name.removeprefix(_ESCAPE)


def to_property(value: object) -> object:
    """A plain value as Neo4j holds it exactly, else as ``json:`` and its JSON."""
    kind = type(value)
    if kind is float or kind is bool or kind is bytes:
        return value
    if kind is str:
        return _TEXT + dumps(value) if value.startswith(_TEXT) else value  # type: ignore[attr-defined]
    native = _NATIVE.get(kind)
    return value if native is not None and native(value) else _TEXT + dumps(value)


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
        return _from_text(value) if value.startswith(_TEXT) else value  # type: ignore[attr-defined, arg-type]
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
        return loads(text[len(_TEXT) :])
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


def indexed_path(path: str) -> str:
    """The path, or as much of it as Neo4j can index."""
    encoded = path.encode()
    return path if len(encoded) <= LONGEST else encoded[:LONGEST].decode(errors="ignore")


class Rows:
    """Rows of one answer as values: they come grouped by their sets of keys, so that each set is sent once."""

    def __init__(self) -> None:
        self._times = Times()
        self.runs: dict[str, Run] = {}
        self.artifacts: dict[tuple[str, str], Artifact] = {}
        self.links: dict[str, tuple[list[str], list[tuple[str, str]]]] = {}
        """Run id → the whole runs, and the artifacts, that it names as its sources."""

    def add_walk(self, records: Iterable[list[Any]]) -> None:
        """Adds what a walk met: runs with their links, and artifacts."""
        for is_run, keys, rows in records:
            (self.add_runs if is_run else self.add_artifacts)([[keys, rows]])

    def add_runs(self, records: Iterable[list[Any]]) -> None:
        """Adds runs, and their links where the rows have them."""
        times, runs, links = self._times, self.runs, self.links
        for keys, rows in records:
            read = _reader(keys)
            for run_id, external, created_at, updated_at, values, *named in rows:
                if run_id in runs or type(run_id) is not str:  # a run met on the way back; a node of others
                    continue
                updated = None if updated_at is None or external else times[updated_at * 1000]
                runs[run_id] = Run(run_id, run_name(run_id), external, read(values), times[created_at * 1000], updated)
                if named:
                    links[run_id] = (
                        [source for source in named[0] if type(source) is str],
                        [(source, name) for source, name in named[1] if type(source) is str and type(name) is str],
                    )

    def add_artifacts(self, records: Iterable[list[Any]]) -> None:
        """Adds artifacts."""
        times, artifacts = self._times, self.artifacts
        for keys, rows in records:
            read = _reader(keys)
            for run_id, declared, created_at, updated_at, values, name, path in rows:
                if type(run_id) is not str or type(name) is not str:  # a node of others
                    continue
                created = times[created_at * 1000]
                updated = created if updated_at is None else times[updated_at * 1000]
                artifacts[run_id, name] = (
                    Artifact(run_id, name, None, True, {}, created, None)
                    if declared or type(path) is not str
                    else Artifact(run_id, name, path, False, read(values), created, updated)
                )


def _reader(keys: list[str]) -> Any:
    """A function from values, in the order of these keys, to metadata sorted by key."""
    order = sorted((from_key(key), place) for place, key in enumerate(keys))

    def read(values: list[Any]) -> Mapping[str, object]:
        return {key: from_property(values[place]) for key, place in order}

    return read
