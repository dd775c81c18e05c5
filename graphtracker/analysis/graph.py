"""An answer as a networkx graph that points with the data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Node, Run

if TYPE_CHECKING:
    import networkx


def multidigraph(answer: Answer) -> networkx.MultiDiGraph[Node]:
    """The graph: runs by id, artifacts by (run id, name); edge keys ``generated``, ``used`` and ``derived``.

    Node attributes: ``kind`` ("run" or "artifact"), ``name``, ``metadata``, ``created_at``; of runs ``external``,
    ``forgotten``, ``context``; of artifacts ``declared``, ``path``, ``place``. An edge that is a source has
    ``created_at``. Recorded links only.
    """
    import networkx as nx  # 120 ms, for those who ask for the graph

    graph: networkx.MultiDiGraph[Node] = nx.MultiDiGraph()
    with gc_paused():
        graph.add_nodes_from((run_id, _run_attributes(run)) for run_id, run in answer.runs.items())
        graph.add_nodes_from((key, _artifact_attributes(artifact)) for key, artifact in answer.artifacts.items())
        generated: Iterable[Any] = ((key[0], key, "generated") for key in answer.artifacts)
        graph.add_edges_from(generated)
        sources: Iterable[Any] = (
            (source.node, source.run_id, source.kind, {"created_at": source.created_at}) for source in answer.sources
        )
        graph.add_edges_from(sources)
    return graph


def _run_attributes(run: Run) -> dict[str, object]:
    return {
        "kind": "run",
        "name": run.name,
        "external": run.external,
        "forgotten": run.forgotten,
        "metadata": run.metadata,
        "context": run.context,
        "created_at": run.created_at,
    }


def _artifact_attributes(artifact: Artifact) -> dict[str, object]:
    return {
        "kind": "artifact",
        "name": artifact.name,
        "declared": artifact.declared,
        "path": artifact.path,
        "place": artifact.place,
        "metadata": artifact.metadata,
        "created_at": artifact.created_at,
    }
