"""The SQL that asks an SQLite store for runs with what they recorded; ``:t`` is the time that is asked about."""

from __future__ import annotations

# -- one run -----------------------------------------------------------------------------------------------------------

# Whether a run is there that did not report by then; "now" :t is later than any time.
IS_NAMED = "SELECT EXISTS (SELECT 1 FROM source WHERE source_run = ? AND created_at <= ?)"
RUN_COLUMNS = "r.id, r.run_id, r.created_at, r.reported_at, r.updated_at, r.forgotten, r.context"
RUN_IS_THERE = """(r.reported_at <= :t OR EXISTS (
        SELECT 1 FROM source AS n WHERE n.source_run = r.id AND n.created_at <= :t
    ))"""
ARTIFACT_COLUMNS = "a.run, a.name, a.path, a.place, a.metadata, a.created_at, a.logged_at, a.stamp"
ARTIFACT_IS_THERE = """(a.logged_at <= :t OR EXISTS (
        SELECT 1 FROM source AS n WHERE n.source_run = a.run AND n.name = a.name AND n.created_at <= :t
    ))"""

ONE_RUN = f"SELECT {RUN_COLUMNS} FROM run AS r WHERE r.run_id = ?"
RUN_METADATA = "SELECT key, value FROM metadata WHERE run = ? AND stamp < ? ORDER BY key"
METADATA_OF = """
    SELECT m.run, m.key, m.value FROM json_each(:runs) AS f CROSS JOIN metadata AS m ON m.run = f.value
    WHERE m.stamp < :later"""
RUN_ARTIFACTS = f"SELECT {ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run = ? AND a.stamp IS NOT NULL ORDER BY a.name"
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
HAS_ARTIFACT = f"""
    SELECT 1 FROM artifact AS a WHERE a.run = :run AND a.name = :name AND {ARTIFACT_IS_THERE}"""
ONE_ARTIFACT = f"""
    SELECT {ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run = :run AND a.name = :name AND {ARTIFACT_IS_THERE}"""
ARTIFACT_CONSUMERS = f"""
    SELECT c.run_id FROM ({_ARTIFACT_CONSUMERS}) AS s LEFT JOIN run AS c ON c.id = s.run ORDER BY c.run_id"""
ARTIFACT_CONSUMER_IDS = _ARTIFACT_CONSUMERS

# -- many runs ---------------------------------------------------------------------------------------------------------

# Runs that are there, with what tells which of them is meant.
KNOWN_COLUMNS = "r.run_id, r.created_at, r.reported_at"
CONTAINING = f"""
    SELECT {KNOWN_COLUMNS} FROM run AS r
    WHERE r.id IN (SELECT id FROM run WHERE instr(run_id, :text)) AND {RUN_IS_THERE}"""
_NAMED = f"SELECT {KNOWN_COLUMNS} FROM run AS r INDEXED BY run_name WHERE"
NAMED = f"{_NAMED} ifnull(r.name, r.run_id) = :text AND {RUN_IS_THERE}"
BEGINNING = f"{_NAMED} ifnull(r.name, r.run_id) >= :text AND ifnull(r.name, r.run_id) < :end AND {RUN_IS_THERE}"
NEWEST_OF_A_NAME = f"""
    SELECT {KNOWN_COLUMNS} FROM run AS r INDEXED BY run_newest
    WHERE r.reported_at <= :t AND ifnull(r.name, r.run_id) >= :text AND ifnull(r.name, r.run_id) < :end
    ORDER BY r.created_at DESC, r.run_id LIMIT :limit"""

# -- found by a text ---------------------------------------------------------------------------------------------------

FOUND_RUNS = f"""
    SELECT r.created_at, r.run_id FROM run AS r
    WHERE r.id IN (SELECT id FROM run WHERE instr(run_id, :text)) AND {RUN_IS_THERE}"""
FOUND_ARTIFACTS = f"""
    SELECT a.stamp, a.created_at, r.run_id, a.run, a.name, a.path, a.place
    FROM artifact AS a CROSS JOIN run AS r ON r.id = a.run
    WHERE (instr(a.name, :text) OR instr(a.path, :text) OR instr(a.place, :text)) AND {ARTIFACT_IS_THERE}"""

# -- the runs of a selection: what is in braces is put together by ``selecting`` and ``filtering`` ---------------------

SELECTED = """
    SELECT {columns} FROM {runs} WHERE r.reported_at <= :t AND {holds}
    ORDER BY {order}r.created_at DESC, r.run_id LIMIT :limit"""
