"""A difference as text: the starts' own, where it begins, what else differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from graphtracker.analysis.changes import ARROW, Change, changes, line, links, more, named, texts
from graphtracker.analysis.difference import Comparison, Pair
from graphtracker.cli.line_diff import line_diff, lines_of
from graphtracker.cli.table import told_apart
from graphtracker.cli.values import moment_text
from graphtracker.model.cells import fitted, width
from graphtracker.model.counted import counted
from graphtracker.model.display import printable, shorten
from graphtracker.model.styled import Line, bold

_LINE = 80  # columns beyond which a value is shown by its lines, where no terminal says how wide it is
_LEAST_ROOM = 16  # columns, however narrow the terminal
_MOST_PAIRS, _MOST_CHANGES, _MOST_LINES = 10, 20, 16  # of a section, of a pair, of a value
_LONGEST_ROLE = 24  # labels of a path that can be read
_LIKE_OPTIONS = ("-", "'-", "$'-")  # as shells read the words of ``shell_word``
_LONGEST = 1000  # characters of a name or a value on one line of a pipe


def difference_text(
    difference: Comparison, columns: int | None, word_for: Callable[[str], str], *, everything: bool = False
) -> Iterator[str | Line]:
    """The lines, fitted to the columns, if any; with ``everything`` none is left out, and all pairs are named.

    ``word_for`` has what a shell takes for a run, by its id.
    """
    writer = _Writer(difference, columns, word_for, everything)
    start, *others = difference.pairs
    yield bold(_title(difference, columns))
    yield from writer.differences(start, "  ")
    first = [pair for pair in difference.origins if pair is not start]
    further = [pair for pair in difference.changed if pair.follows and pair is not start]
    yield from writer.section("first differences upstream", first, writer.differences)
    yield from writer.section("also different, below these", further, writer.differences)
    if everything:
        alike = [pair for pair in others if not pair.differs]
        yield from writer.section("only follow", [pair for pair in alike if pair.follows])
        yield from writer.section("the same", [pair for pair in alike if not pair.follows])
    yield bold(_counts(difference))


def _title(difference: Comparison, columns: int | None) -> str:
    """What is compared; of a run at two times when, too."""
    names = [_start_name(difference, node) for node in (difference.start, difference.other)]
    times = [answer.as_of for answer in difference.answers]
    if times[0] != times[1]:
        names = [f"{name} ({_when(at)})" for name, at in zip(names, times, strict=True)]
    return _beside(names, columns)


def _beside(names: Sequence[str], room: int | None) -> str:
    """The names of two that stand beside each other, or of a run that does so with itself, shortened to the room, if
    any, so that both can be read."""
    shown = [printable(shorten(name, _LONGEST)) for name in dict.fromkeys(names)]
    whole = ARROW.join(shown)
    if room is None or width(whole) <= room:
        return whole
    each = max((room - len(ARROW) * (len(shown) - 1)) // len(shown), 1)
    return ARROW.join(told_apart(shown, [each] * len(shown), fitted))


def _start_name(difference: Comparison, node: str | tuple[str, str]) -> str:
    if isinstance(node, str):
        return difference.label(node)
    return f"{node[1]} of {difference.label(node[0])}"


def _when(at: datetime | None) -> str:
    return "now" if at is None else f"as of {moment_text(at)}"


def _counts(difference: Comparison) -> str:
    """How many pairs there are, and of each kind; and how many sources are in none, so that this is not read as all."""
    differ = len(difference.changed)
    follow = sum(pair.follows and not pair.differs for pair in difference.pairs)
    same = len(difference.pairs) - differ - follow
    kinds = {
        f"{same:,} same": same,
        f"{differ:,} differ{'s' if differ == 1 else ''}": differ,
        f"{follow:,} only follow{'s' if follow == 1 else ''}": follow,
    }
    count = f"{counted(len(difference.pairs), 'pair')} of runs"
    counts = f"{count}: {', '.join(text for text, number in kinds.items() if number)}"
    alone = sum(len(pair.only) + len(pair.other_only) for pair in difference.changed)
    if not alone:
        return counts
    return f"{counts}; {alone:,} source{' has' if alone == 1 else 's have'} no counterpart"


class _Writer:
    """Writes sections of pairs, within some columns."""

    def __init__(
        self, difference: Comparison, columns: int | None, word_for: Callable[[str], str], everything: bool
    ) -> None:
        self._difference = difference
        self._columns = columns
        self._word_for = word_for
        self._everything = everything

    def section(
        self, heading: str, pairs: Sequence[Pair], below: Callable[[Pair, str], Iterator[str]] | None = None
    ) -> Iterator[str | Line]:
        """A heading, and a branch for each pair, with what stands below it."""
        if not pairs:
            return
        yield bold(f"{heading}:")
        shown, left = self._most(pairs, _MOST_PAIRS)
        for pair in shown:
            last = pair is shown[-1] and not left
            yield self._branch("└─ " if last else "├─ ", pair)
            if below is not None:
                yield from below(pair, "     " if last else "│    ")
        if left:
            yield f"└─ … {left:,} more: --all prints all"

    def _most(self, items: Sequence[Pair], most: int) -> tuple[Sequence[Pair], int]:
        if self._everything or len(items) <= most + 1:
            return items, 0
        return items[:most], len(items) - most

    def _branch(self, branch: str, pair: Pair) -> str:
        """The way from the start, label by label, then the pair: its names stay whole as far as they can."""
        names = [self._difference.label(run_id) for run_id in (pair.run_id, pair.other_run_id)]
        role = pair.end_of_role(_LONGEST_ROLE)
        way = "".join(f"{named(label)} ← " for label in role)
        if len(role) < pair.distance:
            way = f"… {pair.distance - len(role):,} more … ← {way}"
        way = printable(shorten(way, _LONGEST))
        if self._columns is None:
            return f"{branch}{way}{_beside(names, None)}"
        room = max(self._columns - width(branch), _LEAST_ROOM)
        of_names = _beside(names, max(room - min(width(way), room // 3), _LEAST_ROOM))
        return branch + (fitted(way, max(room - width(of_names), 1)) if way else "") + of_names

    def differences(self, pair: Pair, indent: str) -> Iterator[str]:
        """What the two of a pair differ in: values, then links."""
        room = None if self._columns is None else max(self._columns - len(indent), _LEAST_ROOM)
        found = [*changes(pair)]
        apart = [*links(self._difference, pair)]
        most = None if self._everything else _MOST_CHANGES
        for change in found[:most]:
            yield from (indent + text for text in self._change(change, room))
        for link in apart[:most]:
            yield indent + fitted(printable(shorten(link, _LONGEST)), room)
        yield from (indent + hint for hint in self._compared_by(pair))
        left = len(found) - len(found[:most]) + len(apart) - len(apart[:most])
        if left:
            yield f"{indent}… {left:,} more: --all prints all"

    def _compared_by(self, pair: Pair) -> Iterator[str]:
        """What compares the only two sources that have no counterpart; it is copied, and so whole."""
        if len(pair.only) != 1 or len(pair.other_only) != 1:
            return
        (_, run_id), (_, other_run_id) = pair.only[0], pair.other_only[0]
        sides = zip(self._difference.answers, (run_id, other_run_id), strict=True)
        known = all(answer.as_of is None and not answer.runs[source].external for answer, source in sides)
        if known and run_id != other_run_id and (run_id, other_run_id) not in self._beside:
            words = [self._word_for(run_id), self._word_for(other_run_id)]
            end_of_options = ["--"] if any(word.startswith(_LIKE_OPTIONS) for word in words) else []
            yield f"graphtracker diff {' '.join([*end_of_options, *words])} compares these"

    @cached_property
    def _beside(self) -> set[tuple[str, str]]:
        return {(pair.run_id, pair.other_run_id) for pair in self._difference.pairs}

    def _change(self, change: Change, room: int | None) -> Iterator[str]:
        """On one line where there is room; else the lines that differ; else both values shortened."""
        key = printable(shorten(change.key, _LONGEST))
        value, other = texts(change)
        grown = more(change)
        step = f"  ({grown})" if grown else ""
        whole = printable(line(change))
        of_line = _LINE if room is None else room
        if width(whole) <= of_line and "\n" not in value + other:
            yield whole
            return
        if width(printable(f"{value}{other}{step}")) <= of_line // 2 and "\n" not in value + other:
            yield self._shortened(key, value, other, step, of_line)
            return
        lines, others = lines_of(change.value, of_line - 4), lines_of(change.other, of_line - 4)
        if lines is not None and others is not None and lines != others and type(change.value) is type(change.other):
            yield fitted(f"{key}:", room)
            most = None if self._everything else _MOST_LINES
            inner = None if room is None else max(room - 2, _LEAST_ROOM)
            yield from (f"  {text}" for text in line_diff(lines, others, inner, most))
            return
        yield self._shortened(key, value, other, step, room)

    @staticmethod
    def _shortened(key: str, value: str, other: str, step: str, room: int | None) -> str:
        if room is None:
            return f"{key}: {printable(shorten(value, _LONGEST))}{ARROW}{printable(shorten(other, _LONGEST))}{step}"
        key = fitted(key, max(room // 3, room - width(f": {value}{ARROW}{other}{step}")))
        left = room - width(f"{key}: {ARROW}{step}")
        each = max(left // 2, _LEAST_ROOM // 2)
        first = fitted(printable(value), max(each, left - width(other)))
        return f"{key}: {first}{ARROW}{fitted(printable(other), max(each, left - width(first)))}{step}"
