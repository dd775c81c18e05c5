"""What stands in a picture: named nodes with the edges between them, for the languages that spell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from graphtracker.analysis.names import Labels, Names
from graphtracker.drawing.picture import Picture, stack_label
from graphtracker.drawing.style import CUT_LABEL
from graphtracker.model.values import Artifact, Run, Source


class DrawnNode(NamedTuple):
    """A node: ``name`` is its name in the picture's language, ``kind`` a key of ``style.NODES``."""

    name: str
    kind: str
    label: str
    tooltip: str
    value: Run | Artifact | None = None
    """None of a cut."""
    is_start: bool = False
    stack: bool = False
    """Whether it is a run that stands for others like it, too."""


SpellNode = Callable[[DrawnNode], str]
"""What a language writes for a node."""

SpellEdge = Callable[[str, str, str, str | None], str]
"""What a language writes for an edge: the names of its two ends, its kind (a key of ``style.EDGES``), and the artifact
that it stands for where that is not drawn as a node."""


class Scene:
    """A picture, to be spelled element by element.

    With ``fold`` a declared artifact of an external run is drawn as the label of its edges. Edges point with the
    data.
    """

    def __init__(self, picture: Picture, *, fold: bool) -> None:
        self._answer = answer = picture.answer
        self._stacks = picture.stacks
        self.names = Names(answer)
        """Of runs and artifacts; a cut is called cut0, cut1, …"""
        self._labels = Labels(answer)
        self._folded = {source.node for source in answer.sources if self._foldable(source)} if fold else set()

    def _foldable(self, source: Source) -> bool:
        node = source.node
        if not isinstance(node, tuple) or not self._answer.runs[source.source_run_id].external:
            return False
        return node != self._answer.start and self._answer.artifacts[node].declared

    def spelled(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        """What a language writes: runs, artifacts each with its run's edge, sources, cuts."""
        for drawn in self.nodes():
            yield node(drawn)
            if isinstance(drawn.value, Artifact):
                yield edge(self.names[drawn.value.run_id], drawn.name, "generated", None)
        for source in self._answer.sources:
            used, run_name = source.node, self.names[source.run_id]
            if used in self._folded:
                yield edge(self.names[source.source_run_id], run_name, source.kind, source.artifact_name)
            else:
                yield edge(self.names[used], run_name, source.kind, None)
        yield from self._cuts(node, edge)

    def nodes(self) -> Iterator[DrawnNode]:
        """The nodes of runs, then those of artifacts."""
        yield from map(self._run, self._answer.runs.values())
        for key, artifact in self._answer.artifacts.items():
            if key not in self._folded:
                yield self._artifact(key, artifact)

    def _run(self, run: Run) -> DrawnNode:
        run_id = run.run_id
        label, tooltip, members = self._labels[run], run_id, self._stacks.get(run_id)
        if members is not None:
            label, tooltip = stack_label(members), ", ".join(members)
        is_start = run_id == self._answer.start
        return DrawnNode(self.names[run_id], run.kind, label, tooltip, run, is_start, members is not None)

    def _artifact(self, key: tuple[str, str], artifact: Artifact) -> DrawnNode:
        tooltip = artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"
        if key[0] in self._stacks:
            tooltip = f"{artifact.name} of each of {len(self._stacks[key[0]]):,} runs"
        is_start = key == self._answer.start
        return DrawnNode(self.names[key], artifact.kind, artifact.name, tooltip, artifact, is_start)

    def _cuts(self, node: SpellNode, edge: SpellEdge) -> Iterator[str]:
        ends = [(run_id, way) for run_id, directions in self._answer.frontier.items() for way in sorted(directions)]
        for number, (run_id, way) in enumerate(ends):
            cut, run = f"cut{number}", self.names[run_id]
            yield node(DrawnNode(cut, "cut", CUT_LABEL, f"more {way}, left out"))
            yield edge(*((cut, run) if way == "upstream" else (run, cut)), "left_out", None)
