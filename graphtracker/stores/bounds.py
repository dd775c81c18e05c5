"""Which runs the bounds of a question keep: the nearest, breadth first in both directions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from graphtracker.model.question import JointQuestion, Question

Key = TypeVar("Key")
"""How a store names a run: an integer of its own, or the run id."""


_BY_MAX_RUNS, _BY_DEPTH = frozenset({"max_runs"}), frozenset({"depth"})


@dataclass(frozen=True)
class Chosen(Generic[Key]):
    """The runs that the bounds keep, and what is known of those left out."""

    kept: set[Key]

    reasons: frozenset[str]
    """What left a run out, if one was: ``"max_runs"`` where it is within ``depth``, else ``"depth"``."""

    followed: set[Key]
    """Kept runs of which every consumer is kept."""


def choose(
    question: Question,
    start: Key,
    first_down: Iterable[Key],
    sources_of: Callable[[set[Key]], set[Key]],
    consumers_of: Callable[[set[Key]], set[Key]],
    first_by_id: Callable[[set[Key], int], set[Key]],
) -> Chosen[Key]:
    """The nearest runs, as many as the bounds let be.

    A run is met at the smaller of its two distances. ``first_down`` are the runs one step after the one artifact that
    is asked about; they are ignored where a run is asked about. ``sources_of`` and ``consumers_of`` return
    the runs one step on, ``first_by_id`` so many of some runs, in the order of ids.
    """
    kept = {start}
    up, seen_up = ({start} if question.upstream else set()), {start}
    down: set[Key] = set(first_down) if question.artifact_name is not None else set()
    seen_down: set[Key] = set()
    if question.downstream and question.artifact_name is None and question.depth != 0:
        down, seen_down = consumers_of({start}) - {start}, {start}
    distance = 0
    followed: set[Key] = set()  # the runs of ``asked`` join them once their consumers are kept
    asked = set(seen_down)
    while (up or down) and (question.depth is None or distance < question.depth):
        distance += 1
        up = sources_of(up) - seen_up if up else set()
        seen_up |= up
        seen_down |= down
        met = (up | down) - kept
        if question.max_runs is not None and len(kept) + len(met) > question.max_runs:
            return Chosen(kept | first_by_id(met, question.max_runs - len(kept)), _BY_MAX_RUNS, followed)
        kept |= met
        followed |= asked
        asked = set()
        if down and distance != question.depth:
            asked = down
            down = consumers_of(down) - seen_down
    # Where others write meanwhile and no snapshot hides it, a run may be new behind a walk that only max_runs bounded.
    reasons = _BY_MAX_RUNS if question.depth is None else _BY_DEPTH
    return Chosen(kept, reasons, followed | asked if not down else followed)


def choose_jointly(
    question: JointQuestion,
    starts: set[Key],
    walked: set[Key],
    first: set[Key],
    onward: Callable[[set[Key]], set[Key]],
    first_by_id: Callable[[set[Key], int], set[Key]],
) -> Chosen[Key]:
    """The runs nearest to any start, as many as the bounds let be.

    ``starts`` are the runs that are asked about, or whose artifacts are; ``walked`` those of them from which the walk
    goes on, ``first`` the runs one step after the artifacts. ``onward`` returns the runs one step on in the direction
    of the question.
    """
    kept, level, seen = set(starts), set(walked), set(walked)
    followed: set[Key] = set()
    if question.max_runs is not None and len(kept) > question.max_runs:
        return Chosen(first_by_id(kept, question.max_runs), _BY_MAX_RUNS, followed)
    distance, beyond = 0, set(first)
    while (level or beyond) and (question.depth is None or distance < question.depth):
        distance += 1
        beyond = (beyond | (onward(level) if level else set())) - seen
        seen |= beyond
        met = beyond - kept
        if question.max_runs is not None and len(kept) + len(met) > question.max_runs:
            return Chosen(kept | first_by_id(met, question.max_runs - len(kept)), _BY_MAX_RUNS, followed)
        kept |= met
        followed |= level
        level, beyond = beyond, set()
    return Chosen(kept, _BY_MAX_RUNS if question.depth is None else _BY_DEPTH, followed)
