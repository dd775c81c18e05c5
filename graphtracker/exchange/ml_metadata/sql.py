"""The statements by which the tables of an ml-metadata are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

_VALUES = "name is_custom_property int_value double_value string_value proto_value bool_value"
_TIMES = "create_time_since_epoch last_update_time_since_epoch"
_VIEWS = {
    "of_type": ("Type", "id name version"),
    "artifact": ("Artifact", f"id type_id uri state name external_id {_TIMES}"),
    "artifact_property": ("ArtifactProperty", f"artifact_id {_VALUES}"),
    "execution": ("Execution", f"id type_id last_known_state name external_id {_TIMES}"),
    "execution_property": ("ExecutionProperty", f"execution_id {_VALUES}"),
    "event": ("Event", "id artifact_id execution_id type milliseconds_since_epoch"),
    "step": ("EventPath", "event_id is_index_step step_index step_key"),
    "context": ("Context", f"id type_id name external_id {_TIMES}"),
    "context_property": ("ContextProperty", f"context_id {_VALUES}"),
    "association": ("Association", "context_id execution_id"),
    "attribution": ("Attribution", "context_id artifact_id"),
    "parent_context": ("ParentContext", "context_id parent_context_id"),
}
"""View → table of ml-metadata and its columns; what an older version lacks is NULL, or no row."""

TABLES = frozenset(table for table, _ in _VIEWS.values()) - {"ParentContext"}
"""What a file has of every version that can be read."""


def views(columns_of: Callable[[str], set[str]]) -> Iterator[str]:
    """The statements that make the views and the tables of names, all in the connection's own temporary database.

    ``columns_of`` returns the columns of a table, none where there is no such table.
    """
    for view, (table, wanted) in _VIEWS.items():
        there = columns_of(table)
        columns = ", ".join(name if name in there else f"NULL AS {name}" for name in wanted.split())
        yield f"CREATE TEMP VIEW {view} AS SELECT {columns} {f'FROM main.{table}' if there else 'WHERE FALSE'}"
    yield from (_RUN, _FILL_RUN, _MADE, _FILL_MADE, _PATH, _FILL_PATH, _NAME_MADE, _MADE_BY)


_RUN = "CREATE TEMP TABLE run (id INTEGER PRIMARY KEY, run_id TEXT)"

_FILL_RUN = """
INSERT INTO run
SELECT e.id, coalesce(t.name, 'execution') || '/' || coalesce(nullif(e.name, ''), e.id)
FROM execution e LEFT JOIN of_type t ON t.id = e.type_id
"""

# A second execution of one name (of another version of its type, say) gets its id behind it.
_TELL_RUNS_APART = """
UPDATE run SET run_id = run_id || '@' || id
WHERE id IN (
    SELECT id
    FROM (
        SELECT id, row_number() OVER (PARTITION BY run_id ORDER BY id) AS place
        FROM run WHERE run_id IN (SELECT run_id FROM run GROUP BY run_id HAVING count(*) > 1)
    )
    WHERE place > 1
)
"""

_MADE = """
CREATE TEMP TABLE made (
    execution INTEGER, artifact INTEGER, event INTEGER, at INTEGER, name TEXT, PRIMARY KEY (execution, artifact)
) WITHOUT ROWID
"""

# Of several events by which an execution put out an artifact the first one here counts: an OUTPUT, if there is one.
_FILL_MADE = """
INSERT OR IGNORE INTO made
SELECT r.id, a.id, e.id, e.milliseconds_since_epoch, nullif(a.name, '')
FROM event e JOIN run r ON r.id = e.execution_id JOIN artifact a ON a.id = e.artifact_id
WHERE e.type IN (1, 4, 6)
ORDER BY r.id, a.id, e.type <> 4, e.id
"""

_PATH = "CREATE TEMP TABLE path (event INTEGER PRIMARY KEY, key TEXT)"

# The keys of an event's path, where its artifact has no name; an index behind them only where it is not that of the
# first. CROSS JOIN has SQLite go by what was made, one after the other, without sorting.
_FILL_PATH = """
INSERT INTO path
SELECT m.event, group_concat(CASE WHEN s.is_index_step THEN nullif(s.step_index, 0) ELSE s.step_key END, '/')
FROM made m CROSS JOIN step s ON s.event_id = m.event
WHERE m.name IS NULL
GROUP BY m.execution, m.artifact HAVING sum(NOT s.is_index_step AND s.step_key <> '')
"""

_NAME_MADE = """
UPDATE made
SET name = coalesce(
    (SELECT key FROM path WHERE event = made.event),
    (
        SELECT coalesce(t.name, 'artifact') || '-' || a.id
        FROM artifact a LEFT JOIN of_type t ON t.id = a.type_id WHERE a.id = made.artifact
    )
)
WHERE name IS NULL
"""

# A second artifact of one name in an execution gets its id behind it. The plus has SQLite look up each row once, where
# it would go through the whole execution for each such name.
_TELL_MADE_APART = """
UPDATE made SET name = name || '@' || artifact
WHERE (execution, artifact) IN (
    SELECT execution, artifact
    FROM (
        SELECT execution, artifact, row_number() OVER (PARTITION BY execution, name ORDER BY event) AS place
        FROM made
        WHERE (+execution, name) IN (SELECT execution, name FROM made GROUP BY execution, name HAVING count(*) > 1)
    )
    WHERE place > 1
)
"""

_MADE_BY = "CREATE INDEX temp.made_by ON made (artifact, event)"

TELL_APART = (_TELL_RUNS_APART, _TELL_MADE_APART)
"""What is to be done until it changes nothing more: an id may make a name that another one has."""

TYPE = "SELECT name, version FROM of_type WHERE id = :type"

EXECUTIONS = """
SELECT
    r.id, r.run_id, e.type_id, e.last_known_state, e.external_id, e.create_time_since_epoch,
    e.last_update_time_since_epoch
