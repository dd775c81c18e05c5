"""What stands in a picture: named nodes with the edges between them, for the languages that spell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from graphtracker.analysis.names import Labels, Names
from graphtracker.analysis.stacks import stack_label
from graphtracker.drawing import style, tooltips
from graphtracker.drawing.picture import Picture
from graphtracker.model.context_rows import has_failed
from graphtracker.model.values import Artifact, Run, Source


class DrawnNode(NamedTuple):
    """A node: ``name`` is its name in the picture's language, ``kind`` a key of ``style.NODES`` (of two lineages in one
    of ``style.PAIR_NODES``)."""

    name: str
    kind: str
    label: str
    tooltip: Sequence[str]
    """Its lines, in which every character is data; empty where it has none."""
    value: Run | Artifact | None = None
    """None of a cut."""
    marks: tuple[str, ...] = ()
    """What it is besides its kind: keys of ``style.MARKS``, in that order. A stack is a run that stands for others like
    it, too."""
    generated_by: str | None = None
    """The name of its run, where it is an artifact."""
    below: Sequence[str] = ()
    """More lines of the label."""


class DrawnEdge(NamedTuple):
    """An edge: the names of its two ends, and ``kind``, a key of ``style.EDGES`` (``style.PAIR_EDGES``)."""

    begin: str
    end: str
    kind: str
    tooltip: Sequence[str] = ()
    """Its lines, in which every character is data; empty where it is that of the kind."""
    label: str | None = None
    """The artifact that it stands for where that is not drawn as a node."""


SpellNode = Callable[[DrawnNode], str]
"""What a language writes for a node."""

SpellEdge = Callable[[DrawnEdge], str]
"""What a language writes for an edge."""


class Scene:
    """A picture, to be spelled element by element.

    With ``fold`` a declared artifact of an external run is drawn as the label of its edges; with ``told`` there are
    tooltips. Edges point with the data.
    """

    def __init__(self, picture: Picture, *, fold: bool, told: bool) -> None:
        self._told = told
        self._answer = answer = picture.answer
        self._start = answer.start
        self._stacks = picture.stacks
        self.names = Names(answer)
        """Of runs and artifacts; a cut is called cut0, cut1, …"""
        self._labels = Labels(answer)
        self._folded = {source.node for source in answer.sources if self._foldable(source)} if fold else set()

    def _foldable(self, source: Source) -> bool:
        node = source.node
        if not isinstance(node, tuple) or not self._answer.runs[source.source_run_id].external:
            return False
        return node != self._start and self._answer.artifacts[node].declared

    def spelled(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        """What a language writes: runs, artifacts each with its run's edge, sources, cuts."""
        for drawn in self.nodes():
            yield node(drawn)
            if drawn.generated_by is not None:
                yield edge(DrawnEdge(drawn.generated_by, drawn.name, "generated"))
        for source in self._answer.sources:
            used, kind = source.node, source.kind
            begin, label = (source.source_run_id, source.artifact_name) if used in self._folded else (used, None)
            tooltip = tooltips.of_source(source, label or style.EDGES[kind]["tooltip"]) if self._told else ()
            yield edge(DrawnEdge(self.names[begin], self.names[source.run_id], kind, tooltip, label))
        yield from self._cuts(node, edge)

    def nodes(self) -> Iterator[DrawnNode]:
        """The nodes of runs, then those of artifacts."""
        for name, run_id in self.names.runs():
            yield self._run(name, self._answer.runs[run_id])
        for name, run_name, key in self.names.artifacts():
            if key not in self._folded:
                yield self._artifact(name, run_name, self._answer.artifacts[key])

    def _run(self, name: str, run: Run) -> DrawnNode:
        run_id = run.run_id
        members = self._stacks.get(run_id)
        label = self._labels[run] if members is None else stack_label(members)
        tooltip = tooltips.of_run(run, members) if self._told else ()
        marks = run_marks(run, stack=members is not None, start=run_id == self._start)
        if "failed" in marks:
            label = f"{style.FAILED_SIGN} {label}"
        return DrawnNode(name, run.kind, label, tooltip, run, marks)

    def _artifact(self, name: str, run_name: str, artifact: Artifact) -> DrawnNode:
        tooltip = tooltips.of_artifact(artifact, self._stacks.get(artifact.run_id)) if self._told else ()
        marks = ("start",) if (artifact.run_id, artifact.name) == self._start else ()
        return DrawnNode(name, artifact.kind, artifact.name, tooltip, artifact, marks, run_name)

    def _cuts(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        ends = [(run_id, way) for run_id, directions in self._answer.frontier.items() for way in sorted(directions)]
        for number, (run_id, way) in enumerate(ends):
            cut, run = f"cut{number}", self.names[run_id]
            yield node(DrawnNode(cut, "cut", style.CUT_LABEL, [f"more {way}, left out"]))
            yield edge(DrawnEdge(*((cut, run) if way == "upstream" else (run, cut)), "left_out"))


def run_marks(run: Run, *, stack: bool = False, start: bool = False) -> tuple[str, ...]:
    """What a run is besides its kind: keys of ``style.MARKS``, in that order."""
    if not (run.context or run.forgotten or stack or start):
        return ()
    are = {"stack": stack, "failed": has_failed(run.context), "forgotten": run.forgotten, "start": start}
    return tuple(mark for mark, is_so in are.items() if is_so)
