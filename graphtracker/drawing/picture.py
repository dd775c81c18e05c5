"""What of an answer is drawn so that a picture stays readable: sweeps as stacks, the neighbourhood of the start."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from graphtracker.analysis.stacks import Ends, Links, stacks_of
from graphtracker.drawing.artifact_stacks import Key, artifact_stacks_of
from graphtracker.drawing.options import PLAIN, PictureOptions
from graphtracker.drawing.room import LARGEST, MANY, Room, in_turn
from graphtracker.drawing.stack_label import StackLabels
from graphtracker.drawing.value_lines import ValueLines
from graphtracker.model.question import Answer
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Run

LARGEST_PAGE = 2000
"""Nodes of a page, in which one can search and come closer."""

_NEWEST = 10  # runs of a whole store around which is drawn


@dataclass(frozen=True)
class Picture:
    """An answer as it is drawn."""

    answer: Answer
    stacks: Mapping[str, list[str]] = field(default_factory=dict)
    """Run that is drawn for itself and others like it → the ids of all of them, in order."""
    stacked: Mapping[str, Run] = field(default_factory=dict)
    """Id → each run that is in a stack."""
    options: PictureOptions = PLAIN
    """How it was asked for."""
    artifact_stacks: Mapping[Key, list[Key]] = field(default_factory=dict)
    """Artifact that is drawn for itself and others of its run → all of them, in order."""
    part_of: Picture | None = None
    """That of the whole answer where a part of it is drawn; None where ``answer`` is all of it."""

    @property
    def whole(self) -> Answer:
        """All that was asked for, drawn or not."""
        return self.answer if self.part_of is None else self.part_of.answer

    @cached_property
    def links(self) -> Links:
        """Those of ``answer``."""
        return Links(self.answer)

    @cached_property
    def value_lines(self) -> ValueLines:
        """The metadata that stands in nodes; the same for all pictures of parts of one answer."""
        if self.part_of is not None:
            return self.part_of.value_lines
        return ValueLines(self.answer, self.links, self.options.labels)

    @cached_property
    def stack_labels(self) -> StackLabels:
        """What stacks are called; the same for all pictures of parts of one answer."""
        return StackLabels() if self.part_of is None else self.part_of.stack_labels

    @cached_property
    def left_out(self) -> str | None:
        """What is not drawn, for people; None where everything is."""
        runs, of_runs = len(self.answer.runs.keys() | self.stacked.keys()), len(self.whole.runs)
        artifacts = len(self.answer.artifacts) + sum(len(members) - 1 for members in self.artifact_stacks.values())
        of_artifacts = sum(key[0] in self.answer.runs for key in self.whole.artifacts)
        place = "the start" if self.answer.start is not None else "the newest runs"
        said = [f"the {runs:,} of {of_runs:,} runs nearest to {place}"] if runs < of_runs else []
        said += [f"{artifacts:,} of {of_artifacts:,} artifacts"] if artifacts < of_artifacts else []
        return f"drawn are {', with '.join(said)}" if said else None

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


def readable(
    answer: Answer, options: PictureOptions = PLAIN, *, largest: int = LARGEST, on_edges: bool = False
) -> Picture:
    """The picture of an answer.

    Runs with the same sources, the same consumers and the same artifact names are stacked where their names make them
    one thing, or they are many, unless ``options.expand``; those that failed, run, or are forgotten, by themselves. So
    are artifacts of one run that nobody used. Where there are more than ``largest`` nodes, or too many links, those
    nearest to the start are drawn (of a whole store: to its newest runs), the last of them with as many of its
    artifacts as find room where these are many, unless ``options.everything``. With ``on_edges`` those of
    ``artifacts_on_edges`` are no nodes.
    """
    whole = Picture(answer, options=options)
    stacks = {} if options.expand else stacks_of(answer, whole.links)
    artifact_stacks = {} if options.expand else artifact_stacks_of(answer)
    hidden = {key for members in artifact_stacks.values() for key in members[1:]}
    drawn = _nearest_first(answer, whole.links, stacks)
    left: Collection[Key] = ()
    if not options.everything:
        no_nodes = hidden.union(artifacts_on_edges(answer) if on_edges else ())
        drawn, left = _fitting(drawn, Room(whole.links, largest, no_nodes, answer.start))
    if len(drawn) == len(answer.runs) and not hidden and not left:
        return whole
    picture = _picture_of(whole, drawn, stacks, artifact_stacks)
    return _without(picture, left) if left else picture


def artifacts_on_edges(answer: Answer) -> set[Key]:
    """The declared artifacts of externals that are labels of edges in a picture that has them there: used ones, which
    were not asked about."""
    return {
        (source.source_run_id, source.artifact_name)
        for source in answer.sources
        if source.artifact_name is not None
        and answer.runs[source.source_run_id].external
        and source.node != answer.start
        and answer.artifacts[source.source_run_id, source.artifact_name].declared
    }


def _nearest_first(answer: Answer, links: Links, stacks: Mapping[str, list[str]]) -> list[str]:
    """The runs but those that others stand for, nearest to the start first, then by id (of a whole store: the newer
    first).

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
    hidden = {run_id for members in stacks.values() for run_id in members[1:]}
    return sorted((run_id for run_id in answer.runs if run_id not in hidden), key=order.__getitem__)


