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
    yield from (_RUN, _FILL_RUN, _PATH, _FILL_PATH, _MADE, _FILL_MADE, _MADE_BY)


_RUN = "CREATE TEMP TABLE run (id INTEGER PRIMARY KEY, type TEXT, run_id TEXT)"

# A second execution of one name (of another version of its type, say) gets its id behind it.
_FILL_RUN = """
INSERT INTO run
SELECT id, type, CASE place WHEN 1 THEN called ELSE called || '@' || id END
FROM (
    SELECT id, type, called, row_number() OVER (PARTITION BY called ORDER BY id) AS place
    FROM (
        SELECT
            e.id, t.name AS type, coalesce(t.name, 'execution') || '/' || coalesce(nullif(e.name, ''), e.id) AS called
        FROM execution e LEFT JOIN of_type t ON t.id = e.type_id
    )
)
"""

_PATH = "CREATE TEMP TABLE path (event INTEGER PRIMARY KEY, key TEXT)"

# The keys of an event's path; an index behind them only where it is not that of the first.
_FILL_PATH = """
INSERT INTO path
SELECT event_id, group_concat(part, '/')
FROM (
    SELECT event_id, is_index_step, CASE WHEN is_index_step THEN nullif(step_index, 0) ELSE step_key END AS part
    FROM step WHERE typeof(event_id) = 'integer' ORDER BY event_id
)
GROUP BY event_id HAVING sum(NOT is_index_step AND part <> '')
"""

_MADE = """
CREATE TEMP TABLE made (
    execution INTEGER, artifact INTEGER, event INTEGER, at INTEGER, name TEXT, PRIMARY KEY (execution, artifact)
) WITHOUT ROWID
"""

# Of several events by which an execution put out an artifact, an OUTPUT counts first. A second artifact of one name in
# an execution gets its id behind it.
_FILL_MADE = """
INSERT INTO made
SELECT execution, artifact, event, at, CASE place WHEN 1 THEN called ELSE called || '@' || artifact END
FROM (
    SELECT *, row_number() OVER (PARTITION BY execution, called ORDER BY event) AS place
    FROM (
        SELECT
            r.id AS execution, a.id AS artifact, e.id AS event, e.milliseconds_since_epoch AS at,
            coalesce(nullif(a.name, ''), p.key, coalesce(t.name, 'artifact') || '-' || a.id) AS called,
            row_number() OVER (PARTITION BY r.id, a.id ORDER BY e.type <> 4, e.id) AS choice
        FROM event e
        JOIN run r ON r.id = e.execution_id
        JOIN artifact a ON a.id = e.artifact_id
        LEFT JOIN of_type t ON t.id = a.type_id
        LEFT JOIN path p ON p.event = e.id
        WHERE e.type IN (1, 4, 6)
    )
    WHERE choice = 1
)
"""

_MADE_BY = "CREATE INDEX temp.made_by ON made (artifact, event)"

EXECUTIONS = """
SELECT
    r.id, r.run_id, r.type, t.version, e.last_known_state, e.external_id, e.create_time_since_epoch,
    e.last_update_time_since_epoch
FROM run r JOIN execution e ON e.id = r.id LEFT JOIN of_type t ON t.id = e.type_id
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
    m.execution, m.artifact, m.name, m.at, a.uri, t.name, t.version, a.state, a.external_id,
    a.last_update_time_since_epoch, r.run_id, b.name
FROM made m
JOIN artifact a ON a.id = m.artifact
LEFT JOIN of_type t ON t.id = a.type_id
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

# With the run that had put it out last by then, else first, and what it is called there.
INPUTS = """
SELECT r.id, u.at, o.run_id, m.name, u.uri, u.type, u.name, u.artifact
FROM (
    SELECT
        e.id AS event, e.execution_id AS execution, a.id AS artifact, e.milliseconds_since_epoch AS at, a.uri, a.name,
        t.name AS type,
        coalesce(
            (
                SELECT execution FROM made
                WHERE artifact = a.id AND event < e.id AND execution <> e.execution_id ORDER BY event DESC LIMIT 1
            ),
            (SELECT execution FROM made WHERE artifact = a.id AND execution <> e.execution_id ORDER BY event LIMIT 1)
        ) AS producer
    FROM event e JOIN artifact a ON a.id = e.artifact_id LEFT JOIN of_type t ON t.id = a.type_id
    WHERE e.type IN (2, 3, 5)
) u
JOIN run r ON r.id = u.execution
LEFT JOIN run o ON o.id = u.producer
LEFT JOIN made m ON m.execution = u.producer AND m.artifact = u.artifact
ORDER BY r.id, u.event
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
        SELECT count(*) FROM event e
        WHERE NOT EXISTS (SELECT 1 FROM execution WHERE id = e.execution_id)
        OR NOT EXISTS (SELECT 1 FROM artifact WHERE id = e.artifact_id)
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
