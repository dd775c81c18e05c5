"""The reference model of lineage: what every store must answer, by networkx on the full graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import networkx as nx

from graphtracker import GraphTracker, Source
from graphtracker.model.question import Answer

ArtifactKey = tuple[str, str]
Node = str | ArtifactKey
SourceKey = tuple[str, str, str | None]  # consumer, source run, artifact name


class Reports(NamedTuple):
    """A run reported, with this metadata."""

    run_id: str
    metadata: dict[str, object]


class Logs(NamedTuple):
    """A run logged an artifact."""

    run_id: str
    name: str
    path: str
    metadata: dict[str, object] | None


class Names(NamedTuple):
    """A run named another, or an artifact of it, as its source."""

    run_id: str
    source_run_id: str
    artifact_name: str | None


Call = Reports | Logs | Names


def tell(tracker: GraphTracker, calls: Iterable[Call]) -> None:
    """Makes the calls, in their order."""
    with tracker.batch() as batch:
        for call in calls:
            _tell_one(batch, call)


def _tell_one(tracker: GraphTracker, call: Call) -> None:
    if isinstance(call, Reports):
        tracker.add_metadata(call.run_id, **call.metadata)
    elif isinstance(call, Logs):
        tracker.add_artifact(*call)
    else:
        tracker.add_source(*call)


def e_graph(runs: Iterable[str], artifacts: Iterable[ArtifactKey], sources: Iterable[SourceKey]) -> nx.DiGraph[Any]:
    """E, the graph with the data; an edge's ``walked`` is 1 where it follows a source, else 0."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(runs)
    artifacts, sources = set(artifacts), set(sources)
    graph.add_edges_from(((run_id, (run_id, name)) for run_id, name in artifacts), walked=0)
    choosy = {(consumer, source) for consumer, source, name in sources if name is not None}
    for consumer, source, name in sources:
        if name is not None:
            graph.add_edge((source, name), consumer, walked=1)
            continue
        graph.add_edge(source, consumer, walked=1)
        if (consumer, source) not in choosy:
            graph.add_edges_from(((key, consumer) for key in artifacts if key[0] == source), walked=1)
    return graph


@dataclass(frozen=True)
class Expected:
    """What a lineage question must return."""

    runs: set[str]
    artifacts: set[ArtifactKey]
    sources: set[SourceKey]
    reasons: set[str]
    frontier: dict[str, set[str]]

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        return not self.reasons


