"""A graph with its cycles taken together: strongly connected components, in topological order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Item = TypeVar("Item")


def condense(nodes: Iterable[Item], steps: Mapping[Item, Iterable[Item]]) -> list[list[Item]]:
    """The components of the graph, each before all others that its steps lead to; linear in nodes and steps.

    Tarjan's algorithm (Depth-First Search and Linear Graph Algorithms, 1972), without recursion. Steps lead to nodes
    only. Equal inputs give an equal order.

    >>> condense("abc", {"a": "b", "b": "c", "c": "b"})
    [['a'], ['c', 'b']]
    """
    found: list[list[Item]] = []
    lowest: dict[Item, int] = {}  # the least number that a node's part of the walk leads back to
    numbers: dict[Item, int] = {}
    open_ones: list[Item] = []
    is_open: set[Item] = set()
    for root in nodes:
        if root in numbers:
            continue
        walk: list[tuple[Item, Iterator[Item]]] = []
        entered: Item | None = root
        while entered is not None or walk:
            if entered is not None:
                numbers[entered] = lowest[entered] = len(numbers)
                open_ones.append(entered)
                is_open.add(entered)
                walk.append((entered, iter(steps.get(entered, ()))))
            node, following = walk[-1]
            entered = None
            for target in following:
                if target not in numbers:
                    entered = target
                    break
                if target in is_open:
                    lowest[node] = min(lowest[node], numbers[target])
            if entered is not None:
                continue
            walk.pop()
            if walk:
                lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
            if lowest[node] == numbers[node]:
                found.append(_closed(node, open_ones, is_open))
    found.reverse()
    return found


def _closed(root: Item, open_ones: list[Item], is_open: set[Item]) -> list[Item]:
    """The component of a root, which are the open nodes from it on."""
    members: list[Item] = []
    while True:
        members.append(open_ones.pop())
        is_open.discard(members[-1])
        if members[-1] == root:
            return members
