"""The links of an answer, in the direction of the data, with walks along them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphtracker.model.question import Answer
from graphtracker.model.values import Node


def links(answer: Answer) -> dict[Node, list[Node]]:
    """Node → the nodes one step downstream.

    A run leads to its artifacts, an artifact to the runs that name it, and for a whole-run source the run and all its
    artifacts lead to the consumer, unless the consumer also names artifacts of that run: then only the run does.
    """
    steps: dict[Node, list[Node]] = {}
    outputs: dict[str, list[tuple[str, str]]] = {}
    for key in answer.artifacts:
        steps.setdefault(key[0], []).append(key)
        outputs.setdefault(key[0], []).append(key)
    named = {(source.run_id, source.source_run_id) for source in answer.sources if source.artifact_name is not None}
    for source in answer.sources:
        run_id, source_run_id, name = source.run_id, source.source_run_id, source.artifact_name
        if name is not None:
            steps.setdefault((source_run_id, name), []).append(run_id)
            continue
        steps.setdefault(source_run_id, []).append(run_id)
        if (run_id, source_run_id) not in named:
            for artifact in outputs.get(source_run_id, ()):
                steps.setdefault(artifact, []).append(run_id)
    return steps


def turned(steps: Mapping[Node, Iterable[Node]]) -> dict[Node, list[Node]]:
    """The same links the other way round."""
    back: dict[Node, list[Node]] = {}
    for node, targets in steps.items():
        for target in targets:
            back.setdefault(target, []).append(node)
    return back


def reached(steps: Mapping[Node, Iterable[Node]], start: Node) -> frozenset[Node]:
    """Every node that the links lead to, without the start itself."""
    seen = {start}
    waiting = [start]
    while waiting:
        for node in steps.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    seen.discard(start)
    return frozenset(seen)
