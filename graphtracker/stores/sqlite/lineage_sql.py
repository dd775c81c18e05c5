"""The SQL that asks an SQLite store for a lineage; ``:t`` is the time that is asked about."""

from __future__ import annotations

from graphtracker.stores.sqlite.sql import ARTIFACT_COLUMNS, ARTIFACT_IS_THERE, RUN_COLUMNS, RUN_IS_THERE

TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS up (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS down (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS answer (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS whole (id INTEGER PRIMARY KEY)",
)
CLEAR = ("DELETE FROM up", "DELETE FROM down", "DELETE FROM answer", "DELETE FROM whole")
CLEAR_KEPT = "DELETE FROM kept"

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
JOIN_STARTS = "INSERT OR IGNORE INTO answer SELECT value FROM json_each(?)"

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
    SELECT {RUN_COLUMNS} FROM answer CROSS JOIN run AS r ON r.id = answer.id ORDER BY r.run_id"""
ANSWER_METADATA = """
    SELECT m.run, m.key, m.value FROM answer CROSS JOIN metadata AS m ON m.run = answer.id
    WHERE m.stamp < :later ORDER BY answer.id, m.key"""
# Whether a value of a run of the answer may have taken the place of one that stood at :t.
ANSWER_OVERWRITTEN = """
    SELECT EXISTS (
        SELECT 1 FROM answer CROSS JOIN run AS r ON r.id = answer.id CROSS JOIN metadata AS m ON m.run = r.id
        WHERE r.reported_at <= :t AND r.updated_at > :t AND m.stamp >= :later
    )"""
DOWN_ARTIFACTS = f"""
    SELECT {ARTIFACT_COLUMNS} FROM down CROSS JOIN artifact AS a ON a.run = down.id WHERE {ARTIFACT_IS_THERE}"""
WHOLE_ARTIFACTS = f"""
    SELECT {ARTIFACT_COLUMNS} FROM whole CROSS JOIN artifact AS a ON a.run = whole.id WHERE {ARTIFACT_IS_THERE}"""
USED_ARTIFACTS = f"""
    SELECT {ARTIFACT_COLUMNS} FROM (
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

ALL_RUNS = f"SELECT {RUN_COLUMNS} FROM run AS r WHERE {RUN_IS_THERE} ORDER BY r.run_id"
# What is there of runs that are not is of none that ever were, or of later ones, which have no value as old as :t.
ALL_METADATA = "SELECT run, key, value FROM metadata WHERE stamp < :later ORDER BY run, key"
ALL_OVERWRITTEN = """
    SELECT EXISTS (
        SELECT 1 FROM run AS r CROSS JOIN metadata AS m ON m.run = r.id
        WHERE r.reported_at <= :t AND r.updated_at > :t AND m.stamp >= :later
    )"""
ALL_ARTIFACTS = f"SELECT {ARTIFACT_COLUMNS} FROM artifact AS a WHERE {ARTIFACT_IS_THERE}"
ALL_SOURCES = "SELECT run, source_run, name, created_at FROM source WHERE created_at <= :t"
