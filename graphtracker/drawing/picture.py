"""What of an answer is drawn so that a picture stays readable: sweeps as stacks, the neighbourhood of the start."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from graphtracker.analysis.stacks import Ends, Links, stacks_of
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.model.question import Answer
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Run

LARGEST = 300
"""Nodes; above, ``dot`` takes seconds, and nobody can read the picture."""

LARGEST_PAGE = 2000
"""Nodes of a page, in which one can search and come closer."""

_LINKS_A_NODE = 2  # beyond some hundred; the time of ``dot`` grows with the square of the links that cross
_NEWEST = 10  # runs of a whole store around which is drawn


@dataclass(frozen=True)
class Picture:
    """An answer as it is drawn."""

    answer: Answer
    stacks: Mapping[str, list[str]] = field(default_factory=dict)
    """Run that is drawn for itself and others like it → the ids of all of them, in order."""
    left_out: str | None = None
    """What is not drawn, for people; None where everything is."""
    stacked: Mapping[str, Run] = field(default_factory=dict)
    """Id → each run that is in a stack."""
    options: PictureOptions = PLAIN
    """How it was asked for."""

    @property
    def notes(self) -> list[str]:
        """What a picture has to say of itself: as of when it is, and what it is not."""
        as_of = self.answer.as_of
        notes = (None if as_of is None else f"as of {to_the_second(as_of)}", self.cut_note, self.left_out)
        return [note for note in notes if note is not None]

    @property
    def cut_note(self) -> str | None:
        """That the answer is cut, and by what; None where it is whole."""
        cut = self.answer.cut_note(bounds=True)
        return None if cut is None else f"not the whole lineage: {cut}"


def readable(answer: Answer, options: PictureOptions = PLAIN, *, largest: int = LARGEST) -> Picture:
    """The picture of an answer.

    Runs with the same sources, the same consumers and the same artifact names are stacked, unless ``options.expand``;
    those that failed, or are forgotten, by themselves. Where there are more than ``largest`` nodes, or too many links,
    those nearest to the start are drawn (of a whole store: to its newest runs), unless ``options.everything``.
    """
    links = Links(answer)
    stacks = {} if options.expand else stacks_of(answer, links)
    hidden = {run_id for members in stacks.values() for run_id in members[1:]}
    drawn = [run_id for run_id in _nearest_first(answer, links, stacks) if run_id not in hidden]
    kept = drawn if options.everything else drawn[: _fitting(drawn, links, largest)]
    if len(kept) == len(answer.runs):
        return Picture(answer, options=options)
    stacks = {run_id: stacks[run_id] for run_id in kept if run_id in stacks}
    left_out = None
    if len(kept) < len(drawn):
        left_out = _nearest_of(answer, len(kept) + sum(len(members) - 1 for members in stacks.values()))
    stacked = {run_id: answer.runs[run_id] for members in stacks.values() for run_id in members}
    return Picture(_part(answer, links, set(kept), set(stacked)), stacks, left_out, stacked, options)


def _nearest_first(answer: Answer, links: Links, stacks: Mapping[str, list[str]]) -> list[str]:
    """The runs, nearest to the start first, then by id (of a whole store: the newer first).

    Each direction is walked for itself, as in a question; a stack is as near as the nearest of its runs.
    """
    in_turn = sorted(answer.runs)
    if answer.start_run is None:
        in_turn.sort(key=lambda run_id: answer.runs[run_id].created_at, reverse=True)
    start = answer.start_run  # which an answer that holds nothing has not
    starts = [start] if start is not None and start in answer.runs else in_turn[:_NEWEST]
    up, down = _distances(starts, links.sources), _distances(starts, links.consumers)
    far = len(answer.runs)
    order = {run_id: (min(up.get(run_id, far), down.get(run_id, far)), place) for place, run_id in enumerate(in_turn)}
    for run_id, members in stacks.items():
        order[run_id] = min(order[member] for member in members)
    return sorted(answer.runs, key=order.__getitem__)


def _distances(starts: Iterable[str], steps: Mapping[str, Ends]) -> dict[str, int]:
    found = dict.fromkeys(starts, 0)
    waiting = list(found)
    for run_id in waiting:  # grows while it is walked
        for other, _ in steps[run_id]:
            if other not in found:
                found[other] = found[run_id] + 1
                waiting.append(other)
    return found


def _fitting(runs: list[str], links: Links, largest: int) -> int:
    """How many of the first runs, with their artifacts and sources, a picture may have; at least one."""
    nodes = crossings = 0
    there: set[str] = set()
    for count, run_id in enumerate(runs):
        there.add(run_id)
        nodes += 1 + len(links.artifacts[run_id])
        crossings += sum(other in there for other, _ in (*links.sources[run_id], *links.consumers[run_id]))
        if count and (nodes > largest or crossings > _LINKS_A_NODE * nodes + LARGEST):
            return count
    return len(runs)


def _part(answer: Answer, links: Links, kept: set[str], stacked: set[str]) -> Answer:
    """The lineage of these runs alone; where it goes on to runs that are in no stack, the frontier says so."""
    there = kept | stacked
    directions: tuple[tuple[str, Callable[[str], Ends]], ...] = (
        ("upstream", links.sources.__getitem__),
        ("downstream", links.consumers.__getitem__),
    )
    frontier = {}
    for run_id in sorted(kept):
        open_ones = {name for name, step in directions if any(other not in there for other, _ in step(run_id))}
        if open_ones := open_ones | answer.frontier.get(run_id, frozenset()):
            frontier[run_id] = frozenset(open_ones)
    return replace(
        answer,
        runs={run_id: run for run_id, run in answer.runs.items() if run_id in kept},
        artifacts={key: artifact for key, artifact in answer.artifacts.items() if key[0] in kept},
        sources=[source for source in answer.sources if source.run_id in kept and source.source_run_id in kept],
        frontier=frontier,
    )


def _nearest_of(answer: Answer, count: int) -> str:
    place = "the start" if answer.start is not None else "the newest runs"
    return f"drawn are the {count:,} of {len(answer.runs):,} runs nearest to {place}"


def most_fitting(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to ``count`` that fits, of numbers of which the smaller fit better; 0 is not tried."""
    if count == 0 or fits(count):
        return count
    return bisect(range(1, count), False, key=lambda number: not fits(number))


