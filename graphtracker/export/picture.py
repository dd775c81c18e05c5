"""What of a lineage is drawn so that a picture stays readable: sweeps as stacks, the neighbourhood of the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphtracker.export.cuts import cut_note
from graphtracker.question import Answer
from graphtracker.values import run_name

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

LARGEST = 300
"""Nodes; above, ``dot`` takes seconds, and nobody can read the picture."""

LARGEST_PAGE = 2000
"""Nodes of a page, in which one can search and come closer."""

_SMALLEST_STACK = 3  # runs
_NEWEST = 10  # runs of a whole store around which is drawn

_Ends = list[tuple[str, str]]  # (run id, artifact name or '' for the whole run)


@dataclass(frozen=True)
class Picture:
    """A lineage as it is drawn."""

    lineage: Lineage
    stacks: Mapping[str, list[str]] = field(default_factory=dict)
    """Run that is drawn for itself and others like it → the ids of all of them, in order."""
    left_out: str | None = None
    """What is not drawn, for people; None where everything is."""

    @property
    def notes(self) -> list[str]:
        """What a picture has to say of what it is not."""
        return [note for note in (cut_note(self.lineage), self.left_out) if note is not None]


def readable(lineage: Lineage, *, everything: bool = False, expand: bool = False, largest: int = LARGEST) -> Picture:
    """The picture of a lineage.

    Runs with the same sources, the same consumers and the same artifact names are stacked, unless ``expand``. Of more
    than ``largest`` nodes the nearest to the start are drawn (of a whole store: to its newest runs), unless
    ``everything``.
    """
    links = _Links(lineage)
    stacks = {} if expand else _stacks(lineage, links)
    hidden = {run_id for members in stacks.values() for run_id in members[1:]}
    drawn = [run_id for run_id in _by_distance(lineage, links) if run_id not in hidden]
    kept = drawn if everything else drawn[: _fitting(drawn, links, largest)]
    if len(kept) == len(lineage.runs):
        return Picture(lineage)
    stacks = {run_id: stacks[run_id] for run_id in kept if run_id in stacks}
    left_out = None
    if len(kept) < len(drawn):
        count = len(kept) + sum(len(members) - 1 for members in stacks.values())
        place = "the start" if lineage.start is not None else "the newest runs"
        left_out = f"drawn are the {count:,} of {len(lineage.runs):,} runs nearest to {place}"
    stacked = {run_id for members in stacks.values() for run_id in members}
    return Picture(_part(lineage, links, set(kept), stacked), stacks, left_out)


class _Links:
    """Of each run: its sources, its consumers, and the names of its artifacts with whether they are declared."""

    def __init__(self, lineage: Lineage) -> None:
        self.sources: dict[str, _Ends] = {run_id: [] for run_id in lineage.runs}
        self.consumers: dict[str, _Ends] = {run_id: [] for run_id in lineage.runs}
        self.artifacts: dict[str, list[tuple[str, bool]]] = {run_id: [] for run_id in lineage.runs}
        for source in lineage.sources:
            name = source.artifact_name or ""
            self.sources[source.run_id].append((source.source_run_id, name))
            self.consumers[source.source_run_id].append((source.run_id, name))
        for (run_id, name), artifact in lineage.artifacts.items():
            self.artifacts[run_id].append((name, artifact.declared))


def _stacks(lineage: Lineage, links: _Links) -> dict[str, list[str]]:
    start = lineage.start
    asked = start[0] if isinstance(start, tuple) else start
    alike: dict[object, list[str]] = {}
    for run_id, run in lineage.runs.items():
        if links.sources[run_id] and run_id != asked:
            ends = (links.sources[run_id], links.consumers[run_id], links.artifacts[run_id])
            key = (*(tuple(sorted(items)) for items in ends), run.external, lineage.frontier.get(run_id))
            alike.setdefault(key, []).append(run_id)
    return {members[0]: members for members in alike.values() if len(members) >= _SMALLEST_STACK}


def _by_distance(lineage: Lineage, links: _Links) -> list[str]:
    """The runs, nearest to the start first, then by id; each direction is walked for itself, as in a question."""
    start = lineage.start
    if start is None:
        newest = sorted(lineage.runs.values(), key=lambda run: (-run.created_at.timestamp(), run.run_id))
        starts = [run.run_id for run in newest[:_NEWEST]]
    else:
        starts = [start[0] if isinstance(start, tuple) else start]
    up, down = _distances(starts, links.sources), _distances(starts, links.consumers)
    far = len(lineage.runs)
    return sorted(lineage.runs, key=lambda run_id: (min(up.get(run_id, far), down.get(run_id, far)), run_id))


def _distances(starts: Iterable[str], steps: Mapping[str, _Ends]) -> dict[str, int]:
    found = dict.fromkeys(starts, 0)
    waiting = list(found)
    for run_id in waiting:  # grows while it is walked
        for other, _ in steps[run_id]:
            if other not in found:
                found[other] = found[run_id] + 1
                waiting.append(other)
    return found


def _fitting(runs: list[str], links: _Links, largest: int) -> int:
    """How many of the first runs, with their artifacts, make no more nodes than a picture may have; at least one."""
    nodes = 0
    for count, run_id in enumerate(runs):
        nodes += 1 + len(links.artifacts[run_id])
        if nodes > largest and count:
            return count
    return len(runs)


def _part(lineage: Lineage, links: _Links, kept: set[str], stacked: set[str]) -> Lineage:
    """The lineage of these runs alone; where it goes on to runs that are in no stack, the frontier says so."""
    there = kept | stacked
    directions: tuple[tuple[str, Callable[[str], _Ends]], ...] = (
        ("upstream", links.sources.__getitem__),
        ("downstream", links.consumers.__getitem__),
    )
    frontier = {}
    for run_id in sorted(kept):
        open_ones = {name for name, step in directions if any(other not in there for other, _ in step(run_id))}
        if open_ones := open_ones | lineage.frontier.get(run_id, frozenset()):
            frontier[run_id] = frozenset(open_ones)
    answer = Answer(
        {run_id: run for run_id, run in lineage.runs.items() if run_id in kept},
        {key: artifact for key, artifact in lineage.artifacts.items() if key[0] in kept},
        [source for source in lineage.sources if source.run_id in kept and source.source_run_id in kept],
        lineage.reasons,
        frontier,
    )
    return lineage.with_answer(answer)


def stack_label(run_ids: list[str]) -> str:
    """What a stack is called: what the names of its runs begin with, and how many they are."""
    names = sorted(map(run_name, run_ids))
    first, last = names[0], names[-1]
    alike = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return f"{first if first == last else first[:alike] + '…'} \u00d7 {len(names):,}"
