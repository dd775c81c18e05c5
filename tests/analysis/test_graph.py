"""The networkx graph of an answer carries what the answer says."""

from __future__ import annotations

from graphtracker import GraphTracker
from tests.support.remembered import CONTEXT, OLD, PREPARE, record_remembered


def test_nodes_and_edges_carry_what_is_known_of_them() -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        whole = tracker.graph()
    for run_id, run in whole.runs.items():
        names = ("name", "external", "forgotten", "metadata", "context", "created_at")
        assert whole.graph.nodes[run_id] == {"kind": "run"} | {name: getattr(run, name) for name in names}
    for key, artifact in whole.artifacts.items():
        names = ("name", "declared", "path", "place", "metadata", "created_at")
        assert whole.graph.nodes[key] == {"kind": "artifact"} | {name: getattr(artifact, name) for name in names}
    for source in whole.sources:
        assert whole.graph.edges[source.node, source.run_id, source.kind] == {"created_at": source.created_at}
    assert whole.graph.nodes[PREPARE]["context"] == CONTEXT
    assert whole.graph.nodes[OLD]["forgotten"] is True
    assert whole.graph.edges[PREPARE, (PREPARE, "rows"), "generated"] == {}
