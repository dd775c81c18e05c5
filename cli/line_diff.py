"""Long values of two sides as the lines in which they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphtracker.cli.table import told_apart
from graphtracker.model.cells import fitted, width
from graphtracker.model.counted import counted
from graphtracker.model.display import printable
from graphtracker.model.written import written

_MOST_COMPARED = 5_000  # lines of each side; what compares them takes up to the square of it, then some 0.5 s
_CONTEXT = 1  # lines around
_LISTS = (list, tuple, dict, set, frozenset)


def lines_of(value: Any, room: int) -> list[str] | None:
    """Text by its lines, a list or a mapping an item a line; None of what has no lines."""
    if isinstance(value, str):
        return value.split("\n")
    return _laid_out(value, room, "", "") if isinstance(value, _LISTS) else None


def _laid_out(value: Any, room: int, before: str, after: str) -> list[str]:
    """A value between two texts, which is broken into an item a line where it is too long for one."""
    whole = f"{before}{written([value])[1:-1]}{after}"  # text with quotes, as inside of a list
    if not (isinstance(value, _LISTS) and value) or width(whole) <= room:
        return [whole]
    opening, closing = ("{", "}") if isinstance(value, (dict, set, frozenset)) else ("[", "]")
    lines = [f"{before}{opening}"]
    for key, item in _items(value):
        lines += [f"  {line}" for line in _laid_out(item, room - 2, key, ",")]
    return [*lines, f"{closing}{after}"]


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """What stands before each item, and the item; those that have no order of their own by their texts."""
    if isinstance(value, dict):
        yield from sorted(
            ((f"{written([key])[1:-1]}: ", item) for key, item in value.items()), key=lambda each: each[0]
        )
    else:
        yield from (("", item) for item in (value if isinstance(value, (list, tuple)) else sorted(value, key=written)))


def line_diff(lines: Sequence[str], others: Sequence[str], room: int | None, most: int | None) -> Iterator[str]:
    """What ``diff -u`` says of two texts, at most so many lines and so wide, if any; each hunk after the number of the
    line that it begins at. Where too many lines may differ it says how many, and where."""
    begin = _common(lines, others)
    end = _common(lines[begin:][::-1], others[begin:][::-1])
    first = max(0, begin - _CONTEXT)
    ours, theirs = (each[first : len(each) - max(0, end - _CONTEXT)] for each in (lines, others))
    if max(len(ours), len(theirs)) > _MOST_COMPARED:
        yield f"\u2026 {len(ours):,} lines on one side, {len(theirs):,} on the other, from line {first + 1:,} on"
        return
    found = list(_hunks(ours, theirs, first))
    shown = found[:most]
    yield from _fitted(shown, room)
    left = len(found) - len(shown)
    if left:
        yield f"\u2026 {counted(left, 'more line')}"


def _common(lines: Sequence[str], others: Sequence[str]) -> int:
    """How many lines two texts begin with that are the same."""
    pairs = enumerate(zip(lines, others, strict=False))
    return next((place for place, (line, other) in pairs if line != other), min(len(lines), len(others)))


def _hunks(lines: Sequence[str], others: Sequence[str], before: int) -> Iterator[str]:
    from difflib import SequenceMatcher  # for long values that differ

    groups = list(SequenceMatcher(None, lines, others).get_grouped_opcodes(_CONTEXT))
    for group in groups:
        if before or len(groups) > 1 or len(lines) > 1 or len(others) > 1:
            yield f"@@ line {before + group[0][1] + 1:,} @@"
        for tag, begin, end, other_begin, other_end in group:
            if tag == "equal":
                yield from (f"  {line}" for line in lines[begin:end])
                continue
            yield from (f"- {line}" for line in lines[begin:end])
            yield from (f"+ {line}" for line in others[other_begin:other_end])


def _fitted(lines: Sequence[str], room: int | None) -> list[str]:
    """The lines as wide as there is room for; of those that would look alike then, where they differ."""
    safe = [printable(line) for line in lines]
    if room is None:
        return safe
    signs, texts = [line[:2] for line in safe], [line[2:] for line in safe]
    return [sign + text for sign, text in zip(signs, told_apart(texts, [room - 2] * len(texts), fitted), strict=True)]
