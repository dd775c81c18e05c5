"""The answer to a lineage question, which says whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graphtracker.analysis.graph import multidigraph
from graphtracker.analysis.links import Node, links, reached, turned
from graphtracker.errors import NotFound
from graphtracker.exchange import dicts as plaindict
from graphtracker.model.display import quoted
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source

if TYPE_CHECKING:
    import networkx


class Lineage:
    """Runs, artifacts and the sources between them, with what was left out.

    Everything is sorted by id. ``Lineage()`` is empty and complete. A node is a run id, or ``(run id, name)`` for an
    artifact; ``len`` counts both, ``in`` looks for either.

    >>> lineage = Lineage()
    >>> lineage.complete, len(lineage)
    (True, 0)
    """

    def __init__(self, question: Question | None = None, answer: Answer | None = None) -> None:
        self._question = question
        self._answer = Answer() if answer is None else answer

    @property
    def start(self) -> Node | None:
        """What was asked about: a run id, ``(run id, name)`` for one artifact, None for a whole store."""
        question = self._question
        if question is None:
            return None
        return question.run_id if question.artifact_name is None else (question.run_id, question.artifact_name)

    @property
    def direction(self) -> str:
        """``"upstream"``, ``"downstream"`` or ``"both"``."""
        return self._question.direction if self._question else "both"

    @property
    def depth(self) -> int | None:
        """The bound that was asked for, in sources walked per direction; 0 is the start alone, None no bound."""
        return self._question.depth if self._question else None

    @property
    def max_runs(self) -> int | None:
        """The bound that was asked for, in distinct runs, the start included; None no bound."""
        return self._question.max_runs if self._question else None

    @property
    def complete(self) -> bool:
        """Whether this is all that the store held when asked."""
        return not self.reasons

    @property
    def reasons(self) -> frozenset[str]:
        """What left something out: ``"max_runs"``, ``"depth"``, ``"unsynced"``; empty when complete."""
        return self._answer.reasons

    @property
    def frontier(self) -> Mapping[str, frozenset[str]]:
        """Id of each run beside which something was left out → the directions in which it was."""
        return MappingProxyType(self._answer.frontier)

    @property
    def runs(self) -> Mapping[str, Run]:
        """Run id → Run."""
        return MappingProxyType(self._answer.runs)

    @property
    def artifacts(self) -> Mapping[tuple[str, str], Artifact]:
        """(run id, name) → Artifact."""
        return MappingProxyType(self._answer.artifacts)

    @property
    def sources(self) -> Sequence[Source]:
        """Every recorded source whose two ends are in the answer."""
        return tuple(self._answer.sources)

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[Any]:
        """The answer as a ``networkx.MultiDiGraph`` that points with the data, built on first use.

        Nodes carry ``kind``, ``name``, ``external`` or ``declared``, ``path``, ``metadata``, ``created_at``; edge keys
        are ``generated`` (run → artifact), ``used`` (artifact → run) and ``derived`` (run → run).
        """
        return multidigraph(self._answer.runs, self._answer.artifacts, self._answer.sources)

    @cached_property
    def _steps(self) -> dict[Node, list[Node]]:
        return links(self._answer.artifacts, self._answer.sources)

    @cached_property
    def _steps_back(self) -> dict[Node, list[Node]]:
        return turned(self._steps)

    def ancestors(self, node: Node | None = None) -> frozenset[Node]:
        """What the node (None: the start) came from, in this answer, without itself; raises NotFound."""
        return reached(self._steps_back, self._node(node))

    def descendants(self, node: Node | None = None) -> frozenset[Node]:
        """What was made from the node (None: the start), in this answer, without itself; raises NotFound."""
        return reached(self._steps, self._node(node))

    def _node(self, node: Node | None) -> Node:
        node = self.start if node is None else node
        if node is None:
            raise NotFound("this lineage has no start; name a run id or (run id, artifact name)")
        if node not in self:
            raise NotFound(f"{quoted(node)} is not in this lineage; its nodes are in runs and artifacts")
        return node

    def unsynced(self) -> Lineage:
        """The same answer, which says that facts recorded by this process are missing from it."""
        return self.with_answer(replace(self._answer, reasons=self.reasons | {"unsynced"}))

    def with_answer(self, answer: Answer) -> Lineage:
        """The same question with another answer."""
        return type(self)(self._question, answer)

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain JSON types, in a stable order: equal answers give equal JSON text."""
        return plaindict.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Lineage:
        """The lineage that ``to_dict`` wrote; raises InvalidInput where it is something else."""
        return cls(*plaindict.from_dict(data))

    def to_dot(self) -> str:
        """The picture of this lineage in Graphviz's DOT language."""
        from graphtracker.drawing.dot import dot

        return "".join(dot(self))

    def _repr_svg_(self) -> str | None:
        from graphtracker.errors import GraphTrackerError
        from graphtracker.export import export

        try:
            return b"".join(export(self, "svg")).decode()
        except GraphTrackerError:
            return None

    def __len__(self) -> int:
        return len(self._answer.runs) + len(self._answer.artifacts)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, node: object) -> bool:
        return node in self._answer.runs or node in self._answer.artifacts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lineage):
            return NotImplemented
        return self is other or self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # like every container that compares by what it holds

    def _asked(self) -> str:
        if self._question is None:
            return "the whole store" if len(self) else "nothing"
        run, name = quoted(self._question.run_id), self._question.artifact_name
        return run if name is None else f"{quoted(name)} of {run}"

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{count} {thing}{'' if count == 1 else 's'}"
            for thing, count in (
                ("run", len(self.runs)),
                ("artifact", len(self.artifacts)),
                ("source", len(self._answer.sources)),
            )
        )
        whole = "complete" if self.complete else f"cut by {', '.join(sorted(self.reasons))}"
        return f"<Lineage of {self._asked()}: {counts}, {whole}>"
