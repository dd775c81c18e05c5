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
_BESIDE = 4  # things for each node that are none themselves


def room_of(max_nodes: int) -> int:
    """Characters that an answer with this budget has for its nodes, and as many for what belongs to them."""
    return _ROOM + ROOM_OF_A_NODE * max_nodes


class Room:
    """Room for so many characters.

    >>> room = Room(10)
    >>> [room.take(text) for text in ("1234", "5678", "9")]
    [True, False, True]
    """

    def __init__(self, characters: int) -> None:
        self._characters = characters

    def take(self, row: Any) -> bool:
        """Whether the row, as JSON, has room; then it is taken."""
        size = len(json.dumps(row, ensure_ascii=False))
        if size > self._characters:
            return False
        self._characters -= size
        return True


class Budget:
    """What is left of the room for the nodes of an answer, and of that for what belongs to them and is none itself.

    The first thing always has room, however long its names.

    >>> budget = Budget(2)
    >>> [budget.take({"run_id": name}) for name in "abc"], budget.take("a link", nodes=0)
    ([True, True, False], True)
    """

    def __init__(self, max_nodes: int) -> None:
        self._left = [_BESIDE * max_nodes, max_nodes]
        self._rooms = [Room(room_of(max_nodes)), Room(room_of(max_nodes))]
        self._began = False

    def take(self, row: Any, nodes: int = 1) -> bool:
        """Whether the row has room, as a node or (0) as what belongs to one; then it is taken."""
        if not self._left[nodes] or not (self._rooms[nodes].take(row) or not self._began):
            return False
        self._began = True
        self._left[nodes] -= 1
        return True
