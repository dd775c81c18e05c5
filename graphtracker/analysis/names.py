"""What nodes are called in a format: short names, so that its syntax meets no id, and which run names tell no run."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from graphtracker.analysis.links import Node

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage


class Numbers:
    """Numbers nodes from 0 in the order of ids, runs before artifacts; looks them up without a table of its own."""

    def __init__(self, lineage: Lineage) -> None:
        self._runs, self._artifacts = sorted(lineage.runs), sorted(lineage.artifacts)
        # Whoever goes over links in order asks for the same run, and the same artifact, again and again.
        self._run: tuple[str, int] = ("", 0)
        self._artifact: tuple[Node, int] = ("", 0)

    def __getitem__(self, node: Node) -> int:
        """The number of a node that is in the lineage."""
        if isinstance(node, str):
            if node != self._run[0]:
                self._run = node, bisect_left(self._runs, node)
            return self._run[1]
        if node is not self._artifact[0]:
            self._artifact = node, len(self._runs) + bisect_left(self._artifacts, node)
        return self._artifact[1]


def shared_names(lineage: Lineage) -> frozenset[str]:
    """Names that more than one run has: where they stand alone they tell no run."""
    return frozenset(
        first for first, second in pairwise(sorted(run.name for run in lineage.runs.values())) if first == second
    )