FROM run r JOIN execution e ON e.id = r.id
ORDER BY r.id
"""

EXECUTION_PROPERTIES = """
SELECT
    r.id, p.name, p.is_custom_property, p.int_value, p.double_value, p.string_value, p.proto_value, p.bool_value
FROM run r JOIN execution_property p ON p.execution_id = r.id
ORDER BY r.id, p.is_custom_property, p.name
"""

EXECUTION_CONTEXTS = """
SELECT r.id, x.context_id FROM run r JOIN association x ON x.execution_id = r.id ORDER BY r.id, x.context_id
"""

# With the run that had put it out before, and what it is called there.
OUTPUTS = """
SELECT
    m.execution, m.artifact, m.name, m.at, a.uri, a.type_id, a.state, a.external_id, a.last_update_time_since_epoch,
    r.run_id, b.name
FROM made m
JOIN artifact a ON a.id = m.artifact
LEFT JOIN made b ON b.artifact = m.artifact AND b.event = (
    SELECT max(event) FROM made WHERE artifact = m.artifact AND event < m.event
)
LEFT JOIN run r ON r.id = b.execution
ORDER BY m.execution, m.artifact
"""

OUTPUT_PROPERTIES = """
SELECT
    m.execution, m.artifact, p.name, p.is_custom_property, p.int_value, p.double_value, p.string_value, p.proto_value,
    p.bool_value
FROM made m JOIN artifact_property p ON p.artifact_id = m.artifact
ORDER BY m.execution, m.artifact, p.is_custom_property, p.name
"""

OUTPUT_CONTEXTS = """
SELECT m.execution, m.artifact, x.context_id
FROM made m JOIN attribution x ON x.artifact_id = m.artifact
ORDER BY m.execution, m.artifact, x.context_id
"""

# With the run that had put it out last by then, else first, and what it is called there; of an artifact that no other
# run put out what it is itself.
INPUTS = """
SELECT r.id, e.milliseconds_since_epoch, o.run_id, m.name, a.uri, t.name, a.name, a.id
FROM event e
JOIN run r ON r.id = e.execution_id
LEFT JOIN made m ON m.artifact = e.artifact_id AND m.execution = coalesce(
    (
        SELECT execution FROM made
        WHERE artifact = e.artifact_id AND event < e.id AND execution <> e.execution_id ORDER BY event DESC LIMIT 1
    ),
    (
        SELECT execution FROM made
        WHERE artifact = e.artifact_id AND execution <> e.execution_id ORDER BY event LIMIT 1
    )
)
LEFT JOIN run o ON o.id = m.execution
LEFT JOIN artifact a ON a.id = CASE WHEN m.execution IS NULL THEN e.artifact_id END
LEFT JOIN of_type t ON t.id = a.type_id
WHERE e.type IN (2, 3, 5) AND coalesce(m.artifact, a.id) IS NOT NULL
ORDER BY r.id, e.id
"""

CONTEXT = """
SELECT t.name, c.name, c.last_update_time_since_epoch
FROM context c LEFT JOIN of_type t ON t.id = c.type_id
WHERE c.id = :context
"""

CONTEXT_PROPERTIES = """
SELECT name, is_custom_property, int_value, double_value, string_value, proto_value, bool_value
FROM context_property WHERE context_id = :context ORDER BY is_custom_property, name
"""

PARENT_CONTEXTS = "SELECT parent_context_id FROM parent_context WHERE context_id = :context ORDER BY parent_context_id"

LEFT_OUT = {
    "pending outputs": "SELECT count(*) FROM event WHERE type = 7",
    "events of an unknown type": "SELECT count(*) FROM event WHERE type IS NULL OR type NOT BETWEEN 1 AND 7",
    "events of an execution or an artifact that is not there": """
        SELECT (SELECT count(*) FROM event) - count(*)
        FROM event e JOIN execution x ON x.id = e.execution_id JOIN artifact a ON a.id = e.artifact_id
    """,
    "artifacts that no execution put out or used": """
        SELECT count(*) FROM artifact
        WHERE id NOT IN (SELECT artifact_id FROM event WHERE type BETWEEN 1 AND 6 AND artifact_id IS NOT NULL)
    """,
    "properties of artifacts that no execution put out": """
        SELECT count(*) FROM artifact_property WHERE artifact_id NOT IN (SELECT artifact FROM made)
    """,
    "contexts of no execution or artifact": """
        SELECT count(*) FROM context
        WHERE id NOT IN (SELECT context_id FROM association WHERE context_id IS NOT NULL)
        AND id NOT IN (SELECT context_id FROM attribution WHERE context_id IS NOT NULL)
        AND id NOT IN (SELECT parent_context_id FROM parent_context WHERE parent_context_id IS NOT NULL)
    """,
}
"""Kind → how many of it are not mapped."""
