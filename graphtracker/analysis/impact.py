"""What was made from runs or artifacts, in an order in which it can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from graphtracker.analysis.condense import condense
from graphtracker.analysis.distances import downstream
from graphtracker.analysis.links import links
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.html_table import html_list
from graphtracker.model.question import Answer, and_cut
from graphtracker.model.values import Artifact, Node, Run

Keeps = Callable[[Run, Callable[[], Mapping[str, Artifact]]], bool]
"""Whether the row of a run is kept; the function returns the run's artifacts by name."""


@dataclass(frozen=True)
class Affected:
    """A run that was made from a start, or from what was made from one."""

    run_id: str
    distance: int
    """The least number of sources from a start to it, at least 1."""
    ends: bool
    """Whether nothing was made from it but by itself, as far as the answer goes."""
    run: Run = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The row in plain JSON types, with what the run is called and what it is remembered by, if that is known."""
        told = {key: self.run.context[key] for key in ("status", "directory", "command") if key in self.run.context}
        named = {"run_id": self.run_id, "name": self.run.name}
        return {**named, "distance": self.distance, "ends": self.ends, **told}


@dataclass(frozen=True, repr=False)
class Impact:
    """What was made from the starts, without themselves."""

    starts: tuple[Node, ...]
    """What was asked about: a run id, or ``(run id, name)`` of each artifact."""
    runs: tuple[Affected, ...]
    """In an order in which they can be made again: each after all that it was made from, but for those on a cycle with
    it; of those that may come next the nearest, then by id."""
    artifacts: tuple[tuple[str, str], ...]
    """(Run id, name) of each artifact that was made, in order."""
    reasons: frozenset[str]
    """What left something out, as in a Lineage."""

    @property
    def complete(self) -> bool:
        """Whether this is all that the store held when asked."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain JSON types, in a stable order."""
        return {
            "starts": [start if isinstance(start, str) else list(start) for start in self.starts],
            "complete": self.complete,
            "reasons": sorted(self.reasons),
            "runs": [row.to_dict() for row in self.runs],
            "artifacts": [list(key) for key in self.artifacts],
        }

    def _repr_html_(self) -> str:
        return html_list(repr(self).strip("<>"), self.runs, lambda row: (_said(row), {}))

    def __repr__(self) -> str:
        of = ", ".join(map(_asked, self.starts)) if len(self.starts) == 1 else counted(len(self.starts), "artifact")
        counts = f"{counted(len(self.runs), 'run')}, {counted(len(self.artifacts), 'artifact')}"
        return f"<Impact of {of}: {counts}{and_cut(self.reasons)}>"


def _asked(start: Node) -> str:
    return quoted(start) if isinstance(start, str) else f"{quoted(start[1])} of {quoted(start[0])}"


def _said(row: Affected) -> dict[str, str]:
    said = {"distance": f"{row.distance:,}", "run_id": row.run_id, "ends": "ends" if row.ends else ""}
    return {**said, "status": str(row.run.context.get("status", ""))}


def doubtful(answer: Answer, starts: Sequence[Node]) -> tuple[str, ...]:
    """The runs of which ``impact`` must be told all that they name, in order.

    Of the run of an artifact that was asked about the answer lacks other artifacts, and with them that a run which
    names it as a whole has named one of these, too, and so did not mean the artifact. Where a run can have come into
    the answer in no other way, it did mean it.
    """
    owners = {start[0] for start in starts if isinstance(start, tuple)}
    if not owners:
        return ()
    named = _choosy(answer)
    sources_of: dict[str, set[str]] = {}
    for source in answer.sources:
        sources_of.setdefault(source.run_id, set()).add(source.source_run_id)
    return tuple(
        run_id
        for run_id, sources in sources_of.items()
        if (run_id in owners or len(sources) > 1)
        and any(source in owners and (run_id, source) not in named for source in sources)
    )


def impact(answer: Answer, starts: Sequence[Node], keeps: Keeps | None = None, beside: Answer | None = None) -> Impact:
    """What was made from the starts: ``answer`` is their downstream lineage, ``beside`` has, where there are
    ``doubtful`` runs, all the sources of these."""
    with gc_paused():
        return _impact(answer, tuple(starts), keeps, beside)


def _impact(answer: Answer, starts: tuple[Node, ...], keeps: Keeps | None, beside: Answer | None) -> Impact:
    began = frozenset(starts)
    distances = downstream(_steps(answer, starts, beside), starts)
    used = {source.source_run_id for source in answer.sources if source.source_run_id != source.run_id}
    used.update(run_id for run_id, directions in answer.frontier.items() if "downstream" in directions)
    rows = (
        Affected(run_id, distances[run_id], run_id not in used, answer.runs[run_id])
        for run_id in _in_turn(answer, distances)
        if run_id in distances and run_id not in began
    )
    made = (node for node in distances if isinstance(node, tuple) and node in answer.artifacts and node not in began)
    kept = rows if keeps is None else _kept(answer, rows, keeps)
    return Impact(starts, tuple(kept), tuple(sorted(made)), answer.reasons)


def _choosy(answer: Answer) -> set[tuple[str, str]]:
    """(Run, source run) where the run names artifacts of the other."""
    return {(source.run_id, source.source_run_id) for source in answer.sources if source.artifact_name is not None}


def _steps(answer: Answer, starts: Iterable[Node], beside: Answer | None) -> dict[Node, list[Node]]:
    """The links of the answer without those from a start to runs that named another artifact of its run."""
    steps = links(answer)
    elsewhere = set() if beside is None else _choosy(beside) - _choosy(answer)
    for start in starts if elsewhere else ():
        if isinstance(start, tuple):
            steps[start] = [node for node in steps.get(start, ()) if (node, start[0]) not in elsewhere]
    return steps


def _in_turn(answer: Answer, distances: Mapping[Node, int]) -> Iterator[str]:
    """The runs of the answer, each after all that it was made from; those on one cycle together, the nearest first."""
    consumers_of: dict[str, list[str]] = {}
    for source in answer.sources:
        consumers_of.setdefault(source.source_run_id, []).append(source.run_id)

    def place(run_id: str) -> tuple[int, str]:
        return distances.get(run_id, 0), run_id

    groups = condense(answer.runs, consumers_of)
    for group in groups:
        group.sort(key=place)
    group_of = {run_id: number for number, group in enumerate(groups) for run_id in group}
    beyond: list[list[int]] = [[] for _ in groups]
    missing = [0] * len(groups)
    for source in answer.sources:
        before, after = group_of[source.source_run_id], group_of[source.run_id]
        if before != after:
            beyond[before].append(after)
            missing[after] += 1
    ready = [(place(group[0]), number) for number, group in enumerate(groups) if not missing[number]]
    heapify(ready)
    while ready:
        _, number = heappop(ready)
        yield from groups[number]
        for other in beyond[number]:
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, (place(groups[other][0]), other))


def _kept(answer: Answer, rows: Iterable[Affected], keeps: Keeps) -> Iterator[Affected]:
    artifacts: dict[str, dict[str, Artifact]] = {}
    for (run_id, name), artifact in answer.artifacts.items():
        artifacts.setdefault(run_id, {})[name] = artifact

    def of(run_id: str) -> Callable[[], Mapping[str, Artifact]]:
        return lambda: artifacts.get(run_id, {})

    return (row for row in rows if keeps(row.run, of(row.run_id)))