HAS_VALUE = "EXISTS (SELECT 1 FROM metadata AS m WHERE m.run = r.id AND m.key = {key}{stamped} AND {holds})"
HAS_LOGGED = "EXISTS (SELECT 1 FROM artifact AS a WHERE a.run = r.id AND a.name = {name} AND {logged} AND {holds})"
HAS_CONTEXT = """EXISTS (
        SELECT 1 FROM json_each(r.context) AS c CROSS JOIN json_each(c.value) AS v WHERE v.key = {key} AND {holds}
    )"""
BY_NEWEST = "run AS r INDEXED BY run_newest"
BY_ANY = "run AS r"
BY_DRIVER = "(SELECT DISTINCT run FROM ({driver})) AS d CROSS JOIN run AS r ON r.id = d.run"
RANKED = """
    SELECT {columns} FROM metadata AS m INDEXED BY metadata_value CROSS JOIN run AS r ON r.id = m.run
    WHERE m.key = :ranked AND m.long IS NULL AND {group} AND r.reported_at <= :t AND {holds}
    ORDER BY m.value {way}, r.created_at DESC, r.run_id LIMIT :limit"""
# :parent is a run id.
BY_SOURCE = """
    SELECT run FROM source INDEXED BY source_reverse
    WHERE source_run = (SELECT id FROM run WHERE run_id = :parent) AND created_at <= :t"""
HAS_SOURCE = f"r.id IN ({BY_SOURCE})"
BEHIND = "(r.created_at <= :after AND (r.created_at < :after OR r.run_id > :after_id))"
UNTIL = "(r.created_at >= :until AND (r.created_at > :until OR r.run_id <= :until_id))"
THE_LAST_OF = """
    SELECT r.created_at, r.run_id FROM run AS r INDEXED BY run_newest
    WHERE r.reported_at <= :t AND {holds} ORDER BY r.created_at DESC, r.run_id LIMIT 1 OFFSET :limit"""
BY_VALUE = """
    SELECT m.run FROM metadata AS m INDEXED BY metadata_value WHERE m.key = {key} AND m.long IS NULL AND {holds}"""
BY_LONG_VALUE = """
    SELECT m.run FROM metadata AS m INDEXED BY metadata_long
    WHERE m.key = {key} AND m.long IS NOT NULL AND typeof(m.value) IN ('text', 'blob') AND {holds}"""
NO_RUNS = "SELECT id AS run FROM run WHERE 0"
HAS_MORE = "SELECT EXISTS ({way} LIMIT 1 OFFSET :limit)"
# Whether a key has BLOBs other than these three, in the order of their bytes: false, true, nan.
_BLOBS = ("x''", "x'66616c7365'", "x'74727565'", "x'7b222474797065223a22666c6f6174222c2276616c7565223a226e616e227d'")
_SHORT = "SELECT 1 FROM metadata INDEXED BY metadata_value WHERE key = :key AND long IS NULL AND value"
HAS_ODD = f"""
    SELECT EXISTS ({_SHORT} >= {_BLOBS[0]} AND value < {_BLOBS[1]})
        OR EXISTS ({_SHORT} > {_BLOBS[1]} AND value < {_BLOBS[2]})
        OR EXISTS ({_SHORT} > {_BLOBS[2]} AND value < {_BLOBS[3]}) OR EXISTS ({_SHORT} > {_BLOBS[3]})
        OR EXISTS (
            SELECT 1 FROM metadata INDEXED BY metadata_long
            WHERE key = :key AND long IS NOT NULL AND typeof(value) = 'blob'
        )"""
# The values of the keys of a JSON list.
VALUES_OF_KEYS = """
    SELECT run, key, value FROM metadata INDEXED BY metadata_value
    WHERE key IN (SELECT value FROM json_each(:keys)) AND long IS NULL{stamped}
    UNION ALL
    SELECT run, key, value FROM metadata INDEXED BY metadata_long
    WHERE key IN (SELECT value FROM json_each(:keys)) AND long IS NOT NULL{stamped}"""
ARTIFACTS_OF_A_NAME = f"SELECT {ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.name = ? AND a.stamp IS NOT NULL"
HAS_LONG = "SELECT EXISTS (SELECT 1 FROM metadata INDEXED BY metadata_long WHERE key = :key AND long IS NOT NULL)"
# Each key is the least behind the one before: a look-up a key, however many values there are.
KEYS = """
    WITH RECURSIVE known (key) AS (
        SELECT (SELECT min(key) FROM metadata INDEXED BY metadata_value WHERE key >= :text AND long IS NULL)
        UNION ALL
        SELECT (SELECT min(key) FROM metadata INDEXED BY metadata_value WHERE key > known.key AND long IS NULL)
        FROM known WHERE known.key < :end
    )
    SELECT key FROM known WHERE key < :end LIMIT :limit"""
LONG_KEYS = (
    "SELECT DISTINCT key FROM metadata INDEXED BY metadata_long WHERE long IS NOT NULL AND key >= :text AND key < :end"
)

