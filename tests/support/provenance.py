"""The reference model of fingerprints: when two runs have the same provenance, by comparing all of it at length."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

import networkx as nx

from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact, Run, Source

_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass
class Graph:
    """Runs and artifacts with their metadata, and the sources between them, to be changed and made an answer."""

    runs: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """None is an external's."""
    artifacts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    sources: set[tuple[str, str, str | None]] = field(default_factory=set)
    """(Run id, source run id, artifact name)."""

    def copy(self) -> Graph:
        """One that can be changed by itself."""
        runs = {run_id: None if metadata is None else dict(metadata) for run_id, metadata in self.runs.items()}
        return Graph(runs, {key: dict(metadata) for key, metadata in self.artifacts.items()}, set(self.sources))

    def renamed(self, names: Mapping[str, str]) -> Graph:
        """The same with other ids for some runs."""

        def name(run_id: str) -> str:
            return names.get(run_id, run_id)

        return Graph(
            {name(run_id): metadata for run_id, metadata in self.runs.items()},
            {(name(run_id), artifact): metadata for (run_id, artifact), metadata in self.artifacts.items()},
            {(name(run_id), name(source), artifact) for run_id, source, artifact in self.sources},
        )

    def upstream(self, run_id: str) -> set[str]:
        """The run and all whose hashes count for its own."""
        graph = nx.DiGraph((source, consumer) for consumer, source, _ in self.sources)
        return {run_id, *(nx.ancestors(graph, run_id) if run_id in graph else ())}

    def answer(self) -> Answer:
        """As a store would answer."""
        return answer_of(
            (
                Run(key, key, values is None, False, values or {}, {}, _AT, _AT, _AT)
                for key, values in self.runs.items()
            ),
            (Artifact(*key, "/p", "/p", False, values, _AT, _AT, _AT) for key, values in self.artifacts.items()),
            (Source(*source, _AT) for source in self.sources),
        )


def answer_of(runs: Iterable[Run], artifacts: Iterable[Artifact], sources: Iterable[Source]) -> Answer:
    """The answer that holds these, in order."""
    return Answer(
        None,
        {run.run_id: run for run in sorted(runs, key=lambda run: run.run_id)},
        {(item.run_id, item.name): item for item in sorted(artifacts, key=lambda item: (item.run_id, item.name))},
        sorted(sources, key=lambda source: (source.run_id, source.source_run_id, source.artifact_name or "")),
    )


class Provenance:
    """Gives what has the same provenance the same number, over any number of answers."""

    def __init__(self, ignore: Sequence[str] = (), *, sha256: bool = True) -> None:
        self._ignore = ignore
        self._sha256 = sha256
        self._numbers: dict[object, int] = {}

    def of(self, answer: Answer) -> dict[str, int]:
        """Run id → its number."""
        uses: dict[str, list[tuple[object, str | None]]] = {run_id: [] for run_id in answer.runs}
        for source in answer.sources:
            uses[source.run_id].append(self._use(answer, source))
        graph = nx.DiGraph(
            (source, run_id) for run_id, named in uses.items() for _, source in named if source is not None
        )
        graph.add_nodes_from(answer.runs)
        condensed = nx.condensation(graph)
        found: dict[str, int] = {}
        for component in nx.topological_sort(condensed):
            members = condensed.nodes[component]["members"]
            cyclic = any(graph.has_edge(one, other) for one in members for other in members)
            colours = {member: self._colour(answer, member, uses[member], found) for member in members}
            for _ in members if cyclic else ():
                colours = {member: self._next(member, uses[member], colours) for member in members}
            whole = sorted(colours.values()) if cyclic else None
            found.update({member: self._number((whole, colour)) for member, colour in colours.items()})
        return found

    def _number(self, of: object) -> int:
        return self._numbers.setdefault(repr(of), len(self._numbers))

    def _use(self, answer: Answer, source: Source) -> tuple[object, str | None]:
        """What it says, and the run that counts for it; None where none does."""
        name = source.artifact_name
        if name is None:
            return "whole", source.source_run_id
        values = self._kept(answer.artifacts[source.source_run_id, name].metadata, name)
        if self._sha256 and isinstance(values.get("sha256"), str) and values["sha256"]:
            return ("content", name, _in_order(values)), None
        return ("artifact", name, _in_order(values)), source.source_run_id

    def _kept(self, metadata: Mapping[str, object], name: str | None = None) -> dict[str, object]:
        """Without what is ignored; mappings are one level deep at most."""
        flat: dict[str, object] = {}
        for key, value in metadata.items():
            inner = value if isinstance(value, dict) and value else None
            flat.update({key: value} if inner is None else {f"{key}.{each}": item for each, item in inner.items()})
        before = [""] if name is None else ["", f"{name}."]
        return {key: value for key, value in flat.items() if not self._ignores([each + key for each in before])}

    def _ignores(self, names: list[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in self._ignore)

    def _colour(
        self, answer: Answer, member: str, uses: list[tuple[object, str | None]], found: Mapping[str, int]
    ) -> int:
        run = answer.runs[member]
        if run.external and not uses:
            return self._number(("external", member))
        outer = [(said, found.get(source or "")) for said, source in uses if source is None or source in found]
        return self._number((_in_order(self._kept(run.metadata)), sorted(map(repr, outer))))

    def _next(self, member: str, uses: list[tuple[object, str | None]], colours: Mapping[str, int]) -> int:
        inner = [(said, colours[source]) for said, source in uses if source is not None and source in colours]
        return self._number((colours[member], sorted(map(repr, inner))))


def _in_order(values: Mapping[str, object]) -> list[tuple[str, object]]:
    return sorted((key, _plainly(value)) for key, value in values.items())


def _plainly(value: Any) -> object:
    """What a value is equal by, for the few types that the tests of fingerprints use."""
    if value is None or isinstance(value, (bool, str)):
        return type(value).__name__, value
    if isinstance(value, (int, float)):
        return "number", str(Fraction(value)) if math.isfinite(value) else str(value)
    return type(value).__name__, repr(value)