def as_fits(picture: Picture, answer: Answer, fits: Callable[[Picture], bool]) -> Picture:
    """The picture of a part of this answer with as many of its runs as fit, nearest to the start first.

    Where one run alone does not fit, it is drawn with as many of its artifacts.
    """
    if not picture.answer.runs:
        return picture
    nearest = _Nearest(picture, answer)
    if count := most_fitting(len(nearest.runs), lambda count: fits(nearest.first(count))):
        return nearest.first(count)
    one = nearest.first(1)
    return _with_artifacts(
        one, most_fitting(len(one.answer.artifacts), lambda count: fits(_with_artifacts(one, count)))
    )


class _Nearest:
    """The runs of a picture of a part of an answer, nearest to the start first."""

    def __init__(self, picture: Picture, answer: Answer) -> None:
        self._picture, self._answer = picture, answer
        self._links = Links(picture.answer)
        self.runs = _nearest_first(picture.answer, self._links, {})

    def first(self, count: int) -> Picture:
        """The picture of the first of them alone."""
        whole = self._picture
        if count == len(self.runs):
            return whole
        kept = set(self.runs[:count])
        stacks = {run_id: members for run_id, members in whole.stacks.items() if run_id in kept}
        stacked = {run_id: whole.stacked[run_id] for members in stacks.values() for run_id in members}
        left_out = _nearest_of(self._answer, len(kept | set(stacked)))
        part = _part(whole.answer, self._links, kept, set(stacked))
        return replace(whole, answer=part, stacks=stacks, stacked=stacked, left_out=left_out)


def _with_artifacts(picture: Picture, count: int) -> Picture:
    """The picture with its first artifacts, that which was asked about before all others."""
    answer = picture.answer
    kept = set(sorted(answer.artifacts, key=lambda key: (key != answer.start, key))[:count])
    artifacts = {key: artifact for key, artifact in answer.artifacts.items() if key in kept}
    sources = [source for source in answer.sources if source.artifact_name is None or source.node in kept]
    some = f"{count:,} of {len(answer.artifacts):,} artifacts"
    left_out = f"drawn are {some}" if picture.left_out is None else f"{picture.left_out}, with {some}"
    return replace(picture, answer=replace(answer, artifacts=artifacts, sources=sources), left_out=left_out)
