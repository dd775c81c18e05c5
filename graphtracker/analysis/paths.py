"""What lies between nodes of an answer: all paths, a shortest one, the nearest that several came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graphtracker.analysis.condense import condense
from graphtracker.analysis.distances import in_order
from graphtracker.analysis.links import links, reached, turned
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Node

_BOUNDS = frozenset({"depth", "max_runs"})


def between(answer: Answer, source: Node, target: Node) -> Answer:
    """The part of the target's upstream lineage that descends from the source, or is it, with the artifacts' own runs.

    Nothing where the target is not in that part. It is as whole as the answer.
    """
    with gc_paused():
        return _between(answer, source, target)


def _between(answer: Answer, source: Node, target: Node) -> Answer:
    steps = links(answer)
    below, above = reached(steps, source) | {source}, reached(turned(steps), target) | {target}
    nodes = below & above if target in below else frozenset[Node]()
    runs = {node if isinstance(node, str) else node[0] for node in nodes}
    sources = [each for each in answer.sources if each.run_id in runs and (each.node in nodes or each.node in runs)]
    return Answer(
        _question(answer, source, target),
        {run_id: run for run_id, run in answer.runs.items() if run_id in runs},
        {key: artifact for key, artifact in answer.artifacts.items() if key in nodes},
        sources,
        answer.reasons,
        _frontier(answer, nodes, runs, target),
    )


def _question(answer: Answer, source: Node, target: Node) -> Question:
    """What is asked about the target; the bounds are its own where it is the start of the answer."""
    if answer.question is not None and answer.start == target:
        return replace(answer.question, direction="upstream", begin=source)
    run_id, name = (target, None) if isinstance(target, str) else target
    return Question(run_id, name, "upstream", as_of=answer.as_of, begin=source)


def _frontier(answer: Answer, nodes: frozenset[Node], runs: set[str], target: Node) -> dict[str, frozenset[str]]:
    """Where paths may be missing: beside runs that were cut, and beside the first runs below others that were.

    Where there are none it is beside the target, which is all that is known.
    """
    consumers: dict[str, list[str]] = {}
    for source in answer.sources:
        consumers.setdefault(source.source_run_id, []).append(source.run_id)
    cut = {run_id: set(ways) for run_id, ways in answer.frontier.items() if run_id in runs}
    waiting = [run_id for run_id, ways in answer.frontier.items() if run_id not in nodes and "upstream" in ways]
    seen = set(waiting)
    while waiting:
        for run_id in consumers.get(waiting.pop(), ()):
            if run_id in nodes:
                cut.setdefault(run_id, set()).add("upstream")
            elif run_id not in seen:
                seen.add(run_id)
                waiting.append(run_id)
    if runs and not cut and answer.reasons & _BOUNDS:
        cut = {target if isinstance(target, str) else target[0]: {"upstream"}}
    return {run_id: frozenset(cut[run_id]) for run_id in sorted(cut)}


def path(steps: Mapping[Node, Iterable[Node]], source: Node, target: Node) -> tuple[Node, ...]:
    """A shortest path along the links, both ends included; of equally short ones the least by ``in_order``.

    Breadth first, with the nodes of each level in the order of the least paths to them.
    """
    came_from: dict[Node, Node] = {source: source}
    level = [source]
    while level and target not in came_from:
        beyond: list[Node] = []
        for node in level:
            for following in sorted(steps.get(node, ()), key=in_order):
                if following not in came_from:
                    came_from[following] = node
                    beyond.append(following)
        level = beyond
    if target not in came_from:
        return ()
    found = [target]
    while found[-1] != source:
        found.append(came_from[found[-1]])
    return tuple(reversed(found))


def common(steps_back: Mapping[Node, Iterable[Node]], nodes: Sequence[Node]) -> frozenset[Node]:
    """What all the nodes came from, or are, without that from which another such one outside of its cycle was made."""
    groups = condense(nodes, steps_back)
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    bearers = [0] * len(groups)  # of each group the nodes that it is above, a bit each
    for bit, node in enumerate(dict.fromkeys(nodes)):
        bearers[group_of[node]] |= 1 << bit
    shared = (1 << len(set(nodes))) - 1
    found = set(range(len(groups)))
    for number, group in enumerate(groups):  # below comes first
        above = {group_of[other] for node in group for other in steps_back.get(node, ())} - {number}
        for other in above:
            bearers[other] |= bearers[number]
        if bearers[number] == shared:
            found -= above
        else:
            found.discard(number)
    return frozenset(node for number in found for node in groups[number])
