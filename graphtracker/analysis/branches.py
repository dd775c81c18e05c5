"""An answer as the branches of a tree, in which each run has its own where it is nearest to the start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtracker.analysis.numbered import numbered
from graphtracker.analysis.stacks import Ends, Links, stacks_of
from graphtracker.model.question import Answer

NOWHERE = ""
"""What the first branches are below where they are not all of the start's; no run has this id."""

_MOST_ALIKE = 20  # branches beside each other, the last of which says how many more there are

_Names = Sequence[tuple[str, int]]


class Branch(NamedTuple):
    """A run with the artifacts through which it is reached (none: as a whole), or artifacts that nobody used."""

    names: _Names
    """What they are called, with how many are called so."""
    run_id: str | None
    """None for artifacts that nobody used."""


class Rest(NamedTuple):
    """Branches beside others that are left out."""

    runs: int
    artifacts: int
    """That nobody used."""
    behind: int
    """Runs that have their place behind those, and so are left out, too."""


class Walk(NamedTuple):
    """All branches in one direction, found breadth first: of equally near places the first is a run's own."""

    root: str
    branches: Mapping[str, Sequence[Branch]]
    """Run → what stands below it, nearest first."""
    above: Mapping[str, str]
    """Run → the run below which its own branches are."""
    behind: Mapping[str, int]
    """Run → how many runs have their place below it, however far."""


class Shown(NamedTuple):
    """The branches that are shown; those of other runs are left out."""

    walk: Walk
    branches: Mapping[str, Sequence[Branch | Rest]]
    placed: frozenset[str]
    """Runs that are shown in their own place."""
    there: frozenset[str]
    """Runs that are shown anywhere."""

    @property
    def lines(self) -> int:
        """How many branches are shown."""
        return sum(map(len, self.branches.values()))


