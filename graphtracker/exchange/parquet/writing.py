"""A lineage written as two tables of Parquet, a page of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from itertools import chain

from graphtracker.exchange.dicts import asked_to_dict
from graphtracker.exchange.parquet.tables import CONTEXT, EDGES, NODES, column_types, id_of, pyarrow
from graphtracker.exchange.taken import Taken
from graphtracker.model.context import KEYS
from graphtracker.model.encoding import compact, to_json
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run, Source

_ROWS = 1 << 14
_TEXT = 1 << 22  # characters
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)

_Row = Mapping[str, object]


def files(answer: Answer) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each file's name and pieces, the same for equal answers and one version of pyarrow; raises MissingExtra."""
    runs = (_run_row(answer, run) for run in answer.runs.values())
    artifacts = (_artifact_row(artifact, answer.runs) for artifact in answer.artifacts.values())
    yield "nodes.parquet", _written(NODES, chain(runs, artifacts), answer)
    generated = map(_generated_row, answer.artifacts)
    yield "edges.parquet", _written(EDGES, chain(generated, map(_source_row, answer.sources)), answer)


def _written(columns: Mapping[str, type], rows: Iterable[_Row], answer: Answer) -> Iterator[bytes]:
    arrow, types = pyarrow(), column_types()
    asked = {key: value for key, value in asked_to_dict(answer).items() if key != "frontier"}  # which is left_out
    schema = arrow.schema({name: types[kind] for name, kind in columns.items()}, {"graphtracker": compact(asked)})
    written = Taken()
    sink = arrow.PythonFile(written, "w")
    with arrow.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for page in _pages(rows):
            arrays = [arrow.array([row.get(name) for row in page], schema.field(name).type) for name in columns]
            writer.write_batch(arrow.RecordBatch.from_arrays(arrays, schema=schema))
            yield written.taken()
    yield written.taken()


def _pages(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The rows in pages that fit into memory; what is in a row decides, so that equal answers have equal pages."""
    page: list[_Row] = []
    text = 0
    for row in rows:
        page.append(row)
        text += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(page) >= _ROWS or text >= _TEXT:
            yield page
            page, text = [], 0
    if page:
        yield page


def _run_row(answer: Answer, run: Run) -> _Row:
    return {
        "id": id_of(run.run_id),
        "kind": "run",
        "run_id": run.run_id,
        "name": run.name,
        "external": run.external,
        "forgotten": run.forgotten,
        "created_at": _microseconds(run.created_at),
        "reported_at": _microseconds(run.reported_at),
        "updated_at": _microseconds(run.updated_at),
        "metadata": _json(run.metadata),
        **{CONTEXT + key: _context_value(value) for key, value in run.context.items() if key in KEYS},
        "left_out": " ".join(sorted(answer.frontier.get(run.run_id, ()))) or None,
    }


def _artifact_row(artifact: Artifact, runs: Mapping[str, Run]) -> _Row:
    return {
        "id": id_of((artifact.run_id, artifact.name)),
        "kind": "artifact",
        "run_id": artifact.run_id,
        "name": artifact.name,
        "forgotten": runs[artifact.run_id].forgotten,
        "declared": artifact.declared,
        "path": artifact.path,
        "place": artifact.place,
        "created_at": _microseconds(artifact.created_at),
        "logged_at": _microseconds(artifact.logged_at),
        "updated_at": _microseconds(artifact.updated_at),
        "metadata": _json(artifact.metadata),
    }


def _generated_row(key: tuple[str, str]) -> _Row:
    return {"src": id_of(key[0]), "dst": id_of(key), "kind": "generated"}


def _source_row(source: Source) -> _Row:
    return {
        "src": id_of(source.node),
        "dst": id_of(source.run_id),
        "kind": source.kind,
        "created_at": _microseconds(source.created_at),
    }


def _json(metadata: Mapping[str, object]) -> str:
    return compact({key: to_json(value) for key, value in metadata.items()}) if metadata else "{}"


def _context_value(value: object) -> object:
    return _microseconds(value) if isinstance(value, datetime) else value


def _microseconds(at: datetime | None) -> int | None:
    """Since 1970 UTC: pyarrow takes ten times as long for an aware datetime as for its number."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND
