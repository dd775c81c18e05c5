"""A NetworkX graph kept as a pickle: written whole with each recording, read whole by a process that asks."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable

import networkx as nx

from tests.benchmarks.field.contender import Answer
from tests.benchmarks.graphs import RecordedRun


class Contender:
    """One file; what has been read stays in memory for as long as nobody has written."""

    def __init__(self, folder: str, url: str) -> None:
        self._path = os.path.join(folder, "graph.pickle")
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        self._read: object = None

    def _current(self) -> nx.MultiDiGraph[str]:
        if os.path.exists(self._path):
            status = os.stat(self._path)
            state = (status.st_mtime_ns, status.st_size, status.st_ino)
            if state != self._read:
                with open(self._path, "rb") as file:
                    self._graph = pickle.load(file)  # noqa: S301  # it wrote the file itself
                self._read = state
        return self._graph

    def _write(self) -> None:
        temporary = f"{self._path}.{os.getpid()}"
        with open(temporary, "wb") as file:
            pickle.dump(self._graph, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(temporary, self._path)
        status = os.stat(self._path)
        self._read = (status.st_mtime_ns, status.st_size, status.st_ino)

    def call(self, run: RecordedRun) -> None:
        self._current().add_node(run.run_id, metadata=run.metadata)
        self._write()

    def record(self, run: RecordedRun) -> None:
        self._add(self._current(), run)
        self._write()

    def load(self, many: Iterable[RecordedRun]) -> None:
        graph = self._current()
        for run in many:
            self._add(graph, run)
        self._write()

    def _add(self, graph: nx.MultiDiGraph[str], run: RecordedRun) -> None:
        graph.add_node(run.run_id, metadata=run.metadata, artifacts=run.artifacts)
        for source, name in run.sources:
            graph.add_edge(source, run.run_id, key=name)

    def lineage(self, run_id: str) -> Answer:
        graph = self._current()
        runs = nx.ancestors(graph, run_id) | nx.descendants(graph, run_id) | {run_id}
        nodes = graph.nodes
        return Answer(
            {each: nodes[each].get("metadata", {}) for each in runs},
            [(each, *artifact) for each in runs for artifact in nodes[each].get("artifacts", ())],
            [(run, source, name) for source, run, name in graph.out_edges(runs, keys=True) if run in runs],
        )

    def answer(self, found: Answer) -> Answer:
        return found

    def run_count(self) -> int:
        return sum("metadata" in data for _, data in self._current().nodes(data=True))

    def close(self) -> None:
        pass
