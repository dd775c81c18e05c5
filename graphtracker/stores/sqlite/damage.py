"""Which rows of an SQLite store cannot be read, with the way out of each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from graphtracker.model.context import checked_context
from graphtracker.model.display import printable, quoted
from graphtracker.model.limits import checked_key, checked_name, checked_run_id
from graphtracker.stores.fold import LINKS, VALUES
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.context import from_parts
from graphtracker.stores.sqlite.rows import Reader, check_logged, check_set, from_column

# What SQLite, the reader of JSON and the makers of values raise of rows that hold something else.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_UNDECODED = "Could not decode to UTF-8"  # what sqlite3 says of TEXT, as an OperationalError like many another


class Damage(sqlite3.DatabaseError):
    """Something in the store cannot be read; the message says what, why, and the way out."""

    def __init__(self, what: str, reason: object, way_out: str) -> None:
        super().__init__(f"{what} cannot be read ({printable(str(reason))}): {way_out}")


class NamingDamage:
    """Reads rows in its block: where one of them cannot be read, raises the Damage that says which.

    ``runs`` gives the integers of the runs that were read, None of all.
    """

    def __init__(self, cursor: sqlite3.Cursor, runs: Callable[[], Iterable[int]] | None = None) -> None:
        self._cursor = cursor
        self._runs = runs

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            name_damage(error, self._cursor, None if self._runs is None else self._runs())


def name_damage(error: BaseException, cursor: sqlite3.Cursor, runs: Iterable[int] | None) -> None:
    """Raises the Damage that says which row of these runs (None: of any) the error comes from, if it does."""
    if isinstance(error, _UNREADABLE) or (isinstance(error, sqlite3.OperationalError) and _UNDECODED in str(error)):
        connection = cursor.connection
        found = damaged_rows(connection, None if runs is None else list(runs), 1) or damage(connection, 1)
        if found:
            raise found[0] from error


def damage(connection: sqlite3.Connection, most: int) -> list[Damage]:
    """What of the whole store cannot be read, at most so many; indexes only where all rows can be."""
    rows = damaged_rows(connection, None, most)
    if rows:
        return rows
    found = [reason for (reason,) in connection.execute(sql.CHECK_INDEXES) if reason != "ok"]
    return [Damage("what an index says", reason, "`sqlite3 FILE REINDEX`") for reason in found]


def damaged_rows(connection: sqlite3.Connection, runs: Iterable[int] | None, most: int) -> list[Damage]:
    """The first rows of these runs (None: of the whole store) that cannot be read, at most so many."""
    factory = connection.text_factory
    connection.text_factory = _text
    try:
        return list(islice(_damaged(connection, runs), most))
    finally:
        connection.text_factory = factory


def _text(content: bytes) -> str:
    """The text, with lone surrogates in place of what is no UTF-8, so that every row can be read at all."""
    return content.decode(errors="surrogateescape")


def _damaged(connection: sqlite3.Connection, runs: Iterable[int] | None) -> Iterator[Damage]:
    for table in _TABLES:
        if runs is None:
            rows = connection.execute(table.rows)
        else:
            rows = connection.execute(f"{table.rows} WHERE {table.owner} IN {sql.LISTED}", (json.dumps(list(runs)),))
        for row in rows:
            found = _damage(table, row)
            if found is not None:
                yield found


def _damage(table: _Table, row: Any) -> Damage | None:
    try:
        table.check_place(*row)
    except _UNREADABLE as error:
        return Damage(table.what(*row), error, f'`sqlite3 FILE "{table.mend(*row)}"`, then record it again')
    try:
        table.check_value(*row)
    except _UNREADABLE as error:
        return Damage(table.what(*row), error, "record it again")
    return None


class _Table(NamedTuple):
    rows: str
    owner: str
    """The column by which a row belongs to a run."""
    what: Callable[..., str]
    check_place: Callable[..., None]
    """Raises where recording again would not find the row, or not replace it."""
    check_value: Callable[..., object]
    """Raises where recording again would mend it."""
    mend: Callable[..., str]
    """The statement that takes it out, as far as one can."""


def _check_run(
    run: int, run_id: Any, created_at: Any, reported_at: Any, updated_at: Any, forgotten: Any, forgotten_at: Any
) -> None:
    checked_run_id(_utf8(run_id))
    _check_time(created_at)
    if forgotten not in (None, VALUES, LINKS):
        raise TypeError(f"what of it is forgotten is {quoted(forgotten)}")
    for times in ((reported_at, updated_at), (forgotten_at,)):
        if any(time is not None for time in times):
            for time in times:
                _check_time(time)


def _mend_run(run: int, run_id: Any, *_: Any) -> str:
    try:
        checked_run_id(_utf8(run_id))
    except _UNREADABLE:
        return sql.MEND_RUN_ID.format(run)
    return sql.MEND_RUN_TIMES.format(run)


def _check_metadata_place(run: int, run_id: Any, key: Any, value: Any, stamp: Any) -> None:
    _check_owner(run, run_id)
    checked_key(_utf8(key))
    check_set(key, stamp)


def _check_metadata_value(run: int, run_id: Any, key: Any, value: Any, stamp: Any) -> None:
    from_column(_utf8(value) if type(value) is str else value)


def _check_context(run: int, run_id: Any, parts: Any) -> None:
    for event in () if parts is None else from_parts(run_id, _utf8(parts)):
        checked_context(event.values)


def _check_artifact_place(
    run_id: Any,
    forgotten: Any,
    run: int,
    name: Any,
    path: Any,
    place: Any,
    metadata: Any,
    created_at: Any,
    logged_at: Any,
    stamp: Any,
) -> None:
    _check_owner(run, run_id)
    checked_name(_utf8(name))
    _check_time(created_at)
    if stamp is not None or logged_at is not None:
        _check_time(logged_at)
        check_logged(name, None, None, {}, stamp, forgotten=True)


def _check_artifact_value(
    run_id: Any,
    forgotten: Any,
    run: int,
    name: Any,
    path: Any,
    place: Any,
    metadata: Any,
    created_at: Any,
    logged_at: Any,
    stamp: Any,
) -> None:
    for text in (path, place, metadata):
        if text is not None:
            _utf8(text)
    Reader().artifact(run_id, forgotten is not None, name, path, place, metadata, created_at, logged_at, stamp)


def _check_source(
    run: int, run_id: Any, source_run: int, source_run_id: Any, name: Any, created_at: Any, known: int
) -> None:
    _check_owner(run, run_id)
    _check_owner(source_run, source_run_id)
    _check_time(created_at)
    if _utf8(name):
        checked_name(name)
    if not known:
        raise LookupError("there is no such artifact")


def _check_owner(run: int, run_id: Any) -> None:
    if run_id is None:
        raise LookupError(f"there is no run {quoted(run)}")


def _utf8(text: Any) -> str:
    if type(text) is not str:
        raise TypeError(f"it is no text: {quoted(text)}")
    if not text.isascii():
        content = text.encode(errors="surrogateescape")
        content.decode()
    return text


def _check_time(time: Any) -> None:
    if type(time) is not int:
        raise TypeError(f"its time is {quoted(time)}")


def _named(run: int, run_id: Any) -> str:
    return f"run number {run}, which is not there" if run_id is None else f"run {quoted(run_id)}"


def _literal(value: Any) -> str:
    """The value in SQL, without a character that a shell or SQL would take for another."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return f"CAST(x'{value.encode(errors='surrogateescape').hex()}' AS TEXT)"
    return "NULL" if value is None else repr(value)