@dataclass(frozen=True)
class Model:
    """What a store holds, as plain sets, and what it must answer."""

    runs: frozenset[str]
    artifacts: frozenset[ArtifactKey]
    sources: frozenset[SourceKey]

    @staticmethod
    def of(calls: Iterable[Call]) -> Model:
        """The model of a store in which these calls were made."""
        calls = list(calls)
        named = [call for call in calls if isinstance(call, Names)]
        logged = {(call.run_id, call.name) for call in calls if isinstance(call, Logs)}
        declared = {(call.source_run_id, call.artifact_name) for call in named if call.artifact_name is not None}
        runs = {call.run_id for call in calls} | {call.source_run_id for call in named}
        return Model(frozenset(runs), frozenset(logged | declared), frozenset(map(_source_of, named)))

    def restricted(self, kept: set[str]) -> Model:
        """The store that would hold only these runs, their artifacts and the sources between them."""
        return Model(
            self.runs & kept,
            frozenset(key for key in self.artifacts if key[0] in kept),
            frozenset(source for source in self.sources if {source[0], source[1]} <= kept),
        )

    @cached_property
    def e(self) -> nx.DiGraph[Any]:
        """E of everything."""
        return e_graph(self.runs, self.artifacts, self.sources)

    @property
    def nodes(self) -> list[Node]:
        """Everything one can ask about, in a stable order."""
        return [*sorted(self.runs), *sorted(self.artifacts)]

    def distances(self, start: Node, direction: str) -> dict[str, int]:
        """Run id → least number of sources walked from the start, over the directions of the question."""
        found = {run_of(start): 0}
        for way in ways(direction):
            graph = self.e.reverse(copy=False) if way == "upstream" else self.e
            for node, length in nx.single_source_dijkstra_path_length(graph, start, weight="walked").items():
                if isinstance(node, str):
                    walked = int(length)
                    found[node] = min(walked, found.get(node, walked))
        return found

    def joint_distances(self, starts: Iterable[Node], direction: str) -> dict[str, int]:
        """Run id → the least of its distances from those of the starts that are there."""
        found: dict[str, int] = {}
        for start in starts:
            for run_id, walked in self.distances(start, direction).items() if start in self.e else ():
                found[run_id] = min(walked, found.get(run_id, walked))
        return found

    def lineage(
        self, start: Node, direction: str = "both", depth: int | None = None, max_runs: int | None = None
    ) -> Expected:
        """The answer; a cut chooses runs first, and is then the whole answer of the store restricted to them."""
        assert start in self.e
        return self.joint([start], direction, depth, max_runs)

    def joint(
        self, starts: Iterable[Node], direction: str, depth: int | None = None, max_runs: int | None = None
    ) -> Expected:
        """What is in the lineage of any of the starts; what is not there, or is left out by a cut, has none."""
        distances = self.joint_distances(starts, direction)
        within = sorted((walked, run_id) for run_id, walked in distances.items() if depth is None or walked <= depth)
        kept = {run_id for _, run_id in within[:max_runs]}
        part = self.restricted(kept)
        known = {start for start in starts if start in self.e}
        left = {start for start in known if run_of(start) in kept}
        nodes = set().union(*(part._reached(start, direction) for start in left))
        runs, artifacts = {node for node in nodes if isinstance(node, str)}, nodes - kept
        assert runs == kept, f"every kept run is joined to a start; not so: {kept ^ runs}"
        reasons = set() if kept == set(distances) else {"max_runs"} if len(kept) < len(within) else {"depth"}
        frontier = self._frontier(part, kept, left, direction)
        if left == known:
            assert bool(reasons) == bool(frontier), f"cut by {reasons} with the frontier {frontier}"
        sources = {source for source in part.sources if source[0] in nodes and end_of(source) in nodes}
        return Expected(runs, artifacts, sources, reasons, frontier)

    def everything(self) -> Expected:
        """The answer to ``graph()``."""
        return Expected(set(self.runs), set(self.artifacts), set(self.sources), set(), {})

    def consumers(self, run_id: str, name: str | None = None) -> list[str]:
        """The runs that name the run; with a name, those one step after that artifact in E."""
        if name is None:
            return sorted({consumer for consumer, source, _ in self.sources if source == run_id})
        return sorted(self.e.successors((run_id, name))) if (run_id, name) in self.artifacts else []

    def _reached(self, start: Node, direction: str) -> set[Any]:
        nodes = {start, run_of(start)}
        for way in ways(direction):
            nodes |= self._beyond(start, way)
        return nodes

    def _beyond(self, start: Node, way: str) -> set[Any]:
        return nx.ancestors(self.e, start) if way == "upstream" else nx.descendants(self.e, start)

    def _frontier(self, part: Model, kept: set[str], starts: Iterable[Node], direction: str) -> dict[str, set[str]]:
        frontier: dict[str, set[str]] = {}
        for start, way in product(starts, ways(direction)):
            for run_id in self._open(part, kept, start, way):
                frontier.setdefault(run_id, set()).add(way)
        return frontier

    def _open(self, part: Model, kept: set[str], start: Node, way: str) -> set[str]:
        """The kept runs that the question passes in this direction on the way to a run that was left out."""
        passed = part._beyond(start, way) & kept
        if way == "upstream":
            passed |= {run_of(start)}
            return {consumer for consumer, source, _ in self.sources if consumer in passed and source not in kept}
        if isinstance(start, str):
            passed |= {start}
        cut = {source for consumer, source, _ in self.sources if source in passed and consumer not in kept}
        if not isinstance(start, str) and not set(self.consumers(*start)) <= kept:
            cut |= {run_of(start)}
        return cut


def run_of(node: Node) -> str:
    """The run of a node: itself, or the one that made the artifact."""
    return node if isinstance(node, str) else node[0]


def end_of(source: SourceKey) -> Node:
    """The far end of a source: the artifact, or the run where it is the whole run."""
    return source[1] if source[2] is None else (source[1], source[2])


def ways(direction: str) -> list[str]:
    """The directions in which a question walks."""
    return ["upstream", "downstream"] if direction == "both" else [direction]


def _source_of(names: Names) -> SourceKey:
    return names.run_id, names.source_run_id, names.artifact_name


def source_key(source: Source) -> SourceKey:
    """A recorded source as the model holds it."""
    return source.run_id, source.source_run_id, source.artifact_name


def differences(expected: Expected, lineage: Answer) -> list[str]:
    """What an answer has too much, lacks or says wrongly; empty where it is right."""
    pairs: list[tuple[str, set[Any], set[Any]]] = [
        ("runs", expected.runs, set(lineage.runs)),
        ("artifacts", expected.artifacts, set(lineage.artifacts)),
        ("sources", expected.sources, {source_key(source) for source in lineage.sources}),
    ]
    found = [f"{what} missing: {sorted(want - got, key=repr)}" for what, want, got in pairs if want - got]
    found += [f"{what} too many: {sorted(got - want, key=repr)}" for what, want, got in pairs if got - want]
    frontier = {run_id: set(directions) for run_id, directions in lineage.frontier.items()}
    told = [
        ("complete", expected.complete, lineage.complete),
        ("reasons", expected.reasons, set(lineage.reasons)),
        ("frontier", expected.frontier, frontier),
    ]
    return found + [f"{what} is {got}, must be {want}" for what, want, got in told if want != got]
