"""Which sources of two runs are the same, although their ids differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import cast

from graphtracker.analysis.difference import Label
from graphtracker.analysis.fingerprint import fingerprints
from graphtracker.analysis.ignoring import Ignored
from graphtracker.model.equality import canonical_bytes
from graphtracker.model.question import Answer
from graphtracker.model.values import Node

Match = tuple[str, str]
"""A run of one side with one of the other."""

Key = Callable[["Side", Label, str], Hashable]
"""What two sources under a label are matched by."""


class Side:
    """The links of one answer, by run, with what its runs are told apart by."""

    def __init__(self, answer: Answer, ignored: Ignored) -> None:
        self.answer = answer
        self.ignored = ignored
        self._sources: dict[str, dict[Label, list[str]]] = {}
        for source in answer.sources:
            under = self._sources.setdefault(source.run_id, {})
            under.setdefault(source.artifact_name, []).append(source.source_run_id)

    @property
    def start(self) -> Node:
        """What the answer is about."""
        return cast(Node, self.answer.start)

    @property
    def start_run(self) -> str:
        """The run that it is about, or of which an artifact is."""
        return cast(str, self.answer.start_run)

    def sources(self, run_id: str) -> dict[Label, list[str]]:
        """Label → the ids of the runs that it names so."""
        return self._sources.get(run_id, {})

    def is_external(self, run_id: str) -> bool:
        """Whether its id is all that is known of it: it is external, without sources."""
        return self.answer.runs[run_id].external and run_id not in self._sources

    @cached_property
    def outputs(self) -> dict[str, list[str]]:
        """Run id → the names of its artifacts in the answer, in order."""
        found: dict[str, list[str]] = {}
        for run_id, name in sorted(self.answer.artifacts):
            found.setdefault(run_id, []).append(name)
        return found

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Run id → where it came from; made where runs can be told apart by nothing simpler."""
        return fingerprints(self.answer, ignore=self.ignored, sha256=False)


def _use(side: Side, label: Label, run_id: str) -> Hashable:
    """The fingerprint with what the artifact itself says: of runs that are alike, each has its own."""
    if label is None:
        return side.fingerprints[run_id]
    artifact = side.answer.artifacts[run_id, label]
    said = sorted(side.ignored.of_artifact(label, artifact.metadata).items(), key=itemgetter(0))
    return side.fingerprints[run_id], tuple((key, canonical_bytes(value)) for key, value in said)


def _fingerprint(side: Side, label: Label, run_id: str) -> Hashable:
    return side.fingerprints[run_id]


def _shape(side: Side, label: Label, run_id: str) -> Hashable:
    if side.is_external(run_id):
        return run_id
    counts = ((under or "", len(named)) for under, named in side.sources(run_id).items())
    return tuple(sorted(counts)), tuple(side.outputs.get(run_id, ()))


def _nothing(side: Side, label: Label, run_id: str) -> Hashable:
    return None


_RULES: Sequence[Key] = (_use, _fingerprint, _shape, _nothing)


def matched(side: Side, other: Side, label: Label, ours: Sequence[str], theirs: Sequence[str]) -> list[Match]:
    """The runs that two runs named under a label, one of each side beside each other, as many as can be; first those
    that match best.

    By equal ids; then, where several are left, by equal fingerprints; then by equal shape, which is an external's id,
    and of others how many sources they have under which labels, and the names of their artifacts; the rest in the order
    of ids. Equal ones, too, go by the order of ids, so that the two sides may change places.
    """
    if len(ours) == len(theirs) == 1:  # as most are
        return [(ours[0], theirs[0])]
    both = sorted({*ours} & {*theirs})
    found = [(run_id, run_id) for run_id in both]
    left = sorted({*ours}.difference(both)), sorted({*theirs}.difference(both))
    for rule in _RULES:
        if not all(left):
            break
        if len(left[0]) == len(left[1]) == 1:
            return [*found, (left[0][0], left[1][0])]
        by_rule = _by(rule, side, other, label, *left)
        found += by_rule
        taken = {run_id for run_id, _ in by_rule}, {run_id for _, run_id in by_rule}
        left = [each for each in left[0] if each not in taken[0]], [each for each in left[1] if each not in taken[1]]
    return found


def _by(key: Key, side: Side, other: Side, label: Label, ours: Sequence[str], theirs: Sequence[str]) -> list[Match]:
    """Those with equal keys, in an order that is the same where the sides change places."""
    groups: dict[Hashable, tuple[list[str], list[str]]] = {}
    for run_id in ours:
        groups.setdefault(key(side, label, run_id), ([], []))[0].append(run_id)
    for run_id in theirs:
        groups.setdefault(key(other, label, run_id), ([], []))[1].append(run_id)
    pairs = [pair for group in groups.values() for pair in zip(*group, strict=False)]
    return sorted(pairs, key=lambda pair: (min(pair), max(pair)))