FIND_PLACE = f"""
    SELECT r.run_id, {ARTIFACT_COLUMNS} FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run WHERE a.place = ?"""
NEWEST_AT_PLACE = f"{FIND_PLACE} ORDER BY a.stamp DESC"

# -- forgetting: what the runs of a JSON list of ids have, and who uses it ---------------------------------------------

_THESE = "SELECT r.id FROM json_each(:run_ids) AS f CROSS JOIN run AS r ON r.run_id = f.value"
THESE_RUNS = f"""
    SELECT r.run_id FROM json_each(:run_ids) AS f CROSS JOIN run AS r ON r.run_id = f.value
    WHERE r.forgotten IS NOT NULL OR {RUN_IS_THERE}"""
ARTIFACTS_OF_THESE = f"""
    SELECT r.run_id, r.forgotten NOTNULL, {ARTIFACT_COLUMNS}
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

# -- what leads nowhere ------------------------------------------------------------------------------------------------

EXTERNALS = """
    SELECT r.run_id FROM run AS r
    WHERE r.reported_at IS NULL AND EXISTS (SELECT 1 FROM source AS n WHERE n.source_run = r.id) ORDER BY r.run_id"""
# Numbers of those of a JSON list of places at which an artifact lies.
TAKEN_PLACES = """
    SELECT f.key FROM json_each(?) AS f
    WHERE EXISTS (SELECT 1 FROM artifact AS a WHERE a.place = f.value) ORDER BY f.key"""
DECLARED = """
    SELECT r.run_id, a.name FROM run AS r CROSS JOIN artifact AS a ON a.run = r.id
    WHERE a.stamp IS NULL
    AND EXISTS (SELECT 1 FROM source AS n WHERE n.source_run = a.run AND n.name = a.name) ORDER BY r.run_id, a.name"""

# -- its events, a page of runs at a time; :after and :last are integers of runs ---------------------------------------

PAGE = "SELECT max(id) FROM (SELECT id FROM run WHERE id > ? ORDER BY id LIMIT ?)"
EVENT_RUNS = """
    SELECT id, run_id, created_at, reported_at, updated_at, forgotten, forgotten_at, context FROM run
    WHERE id > :after AND id <= :last ORDER BY id"""
EVENT_METADATA = "SELECT run, key, value, stamp FROM metadata WHERE run > :after AND run <= :last"
EVENT_ARTIFACTS = f"SELECT {ARTIFACT_COLUMNS} FROM artifact AS a WHERE a.run > :after AND a.run <= :last"
EVENT_SOURCES = """
    SELECT s.run, p.run_id, s.name, s.created_at FROM source AS s LEFT JOIN run AS p ON p.id = s.source_run
    WHERE s.run > :after AND s.run <= :last"""

COUNTS = f"""
    SELECT (SELECT count(*) FROM run WHERE reported_at IS NOT NULL),
        (SELECT count(*) FROM run AS r WHERE r.reported_at IS NULL AND {RUN_IS_THERE}),
        (SELECT count(*) FROM artifact WHERE stamp IS NOT NULL),
        (SELECT count(*) FROM artifact AS a WHERE a.stamp IS NULL AND {ARTIFACT_IS_THERE}),
        (SELECT count(*) FROM metadata), (SELECT count(*) FROM source),
        (SELECT count(*) FROM run WHERE forgotten IS NOT NULL)"""

# -- damage: which runs a read was about; every row that it may have read, of all runs or of those that are LISTED -----

RUNS_WITH_PLACE = "SELECT run FROM artifact WHERE place = ?"
ANSWERED = "SELECT id FROM answer"
CHECK_INDEXES = "PRAGMA integrity_check(1)"
LISTED = "(SELECT value FROM json_each(?))"
EXAMINE_RUNS = """
    SELECT r.id, r.run_id, r.created_at, r.reported_at, r.updated_at, r.forgotten, r.forgotten_at FROM run AS r"""
EXAMINE_METADATA = """
    SELECT m.run, r.run_id, m.key, m.value, m.stamp FROM metadata AS m LEFT JOIN run AS r ON r.id = m.run"""
EXAMINE_CONTEXT = "SELECT r.id, r.run_id, r.context FROM run AS r"
EXAMINE_ARTIFACTS = f"""
    SELECT r.run_id, r.forgotten, {ARTIFACT_COLUMNS}
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
MEND_CONTEXT = "UPDATE run SET context = NULL WHERE id = {}"
MEND_METADATA = "DELETE FROM metadata WHERE run = {} AND key IS {}"
MEND_ARTIFACT = "DELETE FROM artifact WHERE run = {} AND name IS {}"
MEND_SOURCE = "DELETE FROM source WHERE run = {} AND source_run = {} AND name IS {}"
