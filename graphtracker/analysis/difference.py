"""What two answers differ in, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphtracker.analysis.names import Labels
from graphtracker.model.encoding import to_json
from graphtracker.model.equality import MISSING
from graphtracker.model.question import Answer
from graphtracker.model.values import Node

Label = str | None
"""How a run named a source: the name of the artifact, None for the whole run."""

Changes = Mapping[str, tuple[Any, Any]]
"""Key → the value of one side, and that of the other; ``MISSING`` where a side has none."""

_LONGEST_ROLE = 100  # labels in JSON; the roles of a chain, whole, would be the square of it


@dataclass(frozen=True)
class Pair:
    """Two runs that play the same role in the lineages of two starts, with what they differ in themselves.

    Where a side has no value, it is ``MISSING``.
    """

    run_id: str
    other_run_id: str
    distance: int
    """Sources from the start."""
    metadata: Changes
    """Flattened key → the two values; only of what differs."""
    artifacts: Mapping[str, Changes]
    """Name of an artifact that was used through this pair → what of it differs, by the flattened keys of its metadata;
    under the key ``""`` stands its place, where that is compared or where one side has no such artifact."""
    only: tuple[tuple[Label, str], ...]
    """(Label, run id) of the sources that only the run has."""
    other_only: tuple[tuple[Label, str], ...]
    """(Label, run id) of the sources that only the other run has."""
    crossed: tuple[tuple[Label, str, str], ...]
    """(Label, run id, other run id) of sources that match, but of which one stands beside another run already."""
    external: bool
    """Whether their ids differ and one is external without sources, so that the id is what it is."""
    follows: bool
    """Whether something upstream of it differs: where it differs too, or else stands, is no first difference."""
    _steps: Sequence[tuple[int, Label]] = field(repr=False, compare=False)  # of all pairs: the one before, and a label
    _step: int = field(repr=False, compare=False)

    @property
    def role(self) -> tuple[Label, ...]:
        """The labels of the sources that lead from the start to it; empty for the starts."""
        return self.end_of_role(self.distance)

    def end_of_role(self, length: int) -> tuple[Label, ...]:
        """The last labels of its role, at most so many."""
        labels: list[Label] = []
        step = self._step
        while step and len(labels) < length:
            step, label = self._steps[step]
            labels.append(label)
        return tuple(reversed(labels))

    @property
    def differs(self) -> bool:
        """Whether the two differ in themselves."""
        links = self.only or self.other_only or self.crossed
        return bool(self.metadata or self.artifacts or links or self.external)

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types, without the values that a side has not; of a role the last hundred labels."""
        return {
            "run_id": self.run_id,
            "other_run_id": self.other_run_id,
            "role": list(self.end_of_role(_LONGEST_ROLE)),
            "distance": self.distance,
            "metadata": _changes_to_dict(self.metadata),
            "artifacts": {name: _changes_to_dict(changes) for name, changes in self.artifacts.items()},
            "only": _only_to_dicts(self.only),
            "other_only": _only_to_dicts(self.other_only),
            "crossed": [
                {"artifact_name": label, "run_id": run_id, "other_run_id": other_run_id}
                for label, run_id, other_run_id in self.crossed
            ],
            "external": self.external,
            "differs": self.differs,
            "follows": self.follows,
        }


def _changes_to_dict(changes: Changes) -> dict[str, Any]:
    return {
        key: {
            side: to_json(value) for side, value in zip(("value", "other"), both, strict=True) if value is not MISSING
        }
        for key, both in changes.items()
    }


def _only_to_dicts(links: Sequence[tuple[Label, str]]) -> list[dict[str, Any]]:
    return [{"artifact_name": label, "run_id": run_id} for label, run_id in links]


@dataclass(frozen=True)
class Comparison:
    """What differs upstream between two answers, run beside run, and where that begins."""

    start: Node
    """What one answer is about: a run id, or (run id, artifact name)."""
    other: Node
    """What the other answer is about."""
    pairs: tuple[Pair, ...]
    """All that stand beside each other, the starts first: by distance, then by run id."""
    reasons: frozenset[str]
    """What left something out of either answer, as in ``Lineage.reasons``; empty when both are complete."""
    answers: tuple[Answer, Answer] = field(repr=False, compare=False)
    """The two that were compared."""

    @cached_property
    def changed(self) -> tuple[Pair, ...]:
        """The pairs that differ in themselves, in the order of ``pairs``."""
        return tuple(pair for pair in self.pairs if pair.differs)

    @cached_property
    def origins(self) -> tuple[Pair, ...]:
        """The first differences: those of which nothing upstream differs, but for what is on a cycle with them."""
        return tuple(pair for pair in self.changed if not pair.follows)

    @property
    def complete(self) -> bool:
        """Whether both answers are all that the stores held when asked."""
        return not self.reasons

    @property
    def same(self) -> bool | None:
        """True where nothing differs and both are complete, False where something differs; None where nothing does in
        what is there, but one of them is not complete."""
        if self.changed:
            return False
        return True if self.complete else None

    @cached_property
    def _labels(self) -> Labels:
        answer, other = self.answers
        return Labels(Answer(runs={**other.runs, **answer.runs}))

    def label(self, run_id: str) -> str:
        """What people call a run of either answer: its name, its id where several runs of the two have that name."""
        answer, other = self.answers
        return self._labels[(answer if run_id in answer.runs else other).runs[run_id]]

    def to_dict(self) -> dict[str, Any]:
        """In plain JSON types, in a stable order; ``changed`` and ``origins`` are the ids of pairs."""
        return {
            "start": _node_to_json(self.start),
            "other": _node_to_json(self.other),
            "same": self.same,
            "complete": self.complete,
            "reasons": sorted(self.reasons),
            "origins": [[pair.run_id, pair.other_run_id] for pair in self.origins],
            "changed": [[pair.run_id, pair.other_run_id] for pair in self.changed],
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


def _node_to_json(node: Node) -> str | list[str]:
    return node if isinstance(node, str) else list(node)
