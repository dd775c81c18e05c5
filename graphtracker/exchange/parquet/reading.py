"""A lineage read from the two tables of Parquet that it was written as, as the events that make it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange import restored
from graphtracker.exchange.fields import MALFORMED, Repeated
from graphtracker.exchange.given import FILE, given, naming
from graphtracker.exchange.parquet.tables import CONTEXT, EDGES, NODES, column_types, node_of, pyarrow
from graphtracker.exchange.report import Report
from graphtracker.model.context import KEYS, checked_context
from graphtracker.model.display import printable, quoted
from graphtracker.model.events import Event
from graphtracker.model.limits import checked_name, checked_run_id, checked_text
from graphtracker.model.times import holds, utc
from graphtracker.model.values import Node

_ROWS = 2000  # that are in memory at once
_WAY_OUT = "give a folder that graphtracker wrote with --format parquet"

_OF_A_NODE = (
    *("id", "external", "forgotten", "path", "place", "created_at", "reported_at", "logged_at", "updated_at"),
    *("metadata", *(CONTEXT + key for key in KEYS)),
)
"""The columns of nodes that are read; the others say what these say, or what is not needed on the way back."""

_Row = tuple[Any, ...]
"""Values in the order of their columns; times are in ns since 1970 UTC."""


def events(source: str, report: Report | None = None) -> Iterator[list[Event]]:
    """The events of a folder of both tables, some rows at a time.

    Raises InvalidInput, which names the file with the row, and MissingExtra.
    """
    report = report or Report()
    read = _Reader(report)
    nodes = {name: NODES[name] for name in _OF_A_NODE}
    for name, columns, made in (("nodes.parquet", nodes, read.node), ("edges.parquet", EDGES, read.edge)):
        path = Path(source) / name
        number = 0
        for rows in _pages(path, columns):
            found: list[Event] = []
            for row in rows:
                number += 1
                try:
                    found += made(row)
                except MALFORMED as error:
                    why = printable(str(error)) or type(error).__name__
                    raise InvalidInput(
                        f"row {number} of {quoted(str(path))} cannot be read: {why}; {_WAY_OUT}"
                    ) from error
            yield found


class _Reader:
    """Makes events of rows, or raises one of MALFORMED."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._metadata = Repeated().metadata

    def node(self, row: _Row) -> list[Event]:
        """That a run, or an artifact, is there, with its values."""
        node = _node(_known("id", row[0]))
        return self._run(node, row) if isinstance(node, str) else self._artifact(node, row)

    def _run(self, run_id: str, row: _Row) -> list[Event]:
        _, _, forgotten, _, _, created_at, reported_at, _, updated_at, metadata, *context = row
        known = (self._values(metadata), _context(context)) if not forgotten else ({}, {})
        times = _known("created_at", created_at), reported_at, updated_at
        writer = _writer(run_id, metadata, context)
        return restored.of_run(run_id, *known, *times, forgotten=bool(forgotten), writer=writer, report=self._report)

    def _artifact(self, key: tuple[str, str], row: _Row) -> list[Event]:
        _, _, forgotten, path, place, created_at, _, logged_at, updated_at, metadata, *_ = row
        if path is not None:
            path, place = checked_text("path", path), checked_text("place", place)
        values = self._values(metadata) if path is not None else {}
        times = _known("created_at", created_at), logged_at, updated_at
        writer = _writer(*key, path, place, metadata)
        return restored.of_artifact(
            *key, path, place, values, *times, forgotten=bool(forgotten), writer=writer, report=self._report
        )

    def _values(self, metadata: str | None) -> dict[str, object]:
        if metadata == "{}":
            return {}
        written = _known("metadata", metadata)
        try:
            values = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"its metadata is {quoted(written)}, which is no JSON") from error
        return dict(self._metadata(values))

    def edge(self, row: _Row) -> list[Event]:
        """That a run named a source; artifacts are there by their rows."""
        src, dst, kind, created_at = row
        if kind == "generated":
            return []
        node, consumer = _node(_known("src", src)), _node(_known("dst", dst))
        run_id, name = (node, None) if isinstance(node, str) else node
        if kind != ("derived" if name is None else "used") or not isinstance(consumer, str):
            raise ValueError(f"no {quoted(kind)} leads from {quoted(node)} to {quoted(consumer)}")
        return [restored.of_source(consumer, run_id, name, _known("created_at", created_at), self._report)]


@lru_cache(4096)  # edges name the same again and again
def _node(id: str) -> Node:
    try:
        node = node_of(id)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{quoted(id)} is the id of no node") from error
    return checked_run_id(node) if isinstance(node, str) else (checked_run_id(node[0]), checked_name(node[1]))


def _known(name: str, value: Any) -> Any:
    if value is None:
        raise ValueError(f"it has no {name}")
    return value


def _context(values: Sequence[Any]) -> dict[str, object]:
    if values.count(None) == len(values):  # as of most runs: asking for each key takes long
        return {}
    there = {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}
    return checked_context({key: utc(value) if KEYS[key] is datetime else value for key, value in there.items()})


def _writer(*said: object) -> bytes:
    """The writer of a row: the same for the same values, whatever is around them."""
    return blake2b(repr(said).encode(), digest_size=restored.WRITER).digest()


# -- the files ---------------------------------------------------------------------------------------------------------


def _pages(path: Path, columns: Mapping[str, type]) -> Iterator[Iterator[_Row]]:
    """The rows of a file, in pages."""
    arrow = pyarrow()
    file_name = str(path)
    with naming(file_name, FILE, _WAY_OUT), given(file_name, FILE, _WAY_OUT).open("rb") as file:
        try:
            table = arrow.parquet.ParquetFile(file)
            _check(table.schema_arrow, columns)
            for batch in table.iter_batches(_ROWS, columns=list(columns)):
                yield zip(*(_values(batch.column(name), name, kind) for name, kind in columns.items()), strict=True)
        except (arrow.ArrowException, ValueError) as error:
            raise InvalidInput(f"{quoted(file_name)} is no such table: {printable(str(error))}; {_WAY_OUT}") from error


def _check(schema: Any, columns: Mapping[str, type]) -> None:
    """Raises ValueError unless the columns are there, each of a type that can hold what should be in it."""
    types = pyarrow().types
    fitting = {
        str: (types.is_string, types.is_large_string, types.is_dictionary, types.is_null),
        bool: (types.is_boolean, types.is_null),
        datetime: (types.is_timestamp, types.is_null),
    }
    for name, kind in columns.items():
        number = schema.get_field_index(name)
        if number < 0:
            raise ValueError(f"it has no column {name}, or several")
        if not any(fits(schema.field(number).type) for fits in fitting[kind]):
            raise ValueError(f"its column {name} is {schema.field(number).type}, not {column_types()[kind]}")


def _values(column: Any, name: str, kind: type) -> list[Any]:
    if column.null_count == len(column):  # as most of the context is; asking for each of them takes long
        return [None] * len(column)
    column = column.cast(column_types()[kind])
    if kind is not datetime:
        return list(column.to_pylist())
    times = [None if at is None else at * 1000 for at in column.cast(pyarrow().int64()).to_pylist()]
    there = [at for at in times if at is not None]
    if not holds(min(there)) or not holds(max(there)):
        raise ValueError(f"a time of its column {name} is outside the years 1678 to 2261")
    return times
