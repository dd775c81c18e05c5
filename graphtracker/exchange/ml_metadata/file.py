"""The SQLite file of an ml-metadata, opened to be read alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from urllib.parse import urlencode

from graphtracker.errors import GraphTrackerError, InvalidInput, StoreError, StoreUnavailable
from graphtracker.exchange.given import FILE, given, naming
from graphtracker.exchange.ml_metadata import sql
from graphtracker.exchange.ml_metadata.rows import rows
from graphtracker.exchange.sqlite_files import reading
from graphtracker.model.display import quoted

_PATIENCE = 10.0  # seconds for whoever writes to it
_VERSIONS = range(4, 11)  # of the schema: 4 is the first with contexts of artifacts, 10 is that of ml-metadata 1.15 on
_WANTED = "give the SQLite file that ml-metadata keeps"


@contextmanager
def opened(source: str) -> Iterator[sqlite3.Connection]:
    """The connection to a file, in one transaction that reads, with the views of ``sql``; nothing is written there.

    Whoever writes to the file waits meanwhile. Raises InvalidInput for what is no file of an ml-metadata, or one of a
    version that cannot be read; StoreUnavailable where another program holds it, StoreError where it cannot be read.
    SQLite's errors inside of it are raised likewise.
    """
    try:
        with closing(_connected(source)) as connection:
            connection.execute("BEGIN")
            _check_version(connection, source)
            for statement in sql.views(partial(_columns, connection)):
                connection.execute(statement)
            for statement in sql.TELL_APART:
                while connection.execute(statement).rowcount:
                    pass
            yield connection
    except sqlite3.Error as error:
        raise _explained(source, str(error)) from error


def _connected(source: str) -> sqlite3.Connection:
    path = given(source, FILE, _WANTED)
    with naming(source, FILE, _WANTED):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{urlencode(reading(path))}", timeout=_PATIENCE, isolation_level=None, uri=True
        )
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _check_version(connection: sqlite3.Connection, source: str) -> None:
    tables = {name for (name,) in rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "MLMDEnv" not in tables:
        raise InvalidInput(f"{quoted(source)} is an SQLite file, but none of ml-metadata; {_WANTED}")
    found = connection.execute("SELECT max(schema_version) FROM MLMDEnv").fetchone()[0]
    if found not in _VERSIONS:
        first, last = _VERSIONS[0], _VERSIONS[-1]
        way_out = "bring it to one of them with ml-metadata's upgrade or downgrade_schema"
        raise InvalidInput(
            f"{quoted(source)} has version {quoted(found)} of ml-metadata's schema; "
            f"{first} to {last} can be read: {way_out}"
        )
    absent = sql.TABLES - tables
    if absent:
        raise InvalidInput(f"{quoted(source)} lacks ml-metadata's table {min(absent)}; give a whole copy of the file")


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in rows(connection, "SELECT name FROM pragma_table_info(:table)", {"table": table})}


def _explained(source: str, message: str) -> GraphTrackerError:
    # By text, because sqlite_errorcode comes with Python 3.11 and SQLite keeps its messages.
    if "locked" in message or "busy" in message:
        return StoreUnavailable(
            f"{quoted(source)} was held by another program for {_PATIENCE:g} s; try again, or give a copy of it"
        )
    if "not a database" in message:
        return InvalidInput(f"{quoted(source)} is not an SQLite file; {_WANTED}")
    if "malformed" in message or "no such column" in message:
        return InvalidInput(f"{quoted(source)} is damaged ({message}); give a whole copy of it")
    return StoreError(f"{quoted(source)} cannot be read ({message}); give a copy of it")
