"""Two answers that were compared as one graph, in which a pair is one node."""

from __future__ import annotations

from collections.abc import Container, Iterable

from graphtracker.analysis.difference import Comparison, Label
from graphtracker.analysis.links import links, reached, turned
from graphtracker.model.question import Answer

SIDES = ("first", "second")
BOTH = "both"

Place = int | tuple[str, str]
"""A pair by its number, or (side, run id) of a run that stands beside none: ``BOTH`` where both starts came from it."""


class Joined:
    """What is upstream of the starts of both, by their sources."""

    def __init__(self, comparison: Comparison) -> None:
        self.links: dict[tuple[Place, Place], dict[Label, set[str]]] = {}
        """(Consumer, source) → label → the sides that have such a source."""
        shared = _shared(comparison)
        for side, answer in zip(SIDES, comparison.answers, strict=True):
            self._join(side, answer, comparison, shared)
        self.distances: dict[Place, int] = {0: 0}
        """Everything there is, nearest to the starts first → sources walked, in either answer."""
        self._before: dict[Place, Place] = {}
        self._walk()

    def _join(self, side: str, answer: Answer, comparison: Comparison, shared: frozenset[str]) -> None:
        ids = ((pair.run_id if side == SIDES[0] else pair.other_run_id) for pair in comparison.pairs)
        places: dict[str, Place] = {run_id: (BOTH, run_id) for run_id in shared}
        places.update((run_id, place) for place, run_id in enumerate(ids))
        for source in answer.sources:
            ends = [places.get(run_id, (side, run_id)) for run_id in (source.run_id, source.source_run_id)]
            labels = self.links.setdefault((ends[0], ends[1]), {})
            labels.setdefault(source.artifact_name, set()).add(side)

    def _walk(self) -> None:
        """Breadth first; what is not upstream of the starts is not of interest."""
        sources: dict[Place, list[Place]] = {}
        for consumer, source in self.links:
            sources.setdefault(consumer, []).append(source)
        waiting: list[Place] = [0]
        for place in waiting:  # grows while it is walked
            for source in sorted(sources.get(place, ()), key=_in_order):
                if source not in self.distances:
                    self.distances[source] = self.distances[place] + 1
                    self._before[source] = place
                    waiting.append(source)

    def on_the_way(self, places: Iterable[Place]) -> dict[Place, int]:
        """All on a shortest way from the starts to one of these → how near to an end of the way it is."""
        found: dict[Place, int] = {}
        level, steps = list(places), 0
        while level:
            new = [place for place in dict.fromkeys(level) if place not in found]
            found.update((place, min(steps, self.distances[place])) for place in new)
            level = [self._before[place] for place in new if place in self._before]
            steps += 1
        return found

    def nearest(self, kept: Container[Place]) -> dict[Place, Place]:
        """Of each place but the starts' the nearest on its way to them that is kept, as the starts must be."""
        found: dict[Place, Place] = {}
        for place, before in self._before.items():  # in the order of distances
            found[place] = before if before in kept else found[before]
        return found


def _shared(comparison: Comparison) -> frozenset[str]:
    """The runs that both starts are or came from, of those that do not stand beside themselves."""
    answer, other = comparison.answers
    paired = {pair.run_id for pair in comparison.pairs if pair.run_id == pair.other_run_id}
    found = (answer.runs.keys() & other.runs.keys()) - paired
    for each in comparison.answers if found else ():
        if each.start is not None:  # as it is not: what is compared has a start
            found &= {each.start_run, *reached(turned(links(each)), each.start)}
    return frozenset(found)


def _in_order(place: Place) -> tuple[int, str, str]:
    return (place, "", "") if isinstance(place, int) else (-1, *place)
