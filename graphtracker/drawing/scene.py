"""What stands in a picture: named nodes with the edges between them, for the languages that spell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from graphtracker.analysis.names import Labels, Names
from graphtracker.analysis.torchx_names import shared_rests, split_name
from graphtracker.drawing import style, tooltips
from graphtracker.drawing.names_in_short import named_in_short
from graphtracker.drawing.picture import Picture, artifacts_on_edges
from graphtracker.model.context_rows import has_failed, is_running
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
    tail: str = ""
    """The random end of the name, where the label alone would be that of another node, too; set smallest."""
    below: Sequence[str] = ()
    """More lines of the label, which are set smaller: values, and what differs."""


class DrawnEdge(NamedTuple):
    """An edge: the names of its two ends, and ``kind``, a key of ``style.EDGES`` (``style.PAIR_EDGES``)."""

    begin: str
    end: str
    kind: str
    tooltip: Sequence[str] = ()
    """Its lines, in which every character is data; empty where it is that of the kind."""
    label: str | None = None
    """The artifacts that it stands for where these are not drawn as nodes."""


SpellNode = Callable[[DrawnNode], str]
"""What a language writes for a node."""

SpellEdge = Callable[[DrawnEdge], str]
"""What a language writes for an edge."""


class Scene:
    """A picture, to be spelled element by element.

    With ``on_edges`` a declared artifact of an external run is drawn as the label of its edges; with ``told`` there are
    tooltips; where it is ``plain``, runs are called by their names alone, whole, but for metadata that was asked for.
    Edges point with the data. Where a run names artifacts of another, that it names the whole run, too, says nothing
    more and is not drawn.
    """

    def __init__(self, picture: Picture, *, on_edges: bool, told: bool, plain: bool = False) -> None:
        self._told, self._plain = told, plain
        self._unvalued = plain and not picture.options.labels
        self._answer = answer = picture.answer
        self._start = answer.start
        self._stacks, self._stack_labels = picture.stacks, picture.stack_labels
        self._artifact_stacks = picture.artifact_stacks
        self.names = Names(answer)
        """Of runs and artifacts; a cut is called cut0, cut1, …"""
        self._labels = Labels(answer)
        drawn = [*answer.runs.values(), *picture.stacked.values()]
        self._shared = shared_rests(self._labels[run] for run in {run.run_id: run for run in drawn}.values())
        self._values = picture.value_lines
        self._on_edges = artifacts_on_edges(answer) if on_edges else set()

    def spelled(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        """What a language writes: runs, artifacts each with its run's edge, sources, cuts."""
        for drawn in self.nodes():
            yield node(drawn)
            if drawn.generated_by is not None:
                yield edge(DrawnEdge(drawn.generated_by, drawn.name, "generated"))
        yield from map(edge, self._sources())
        yield from self._cuts(node, edge)

    def _sources(self) -> Iterator[DrawnEdge]:
        named: set[tuple[str, str]] = set()
        together: dict[tuple[str, str], list[Source]] = {}
        for source in self._answer.sources:
            if source.artifact_name is not None:
                named.add((source.run_id, source.source_run_id))
                if self._on_edges and source.node in self._on_edges:
                    together.setdefault((source.run_id, source.source_run_id), []).append(source)
        for source in self._answer.sources:
            ends = source.run_id, source.source_run_id
            if ends in together and source.node in self._on_edges:
                if source is together[ends][0]:
                    yield self._edge_of(together[ends])
            elif source.artifact_name is not None or ends not in named:
                tooltip = tooltips.of_source(source, style.EDGES_IN_WORDS[source.kind]) if self._told else ()
                yield DrawnEdge(self.names[source.node], self.names[source.run_id], source.kind, tooltip)

    def _edge_of(self, sources: Sequence[Source]) -> DrawnEdge:
        first, names = sources[0], [source.artifact_name or "" for source in sources]
        tooltip = tooltips.of_sources(sources) if self._told else ()
        return DrawnEdge(
            self.names[first.source_run_id], self.names[first.run_id], first.kind, tooltip, named_in_short(names)
        )

    def nodes(self) -> Iterator[DrawnNode]:
        """The nodes of runs, then those of artifacts."""
        for name, run_id in self.names.runs():
            yield self._run(name, self._answer.runs[run_id])
        for name, name_of_run, key in self.names.artifacts():
            if key not in self._on_edges:
                yield self._artifact(name, name_of_run, self._answer.artifacts[key])

    def _run(self, name: str, run: Run) -> DrawnNode:
        members = self._stacks.get(run.run_id)
        label, tail = self._called(run) if members is None else (self._stack_labels(members), "")
        marks = run_marks(run, stack=members is not None, start=run.run_id == self._start)
        tooltip = tooltips.of_run(run, members, marks) if self._told else ()
        signs = "".join(f"{style.SIGNS[mark]} " for mark in marks if mark in style.SIGNS)
        below = () if self._unvalued else self._values.of_run(run, members)
        return DrawnNode(name, run.kind, signs + label, tooltip, run, marks, tail=tail, below=below)

    def _called(self, run: Run) -> tuple[str, str]:
        """Its name, with its random end where the rest does not tell which it is."""
        if self._plain:
            return self._labels[run], ""
        label, tail = split_name(self._labels[run])
        return label, tail if label in self._shared else ""

    def _artifact(self, name: str, name_of_run: str, artifact: Artifact) -> DrawnNode:
        key = artifact.run_id, artifact.name
        members = self._artifact_stacks.get(key, ())
        label = named_in_short([member[1] for member in members]) if members else artifact.name
        stacked = self._stacks.get(artifact.run_id)
        tooltip = tooltips.of_artifact(artifact, stacked, members) if self._told else ()
        marks = (("stack",) if members else ()) + (("start",) if key == self._start else ())
        below = self._values.of_artifact(artifact, stacked, members)
        return DrawnNode(name, artifact.kind, label, tooltip, artifact, marks, name_of_run, below=below)

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
    are = {
        "stack": stack,
        "failed": has_failed(run.context),
        "running": is_running(run.context),
        "forgotten": run.forgotten,
        "start": start,
    }
    return tuple(mark for mark, is_so in are.items() if is_so)