def _distances(starts: Iterable[str], steps: Mapping[str, Ends]) -> dict[str, int]:
    found = dict.fromkeys(starts, 0)
    waiting = list(found)
    for run_id in waiting:  # grows while it is walked
        for other, _ in steps[run_id]:
            if other not in found:
                found[other] = found[run_id] + 1
                waiting.append(other)
    return found


def _fitting(runs: Iterable[str], room: Room) -> tuple[list[str], Collection[Key]]:
    """The first runs that find room, and the artifacts of the last of them that do not."""
    found: list[str] = []
    for run_id in runs:
        left = room.left_out(run_id)
        if left is None:
            break
        found.append(run_id)
        if left:
            return found, left
    return found, ()


def _picture_of(
    whole: Picture, kept: Collection[str], stacks: Mapping[str, list[str]], artifact_stacks: Mapping[Key, list[Key]]
) -> Picture:
    """The picture of these runs alone, of which some stand for others, too."""
    there = set(kept)
    stacks = {run_id: stacks[run_id] for run_id in kept if run_id in stacks}
    stacked = {run_id: whole.whole.runs[run_id] for members in stacks.values() for run_id in members}
    artifact_stacks = {key: members for key, members in artifact_stacks.items() if key[0] in there}
    hidden = {key for members in artifact_stacks.values() for key in members[1:]}
    part = _part(whole.answer, whole.links, there, there | stacked.keys(), hidden)
    return Picture(part, stacks, stacked, whole.options, artifact_stacks, whole.part_of or whole)


def _part(answer: Answer, links: Links, kept: set[str], there: set[str], hidden: set[Key]) -> Answer:
    """The lineage of the kept runs alone; where it goes on to runs that are not there, the frontier says so."""
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
        artifacts={key: artifact for key, artifact in answer.artifacts.items() if key[0] in kept and key not in hidden},
        sources=[source for source in answer.sources if source.run_id in kept and source.source_run_id in kept],
        frontier=frontier,
    )


def _without(picture: Picture, left_out: Collection[Key]) -> Picture:
    """The picture without these artifacts."""
    answer = picture.answer
    artifacts = {key: artifact for key, artifact in answer.artifacts.items() if key not in left_out}
    sources = [source for source in answer.sources if source.artifact_name is None or source.node not in left_out]
    artifact_stacks = {key: members for key, members in picture.artifact_stacks.items() if key not in left_out}
    part = replace(answer, artifacts=artifacts, sources=sources)
    return replace(picture, answer=part, artifact_stacks=artifact_stacks, part_of=picture.part_of or picture)


def most_fitting(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to ``count`` that fits, of numbers of which the smaller fit better; 0 is not tried."""
    if count == 0 or fits(count):
        return count
    return bisect(range(1, count), False, key=lambda number: not fits(number))


def as_fits(picture: Picture, fits: Callable[[Picture], bool]) -> Picture:
    """The picture with as many of its runs as fit, nearest to the start first.

    That which does not fit as a whole, though it is the first or has many artifacts, is drawn with as many as fit.
    """
    runs = _nearest_first(picture.answer, picture.links, {})

    def first(count: int) -> Picture:
        if count == len(runs):
            return picture
        return _picture_of(picture, runs[:count], picture.stacks, picture.artifact_stacks)

    count = most_fitting(len(runs), lambda count: fits(first(count)))
    return first(count) if count == len(runs) else _with_some(first(count + 1), runs[count], fits) or first(count)


def _with_some(picture: Picture, run_id: str, fits: Callable[[Picture], bool]) -> Picture | None:
    """The picture in which this run has as many of its artifacts as fit; None where it is not to be there."""
    answer = picture.answer
    uses = Counter((run_id, each.artifact_name or "") for each in answer.sources if each.source_run_id == run_id)
    keys = in_turn((key for key in answer.artifacts if key[0] == run_id), uses, answer.start)
    alone = len(answer.runs) == 1
    if len(keys) < MANY and not alone:
        return None
    count = most_fitting(len(keys), lambda count: fits(_without(picture, set(keys[count:]))))
    return _without(picture, set(keys[count:])) if count or alone else None
