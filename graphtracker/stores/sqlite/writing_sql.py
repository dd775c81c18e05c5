"""The SQL by which an SQLite store is made.

A run is an integer inside the file; ``run.run_id`` is the look-up. An artifact is (run, name). A source names the
artifact ``name`` of ``source_run``, '' for the whole run. Text compares as UTF-8 bytes, which is code point order.
A metadata value is held natively where SQLite holds it exactly (NULL, 64-bit INTEGER, REAL, TEXT); else it is a BLOB of
JSON. ``context`` is JSON: the stamp of a call in hexadecimal digits → the values that stand of it, by key. Times
are ns since 1970 UTC. ``reported_at`` and ``updated_at`` are NULL while a run is external, ``logged_at`` and ``stamp``
while an artifact is declared; its ``path`` is NULL where it is the same as ``place``. ``forgotten`` is 1 where the
values of a run were forgotten, 2 where the run itself was. ``name`` is NULL where it is the id. ``long`` is 1 where a
value is long: those are in another index, where they are only found by their key and their type.

A run that nobody reported, and an artifact that nobody logged, are there as long as a source names them: rows of others
tell no more than when something that is forgotten by now spoke of them. ``:t`` is the time that a question is about.
"""

from __future__ import annotations

APPLICATION_ID = 0x67747261  # "gtra"
SCHEMA_VERSION = 3

SCHEMA = (
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        name TEXT,
        created_at INTEGER NOT NULL,
        reported_at INTEGER,
        updated_at INTEGER,
        forgotten INTEGER,
        forgotten_at INTEGER,
        context TEXT
    )""",
    """CREATE TABLE metadata (
        run INTEGER NOT NULL REFERENCES run,
        key TEXT NOT NULL,
        value,
        stamp BLOB NOT NULL,
        long INTEGER,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID""",
    # Read backwards, so that new runs come at the end of it, where adding is cheapest.
    "CREATE INDEX run_newest ON run (created_at, run_id DESC, reported_at) WHERE reported_at IS NOT NULL",
    "CREATE INDEX run_name ON run (ifnull(name, run_id))",
    # Each with the column of its condition, so that nothing need be looked up in the table.
    "CREATE INDEX metadata_value ON metadata (key, value, long) WHERE long IS NULL",
    "CREATE INDEX metadata_long ON metadata (key, typeof(value), long) WHERE long IS NOT NULL",
    """CREATE TABLE artifact (
        run INTEGER NOT NULL REFERENCES run,
        name TEXT NOT NULL,
        path TEXT,
        place TEXT,
        metadata TEXT,
        created_at INTEGER NOT NULL,
        logged_at INTEGER,
        stamp BLOB,
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX artifact_place ON artifact (place, stamp) WHERE place IS NOT NULL",
    """CREATE TABLE source (
        run INTEGER NOT NULL REFERENCES run,
        source_run INTEGER NOT NULL REFERENCES run,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (run, source_run, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX source_reverse ON source (source_run, name, run, created_at)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

FIND_RUN = "SELECT id, created_at, forgotten FROM run WHERE run_id = ?"
ADD_RUN = """
    INSERT INTO run (run_id, name, created_at, reported_at, updated_at, context) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (run_id) DO NOTHING"""
TOUCH_RUN = "UPDATE run SET updated_at = max(ifnull(updated_at, :last), :last) WHERE id = :run"
# Apart, since SQLite writes the indexes of every column that a statement sets, whether or not it changes.
BEGIN_RUN = """
    UPDATE run SET created_at = min(created_at, :first), reported_at = min(ifnull(reported_at, :first), :first)
    WHERE id = :run AND (created_at > :first OR reported_at IS NULL OR reported_at > :first)"""
AGE_RUN = "UPDATE run SET created_at = :time WHERE id = :run AND created_at > :time"

SET_METADATA = """
    INSERT INTO metadata (run, key, value, stamp, long) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (run, key) DO UPDATE SET value = excluded.value, stamp = excluded.stamp, long = excluded.long
    WHERE excluded.stamp > stamp"""

RUN_CONTEXT = "SELECT context FROM run WHERE id = ?"
SET_CONTEXT = "UPDATE run SET context = ? WHERE id = ?"

LOG_ARTIFACT = """
    INSERT INTO artifact (run, name, path, place, metadata, created_at, logged_at, stamp)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET
        path = excluded.path,
        place = excluded.place,
        metadata = excluded.metadata,
        created_at = min(created_at, excluded.created_at),
        logged_at = min(ifnull(logged_at, excluded.logged_at), excluded.logged_at),
        stamp = excluded.stamp
    WHERE excluded.stamp > ifnull(stamp, x'')"""
AGE_ARTIFACT = """
    UPDATE artifact SET created_at = min(created_at, :time), logged_at = min(logged_at, :time)
    WHERE run = :run AND name = :name AND logged_at > :time"""

DECLARE_ARTIFACT = """
    INSERT INTO artifact (run, name, created_at) VALUES (?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET created_at = excluded.created_at WHERE excluded.created_at < created_at"""

ADD_SOURCE = """
    INSERT INTO source (run, source_run, name, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (run, source_run, name) DO UPDATE SET created_at = excluded.created_at
    WHERE excluded.created_at < created_at"""

METADATA_STAMP = "SELECT stamp FROM metadata WHERE run = ? AND key = ?"
ARTIFACT_STAMP = "SELECT stamp FROM artifact WHERE run = ? AND name = ?"

# Of a run that is forgotten twice, the stronger forgetting stands, of two alike the earlier.
FORGET = """
    UPDATE run SET
        forgotten_at = CASE WHEN forgotten >= :forgotten
            THEN CASE forgotten WHEN :forgotten THEN min(forgotten_at, :time) ELSE forgotten_at END ELSE :time END,
        forgotten = max(ifnull(forgotten, 0), :forgotten)
    WHERE id = :run"""
SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
FORGOTTEN = "SELECT forgotten FROM run WHERE id = ?"
FORGET_VALUES = (
    "DELETE FROM metadata WHERE run = ?",
    "UPDATE run SET context = NULL WHERE id = ?",
    "UPDATE artifact SET path = NULL, place = NULL, metadata = NULL WHERE run = ?",
)
FORGET_LINKS = (
    "DELETE FROM source WHERE run = ?",
    "UPDATE artifact SET logged_at = NULL, stamp = NULL WHERE run = ?",
    "UPDATE run SET reported_at = NULL, updated_at = NULL WHERE id = ?",
)
