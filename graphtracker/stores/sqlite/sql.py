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

IDS_CONTAINING = f"SELECT r.run_id FROM run AS r WHERE instr(r.run_id, :text) AND {RUN_IS_THERE} ORDER BY r.run_id"

# :parent is a run id or NULL, :limit -1 for none.
RUNS = f"""
    SELECT {RUN_COLUMNS} FROM run AS r
    WHERE r.reported_at <= :t
    AND (:parent IS NULL OR r.id IN (
        SELECT run FROM source
        WHERE source_run = (SELECT id FROM run WHERE run_id = :parent) AND created_at <= :t
    ))
    ORDER BY r.created_at DESC, r.run_id LIMIT :limit"""
KEY_VALUES = "SELECT run, value FROM metadata WHERE key = ? AND stamp < ?"
FIND_PLACE = f"""
    SELECT r.run_id, {ARTIFACT_COLUMNS} FROM artifact AS a LEFT JOIN run AS r ON r.id = a.run WHERE a.place = ?"""

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

RUNS_WITH_KEY = "SELECT run FROM metadata WHERE key = ?"
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
