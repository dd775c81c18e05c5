"""How the SQLite store opens its file, or says why it cannot."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphtracker import logs
from graphtracker.errors import (
    InvalidInput,
    SchemaMismatch,
    StoreError,
    StoreUnavailable,
)
from graphtracker.model.display import quoted
from graphtracker.stores.sqlite import writing_sql
from graphtracker.stores.sqlite.damage import Damage
from graphtracker.stores.sqlite.filesystems import network_file_system
from graphtracker.stores.sqlite.location import Location
from graphtracker.stores.urls import MEMORY, StoreURL

_OLDEST_SQLITE = (3, 24, 0)  # the first with ON CONFLICT DO UPDATE
_PATIENCE = 1.0  # seconds for those who write, when something is forgotten
_LARGEST = 128 << 20  # bytes of a file that is written anew then: about a second, and as much memory
_RETRY_PAUSE = 0.005  # seconds between tries at what SQLite's own busy handler does not wait for


class FileConnection(sqlite3.Connection):
    """A connection to a file, which a forked child must not inherit."""


@dataclass(frozen=True)
class SQLiteFile:
    """A file (or memory) that holds a store, with the options of its URL: ``timeout`` seconds and ``synchronous``."""

    path: str
    shown: str
    timeout: float = 60.0
    synchronous: str = "NORMAL"

    @property
    def memory(self) -> bool:
        """Whether there is no file at all."""
        return self.path == MEMORY

    @property
    def _location(self) -> Location:
        return Location(self.path, self.shown)

    def identity(self) -> tuple[int, int] | None:
        """What tells this file from another at the same path; None where there is none, or nothing in it yet."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return None
        except UnicodeEncodeError as error:
            raise StoreError(
                f"the store {quoted(self.shown)} has a name that is no path in this locale's encoding "
                f"({error.encoding}); name another, or set PYTHONUTF8=1"
            ) from error
        except OSError as error:
            raise self._location.failed(error, "read") from error
        return (status.st_dev, status.st_ino) if status.st_size else None

    def open_for_reading(self) -> tuple[sqlite3.Connection, bool]:
        """A connection to a file that exists, checked to be a store of this version, and whether it may be kept.

        To read, SQLite makes its shared-memory file beside the store. Where this user may not write, or several
        machines may, nothing is made: unless a writer is at work, the file is read as it lies there, once.
        """
        location = self._location
        location.check_kind()
        if location.unwritable("written") is None and not network_file_system(self.path):
            return self._checked(self._connect("mode=rw")), True
        if os.path.exists(location.real + "-wal"):
            return self._checked(self._connect("mode=ro")), False
        if not os.access(self.path, os.R_OK):
            raise location.denied("read")
        return self._checked(self._connect("immutable=1")), False

    def open_for_writing(self) -> sqlite3.Connection:
        """A connection to the file, made if missing, with the schema in it and the write-ahead log on."""
        if self.memory:
            connection = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
            _create_schema(connection)
            return self._prepared(connection)
        self._check_place()
        self._location.make_file()
        connection = self._checked(self._connect("mode=rwc"))
        try:
            self._use_write_ahead_log(connection)
            if not _version(connection):
                connection.execute("BEGIN IMMEDIATE")
                if not _version(connection):  # another process may have been first
                    _create_schema(connection)
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_place(self) -> None:
        self._location.check(begun=self.identity() is not None)
        kind = network_file_system(self.path)
        if kind:
            raise StoreError(
                f"the store {quoted(self.shown)} lies on a file system that machines may share ({kind}), where SQLite "
                f"files break when two of them write; use a local path, Neo4j, or {quoted(self.shown + '.spool')}, "
                "which is safe"
            )

    def obstacle(self) -> str | None:
        """What keeps this user from writing to the file, with the way out; None where nothing does."""
        try:
            if not self.memory:
                self._check_place()
        except StoreError as error:
            return str(error)
        return None

    def _connect(self, how: str) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise StoreError(f"this Python has SQLite {sqlite3.sqlite_version}; graphtracker needs 3.24 or later")
        uri = f"{Path(self.path).as_uri()}?{how}"
        return sqlite3.connect(
            uri, timeout=self.timeout, isolation_level=None, check_same_thread=False, uri=True, cached_statements=256,
            factory=FileConnection,
        )  # fmt: skip

    def _checked(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            connection.execute("BEGIN")  # one view of the three, while others may be making the schema
            version = _version(connection)
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            connection.execute("COMMIT")
            if application != writing_sql.APPLICATION_ID and (application or version or tables):
                raise StoreError(f"{quoted(self.shown)} is an SQLite file of another program; name another file")
            self.check_version(version)
            return self._prepared(connection)
        except BaseException:
            connection.close()
            raise

    def check_version(self, version: int) -> None:
        """Raises SchemaMismatch where another graphtracker has made the schema; 0 is none yet."""
        if version not in (0, writing_sql.SCHEMA_VERSION):
            way_out = "install a newer graphtracker" if version > writing_sql.SCHEMA_VERSION else "name another file"
            raise SchemaMismatch(
                f"the store {quoted(self.shown)} has schema version {version}, this graphtracker knows "
                f"{writing_sql.SCHEMA_VERSION}; {way_out}"
            )

    def _prepared(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.execute(f"PRAGMA synchronous = {self.synchronous}")
        connection.execute("PRAGMA temp_store = MEMORY")
        # So that what was overwritten is gone when its run is forgotten, too.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -65536")
        # 16 MB of log: folding it into the file four times as often makes a call a tenth dearer.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        return connection

    def _use_write_ahead_log(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                    return
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_PAUSE)

    def erase(self, connection: sqlite3.Connection) -> bool:
        """Takes out of the file, and of its log, what is left there of rows that are no more; whether it could.

        SQLite overwrites what it frees (``secure_delete``), but not the copies that moving a row leaves in the gaps of
        a page; so the file is written anew, unless it is large. Others that read it keep the log from being emptied.
        """
        ((size,),) = connection.execute(writing_sql.SIZE)
        erased = False
        with contextlib.suppress(sqlite3.OperationalError):  # locked, or no room to write it anew
            self._wait_at_most(connection, _PATIENCE)
            if size <= _LARGEST:
                connection.execute("VACUUM")
            self._wait_at_most(connection, 0)  # while that waits for readers, it holds off all writers
            ((busy, _, _),) = connection.execute(writing_sql.EMPTY_LOG)
            erased = not busy
        self._wait_at_most(connection, self.timeout)
        if size > _LARGEST:
            logs.warning("copies of what is forgotten may be left in %s; `sqlite3 FILE VACUUM` clears it", self.shown)
        return erased

    @staticmethod
    def _wait_at_most(connection: sqlite3.Connection, seconds: float) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def translate(self, error: BaseException) -> None:
        """Raises what SQLite raised as one of our errors, which names the store and the way out; other errors pass."""
        if isinstance(error, Damage):
            raise self.damaged_by([error]) from error
        if isinstance(error, (sqlite3.DataError, OverflowError)):
            raise InvalidInput(
                f"the store {quoted(self.shown)} cannot hold a value this large ({error}); store a path to it instead"
            ) from error
        if isinstance(error, sqlite3.Error):
            raise self._explained(str(error)) from error

    def damaged(self, how: str) -> StoreError:
        """The error that says that SQLite found damage."""
        return StoreError(
            f"the store {quoted(self.shown)} is damaged ({' '.join(how.split())}); "
            "save what is left with `sqlite3 FILE .recover`, or restore a copy"
        )

    def damaged_by(self, found: Sequence[Damage], more: str = "") -> StoreError:
        """The error that says what of it cannot be read."""
        rows = "; ".join(map(str, found)) + more
        return StoreError(f"the store {quoted(self.shown)} is damaged: {rows}; or restore a copy of the store")

    def _explained(self, message: str) -> StoreError:
        # By text, because sqlite_errorcode comes with Python 3.11 and SQLite keeps its messages.
        store = f"the store {quoted(self.shown)}"
        if "locked" in message or "busy" in message:
            return StoreUnavailable(
                f"{store} was held by another writer for {self.timeout:g} s; try again, or raise ?timeout="
            )
        if "readonly" in message:
            return self._location.unwritable("written") or self._location.denied("written")
        if "not a database" in message:
            return StoreError(f"{quoted(self.shown)} is not an SQLite file; name another file")
        if "malformed" in message:
            return self.damaged(message)
        if "unable to open" in message:
            return self._location.unopened()
        if "full" in message:
            return self._location.full()
        if "disk I/O" in message:
            return StoreError(f"the disk of {store} fails ({message}); make room on it or repair it, and record again")
        return StoreError(f"{store} failed: {message}")


def sqlite_file(url: StoreURL) -> SQLiteFile:
    """The file of an SQLite URL; raises InvalidInput for an option or a value that it does not know."""
    unknown = set(url.options) - {"timeout", "synchronous"}
    if unknown:
        raise InvalidInput(
            f"unknown option {quoted(min(unknown))} in {quoted(url.shown)}; SQLite takes timeout and synchronous"
        )
    synchronous = url.options.get("synchronous", "NORMAL").upper()
    if synchronous not in ("NORMAL", "FULL"):
        raise InvalidInput(f"synchronous={quoted(synchronous)} in {quoted(url.shown)}; use NORMAL or FULL")
    try:
        timeout = float(url.options.get("timeout", "60"))
    except ValueError:
        timeout = -1.0
    if not 0 <= timeout <= 86_400:
        raise InvalidInput(f"timeout in {quoted(url.shown)} must be seconds, from 0 to 86400")
    return SQLiteFile(url.rest, url.shown, timeout, synchronous)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create_schema(connection: sqlite3.Connection) -> None:
    for statement in writing_sql.SCHEMA:
        connection.execute(statement)
