"""A lineage as a tree of text, in which each run's branches stand once."""

from __future__ import annotations

from collections.abc import Iterator

from graphtracker import Lineage
from graphtracker.analysis.names import Labels
from graphtracker.model.cells import fitted, width
from graphtracker.model.context_rows import has_failed
from graphtracker.model.display import printable, shorten

_WIDEST_PREFIX = 48  # columns of branches, on a narrow terminal a third of it; deeper ones lose their beginning
_LEAST_ROOM = 16  # columns for names, however narrow the terminal

# The artifact names in between (none for a whole run), and the run reached (None for artifacts that nobody used).
_Step = tuple[list[str], str | None]


def tree(lineage: Lineage, columns: int | None = None) -> Iterator[str]:
    """The lines: the start, then what it came from, then what was made from it; each fitted to the columns, if any."""
    writer = _Tree(lineage, columns)
    yield writer.title()
    if lineage.direction != "downstream":
        yield from writer.section("came from", writer.sources, writer.run, only=None)
    if lineage.direction != "upstream":
        yield from writer.section("made", writer.products, writer.run, only=writer.artifact)


class _Tree:
    """The links of one lineage by run, and the words for its runs."""

    def __init__(self, lineage: Lineage, columns: int | None) -> None:
        self._lineage = lineage
        self._columns = columns
        self._widest_prefix = _WIDEST_PREFIX if columns is None else max(15, min(_WIDEST_PREFIX, columns // 9 * 3))
        self.run = lineage.start_run or ""
        self.artifact = None if lineage.question is None else lineage.question.artifact_name
        self._labels = Labels(lineage)
        self.sources: dict[str, list[_Step]] = {}
        self.products: dict[str, list[_Step]] = {}
        used: set[tuple[str, str]] = set()
        for (run_id, source_run_id), names in _grouped(lineage).items():
            self.sources.setdefault(run_id, []).append((names, source_run_id))
            self.products.setdefault(source_run_id, []).append((names, run_id))
            used.update((source_run_id, name) for name in names)
        for run_id, name in lineage.artifacts:
            if (run_id, name) not in used:
                self.products.setdefault(run_id, []).append(([name], None))

    def title(self) -> str:
        run = self._name(self.run)
        title = run if self.artifact is None else f"{self._artifact(self.artifact)} of {run}"
        return self._fitted("", title, self._notes(self.run))

    def section(self, title: str, steps: dict[str, list[_Step]], start: str, only: str | None) -> Iterator[str]:
        """Depth first, without recursion."""
        first = [step for step in steps.get(start, []) if only is None or self._begins_at(step, only)]
        if not first:
            return
        yield f"{title}:"
        arrow = "←" if steps is self.sources else "→"
        told = {start} if only is None else set()  # one artifact of the start is not all that the start made
        waiting = [(0, "", step, place == len(first) - 1) for place, step in reversed(list(enumerate(first)))]
        while waiting:
            depth, prefix, (names, run_id), last = waiting.pop()
            branch = self._cut(depth, prefix) + ("└─ " if last else "├─ ")
            yield self._line(branch, names, run_id, arrow, run_id in told)
            if run_id is None or run_id in told:
                continue
            told.add(run_id)
            below = steps.get(run_id, [])
            indent = (prefix + ("   " if last else "│  "))[-self._widest_prefix :]  # more of it is never shown
            waiting += [
                (depth + 1, indent, step, place == len(below) - 1) for place, step in reversed(list(enumerate(below)))
            ]

    @staticmethod
    def _begins_at(step: _Step, artifact: str) -> bool:
        names, run_id = step
        return not names or (artifact in names and run_id is not None)

    def _line(self, branch: str, names: list[str], run_id: str | None, arrow: str, told: bool) -> str:
        through = ", ".join(map(self._artifact, names)) or "(whole run)"
        if run_id is None:
            return self._fitted(branch, through, "")
        has_more = bool(self.sources.get(run_id) if arrow == "←" else self.products.get(run_id))
        notes = self._notes(run_id) + (" (above)" if told and has_more else "")
        return self._fitted(branch, f"{through} {arrow} {self._name(run_id)}", notes)

    def _fitted(self, branch: str, names: str, notes: str) -> str:
        """Branches and notes stay whole; names give way."""
        room = None if self._columns is None else max(self._columns - width(branch + notes), _LEAST_ROOM)
        return branch + fitted(names, room) + notes

    def _name(self, run_id: str) -> str:
        return shorten(printable(self._labels[self._lineage.runs[run_id]]), 120)

    def _notes(self, run_id: str) -> str:
        run = self._lineage.runs[run_id]
        marks = {"external": run.external, "forgotten": run.forgotten, "failed": has_failed(run.context)}
        notes = [mark for mark, there in marks.items() if there]
        notes += [f"more {direction} left out" for direction in sorted(self._lineage.frontier.get(run_id, ()))]
        return f" [{', '.join(notes)}]" if notes else ""

    @staticmethod
    def _artifact(name: str) -> str:
        return shorten(printable(name), 80)

    def _cut(self, depth: int, prefix: str) -> str:
        return prefix if depth * 3 <= self._widest_prefix else f"⋯{depth:>4} {prefix[-(self._widest_prefix - 9) :]}"


def _grouped(lineage: Lineage) -> dict[tuple[str, str], list[str]]:
    """(Run, source run) → the names of the artifacts that it used; none where it only named the whole run."""
    groups: dict[tuple[str, str], list[str]] = {}
    for source in lineage.sources:
        names = groups.setdefault((source.run_id, source.source_run_id), [])
        if source.artifact_name is not None:
            names.append(source.artifact_name)
    return groups
