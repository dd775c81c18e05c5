"""The graph of a lineage in the hands of NetworkX's writers: what its documentation says of each is so."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graphtracker import GraphTracker, Lineage

TAKE_IT: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda graph: pickle.loads(pickle.dumps(graph)),  # noqa: S301  # our own
    "node_link_data": lambda graph: nx.node_link_graph(nx.node_link_data(graph)),
    "adjacency_data": lambda graph: nx.adjacency_graph(nx.adjacency_data(graph)),
}
REFUSE_IT: dict[str, Callable[..., None]] = {
    "write_graphml": nx.write_graphml,
    "write_gexf": nx.write_gexf,
    "write_gml": nx.write_gml,
}
LOSE_IT: dict[str, tuple[Callable[..., None], Callable[..., Any]]] = {
    "write_adjlist": (nx.write_adjlist, nx.read_adjlist),
    "write_multiline_adjlist": (nx.write_multiline_adjlist, nx.read_multiline_adjlist),
    "write_edgelist": (nx.write_edgelist, nx.read_edgelist),
}


def test_every_writer_that_is_named_is_tried() -> None:
    said = str(Lineage.graph.__doc__)
    named = set(re.findall(r"``(write_\w+|\w+_data)``", said)) | {"pickle"}
    assert named == {*TAKE_IT, *REFUSE_IT, *LOSE_IT}
    for instead in ("save", "to_dict", "to_dot"):
        assert f"``{instead}" in said
        assert callable(getattr(Lineage, instead))


@pytest.mark.parametrize("name", TAKE_IT)
def test_it_is_taken_as_it_is(six_jobs: GraphTracker, name: str) -> None:
    graph: Any = six_jobs.graph().graph
    back = TAKE_IT[name](graph)
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    in_order = [sorted(each.edges(keys=True, data="created_at"), key=str) for each in (back, graph)]
    assert in_order[0] == in_order[1]


@pytest.mark.parametrize("name", REFUSE_IT)
def test_it_is_refused(six_jobs: GraphTracker, name: str, tmp_path: Path) -> None:
    with pytest.raises((TypeError, nx.NetworkXError)):
        REFUSE_IT[name](six_jobs.graph().graph, tmp_path / "file")


@pytest.mark.parametrize("name", LOSE_IT)
def test_it_is_not_read_back(six_jobs: GraphTracker, name: str, tmp_path: Path) -> None:
    write, read = LOSE_IT[name]
    graph = six_jobs.graph().graph
    write(graph, tmp_path / "file")
    try:
        read_back = set(read(tmp_path / "file"))
    except TypeError:
        return
    assert read_back != set(graph)


def test_what_is_called_instead_takes_it(six_jobs: GraphTracker, tmp_path: Path) -> None:
    lineage = six_jobs.graph()
    lineage.save(tmp_path / "x.graphml")
    read = nx.read_graphml(tmp_path / "x.graphml")
    assert len(read) == len(lineage)
    assert nx.is_isomorphic(nx.DiGraph(read), nx.DiGraph(lineage.graph))
    assert Lineage.from_dict(json.loads(json.dumps(lineage.to_dict()))) == lineage
    assert lineage.to_dot().startswith("digraph")
