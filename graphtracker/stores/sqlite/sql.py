"""The SQL of the SQLite store: its schema, every statement that it sends.

A run is an integer inside the file; ``run.run_id`` is the look-up. An artifact is (run, name). A source names the
artifact ``name`` of ``source_run``, '' for the whole run. Text compares as UTF-8 bytes, which is code point order.
A metadata value is held natively where SQLite holds it exactly (NULL, 64-bit INTEGER, REAL, TEXT); else it is a BLOB of
JSON. ``context.parts`` is JSON: the stamp of a call in hexadecimal digits → the values that stand of it, by key. Times
are ns since 1970 UTC. ``reported_at`` and ``updated_at`` are NULL while a run is external, ``logged_at`` and ``stamp``
while an artifact is declared; its ``path`` is NULL where it is the same as ``place``. ``forgotten`` is 1 where the
values of a run were forgotten, 2 where the run itself was.

A run that nobody reported, and an artifact that nobody logged, are there as long as a source names them: rows of others
tell no more than when something that is forgotten by now spoke of them. ``:t`` is the time that a question is about.
"""

from __future__ import annotations

APPLICATION_ID = 0x67747261  # "gtra"
SCHEMA_VERSION = 2

SCHEMA = (
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        reported_at INTEGER,
        updated_at INTEGER,
        forgotten INTEGER,
        forgotten_at INTEGER
    )""",
    """CREATE TABLE metadata (
        run INTEGER NOT NULL REFERENCES run,
        key TEXT NOT NULL,
        value,
        stamp BLOB NOT NULL,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID""",
    """CREATE TABLE context (
        run INTEGER PRIMARY KEY REFERENCES run,
        parts TEXT NOT NULL
    )""",
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
    "CREATE INDEX artifact_place ON artifact (place) WHERE place IS NOT NULL",
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

FIND_RUN = "SELECT id, created_at, forgotten FROM run WHERE run_id = ?"
ADD_RUN = """
    INSERT INTO run (run_id, created_at, reported_at, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING"""
TOUCH_RUN = """
    UPDATE run SET
        created_at = min(created_at, :first),
        reported_at = min(ifnull(reported_at, :first), :first),
        updated_at = max(ifnull(updated_at, :last), :last)
    WHERE id = :run"""
AGE_RUN = "UPDATE run SET created_at = min(created_at, ?) WHERE id = ?"

SET_METADATA = """
    INSERT INTO metadata (run, key, value, stamp) VALUES (?, ?, ?, ?)
    ON CONFLICT (run, key) DO UPDATE SET value = excluded.value, stamp = excluded.stamp WHERE excluded.stamp > stamp"""

ADD_CONTEXT = "INSERT INTO context (run, parts) VALUES (?, ?) ON CONFLICT (run) DO NOTHING"
RUN_CONTEXT = "SELECT parts FROM context WHERE run = ?"
SET_CONTEXT = "UPDATE context SET parts = ? WHERE run = ?"

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
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
FORGOTTEN = "SELECT forgotten FROM run WHERE id = ?"
FORGET_VALUES = (
    "DELETE FROM metadata WHERE run = ?",
    "DELETE FROM context WHERE run = ?",
    "UPDATE artifact SET path = NULL, place = NULL, metadata = NULL WHERE run = ?",
)
FORGET_LINKS = (
    "DELETE FROM source WHERE run = ?",
    "UPDATE artifact SET logged_at = NULL, stamp = NULL WHERE run = ?",
    "UPDATE run SET reported_at = NULL, updated_at = NULL WHERE id = ?",
)

# -- one run -----------------------------------------------------------------------------------------------------------

# Whether a run is there that did not report by then; "now" :t is later than any time.
IS_NAMED = "SELECT EXISTS (SELECT 1 FROM source WHERE source_run = ? AND created_at <= ?)"
_RUN_COLUMNS = "r.id, r.run_id, r.created_at, r.reported_at, r.updated_at, r.forgotten"
_RUN_IS_THERE = """(r.reported_at <= :t OR EXISTS (
        SELECT 1 FROM source AS n WHERE n.source_run = r.id AND n.created_at <= :t
    ))"""
_ARTIFACT_COLUMNS = "a.run, a.name, a.path, a.place, a.metadata, a.created_at, a.logged_at, a.stamp"
_ARTIFACT_IS_THERE = """(a.logged_at <= :t OR EXISTS (
        SELECT 1 FROM source AS n WHERE n.source_run = a.run AND n.name = a.name AND n.created_at <= :t
    ))"""

ONE_RUN = f"SELECT {_RUN_COLUMNS} FROM run AS r WHERE r.run_id = ?"
RUN_METADATA = "SELECT key, value FROM metadata WHERE run = ? AND stamp < ? ORDER BY key"
RUN_ARTIFACTS = f"SELECT {_ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run = ? AND a.stamp IS NOT NULL ORDER BY a.name"
RUN_SOURCES = """
    SELECT p.run_id, s.name, s.created_at FROM source AS s LEFT JOIN run AS p ON p.id = s.source_run
    WHERE s.run = ? ORDER BY p.run_id, s.name"""
RUN_CONSUMERS = """
    SELECT DISTINCT c.run_id FROM source AS s LEFT JOIN run AS c ON c.id = s.run
    WHERE s.source_run = ? ORDER BY c.run_id"""

# Runs one step after artifact :name of run :run: those that name it, and its whole-run consumers that name no artifact.
_ARTIFACT_CONSUMERS = """
    SELECT run FROM source WHERE source_run = :run AND name = :name AND created_at <= :t
    UNION
    SELECT s.run FROM source AS s WHERE s.source_run = :run AND s.name = '' AND s.created_at <= :t AND NOT EXISTS (
        SELECT 1 FROM source AS t
        WHERE t.run = s.run AND t.source_run = :run AND t.name <> '' AND t.created_at <= :t
    )"""
ONE_ARTIFACT = f"""
    SELECT {_ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run = :run AND a.name = :name AND {_ARTIFACT_IS_THERE}"""
ARTIFACT_CONSUMERS = f"""
    SELECT c.run_id FROM ({_ARTIFACT_CONSUMERS}) AS s LEFT JOIN run AS c ON c.id = s.run ORDER BY c.run_id"""
ARTIFACT_CONSUMER_IDS = _ARTIFACT_CONSUMERS

# -- many runs ---------------------------------------------------------------------------------------------------------

IDS_CONTAINING = f"SELECT r.run_id FROM run AS r WHERE instr(r.run_id, :text) AND {_RUN_IS_THERE} ORDER BY r.run_id"

# :parent is a run id or NULL, :limit -1 for none.
RUNS = f"""
    SELECT {_RUN_COLUMNS} FROM run AS r
    WHERE r.reported_at <= :t
    AND (:parent IS NULL OR r.id IN (
        SELECT run FROM source
        WHERE source_run = (SELECT id FROM run WHERE run_id = :parent) AND created_at <= :t
    ))
    ORDER BY r.created_at DESC, r.run_id LIMIT :limit"""
KEY_VALUES = "SELECT run, value FROM metadata WHERE key = ? AND stamp < ?"
FIND_PLACE = f"""
    SELECT r.run_id, {_ARTIFACT_COLUMNS} FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run WHERE a.place = ?"""

# -- forgetting: what the runs of a JSON list of ids have, and who uses it ---------------------------------------------

_THESE = "SELECT r.id FROM json_each(:run_ids) AS f CROSS JOIN run AS r ON r.run_id = f.value"
THESE_RUNS = f"""
    SELECT r.run_id FROM json_each(:run_ids) AS f CROSS JOIN run AS r ON r.run_id = f.value WHERE {_RUN_IS_THERE}"""
ARTIFACTS_OF_THESE = f"""
    SELECT r.run_id, {_ARTIFACT_COLUMNS}
    FROM json_each(:run_ids) AS f CROSS JOIN run AS r ON r.run_id = f.value CROSS JOIN artifact AS a ON a.run = r.id
    WHERE a.stamp IS NOT NULL ORDER BY r.run_id, a.name"""
CONSUMERS_OF_THESE = f"""
    SELECT DISTINCT c.run_id FROM ({_THESE}) AS t CROSS JOIN source AS s ON s.source_run = t.id
    CROSS JOIN run AS c ON c.id = s.run WHERE c.id NOT IN ({_THESE}) ORDER BY c.run_id"""
# Runs that were updated :before then, but for those that a younger one came from.
OUTDATED = """
    WITH RECURSIVE needed (id) AS (
        SELECT id FROM run WHERE updated_at >= :before
        UNION
        SELECT s.source_run FROM needed CROSS JOIN source AS s ON s.run = needed.id
    )
    SELECT id, run_id FROM run WHERE updated_at < :before AND id NOT IN (SELECT id FROM needed) ORDER BY run_id"""

# -- lineage: which runs -----------------------------------------------------------------------------------------------

# One step from the runs of a JSON list; the recursion below is the same without a bound.
SOURCES_OF = """
    SELECT DISTINCT s.source_run FROM json_each(:runs) AS f CROSS JOIN source AS s ON s.run = f.value
    WHERE s.created_at <= :t"""
CONSUMERS_OF = """
    SELECT DISTINCT s.run FROM json_each(:runs) AS f CROSS JOIN source AS s ON s.source_run = f.value
    WHERE s.created_at <= :t"""
RUN_IDS_OF = "SELECT r.id, r.run_id FROM json_each(?) AS f CROSS JOIN run AS r ON r.id = f.value"
KEEP = "INSERT INTO kept SELECT value FROM json_each(?)"

WALK_UP = """
    INSERT INTO up
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(:runs)
        UNION
        SELECT s.source_run FROM walk CROSS JOIN source AS s ON s.run = walk.id WHERE s.created_at <= :t
    )
    SELECT id FROM walk"""
WALK_DOWN = """
    INSERT INTO down
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(:runs)
        UNION
        SELECT s.run FROM walk CROSS JOIN source AS s ON s.source_run = walk.id WHERE s.created_at <= :t
    )
    SELECT id FROM walk"""
WALK_UP_KEPT = """
    INSERT INTO up
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(:runs) WHERE value IN (SELECT id FROM kept)
        UNION
        SELECT s.source_run FROM walk CROSS JOIN source AS s ON s.run = walk.id
        WHERE s.created_at <= :t AND +s.source_run IN (SELECT id FROM kept)
    )
    SELECT id FROM walk"""
WALK_DOWN_KEPT = """
    INSERT INTO down
    WITH RECURSIVE walk (id) AS (
        SELECT value FROM json_each(:runs) WHERE value IN (SELECT id FROM kept)
        UNION
        SELECT s.run FROM walk CROSS JOIN source AS s ON s.source_run = walk.id
        WHERE s.created_at <= :t AND +s.run IN (SELECT id FROM kept)
    )
    SELECT id FROM walk"""
JOIN_WALKS = ("INSERT INTO answer SELECT id FROM up", "INSERT OR IGNORE INTO answer SELECT id FROM down")
JOIN_START = "INSERT OR IGNORE INTO answer VALUES (?)"

CUT_UPSTREAM = """
    SELECT u.id FROM up AS u WHERE EXISTS (
        SELECT 1 FROM source AS s
        WHERE s.run = u.id AND s.created_at <= :t AND +s.source_run NOT IN (SELECT id FROM kept)
    )"""
CUT_DOWNSTREAM = """
    SELECT d.id FROM down AS d WHERE EXISTS (
        SELECT 1 FROM source AS s
        WHERE s.source_run = d.id AND s.created_at <= :t AND +s.run NOT IN (SELECT id FROM kept)
    )"""

# -- lineage: what stands beside those runs ----------------------------------------------------------------------------

# Runs all of whose artifacts are in the answer: descendants, and whole-run sources of which the consumer names none.
WHOLE_UP = """
    INSERT OR IGNORE INTO whole
    SELECT s.source_run FROM up CROSS JOIN source AS s ON s.run = up.id
    WHERE s.name = '' AND s.created_at <= :t
    AND +s.source_run IN (SELECT id FROM answer) AND +s.source_run NOT IN (SELECT id FROM down)
    AND NOT EXISTS (
        SELECT 1 FROM source AS t
        WHERE t.run = s.run AND t.source_run = s.source_run AND t.name <> '' AND t.created_at <= :t
    )"""

ANSWER_RUNS = f"""
    SELECT {_RUN_COLUMNS} FROM answer CROSS JOIN run AS r ON r.id = answer.id ORDER BY r.run_id"""
ANSWER_METADATA = """
    SELECT m.run, m.key, m.value FROM answer CROSS JOIN metadata AS m ON m.run = answer.id
    WHERE m.stamp < :later ORDER BY answer.id, m.key"""
ANSWER_CONTEXT = "SELECT c.run, c.parts FROM answer CROSS JOIN context AS c ON c.run = answer.id"
# Whether a value of a run of the answer may have taken the place of one that stood at :t.
ANSWER_OVERWRITTEN = """
    SELECT EXISTS (
        SELECT 1 FROM answer CROSS JOIN run AS r ON r.id = answer.id CROSS JOIN metadata AS m ON m.run = r.id
        WHERE r.reported_at <= :t AND r.updated_at > :t AND m.stamp >= :later
    )"""
DOWN_ARTIFACTS = f"""
    SELECT {_ARTIFACT_COLUMNS} FROM down CROSS JOIN artifact AS a ON a.run = down.id WHERE {_ARTIFACT_IS_THERE}"""
WHOLE_ARTIFACTS = f"""
    SELECT {_ARTIFACT_COLUMNS} FROM whole CROSS JOIN artifact AS a ON a.run = whole.id WHERE {_ARTIFACT_IS_THERE}"""
USED_ARTIFACTS = f"""
    SELECT {_ARTIFACT_COLUMNS} FROM (
        SELECT DISTINCT s.source_run, s.name FROM up CROSS JOIN source AS s ON s.run = up.id
        WHERE s.name <> '' AND s.created_at <= :t AND +s.source_run IN (SELECT id FROM answer)
        AND +s.source_run NOT IN (SELECT id FROM down) AND +s.source_run NOT IN (SELECT id FROM whole)
    ) AS n CROSS JOIN artifact AS a ON a.run = n.source_run AND a.name = n.name"""

# Every consumer of a descendant is a descendant, so these walk from the source; the rest walk from the consumer.
ANSWER_SOURCES = (
    """
    SELECT s.run, s.source_run, s.name, s.created_at FROM down CROSS JOIN source AS s ON s.source_run = down.id
    WHERE s.created_at <= :t AND +s.run IN (SELECT id FROM answer)""",
    """
    SELECT s.run, s.source_run, s.name, s.created_at FROM answer CROSS JOIN source AS s ON s.run = answer.id
    WHERE s.created_at <= :t AND +s.source_run IN (SELECT id FROM answer)
    AND +s.source_run NOT IN (SELECT id FROM down)""",
)

# -- the whole store ---------------------------------------------------------------------------------------------------

ALL_RUNS = f"SELECT {_RUN_COLUMNS} FROM run AS r WHERE {_RUN_IS_THERE} ORDER BY r.run_id"
# What is there of runs that are not is of none that ever were, or of later ones, which have no value as old as :t.
ALL_METADATA = "SELECT run, key, value FROM metadata WHERE stamp < :later ORDER BY run, key"
ALL_CONTEXT = "SELECT run, parts FROM context"
ALL_OVERWRITTEN = """
    SELECT EXISTS (
        SELECT 1 FROM run AS r CROSS JOIN metadata AS m ON m.run = r.id
        WHERE r.reported_at <= :t AND r.updated_at > :t AND m.stamp >= :later
    )"""
ALL_ARTIFACTS = f"SELECT {_ARTIFACT_COLUMNS} FROM artifact AS a WHERE {_ARTIFACT_IS_THERE}"
ALL_SOURCES = "SELECT run, source_run, name, created_at FROM source WHERE created_at <= :t"

# -- its events, a page of runs at a time; :after and :last are integers of runs ---------------------------------------

PAGE = "SELECT max(id) FROM (SELECT id FROM run WHERE id > ? ORDER BY id LIMIT ?)"
EVENT_RUNS = """
    SELECT id, run_id, created_at, reported_at, updated_at, forgotten, forgotten_at FROM run
    WHERE id > :after AND id <= :last ORDER BY id"""
EVENT_METADATA = "SELECT run, key, value, stamp FROM metadata WHERE run > :after AND run <= :last"
EVENT_CONTEXT = "SELECT run, parts FROM context WHERE run > :after AND run <= :last"
EVENT_ARTIFACTS = f"SELECT {_ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run > :after AND a.run <= :last"
EVENT_SOURCES = """
    SELECT s.run, p.run_id, s.name, s.created_at FROM source AS s LEFT JOIN run AS p ON p.id = s.source_run
    WHERE s.run > :after AND s.run <= :last"""

COUNTS = f"""
    SELECT (SELECT count(*) FROM run WHERE reported_at IS NOT NULL),
        (SELECT count(*) FROM run AS r WHERE r.reported_at IS NULL AND {_RUN_IS_THERE}),
        (SELECT count(*) FROM artifact WHERE stamp IS NOT NULL),
        (SELECT count(*) FROM artifact AS a WHERE a.stamp IS NULL AND {_ARTIFACT_IS_THERE}),
        (SELECT count(*) FROM metadata), (SELECT count(*) FROM source),
        (SELECT count(*) FROM run WHERE forgotten IS NOT NULL)"""

# -- damage: which runs a read was about; every row that it may have read, of all runs or of those that are LISTED -----

RUNS_WITH_KEY = "SELECT run FROM metadata WHERE key = ?"
RUNS_WITH_PLACE = "SELECT run FROM artifact WHERE place = ?"
ANSWERED = "SELECT id FROM answer"
CHECK_INDEXES = "PRAGMA integrity_check(1)"
LISTED = "(SELECT value FROM json_each(?))"
EXAMINE_RUNS = """
    SELECT r.id, r.run_id, r.created_at, r.reported_at, r.updated_at, r.forgotten, r.forgotten_at FROM run AS r"""
EXAMINE_METADATA = """
    SELECT m.run, r.run_id, m.key, m.value, m.stamp FROM metadata AS m LEFT JOIN run AS r ON r.id = m.run"""
EXAMINE_CONTEXT = "SELECT c.run, r.run_id, c.parts FROM context AS c LEFT JOIN run AS r ON r.id = c.run"
EXAMINE_ARTIFACTS = f"""
    SELECT r.run_id, {_ARTIFACT_COLUMNS}
    FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run"""
EXAMINE_SOURCES = """
    SELECT s.run, r.run_id, s.source_run, p.run_id, s.name, s.created_at,
        s.name = '' OR EXISTS (SELECT 1 FROM artifact AS a WHERE a.run = s.source_run AND a.name = s.name)
    FROM source AS s LEFT JOIN run AS r ON r.id = s.run LEFT JOIN run AS p ON p.id = s.source_run"""

# What people are told to do about rows that recording again does not replace, as text to fill in.
MEND_RUN_ID = "REINDEX; UPDATE run SET run_id = 'ITS ID' WHERE id = {}"
MEND_RUN_TIMES = """UPDATE run SET created_at = strftime('%s') * 1000000000,\
 reported_at = CASE WHEN updated_at NOT NULL THEN strftime('%s') * 1000000000 END,\
 updated_at = CASE WHEN updated_at NOT NULL THEN strftime('%s') * 1000000000 END,\
 forgotten_at = CASE WHEN forgotten NOT NULL THEN strftime('%s') * 1000000000 END WHERE id = {}"""
MEND_CONTEXT = "DELETE FROM context WHERE run = {}"
MEND_METADATA = "DELETE FROM metadata WHERE run = {} AND key IS {}"
MEND_ARTIFACT = "DELETE FROM artifact WHERE run = {} AND name IS {}"
MEND_SOURCE = "DELETE FROM source WHERE run = {} AND source_run = {} AND name IS {}"
