"""A lineage as a tree of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphtracker.analysis.branches import NOWHERE, Branch, Forks, Rest, Shown, Walk
from graphtracker.analysis.names import Labels
from graphtracker.analysis.varying import varying
from graphtracker.drawing.stack_label import StackLabels
from graphtracker.drawing.sweeps import Sweeps
from graphtracker.model.cells import fitted, width
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.counted import counted
from graphtracker.model.display import printable, shorten
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.question import Answer, asked_in_words
from graphtracker.model.styled import Line, Part, bold

MOST_LINES = 200
"""Of a tree, unless all of it is asked for: more than anybody reads."""

_WIDEST_PREFIX = 48  # columns of branches, on a narrow terminal a third of it; deeper ones lose their beginning
_LEAST_ROOM = 16  # columns for names, however narrow the terminal
_MOST_NAMES = 8  # of artifacts on one line
_LONGEST_RUN, _LONGEST_ARTIFACT = 120, 80  # characters


@dataclass(frozen=True)
class Tree:
    """The sections of a tree, of which some branches may be left out."""

    answer: Answer
    forks: Forks
    sections: Sequence[tuple[str, str, Shown]]
    """Heading, arrow, branches."""
    everything: bool

    @property
    def left_out(self) -> str | None:
        """What is not shown, for people; None where everything is."""
        if self.everything:
            return None
        reached = {run_id for _, _, shown in self.sections for run_id in shown.walk.branches} - {NOWHERE}
        there = {run_id for _, _, shown in self.sections for run_id in shown.there}
        hidden = self.forks.count(reached - there)
        if hidden:
            return f"{hidden:,} of {self.forks.count(reached):,} runs"
        rests = [each for _, _, shown in self.sections for below in shown.branches.values() for each in below]
        artifacts = sum(rest.artifacts for rest in rests if isinstance(rest, Rest))
        return f"{artifacts:,} artifacts" if artifacts else None

    def lines(self, columns: int | None = None) -> Iterator[Line]:
        """The start, then what it came from, then what was made from it; each fitted to the columns, if any."""
        return _Writer(self, columns).lines()


def tree(answer: Answer, *, expand: bool = False, everything: bool = False) -> Tree:
    """The tree of an answer; of a whole store what was made from the runs without a source.

    Each run has its branches where it is nearest to the start, of equally near places in the first; elsewhere it says
    where these are. Runs that are alike are one line, unless ``expand``. Of many branches beside each other the first
    are shown, and of many lines those nearest to the start, unless ``everything``.
    """
    with gc_paused():
        return _tree(answer, expand=expand, everything=everything)


def _tree(answer: Answer, *, expand: bool, everything: bool) -> Tree:
    forks = Forks(answer, expand=expand)
    lines = None if everything else MOST_LINES
    if not answer.runs or (answer.start is not None and answer.start_run not in answer.runs):
        return Tree(answer, forks, [], everything)
    if answer.start_run is None:
        return Tree(answer, forks, [("", "→", forks.shown(forks.whole(), lines))], everything)
    walks: list[tuple[str, str, Walk]] = []
    if answer.direction != "downstream":
        walks.append(("came from:", "←", forks.upstream()))
    if answer.direction != "upstream":
        walks.append(("made:", "→", forks.downstream()))
    return Tree(answer, forks, [*_shared(forks, walks, lines)], everything)


def _shared(forks: Forks, walks: list[tuple[str, str, Walk]], lines: int | None) -> Iterator[tuple[str, str, Shown]]:
    """The walks as they are shown in so many lines, half of which each may have, or more where another needs less."""
    shown = [forks.shown(walk, lines) for _, _, walk in walks]
    needed = sum(each.lines for each in shown)
    for (heading, arrow, walk), each in zip(walks, shown, strict=True):
        if lines is None or needed <= lines:
            yield heading, arrow, each
        else:
            yield heading, arrow, forks.shown(walk, max(lines // len(walks), lines - needed + each.lines))


class _Writer:
    """Writes the lines of a tree within some columns."""

    def __init__(self, tree: Tree, columns: int | None) -> None:
        self._tree = tree
        self._answer = tree.answer
        self._columns = columns
        self._widest_prefix = _WIDEST_PREFIX if columns is None else max(15, min(_WIDEST_PREFIX, columns // 9 * 3))
        self._labels = Labels(tree.answer)
        self._sweeps = Sweeps(tree.answer)
        self._stack_labels = StackLabels()

    def lines(self) -> Iterator[Line]:
        """All of them."""
        yield self._title()
        for heading, arrow, shown in self._tree.sections:
            if shown.branches[shown.walk.root]:
                if heading:
                    yield bold(heading)
                yield from self._section(shown, arrow)

    def _title(self) -> Line:
        run_id = self._answer.start_run
        notes = () if run_id is None or run_id not in self._answer.runs else self._notes(run_id)
        return (Part(fitted(asked_in_words(self._answer, self._run, _artifact), self._room(notes)), "bold"), *notes)

    def _section(self, shown: Shown, arrow: str) -> Iterator[Line]:
        """Depth first, without recursion."""
        root = shown.walk.root
        told = {root}
        waiting = [(0, "", root, *each) for each in _last_first(shown.branches[root])]
        while waiting:
            depth, prefix, above, branch, last = waiting.pop()
            beginning = self._cut(depth, prefix) + ("└─ " if last else "├─ ")
            if isinstance(branch, Rest):
                yield self._rest(beginning, branch)
                continue
            line = self._line(beginning, branch, arrow, shown, told, above)
            run_id = branch.run_id
            if run_id is None or shown.walk.above.get(run_id) != above:
                yield line
                continue
            told.add(run_id)
            indent = (prefix + ("   " if last else "│  "))[-self._widest_prefix :]  # more of it is never shown
            below = shown.branches.get(run_id, ())
            yield from self._with_differing(run_id, line, self._cut(depth + 1, indent) + ("│  " if below else "   "))
            waiting += [(depth + 1, indent, run_id, *each) for each in _last_first(below)]

    def _line(self, beginning: str, branch: Branch, arrow: str, shown: Shown, told: set[str], above: str) -> Line:
        through = self._through(branch)
        if branch.run_id is None:
            return self._fitted(beginning, "", through, ())
        in_place = shown.walk.above.get(branch.run_id) == above
        notes = (*self._notes(branch.run_id), *_where(branch.run_id, shown, told, in_place=in_place))
        is_first = above == NOWHERE and self._answer.start_run is None
        through = "" if is_first else f"{through} {arrow} "
        return self._fitted(beginning, through, self._run(branch.run_id), notes)

    def _through(self, branch: Branch) -> str:
        """The artifacts of a branch."""
        if not branch.names:
            return "(whole run)"
        most = len(branch.names) if self._tree.everything else _MOST_NAMES
        names = [_artifact(name) + (f" \u00d7 {count:,}" if count > 1 else "") for name, count in branch.names[:most]]
        left = sum(count for _, count in branch.names[most:])
        return ", ".join([*names, *([f"… {left:,} more"] if left else [])])

    def _rest(self, beginning: str, rest: Rest) -> Line:
        behind = f", {rest.behind:,} behind them" if rest.behind else ""
        said = f"… and {rest.runs:,} more runs{behind}" if rest.runs else f"… and {rest.artifacts:,} more artifacts"
        return (Part(beginning), Part(fitted(said, self._room((Part(beginning),))), "dim"))

    def _fitted(self, beginning: str, through: str, name: str, notes: Sequence[Part]) -> Line:
        """Branches and notes stay whole; names give way."""
        room = self._room((Part(beginning), *notes))
        if room is not None and width(through) + width(name) > room:
            through, name = _beside(through, name, room)
        return (Part(f"{beginning}{through}{name}"), *notes)

    def _with_differing(self, run_id: str, line: Line, below: str) -> Iterator[Line]:
        """The line of a stack with as much of that in which its runs differ as finds room: behind it, else below it."""
        members = self._tree.forks.stacks.get(run_id)
        if members is None:
            yield line
            return
        runs = [self._answer.runs[member] for member in members]
        pieces = [str(each) for each in varying(runs, self._sweeps.beside(members))]
        if said := self._first_of(pieces, (*line, Part("  "))):
            yield (*line, Part(f"  {said}", "dim"))
            return
        yield line
        if said := self._first_of(pieces, (Part(below),)):
            yield (Part(below), Part(said, "dim"))

    def _first_of(self, pieces: Sequence[str], beside: Sequence[Part]) -> str | None:
        """As many of the pieces as find room, in brackets."""
        for count in range(len(pieces), 0, -1):
            comma = "; " if any(", " in piece for piece in pieces[:count]) else ", "
            said = f"({comma.join(pieces[:count])})"
            if self._columns is None or _width(beside) + width(said) <= self._columns:
                return said
        return None

    def _room(self, taken: Sequence[Part]) -> int | None:
        return None if self._columns is None else max(self._columns - _width(taken), _LEAST_ROOM)

    def _run(self, run_id: str) -> str:
        members = self._tree.forks.stacks.get(run_id)
        name = self._labels.of_asked(run_id) if members is None else self._stack_labels(members)
        return shorten(printable(name), _LONGEST_RUN)

    def _notes(self, run_id: str) -> tuple[Part, ...]:
        run = self._answer.runs[run_id]
        if not run.external and not run.forgotten and not run.context and not self._answer.frontier:
            return ()  # as most have none
        failed = has_failed(run.context)
        running = is_running(run.context)  # what was killed says so, too
        marks = {"external": run.external, "forgotten": run.forgotten, "failed": failed, "running": running}
        notes = [mark for mark, there in marks.items() if there]
        if left_out := sorted(self._answer.frontier.get(run_id, ())):
            notes.append(f"more {'up- and downstream' if len(left_out) == 2 else left_out[0]} left out")
        return (Part(f" [{', '.join(notes)}]", "red" if failed else "dim"),) if notes else ()

    def _cut(self, depth: int, prefix: str) -> str:
        return prefix if depth * 3 <= self._widest_prefix else f"⋯{depth:>4} {prefix[-(self._widest_prefix - 9) :]}"


def _where(run_id: str, shown: Shown, told: set[str], *, in_place: bool) -> tuple[Part, ...]:
    """Where a run's branches are, if not below this line."""
    walk = shown.walk
    if not walk.branches[run_id] or (in_place and run_id in shown.branches):
        return ()
    if in_place or run_id not in shown.placed:
        count = walk.behind[run_id] if in_place else 0
        more = counted(count, "more run") if count else "more"
        return (Part(f" ({more} left out)", "dim"),)
    return (Part(" (above)" if run_id in told else " (below)", "dim"),)


def _beside(through: str, name: str, room: int) -> tuple[str, str]:
    """Both as wide as there is room for: the narrower whole, if that is not more than half of it. An arrow stays."""
    names, arrow = through[:-3], through[-3:]
    room -= width(arrow)
    names = fitted(names, max(room // 2, room - width(name)))
    return f"{names}{arrow}", fitted(name, room - width(names))


def _last_first(branches: Sequence[Branch | Rest]) -> Iterator[tuple[Branch | Rest, bool]]:
    """The branches as a stack takes them, with whether each is the last."""
    return ((branch, not place) for place, branch in enumerate(reversed(branches)))


def _width(parts: Sequence[Part]) -> int:
    return sum(width(part.text) for part in parts)


def _artifact(name: str) -> str:
    return shorten(printable(name), _LONGEST_ARTIFACT)
