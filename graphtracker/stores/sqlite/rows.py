"""Rows of the SQLite store from plain values, frozen values from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from graphtracker.model.display import quoted
from graphtracker.model.encoding import dumps, loads
from graphtracker.model.events import NOW, STAMP, stamp_after, stamp_time
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.question import Answer, Question
from graphtracker.model.times import Times
from graphtracker.model.values import Artifact, Run, Source, run_name
from graphtracker.stores.sqlite.context import to_context

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


LONG = 128
"""Characters, or bytes of JSON, from which on a value is not kept in the index of values."""


def to_row(run: int, key: str, value: object, stamp: bytes) -> tuple[int, str, Column, bytes, int | None]:
    """The row of a metadata value."""
    column = to_column(value)
    long = 1 if type(column) in _SIZED and len(column) >= LONG else None  # type: ignore[arg-type]
    return run, key, column, stamp, long


_SIZED = frozenset([str, bytes])


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


def check_logged(name: object, path: object, place: object, values: object, stamp: object, *, forgotten: bool) -> None:
    """Raises TypeError unless an artifact's row has all that a log of it has; of what is forgotten neither path nor
    place."""
    if (
        type(name) is not str
        or type(stamp) is not bytes
        or len(stamp) != STAMP
        or type(values) is not dict
        or (path is not None and type(path) is not str)
        or type(place) is not (type(None) if forgotten else str)
    ):
        raise TypeError(f"its name is {quoted(name)}, its path {quoted(path)}, its stamp {quoted(stamp)}")


def to_metadata(rows: Iterable[tuple[str, Column]]) -> dict[str, object]:
    """The metadata of one run, of rows of key with value."""
    return {text(key): from_column(value) for key, value in rows}


class Reader:
    """Makes values of rows, as of a time in ns; ``overwritten`` is whether one was left out that is later than what may
    have stood then."""

    def __init__(self, at: int = NOW) -> None:
        self.at = at
        self.overwritten = False
        self._later = stamp_after(at)
        self._later_text = self._later.hex()
        self._now = at == NOW
        self.times = Times()

    def run(self, row: RunRow, metadata: dict[str, object]) -> Run:
        """A Run of its row and its metadata."""
        _, run_id, created_at, reported_at, updated_at, forgotten, parts = row
        if not self._now:
            reported_at = self._by_then(reported_at)
            updated_at = None if reported_at is None else self._by_then(updated_at)
        times = self.times
        created = times[created_at]
        reported = created if reported_at == created_at else None if reported_at is None else times[reported_at]
        updated = None if updated_at is None else times[updated_at]
        name = run_name(run_id)
        context = {} if parts is None or reported is None else self._context(parts)
        return Run(run_id, name, reported is None, forgotten is not None, metadata, context, created, reported, updated)

    def _by_then(self, time: int | None) -> int | None:
        """The time, if it is not later than the question."""
        return None if time is None or time > self.at else time

    def _context(self, parts: str) -> dict[str, object]:
        context, later = to_context(parts, self._later_text)
        self.overwritten = self.overwritten or later
        return context

    def artifact(
        self,
        run_id: str,
        forgotten: bool,
        name: str,
        path: str | None,
        place: str | None,
        metadata: str | None,
        created_at: int,
        logged_at: int | None,
        stamp: bytes | None,
    ) -> Artifact:
        """An Artifact of its row and its run, of which only one that is forgotten has artifacts without a path.

        It was updated when the log of it that stands was made.
        """
        times = self.times
        created = times[created_at]
        if stamp is None or logged_at is None or logged_at > self.at:
            return Artifact(run_id, text(name), None, None, True, {}, created, None, None)
        values: Any = loads(metadata) if metadata else {}
        check_logged(name, path, place, values, stamp, forgotten=forgotten)
        logged = created if logged_at == created_at else times[logged_at]
        if not self._now and stamp >= self._later:
            self.overwritten = self.overwritten or not forgotten  # what is forgotten is so at every time
            return Artifact(run_id, name, None, None, False, {}, created, logged, None)
        updated = times[stamp_time(stamp)]
        return Artifact(run_id, name, place if path is None else path, place, False, values, created, logged, updated)

    def source(self, run_id: str, source_run_id: str | None, name: str, created_at: int) -> Source:
        """A Source of its row."""
        return Source(run_id, text(source_run_id), text(name) or None, self.times[created_at])


RunRow = tuple[int, str, int, int | None, int | None, int | None, str | None]
"""(Integer, run id, created_at, reported_at, updated_at, forgotten, context)."""
ArtifactRow = tuple[int, str, str | None, str | None, str | None, int, int | None, bytes | None]
"""(Integer of the run, name, path, place, metadata, created_at, logged_at, stamp)."""


def to_answer(
    reader: Reader,
    question: Question | None,
    run_rows: Iterable[RunRow],
    metadata_rows: Iterable[tuple[int, str, Column]],
    artifact_rows: Iterable[ArtifactRow],
    source_rows: Iterable[tuple[int, int, str, int]],
    *,
    everything: bool = False,
) -> Answer:
    """The values of an answer from rows that name runs by integer, each read once and in this order.

    Run rows come sorted by run id and metadata rows by key; sources without both their ends are left out (none may be
    where the rows are ``everything``). Raises LookupError for a row of a run that is not there.
    """
    ids: dict[int, str] = {}
    metadata: dict[int, dict[str, object]] = {}
    runs = {}
    for row in run_rows:
        run, run_id = row[:2]
        ids[run] = run_id
        values = metadata[run] = {}
        runs[run_id] = reader.run(row, values)
    for run, key, value in metadata_rows:
        if type(key) is not str:
            raise TypeError(f"a key is {quoted(key)}")
        metadata[run][key] = loads(value) if type(value) is bytes else value
    artifacts = {}
    made = reader.artifact
    for run, rows in _by_run(artifact_rows, ids):
        run_id = ids[run]
        forgotten = runs[run_id].forgotten
        for artifact in sorted(rows, key=_name) if len(rows) > 1 else rows:
            artifacts[run_id, artifact[1]] = made(run_id, forgotten, *artifact[1:])
    sources = _sources(reader, source_rows, ids, artifacts, whole=everything)
    reasons = frozenset({"overwritten"} if reader.overwritten else ())
    return Answer(question, runs, artifacts, sources, reasons)


def _sources(
    reader: Reader,
    rows: Iterable[tuple[int, int, str, int]],
    ids: dict[int, str],
    artifacts: dict[tuple[str, str], Artifact],
    *,
    whole: bool,
) -> list[Source]:
    sources = []
    times = reader.times
    for run, links in _by_run(rows, ids):
        run_id = ids[run]
        if len(links) > 1:
            links.sort(key=lambda link: (ids[link[1]], link[2]))
        for _, source_run, name, created_at in links:
            source_run_id = ids[source_run]
            if not name:
                sources.append(Source(run_id, source_run_id, None, times[created_at]))
            elif (source_run_id, name) in artifacts:
                sources.append(Source(run_id, source_run_id, name, times[created_at]))
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
