"""A lineage as a networkx graph that points with the data: the one place where recorded links are turned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphtracker.model.gc_paused import no_collection
from graphtracker.model.values import Artifact, Run, Source

if TYPE_CHECKING:
    import networkx


def multidigraph(
    runs: Mapping[str, Run], artifacts: Mapping[tuple[str, str], Artifact], sources: Iterable[Source]
) -> networkx.MultiDiGraph[Any]:
    """The graph: runs by id, artifacts by (run id, name); edge keys ``generated``, ``used`` and ``derived``.

    Node attributes: ``kind`` ("run" or "artifact"), ``name``, ``external`` or ``declared``, ``path`` (artifacts),
    ``metadata``, ``created_at``. Recorded links only.
    """
    import networkx as nx

    graph: networkx.MultiDiGraph[Any] = nx.MultiDiGraph()
    with no_collection():
        graph.add_nodes_from((run_id, _run_attributes(run)) for run_id, run in runs.items())
        graph.add_nodes_from((key, _artifact_attributes(artifact)) for key, artifact in artifacts.items())
        generated: Iterable[Any] = ((key[0], key, "generated") for key in artifacts)
        graph.add_edges_from(generated)
        graph.add_edges_from(_source_edge(source) for source in sources)
    return graph


def _source_edge(source: Source) -> Any:
    if source.artifact_name is None:
        return source.source_run_id, source.run_id, "derived"
    return (source.source_run_id, source.artifact_name), source.run_id, "used"


def _run_attributes(run: Run) -> dict[str, object]:
    return {
        "kind": "run",
        "name": run.name,
        "external": run.external,
        "metadata": run.metadata,
        "created_at": run.created_at,
    }


def _artifact_attributes(artifact: Artifact) -> dict[str, object]:
    return {
        "kind": "artifact",
        "name": artifact.name,
        "declared": artifact.declared,
        "path": artifact.path,
        "metadata": artifact.metadata,
        "created_at": artifact.created_at,
    }
