"""What nodes are called in a format: short names, so that its syntax meets no id, and which run names tell no run."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from graphtracker.walk import Node

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage


class Numbers:
    """Numbers nodes from 0 in the order of ids, runs before artifacts; looks them up without a table of its own."""

    def __init__(self, lineage: Lineage) -> None:
        self._runs = sorted(lineage.runs)
        self._artifacts = sorted(lineage.artifacts)

    def __getitem__(self, node: Node) -> int:
        """The number of a node that is in the lineage."""
        if isinstance(node, str):
            return bisect_left(self._runs, node)
        return len(self._runs) + bisect_left(self._artifacts, node)


def shared_names(lineage: Lineage) -> frozenset[str]:
    """Names that more than one run has: where they stand alone they tell no run."""
    return frozenset(
        first for first, second in pairwise(sorted(run.name for run in lineage.runs.values())) if first == second
    )
