"""Runs, or artifacts, as a DataFrame of pandas.

A row each, a column for each metadata key that any of them has. Nested mappings are columns with dots in their names;
an empty mapping, and one that has a key which is no text, is a value. No name is that of two things:

- a key that is called as one of our own columns (of either frame), or begins with ``context.``, ``metadata.`` or
  ``metadata[``, stands behind ``metadata.``, so that ``metadata.name`` is the key ``name``;
- where several come to the same name in a frame (the key ``a.b``, and ``b`` in the mapping ``a``), the least nested has
  it; each other one is written as in ``metadata["a"]["b"]``.

The values of a column alone decide its type: integers of 64 bits Int64, bools boolean, floats float64, text string,
times in UTC datetime64[us, UTC]; what is of another type, or of several, object, each value as it was recorded. Where
there is no value, there is what pandas has for that (``NA``, ``nan`` among floats, ``NaT`` among times); floats are
Float64 where a recorded nan must be told from it. Empty frames have our own columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from graphtracker.exchange.extras import library
from graphtracker.model.context import KEYS
from graphtracker.model.encoding import compact
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.values import Artifact, Run

if TYPE_CHECKING:
    import pandas

_Path = tuple[str, ...]
"""A metadata key, behind it the keys of nested mappings."""

_Column = dict[int, Any]
"""Number of a row → value; where there is none, the row has no value."""

_RUN: dict[str, type] = {
    "name": str,
    "external": bool,
    "forgotten": bool,
    "created_at": datetime,
    "reported_at": datetime,
    "updated_at": datetime,
}
_ARTIFACT: dict[str, type] = {
    "path": str,
    "place": str,
    "declared": bool,
    "created_at": datetime,
    "logged_at": datetime,
    "updated_at": datetime,
}
_OURS = frozenset(["run_id", *_RUN, *_ARTIFACT])
_PREFIXES = ("context.", "metadata.", "metadata[")


def runs_frame(runs: Iterable[Run]) -> pandas.DataFrame:
    """The runs in their order, by their ids; raises MissingExtra where there is no pandas."""
    rows = list(runs)
    pandas = library("pandas", "pandas", "to_pandas()")
    index = pandas.Index([run.run_id for run in rows], dtype=str, name="run_id")
    columns = _own_columns(_RUN, rows, index)
    for key, kind in KEYS.items():
        found = {number: run.context[key] for number, run in enumerate(rows) if key in run.context}
        if found:
            columns[f"context.{key}"] = _series(found, index, kind)
    return pandas.DataFrame(columns | _metadata_columns(rows, index), index=index)


def artifacts_frame(artifacts: Iterable[Artifact]) -> pandas.DataFrame:
    """The artifacts in their order, by run id and name; raises MissingExtra where there is no pandas."""
    rows = list(artifacts)
    pandas = library("pandas", "pandas", "to_pandas()")
    levels = {name: pandas.Index([getattr(row, name) for row in rows], dtype=str) for name in ("run_id", "name")}
    index = pandas.MultiIndex.from_arrays([*levels.values()], names=[*levels])
    return pandas.DataFrame(_own_columns(_ARTIFACT, rows, index) | _metadata_columns(rows, index), index=index)


def _own_columns(kinds: Mapping[str, type], rows: Sequence[Run | Artifact], index: Any) -> dict[str, Any]:
    columns = {}
    for name, kind in kinds.items():
        values = (getattr(row, name) for row in rows)
        found = {number: value for number, value in enumerate(values) if value is not None}
        columns[name] = _series(found, index, kind)
    return columns


# -- metadata: which columns -------------------------------------------------------------------------------------------


def _metadata_columns(rows: Sequence[Run | Artifact], index: Any) -> dict[str, Any]:
    """The columns of all metadata, sorted by name."""
    found: dict[_Path, _Column] = {}
    for number, row in enumerate(rows):
        for path, value in _flat(row.metadata):
            found.setdefault(path, {})[number] = value
    names = _names(found)
    return {name: _series(found[path], index, _kind(found[path])) for name, path in sorted(names.items())}


def _flat(metadata: Mapping[str, Any]) -> Iterator[tuple[_Path, object]]:
    waiting: list[tuple[_Path, Any]] = [((key,), value) for key, value in metadata.items()]
    while waiting:
        path, value = waiting.pop()
        if type(value) is dict and value and all(type(key) is str for key in value):
            waiting += [((*path, key), item) for key, item in value.items()]
        else:
            yield path, value


def _names(paths: Iterable[_Path]) -> dict[str, _Path]:
    names: dict[str, _Path] = {}
    for path in sorted(paths, key=lambda path: (len(path), path)):
        dotted = ".".join(path)
        name = f"metadata.{dotted}" if dotted in _OURS or dotted.startswith(_PREFIXES) else dotted
        names["metadata" + "".join(f"[{compact(key)}]" for key in path) if name in names else name] = path
    return names


# -- values: of which type ---------------------------------------------------------------------------------------------


def _kind(column: _Column) -> type:
    """The type of a column: that of all its values where pandas has one for it, else object."""
    kinds = set(map(type, column.values()))
    kind = kinds.pop()
    fits = _FITS.get(kind)
    return kind if not kinds and fits is not None and all(map(fits, column.values())) else object


def _is_utc(at: datetime) -> bool:
    return at.tzinfo is timezone.utc and not at.fold


_FITS: dict[type, Callable[[Any], bool]] = {
    bool: lambda value: True,
    int: lambda value: -LARGEST_INT - 1 <= value <= LARGEST_INT,
    float: lambda value: True,
    str: lambda value: True,
    datetime: _is_utc,
}


def _series(column: _Column, index: Any, kind: type) -> Any:
    """The column as pandas holds values of this type."""
    import pandas

    rows = range(len(index))
    if kind is float:
        return pandas.Series(_floats(column, rows), index=index)
    nothing = pandas.NA if kind is object else None
    return pandas.Series([column.get(row, nothing) for row in rows], index=index, dtype=_DTYPES[kind])


def _floats(column: _Column, rows: range) -> Any:
    import numpy
    import pandas

    values = numpy.array([column.get(row, numpy.nan) for row in rows], dtype=numpy.float64)
    if len(column) == len(rows) or not numpy.isnan([*column.values()]).any():
        return values
    return pandas.arrays.FloatingArray(values, numpy.array([row not in column for row in rows]))


_DTYPES: dict[type, object] = {
    bool: "boolean",
    int: "Int64",
    str: "string",
    datetime: "datetime64[us, UTC]",
    object: object,
}
