"""The SQL of the SQLite store: its schema, every statement that it sends.

A run is an integer inside the file; ``run.run_id`` is the look-up. An artifact is (run, name). A source names the
artifact ``name`` of ``source_run``, '' for the whole run. Text compares as UTF-8 bytes, which is code point order.
A metadata value is held natively where SQLite holds it exactly (NULL, 64-bit INTEGER, REAL, TEXT); else it is a BLOB of
JSON. Times are ns since 1970 UTC. ``updated_at`` is NULL while a run is external, ``stamp`` while an artifact is
declared.
"""

from __future__ import annotations

APPLICATION_ID = 0x67747261  # "gtra"
SCHEMA_VERSION = 1

SCHEMA = (
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        updated_at INTEGER
    )""",
    """CREATE TABLE metadata (
        run INTEGER NOT NULL REFERENCES run,
        key TEXT NOT NULL,
        value,
        stamp BLOB NOT NULL,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID""",
    """CREATE TABLE artifact (
        run INTEGER NOT NULL REFERENCES run,
        name TEXT NOT NULL,
        path TEXT,
        metadata TEXT,
        created_at INTEGER NOT NULL,
        stamp BLOB,
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX artifact_path ON artifact (path) WHERE path IS NOT NULL",
    """CREATE TABLE source (
        run INTEGER NOT NULL REFERENCES run,
        source_run INTEGER NOT NULL REFERENCES run,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (run, source_run, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX source_reverse ON source (source_run, run, name)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS up (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS down (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS answer (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS whole (id INTEGER PRIMARY KEY)",
)
CLEAR = ("DELETE FROM up", "DELETE FROM down", "DELETE FROM answer", "DELETE FROM whole")
CLEAR_KEPT = "DELETE FROM kept"

# -- writing ---------------------------------------------------------------------------------------------------------

FIND_RUN = "SELECT id, created_at, updated_at FROM run WHERE run_id = ?"
ADD_RUN = "INSERT INTO run (run_id, created_at, updated_at) VALUES (?, ?, ?) ON CONFLICT (run_id) DO NOTHING"
TOUCH_RUN = (
    "UPDATE run SET created_at = min(created_at, :first), updated_at = max(ifnull(updated_at, :last), :last)"
    " WHERE id = :run"
)
AGE_RUN = "UPDATE run SET created_at = min(created_at, ?) WHERE id = ?"

SET_METADATA = """
    INSERT INTO metadata (run, key, value, stamp) VALUES (?, ?, ?, ?)
    ON CONFLICT (run, key) DO UPDATE SET value = excluded.value, stamp = excluded.stamp WHERE excluded.stamp > stamp"""

LOG_ARTIFACT = """
    INSERT INTO artifact (run, name, path, metadata, created_at, stamp) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET
        path = excluded.path,
        metadata = excluded.metadata,
        created_at = min(created_at, excluded.created_at),
        stamp = excluded.stamp
    WHERE excluded.stamp > ifnull(stamp, x'')"""
AGE_ARTIFACT = "UPDATE artifact SET created_at = ? WHERE run = ? AND name = ? AND created_at > ?"

DECLARE_ARTIFACT = """
    INSERT INTO artifact (run, name, created_at) VALUES (?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET created_at = excluded.created_at WHERE excluded.created_at < created_at"""

ADD_SOURCE = """
    INSERT INTO source (run, source_run, name, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (run, source_run, name) DO UPDATE SET created_at = excluded.created_at
    WHERE excluded.created_at < created_at"""

METADATA_STAMP = "SELECT stamp FROM metadata WHERE run = ? AND key = ?"
ARTIFACT_STAMP = "SELECT stamp FROM artifact WHERE run = ? AND name = ?"

# -- one run -----------------------------------------------------------------------------------------------------------

RUN_METADATA = "SELECT key, value FROM metadata WHERE run = ? ORDER BY key"
RUN_ARTIFACTS = """
    SELECT name, path, metadata, created_at, stamp FROM artifact WHERE run = ? AND stamp IS NOT NULL ORDER BY name"""
RUN_SOURCES = """
    SELECT p.run_id, s.name FROM source AS s LEFT JOIN run AS p ON p.id = s.source_run
    WHERE s.run = ? ORDER BY p.run_id, s.name"""
RUN_CONSUMERS = """
    SELECT DISTINCT c.run_id FROM source AS s LEFT JOIN run AS c ON c.id = s.run
    WHERE s.source_run = ? ORDER BY c.run_id"""

# Runs one step after artifact :name of run :run: those that name it, and its whole-run consumers that name no artifact.
_ARTIFACT_CONSUMERS = """
    SELECT run FROM source WHERE source_run = :run AND name = :name
    UNION
    SELECT s.run FROM source AS s WHERE s.source_run = :run AND s.name = '' AND NOT EXISTS (
        SELECT 1 FROM source AS t WHERE t.run = s.run AND t.source_run = :run AND t.name <> ''
    )"""
HAS_ARTIFACT = "SELECT 1 FROM artifact WHERE run = ? AND name = ?"
ARTIFACT_CONSUMERS = f"""
    SELECT c.run_id FROM ({_ARTIFACT_CONSUMERS}) AS s LEFT JOIN run AS c ON c.id = s.run ORDER BY c.run_id"""  # noqa: S608
ARTIFACT_CONSUMER_IDS = _ARTIFACT_CONSUMERS

# -- many runs ---------------------------------------------------------------------------------------------------------

IDS_CONTAINING = "SELECT run_id FROM run WHERE instr(run_id, ?) ORDER BY run_id"

# :parent is a run id or NULL, :limit -1 for none.
RUNS = """
    SELECT id, run_id, created_at, updated_at FROM run
    WHERE updated_at IS NOT NULL
    AND (:parent IS NULL OR id IN (
        SELECT run FROM source WHERE source_run = (SELECT id FROM run WHERE run_id = :parent)
    ))
    ORDER BY created_at DESC, run_id LIMIT :limit"""
KEY_VALUES = "SELECT run, value FROM metadata WHERE key = ?"
FIND_PATH = """
    SELECT r.run_id, a.name, a.path, a.metadata, a.created_at, a.stamp
    FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run WHERE a.path = ?"""

# -- lineage: which runs -----------------------------------------------------------------------------------------------

# One step from the runs of a JSON list; the recursion below is the same without a bound.
SOURCES_OF = """
    SELECT DISTINCT s.source_run FROM json_each(?) AS f CROSS JOIN source AS s ON s.run = f.value"""
CONSUMERS_OF = """
    SELECT DISTINCT s.run FROM json_each(?) AS f CROSS JOIN source AS s ON s.source_run = f.value"""
RUN_IDS_OF = "SELECT r.id, r.run_id FROM json_each(?) AS f CROSS JOIN run AS r ON r.id = f.value"
KEEP = "INSERT INTO kept SELECT value FROM json_each(?)"

WALK_UP = """
    INSERT INTO up
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(?)
        UNION
        SELECT s.source_run FROM walk CROSS JOIN source AS s ON s.run = walk.id
    )
    SELECT id FROM walk"""
WALK_DOWN = """
    INSERT INTO down
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(?)
        UNION
        SELECT s.run FROM walk CROSS JOIN source AS s ON s.source_run = walk.id
    )
    SELECT id FROM walk"""
WALK_UP_KEPT = """
    INSERT INTO up
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(?) WHERE value IN (SELECT id FROM kept)
        UNION
        SELECT s.source_run FROM walk CROSS JOIN source AS s ON s.run = walk.id
        WHERE +s.source_run IN (SELECT id FROM kept)
    )
    SELECT id FROM walk"""
WALK_DOWN_KEPT = """
    INSERT INTO down
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(?) WHERE value IN (SELECT id FROM kept)
        UNION
        SELECT s.run FROM walk CROSS JOIN source AS s ON s.source_run = walk.id
        WHERE +s.run IN (SELECT id FROM kept)
    )
    SELECT id FROM walk"""
JOIN_WALKS = ("INSERT INTO answer SELECT id FROM up", "INSERT OR IGNORE INTO answer SELECT id FROM down")
JOIN_START = "INSERT OR IGNORE INTO answer VALUES (?)"

CUT_UPSTREAM = """
    SELECT u.id FROM up AS u WHERE EXISTS (
        SELECT 1 FROM source AS s WHERE s.run = u.id AND +s.source_run NOT IN (SELECT id FROM kept)
    )"""
CUT_DOWNSTREAM = """
    SELECT d.id FROM down AS d WHERE EXISTS (
        SELECT 1 FROM source AS s WHERE s.source_run = d.id AND +s.run NOT IN (SELECT id FROM kept)
    )"""

# -- lineage: what stands beside those runs ----------------------------------------------------------------------------

# Runs all of whose artifacts are in the answer: descendants, and whole-run sources of which the consumer names none.
WHOLE_UP = """
    INSERT OR IGNORE INTO whole
    SELECT s.source_run FROM up CROSS JOIN source AS s ON s.run = up.id
    WHERE s.name = '' AND +s.source_run IN (SELECT id FROM answer) AND +s.source_run NOT IN (SELECT id FROM down)
    AND NOT EXISTS (
        SELECT 1 FROM source AS t WHERE t.run = s.run AND t.source_run = s.source_run AND t.name <> ''
    )"""

ANSWER_RUNS = """
    SELECT r.id, r.run_id, r.created_at, r.updated_at FROM answer CROSS JOIN run AS r ON r.id = answer.id
    ORDER BY r.run_id"""
ANSWER_METADATA = """
    SELECT m.run, m.key, m.value FROM answer CROSS JOIN metadata AS m ON m.run = answer.id ORDER BY answer.id, m.key"""
_ARTIFACT_COLUMNS = "a.run, a.name, a.path, a.metadata, a.created_at, a.stamp"
DOWN_ARTIFACTS = f"SELECT {_ARTIFACT_COLUMNS} FROM down CROSS JOIN artifact AS a ON a.run = down.id"  # noqa: S608
WHOLE_ARTIFACTS = f"SELECT {_ARTIFACT_COLUMNS} FROM whole CROSS JOIN artifact AS a ON a.run = whole.id"  # noqa: S608
USED_ARTIFACTS = f"""
    SELECT {_ARTIFACT_COLUMNS} FROM (
        SELECT DISTINCT s.source_run, s.name FROM up CROSS JOIN source AS s ON s.run = up.id
        WHERE s.name <> '' AND +s.source_run IN (SELECT id FROM answer)
        AND +s.source_run NOT IN (SELECT id FROM down) AND +s.source_run NOT IN (SELECT id FROM whole)
    ) AS n CROSS JOIN artifact AS a ON a.run = n.source_run AND a.name = n.name"""  # noqa: S608
ONE_ARTIFACT = f"SELECT {_ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run = ? AND a.name = ?"  # noqa: S608

# Every consumer of a descendant is a descendant, so these walk from the source; the rest walk from the consumer.
ANSWER_SOURCES = (
    """
    SELECT s.run, s.source_run, s.name FROM down CROSS JOIN source AS s ON s.source_run = down.id
    WHERE +s.run IN (SELECT id FROM answer)""",
    """
    SELECT s.run, s.source_run, s.name FROM answer CROSS JOIN source AS s ON s.run = answer.id
    WHERE +s.source_run IN (SELECT id FROM answer) AND +s.source_run NOT IN (SELECT id FROM down)""",
)

# -- the whole store ---------------------------------------------------------------------------------------------------

ALL_RUNS = "SELECT id, run_id, created_at, updated_at FROM run ORDER BY run_id"
ALL_METADATA = "SELECT run, key, value FROM metadata ORDER BY run, key"
ALL_ARTIFACTS = "SELECT run, name, path, metadata, created_at, stamp FROM artifact"
ALL_SOURCES = "SELECT run, source_run, name FROM source"

# -- its events, for runs that reported, a page at a time; :after and :last are integers of runs -----------------------

PAGE = "SELECT max(id) FROM (SELECT id FROM run WHERE id > ? ORDER BY id LIMIT ?)"
EVENT_RUNS = """
    SELECT id, run_id, created_at, updated_at FROM run
    WHERE id > :after AND id <= :last AND updated_at IS NOT NULL ORDER BY id"""
EVENT_METADATA = "SELECT run, key, value, stamp FROM metadata WHERE run > :after AND run <= :last"
EVENT_ARTIFACTS = """
    SELECT run, name, path, metadata, created_at, stamp FROM artifact
    WHERE run > :after AND run <= :last AND stamp IS NOT NULL"""
EVENT_SOURCES = """
    SELECT s.run, p.run_id, s.name, s.created_at FROM source AS s LEFT JOIN run AS p ON p.id = s.source_run
    WHERE s.run > :after AND s.run <= :last"""

COUNTS = """
    SELECT (SELECT count(*) FROM run WHERE updated_at IS NOT NULL), (SELECT count(*) FROM run WHERE updated_at IS NULL),
        (SELECT count(*) FROM artifact WHERE stamp IS NOT NULL), (SELECT count(*) FROM artifact WHERE stamp IS NULL),
        (SELECT count(*) FROM metadata), (SELECT count(*) FROM source)"""

# -- damage: which runs a read was about; every row that it may have read, of all runs or of those that are LISTED -----

RUNS_WITH_KEY = "SELECT run FROM metadata WHERE key = ?"
RUNS_WITH_PATH = "SELECT run FROM artifact WHERE path = ?"
ANSWERED = "SELECT id FROM answer"
CHECK_INDEXES = "PRAGMA integrity_check(1)"
LISTED = "(SELECT value FROM json_each(?))"
EXAMINE_RUNS = "SELECT r.id, r.run_id, r.created_at, r.updated_at FROM run AS r"
EXAMINE_METADATA = """
    SELECT m.run, r.run_id, m.key, m.value, m.stamp FROM metadata AS m LEFT JOIN run AS r ON r.id = m.run"""
EXAMINE_ARTIFACTS = """
    SELECT a.run, r.run_id, a.name, a.path, a.metadata, a.created_at, a.stamp
    FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run"""
EXAMINE_SOURCES = """
    SELECT s.run, r.run_id, s.source_run, p.run_id, s.name, s.created_at,
        s.name = '' OR EXISTS (SELECT 1 FROM artifact AS a WHERE a.run = s.source_run AND a.name = s.name)
    FROM source AS s LEFT JOIN run AS r ON r.id = s.run LEFT JOIN run AS p ON p.id = s.source_run"""

# What people are told to do about rows that recording again does not replace, as text to fill in.
MEND_RUN_ID = "REINDEX; UPDATE run SET run_id = 'ITS ID' WHERE id = {}"
MEND_RUN_TIMES = """UPDATE run SET created_at = strftime('%s') * 1000000000,\
 updated_at = CASE WHEN updated_at NOT NULL THEN strftime('%s') * 1000000000 END WHERE id = {}"""
MEND_METADATA = "DELETE FROM metadata WHERE run = {} AND key IS {}"
MEND_ARTIFACT = "DELETE FROM artifact WHERE run = {} AND name IS {}"
MEND_SOURCE = "DELETE FROM source WHERE run = {} AND source_run = {} AND name IS {}"
