"""A W3C PROV document by ``prov``, kept as PROV-JSON: written and read whole, walked as its NetworkX graph."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

import networkx as nx
from prov.graph import prov_to_graph
from prov.model import ProvActivity, ProvDocument, ProvEntity

from tests.benchmarks.field.contender import Answer
from tests.benchmarks.graphs import RecordedRun

_SPACE = "https://example.org/"


class Contender:
    """Runs are activities, artifacts entities; a whole run as a source is ``wasInformedBy``.

    What has been read stays in memory, and its graph, for as long as this process records nothing.
    """

    def __init__(self, folder: str, url: str) -> None:
        self._path = os.path.join(folder, "prov.json")
        self._document = _new()
        if os.path.exists(self._path):
            self._document = ProvDocument.deserialize(self._path, format="json")
        self._recorded: set[str] = set()
        self._graph: nx.MultiDiGraph[Any] | None = None

    def _write(self) -> None:
        self._graph = None
        temporary = f"{self._path}.{os.getpid()}"
        self._document.serialize(temporary, format="json")
        os.replace(temporary, self._path)

    def call(self, run: RecordedRun) -> None:
        self._document.activity(_name(run.run_id), other_attributes=_attributes(run))
        self._write()

    def record(self, run: RecordedRun) -> None:
        self._add(run)
        self._write()

    def load(self, many: Iterable[RecordedRun]) -> None:
        for run in many:
            if run.run_id not in self._recorded:  # of replicas, the first one records
                self._add(run)
        self._write()

    def _add(self, run: RecordedRun) -> None:
        self._recorded.add(run.run_id)
        activity = self._document.activity(_name(run.run_id), other_attributes=_attributes(run))
        for name, path in run.artifacts:
            entity = self._document.entity(_name(run.run_id, name), {"x:path": path})
            self._document.wasGeneratedBy(entity, activity)
        for source, name in run.sources:
            if name:
                self._document.used(activity, _name(source, name))
            else:
                self._document.wasInformedBy(activity, _name(source))

    def lineage(self, run_id: str) -> Answer:
        if self._graph is None:
            self._graph = prov_to_graph(self._document)
        graph = self._graph
        start = next(node for node in graph if isinstance(node, ProvActivity) and _run_of(node) == run_id)
        # Edges point from what was made to what it was made from.
        found = nx.ancestors(graph, start) | nx.descendants(graph, start) | {start}
        runs: dict[str, dict[str, Any]] = {}
        artifacts, sources = [], []
        for node in found:
            if isinstance(node, ProvActivity):
                runs[_run_of(node)] = {key.localpart: value for key, value in node.extra_attributes}
                made = [entity for entity, _ in graph.in_edges(node) if isinstance(entity, ProvEntity)]
                artifacts += [(*_names(entity), path) for entity in made for path in entity.get_attribute("x:path")]
        for begin, end in graph.out_edges(found):
            if isinstance(begin, ProvActivity) and end in found:
                named = _names(end) if isinstance(end, ProvEntity) else (_run_of(end), "")
                sources.append((_run_of(begin), *named))
                runs.setdefault(named[0], {})
        return Answer(runs, artifacts, sources)

    def answer(self, found: Answer) -> Answer:
        return found

    def run_count(self) -> int:
        return len({record.identifier for record in self._document.get_records(ProvActivity)})

    def close(self) -> None:
        pass


def _new() -> ProvDocument:
    document = ProvDocument()
    document.add_namespace("x", _SPACE)
    return document


def _name(run_id: str, name: str = "") -> str:
    return f"x:{quote(run_id, safe='')}/{quote(name, safe='')}"


def _names(node: Any) -> tuple[str, str]:
    run_id, name = node.identifier.localpart.split("/")
    return unquote(run_id), unquote(name)


def _run_of(node: Any) -> str:
    return _names(node)[0]


def _attributes(run: RecordedRun) -> dict[str, Any]:
    return {f"x:{key}": value for key, value in run.metadata.items()}
