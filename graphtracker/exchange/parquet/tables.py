"""The two tables that a lineage is in Parquet, with what tells their rows apart.

=======================  ===============================================================================================
nodes.parquet            a row a run, then a row an artifact, each in the order of ids
=======================  ===============================================================================================
``id``                   a run's id, written ``["id"]`` where it begins with ``[``; an artifact's ``["run","name"]``
``kind``                 ``run`` or ``artifact``
``run_id``, ``name``     of an artifact those of which it is made; of a run its id as it is, and what people call it
``external``             of runs
``forgotten``            of runs, and of their artifacts
``declared``             of artifacts, as ``path`` and ``place``
``created_at``           and ``reported_at``, ``logged_at``, ``updated_at``: UTC, to the microsecond
``metadata``             JSON in the one encoding, ``{}`` where there is none
``context.user``         and the other keys of the context, of runs
``left_out``             in which directions something beside the run was left out; null where nothing was
=======================  ===============================================================================================

=======================  ===============================================================================================
edges.parquet            a row a recorded link, with the data
=======================  ===============================================================================================
``src``, ``dst``         ids of nodes, as GraphFrames calls them
``kind``                 ``generated`` (run → artifact), ``used`` (artifact → run), ``derived`` (run → run)
``created_at``           when the source was named first; null where the link is no source
=======================  ===============================================================================================

What was asked, and whether the answer is whole, stands in the metadata of both files under the key ``graphtracker``.

From a run these links lead to the same runs as ``lineage``. Where a source is a whole run, that run's artifacts are
meant, too, and no link is recorded from them: whoever walks from one artifact, or wants every artifact that was meant,
adds those links, unless the consumer names artifacts of that run.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from graphtracker.exchange.extras import library
from graphtracker.model.context import KEYS
from graphtracker.model.encoding import compact
from graphtracker.model.values import Node

CONTEXT = "context."
"""Before a key of the context."""

NODES: dict[str, type] = {
    "id": str,
    "kind": str,
    "run_id": str,
    "name": str,
    "external": bool,
    "forgotten": bool,
    "declared": bool,
    "path": str,
    "place": str,
    "created_at": datetime,
    "reported_at": datetime,
    "logged_at": datetime,
    "updated_at": datetime,
    "metadata": str,
    **{CONTEXT + key: kind for key, kind in KEYS.items()},
    "left_out": str,
}
"""Column → what is in it, or null."""

EDGES: dict[str, type] = {"src": str, "dst": str, "kind": str, "created_at": datetime}
"""Column → what is in it, or null."""

TABLES = {"nodes.parquet": NODES, "edges.parquet": EDGES}
"""File → its columns."""


def pyarrow() -> Any:
    """The library, with its module ``parquet``; raises MissingExtra."""
    library("pyarrow.parquet", "pyarrow", "Parquet")
    return library("pyarrow", "pyarrow", "Parquet")


def column_types() -> dict[type, Any]:
    """What is in a column → its type in Arrow."""
    arrow = pyarrow()
    return {str: arrow.string(), bool: arrow.bool_(), datetime: arrow.timestamp("us", tz="UTC")}


def id_of(node: Node) -> str:
    """What a node is called in both tables: no run is called as an artifact is.

    >>> id_of("train"), id_of(("train", "model")), id_of("[1]")
    ('train', '["train","model"]', '["[1]"]')
    """
    if isinstance(node, str):
        return compact([node]) if node.startswith("[") else node
    return compact(list(node))


def node_of(id: str) -> Node:
    """The node of this id; raises ValueError where it is none."""
    if not id.startswith("["):
        return id
    parts = json.loads(id)
    if not 1 <= len(parts) <= 2 or any(type(part) is not str for part in parts):
        raise ValueError("it must be a list of a run's id, or of that and an artifact's name")
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])
