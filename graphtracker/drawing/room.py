"""How much of an answer finds room in a picture that can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from graphtracker.analysis.stacks import Links
from graphtracker.drawing.artifact_stacks import Key
from graphtracker.model.values import Node

LARGEST = 300
"""Nodes; above, ``dot`` takes seconds, and nobody can read the picture."""

_LINKS_A_NODE = 2  # beyond some hundred; the time of ``dot`` grows with the square of the links that cross

MANY = 20
"""Artifacts of a run that is drawn with some of them where there is no room for all; one that has fewer is not."""


class Room:
    """The room of a picture of so many nodes, which runs take one after another, with their artifacts and links.

    ``no_nodes`` are artifacts that take none, ``start`` what was asked about.
    """

    def __init__(self, links: Links, largest: int, no_nodes: Collection[Key], start: Node | None) -> None:
        self._links, self._largest, self._no_nodes, self._start = links, largest, no_nodes, start
        self._nodes = self._crossings = 0
        self._there: set[str] = set()

    def left_out(self, run_id: str) -> set[Key] | None:
        """The artifacts of the next run that find no room; None where it finds none itself, which the first does."""
        first = not self._there
        self._there.add(run_id)
        keys = [(run_id, name) for name, _ in self._links.artifacts[run_id] if (run_id, name) not in self._no_nodes]
        uses, others = self._crossing(run_id)
        if self._takes(1 + len(keys), others + uses.total()):
            return set()
        if not first and len(keys) < MANY:
            return None
        left = in_turn(keys, uses, self._start)
        taken = self._takes(1, others)
        while taken and left and self._takes(1, uses[left[0]]):
            del left[0]
        return None if not first and len(left) == len(keys) else set(left)

    def _takes(self, nodes: int, crossings: int) -> bool:
        """Takes this much, where there is room for it."""
        nodes, crossings = self._nodes + nodes, self._crossings + crossings
        if nodes > self._largest or crossings > _LINKS_A_NODE * nodes + LARGEST:
            return False
        self._nodes, self._crossings = nodes, crossings
        return True

    def _crossing(self, run_id: str) -> tuple[Counter[Key], int]:
        """How many links to runs that are there lead through each of its artifacts, and how many through none."""
        no_nodes, there = self._no_nodes, self._there
        sources, consumers = self._links.sources[run_id], self._links.consumers[run_id]
        made_of = {(each, "" if (each, name) in no_nodes else name) for each, name in sources if each in there}
        used_by = {(each, "" if (run_id, name) in no_nodes else name) for each, name in consumers if each in there}
        uses = Counter((run_id, name) for _, name in used_by)
        return uses, len(made_of) + uses.pop((run_id, ""), 0)


def in_turn(keys: Iterable[Key], uses: Mapping[Key, int], start: Node | None) -> list[Key]:
    """Artifacts, those first that are worth to be drawn: what was asked about, then what is used most."""
    return sorted(keys, key=lambda key: (key != start, -uses.get(key, 0), key))
