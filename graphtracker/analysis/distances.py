"""How far nodes are from others, in sources walked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphtracker.model.values import Node


def downstream(steps: Mapping[Node, Iterable[Node]], starts: Iterable[Node]) -> dict[Node, int]:
    """Node → the least number of sources from a start to it, with the data; the starts are at 0.

    ``steps`` are those of ``links``: a run is reached by a source always, an artifact never.
    """
    found: dict[Node, int] = {}
    level = list(starts)
    distance = 0
    while level:
        beyond: list[Node] = []
        for node in level:  # grows while it is walked: by artifacts, which are as far as their runs
            if node in found:
                continue
            found[node] = distance
            for target in steps.get(node, ()):
                (beyond if isinstance(target, str) else level).append(target)
        level = beyond
        distance += 1
    return found


def upstream(steps_back: Mapping[Node, Iterable[Node]], starts: Iterable[Node]) -> dict[Node, int]:
    """The same against the data, along the turned links: a run is left by a source always, an artifact never."""
    found: dict[Node, int] = {}
    level = list(starts)
    distance = 0
    while level:
        beyond: list[Node] = []
        for node in level:  # grows while it is walked: by the runs of artifacts, which are as far as these
            if node in found:
                continue
            found[node] = distance
            (beyond if isinstance(node, str) else level).extend(steps_back.get(node, ()))
        level = beyond
        distance += 1
    return found


def in_order(node: Node) -> tuple[str, str]:
    """What nodes are ordered by: its run id by code point, then its name, a run before its artifacts."""
    return (node, "") if isinstance(node, str) else node
