"""Which of several runs are, or descend from, each node of a graph, as bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphtracker.analysis.condense import condense
from graphtracker.model.values import Node


def bearers(nodes: Iterable[Node], steps: Mapping[Node, Sequence[Node]], asked: Sequence[str]) -> dict[Node, int]:
    """Node → the runs asked about that are it or descend from it, bit n for the nth of them.

    Linear in nodes and steps, times the runs asked about over the bits of a machine's word.

    >>> bearers(["a", "b", "data"], {"data": ["a", "b"]}, asked=["a", "b"])
    {'a': 1, 'b': 2, 'data': 3}
    """
    own = {run_id: 1 << place for place, run_id in enumerate(asked)}
    found: dict[Node, int] = {}
    one_of_each: dict[int, int] = {}  # of many runs a set is large, and most nodes of a pipeline have equal ones
    for members in reversed(condense(nodes, steps)):
        bits = 0
        for member in members:
            if isinstance(member, str):
                bits |= own.get(member, 0)
            for target in steps.get(member, ()):
                bits |= found.get(target, 0)  # none yet: it is one of the members
        bits = one_of_each.setdefault(bits, bits)
        found.update(dict.fromkeys(members, bits))
    return found