_TABLES = (
    _Table(
        sql.EXAMINE_RUNS,
        "r.id",
        lambda run, run_id, *_: f"run {quoted(run_id)}",
        _check_run,
        lambda *_: None,
        _mend_run,
    ),
    _Table(
        sql.EXAMINE_METADATA,
        "m.run",
        lambda run, run_id, key, *_: f"metadata {quoted(key)} of {_named(run, run_id)}",
        _check_metadata_place,
        _check_metadata_value,
        lambda run, run_id, key, *_: sql.MEND_METADATA.format(run, _literal(key)),
    ),
    _Table(
        sql.EXAMINE_CONTEXT,
        "r.id",
        lambda run, run_id, *_: f"the context of {_named(run, run_id)}",
        _check_context,
        lambda *_: None,
        lambda run, *_: sql.MEND_CONTEXT.format(run),
    ),
    _Table(
        sql.EXAMINE_ARTIFACTS,
        "a.run",
        lambda run_id, forgotten, run, name, *_: f"artifact {quoted(name)} of {_named(run, run_id)}",
        _check_artifact_place,
        _check_artifact_value,
        lambda run_id, forgotten, run, name, *_: sql.MEND_ARTIFACT.format(run, _literal(name)),
    ),
    _Table(
        sql.EXAMINE_SOURCES,
        "s.run",
        lambda run, run_id, source_run, source_run_id, name, *_: (
            f"source {quoted(name)} of {_named(source_run, source_run_id)}, which {_named(run, run_id)} names,"
        ),
        _check_source,
        lambda *_: None,
        lambda run, run_id, source_run, source_run_id, name, *_: sql.MEND_SOURCE.format(
            run, source_run, _literal(name)
        ),
    ),
)
