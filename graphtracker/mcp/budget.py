"""How much an answer may hold: so many nodes, so many characters."""

from __future__ import annotations

import json
from typing import Any

DEFAULT = 50
LARGEST = 1000
LOOK_AHEAD = 20
"""Times the budget: how many runs are read, so that an answer can tell how many were left out."""

_ROOM = 2_000  # characters, whatever the number of nodes
ROOM_OF_A_NODE = 200
"""Characters that each node of a budget adds to it."""


class Room:
    """Room for what belongs to the nodes of an answer and is none itself: links, values."""

    def __init__(self, max_nodes: int) -> None:
        self._characters = _ROOM + ROOM_OF_A_NODE * max_nodes

    def take(self, row: Any) -> bool:
        """Whether the row, as JSON, has room; then it is taken."""
        size = len(json.dumps(row, ensure_ascii=False))
        if size > self._characters:
            return False
        self._characters -= size
        return True


class Budget:
    """What is left of the room for the nodes of an answer; the first always has room, however long its names.

    >>> budget = Budget(2)
    >>> [budget.take({"run_id": name}) for name in "abc"]
    [True, True, False]
    """

    def __init__(self, max_nodes: int) -> None:
        self.nodes = max_nodes
        self._room = Room(max_nodes)
        self._began = False

    def take(self, row: Any, nodes: int = 1) -> bool:
        """Whether the row, which counts for so many nodes, has room; then it is taken."""
        if self.nodes < nodes or not (self._room.take(row) or not self._began):
            return False
        self._began = True
        self.nodes -= nodes
        return True
