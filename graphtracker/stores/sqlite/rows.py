"""Rows of the SQLite store from plain values, frozen values from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from graphtracker.model.display import quoted
from graphtracker.model.encoding import dumps, loads
from graphtracker.model.events import STAMP, stamp_time
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.question import Answer, Question
from graphtracker.model.times import Times
from graphtracker.model.values import Artifact, Run, Source, run_name

Column = None | int | float | str | bytes


def to_column(value: object) -> Column:
    """A plain value as SQLite holds it exactly, else as a BLOB of JSON."""
    kind = type(value)
    if kind is str or value is None:
        return value  # type: ignore[return-value]
    if kind is int and -LARGEST_INT <= value <= LARGEST_INT:  # type: ignore[operator]
        return value  # type: ignore[return-value]
    if kind is float and value == value:  # NaN would become NULL
        return value  # type: ignore[return-value]
    return dumps(value).encode()


def from_column(value: Column) -> object:
    """The plain value that ``to_column`` was given."""
    return loads(value) if type(value) is bytes else value


def text(value: Column) -> str:
    """An id, a key or a name as it was stored; raises TypeError for what is none: NULL is the id of no run at all."""
    if type(value) is not str:
        raise TypeError(f"it is no text: {quoted(value)}")
    return value


def check_set(key: object, stamp: object) -> None:
    """Raises TypeError unless a metadata row has a key and a stamp."""
    if type(key) is not str or type(stamp) is not bytes or len(stamp) != STAMP:
        raise TypeError(f"its key is {quoted(key)}, its stamp {quoted(stamp)}")


def check_logged(name: object, path: object, values: object, stamp: object) -> None:
    """Raises TypeError unless an artifact's row has all that a log of it has."""
    if (
        type(path) is not str
        or type(values) is not dict
        or type(stamp) is not bytes
        or len(stamp) != STAMP
        or type(name) is not str
    ):
        raise TypeError(f"its name is {quoted(name)}, its path {quoted(path)}, its stamp {quoted(stamp)}")


def to_metadata(rows: Iterable[tuple[str, Column]]) -> dict[str, object]:
    """The metadata of one run, of rows of key with value."""
    return {text(key): from_column(value) for key, value in rows}


def to_run(run_id: str, metadata: dict[str, object], created_at: int, updated_at: int | None, times: Times) -> Run:
    """A Run of its row (times in ns) and its metadata."""
    updated = None if updated_at is None else times[updated_at]
    return Run(run_id, run_name(run_id), updated is None, metadata, times[created_at], updated)


def to_artifact(
    run_id: str,
    name: str,
    path: str | None,
    metadata: str | None,
    created_at: int,
    stamp: bytes | None,
    *,
    times: Times,
) -> Artifact:
    """An Artifact of its row; it was updated when the log of it that stands was made."""
    if stamp is None:
        return Artifact(run_id, text(name), None, True, {}, times[created_at], None)
    values: Any = loads(metadata) if metadata else {}
    check_logged(name, path, values, stamp)
    return Artifact(run_id, name, path, False, values, times[created_at], times[stamp_time(stamp)])


def to_source(run_id: str, source_run_id: str | None, name: str) -> Source:
    """A Source of its row."""
    return Source(run_id, text(source_run_id), text(name) or None)


def to_answer(
    question: Question | None,
    run_rows: Iterable[tuple[int, str, int, int | None]],
    metadata_rows: Iterable[tuple[int, str, Column]],
    artifact_rows: Iterable[tuple[int, str, str | None, str | None, int, bytes | None]],
    source_rows: Iterable[tuple[int, int, str]],
) -> Answer:
    """The values of an answer from rows that name runs by integer, each read once and in this order.

    Run rows come sorted by run id and metadata rows by key; sources without both their ends are left out (of a whole
    store none may be). Raises LookupError for a row of a run that is not there.
    """
    times = Times()
    ids: dict[int, str] = {}
    metadata: dict[int, dict[str, object]] = {}
    runs = {}
    for run, run_id, created_at, updated_at in run_rows:
        ids[run] = run_id
        values = metadata[run] = {}
        runs[run_id] = to_run(run_id, values, created_at, updated_at, times)
    for run, key, value in metadata_rows:
        if type(key) is not str:
            raise TypeError(f"a key is {quoted(key)}")
        metadata[run][key] = loads(value) if type(value) is bytes else value
    artifacts = {}
    for run, rows in _by_run(artifact_rows, ids):
        run_id = ids[run]
        for _, name, path, more, created_at, stamp in sorted(rows, key=_name) if len(rows) > 1 else rows:
            artifacts[run_id, name] = to_artifact(run_id, name, path, more, created_at, stamp, times=times)
    sources = _sources(source_rows, ids, artifacts, whole=question is None)
    return Answer(question, runs, artifacts, sources)


def _sources(
    rows: Iterable[tuple[int, int, str]],
    ids: dict[int, str],
    artifacts: dict[tuple[str, str], Artifact],
    *,
    whole: bool,
) -> list[Source]:
    sources = []
    for run, links in _by_run(rows, ids):
        run_id = ids[run]
        if len(links) > 1:
            links.sort(key=lambda link: (ids[link[1]], link[2]))
        for _, source_run, name in links:
            source_run_id = ids[source_run]
            if not name:
                sources.append(Source(run_id, source_run_id, None))
            elif (source_run_id, name) in artifacts:
                sources.append(Source(run_id, source_run_id, name))
            elif whole or type(name) is not str:
                raise LookupError("the artifact that a source names is not there")
    return sources


_Row = TypeVar("_Row", bound=tuple[Any, ...])


def _by_run(rows: Iterable[_Row], ids: dict[int, str]) -> Iterator[tuple[int, list[_Row]]]:
    """The rows of each run together, runs in the order of ``ids``: cheaper than sorting by text."""
    groups: dict[int, list[_Row]] = {}
    for row in rows:
        group = groups.get(row[0])
        if group is None:
            groups[row[0]] = [row]
        else:
            group.append(row)
    if not groups.keys() <= ids.keys():
        raise LookupError("the run of a row is not there")
    return ((run, groups[run]) for run in ids if run in groups)


def _name(row: tuple[Any, ...]) -> str:
    return str(row[1])