class Forks:
    """What stands below each run of an answer, in either direction; what is alike is one, unless ``expand``."""

    def __init__(self, answer: Answer, *, expand: bool = False) -> None:
        self._answer = answer
        self._expand = expand
        self._links = Links(answer)
        self.stacks = {} if expand else stacks_of(answer, self._links)
        """The first run of each stack → the ids of all its runs, in order."""
        self._hidden = {run_id for members in self.stacks.values() for run_id in members[1:]}

    def upstream(self) -> Walk:
        """What the start came from."""
        start = self._answer.start_run or NOWHERE
        return self._walk(start, self._sources(start), self._sources)

    def downstream(self) -> Walk:
        """What was made from the start: of one artifact, from it or from the whole run."""
        start = self._answer.start_run or NOWHERE
        artifact = None if self._answer.question is None else self._answer.question.artifact_name
        if artifact is None:
            return self._walk(start, self._products(start), self._products)
        consumers = self._grouped(self._links.consumers[start])
        consumers = {run_id: names for run_id, names in consumers.items() if not names or artifact in names}
        # Another root than the start, which made more than the artifact: its branches have a place where it is reached.
        return self._walk(NOWHERE, self._branches(consumers), self._products)

    def whole(self) -> Walk:
        """What was made from the runs without a source, and from the first of each cycle that these do not reach."""
        sources = self._links.sources
        seen = [run_id for run_id in sources if run_id not in self._hidden]
        first = [run_id for run_id in seen if all(source == run_id for source, _ in sources[run_id])]
        return self._walk(NOWHERE, [Branch((), run_id) for run_id in first], self._products, seen)

    def _walk(
        self, root: str, first: list[Branch], below: Callable[[str], list[Branch]], others: Iterable[str] = ()
    ) -> Walk:
        """Also what stands below each of the others that the first branches do not reach, with those before it."""
        branches, above = {root: first}, dict[str, str]()
        left = iter(others)
        waiting = [root]
        for run_id in waiting:  # grows while it is walked
            for branch in branches[run_id]:
                if branch.run_id is not None and branch.run_id not in branches:
                    branches[branch.run_id] = below(branch.run_id)
                    above[branch.run_id] = run_id
                    waiting.append(branch.run_id)
            if run_id is waiting[-1] and (other := next((each for each in left if each not in branches), None)):
                first.append(Branch((), other))
                branches[other], above[other] = below(other), root
                waiting.append(other)
        counts = {first: len(members) for first, members in self.stacks.items()}
        behind = dict.fromkeys(waiting, 0)
        for run_id in reversed(waiting[1:]):
            behind[above[run_id]] += behind[run_id] + counts.get(run_id, 1)
        return Walk(root, branches, above, behind)

    def count(self, shown: Collection[str]) -> int:
        """For how many runs these are shown."""
        return len(shown) + sum(len(self.stacks[run_id]) - 1 for run_id in shown if run_id in self.stacks)

    def _sources(self, run_id: str) -> list[Branch]:
        return self._reached(self._links.sources[run_id])

    def _products(self, run_id: str) -> list[Branch]:
        consumers, artifacts = self._links.consumers[run_id], self._links.artifacts[run_id]
        if not artifacts:
            return self._reached(consumers)
        used = {name for _, name in consumers}
        unused = [name for name, _ in artifacts if name not in used]
        return [
            *self._reached(consumers),
            *(Branch((named,), None) for named in self._named(unused)),
        ]

    def _reached(self, ends: Ends) -> list[Branch]:
        if len(ends) != 1:
            return self._branches(self._grouped(ends)) if ends else []
        ((run_id, name),) = ends  # as most have
        return [] if run_id in self._hidden else [Branch(((name, 1),) if name else (), run_id)]

    def _grouped(self, ends: Ends) -> dict[str, list[str]]:
        """Run → the names of the artifacts in between; none where the whole run alone is named."""
        groups: dict[str, list[str]] = {}
        hidden = self._hidden
        for run_id, name in ends:
            if run_id not in hidden:
                names = groups.setdefault(run_id, [])
                if name:
                    names.append(name)
        return groups

    def _branches(self, groups: Mapping[str, Sequence[str]]) -> list[Branch]:
        return [Branch(self._named(names) if names else (), run_id) for run_id, names in groups.items()]

    def _named(self, names: Sequence[str]) -> _Names:
        return [(name, 1) for name in names] if self._expand or len(names) == 1 else numbered(names)

    def shown(self, walk: Walk, lines: int | None) -> Shown:
        """The branches nearest to the start in some lines (None: all), of many below one run the first."""
        if lines is None:
            return Shown(walk, walk.branches, frozenset(walk.branches), frozenset(walk.branches))
        branches: dict[str, Sequence[Branch | Rest]] = {}
        placed, there = {walk.root}, {walk.root}
        left = lines
        for run_id, below in walk.branches.items():
            if run_id not in placed:
                continue
            shown = self._fewer(walk, run_id, below)
            left -= len(shown)
            if left < 0 and branches:
                break
            branches[run_id] = shown
            runs = [branch.run_id for branch in shown if isinstance(branch, Branch) and branch.run_id is not None]
            there.update(runs)
            placed.update(each for each in runs if walk.above.get(each) == run_id)
        return Shown(walk, branches, frozenset(placed), frozenset(there))

    def _fewer(self, walk: Walk, run_id: str, branches: Sequence[Branch]) -> Sequence[Branch | Rest]:
        """The first branches to runs, and the first artifacts, each before how many more there are."""
        most = _MOST_ALIKE
        if len(branches) <= most:
            return branches
        runs = [branch for branch in branches if branch.run_id is not None]
        artifacts = [branch for branch in branches if branch.run_id is None]
        shown: list[Branch | Rest] = [*runs, *artifacts]
        if len(artifacts) > most:
            count = sum(count for branch in artifacts[most - 1 :] for _, count in branch.names)
            shown[len(runs) + most - 1 :] = [Rest(0, count, 0)]
        if len(runs) > most:
            rest = [branch.run_id for branch in runs[most - 1 :] if branch.run_id is not None]
            own = (each for each in rest if walk.above.get(each) == run_id)
            shown[most - 1 : len(runs)] = [Rest(self.count(rest), 0, sum(walk.behind[each] for each in own))]
        return shown
