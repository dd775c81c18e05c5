"""Tables of text, as wide as a terminal or with tabs for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphtracker.model.cells import end_of, fitted, width
from graphtracker.model.display import printable

_GAP = "  "
_LEAST = 5  # columns of a terminal below which nothing can be told of a text
_NARROW, _NARROW_TITLE, _NARROW_NUMBER = 16, 10, 10  # columns of a terminal that one gets before others are left out
_NAMES = 3 / 5  # of a terminal, that the first column gets before others are left out
_NUMBER = re.compile(r"[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORDS = ("nan", "inf", "-inf", "None")  # numbers, too, but of a column that has others


@dataclass(frozen=True)
class Column:
    """What stands under a title, a text a row."""

    title: str
    cells: Sequence[str]

    @cached_property
    def shown(self) -> list[str]:
        """The title, then the cells, with nothing in them that a terminal would obey."""
        return [printable(text) for text in (self.title, *self.cells)]

    @cached_property
    def wide(self) -> int:
        """Columns of a terminal that it takes as a whole."""
        return max(map(width, self.shown))

    @cached_property
    def of_numbers(self) -> bool:
        """Whether nothing but numbers stands there."""
        numbers = [text for text in self.shown[1:] if text and text not in _WORDS]
        return bool(numbers) and all(map(_NUMBER.fullmatch, numbers))

    @cached_property
    def narrow(self) -> int:
        """Columns of a terminal in which much of it can be read."""
        most = _NARROW_NUMBER if self.of_numbers else _NARROW
        cells = max(map(width, self.shown[1:]), default=0)
        return max(min(width(self.shown[0]), _NARROW_TITLE), min(cells, most))


def rows(columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    """The titles, then the cells of each row, whole; no text acts on what reads it, or holds a tab."""
    return zip(*(column.shown for column in columns), strict=True)


def fitting(leading: Sequence[Column], others: Sequence[Column], room: int) -> list[Column]:
    """Those of the others that find room on a terminal beside the leading ones, the first ones first.

    Each may be narrow then: three values that are cut say more than one that is whole.
    """
    left = room - _total(_narrow(leading, room))
    kept: list[Column] = []
    for column in others:
        taken = len(_GAP) + column.narrow
        if taken <= left:
            left -= taken
            kept.append(column)
    return kept


def widths(columns: Sequence[Column], room: int) -> list[int]:
    """How wide the columns are on a terminal: as many of them, the first ones, as find room there."""
    found = _narrowed(_narrow(columns, room), room)
    left = room - _total(found)
    for place, column in enumerate(columns[: len(found)]):
        more = max(0, min(column.wide - found[place], left))
        found[place] += more
        left -= more
    return found


def lines(columns: Sequence[Column], room: int) -> Iterator[str]:
    """The titles, then a line a row, each at most so many columns of a terminal wide; numbers stand on the right.

    Of what is cut both ends are shown, of a number its beginning, of a title its end; titles, and texts of the first
    column, that would then look alike show where they differ.
    """
    taken = widths(columns, room)
    kept = list(zip(columns, taken, strict=False))
    shown = [_cells(column, wide, distinct=not place) for place, (column, wide) in enumerate(kept)]
    titles = told_apart([column.shown[0] for column, _ in kept], taken, end_of)
    for cells in ([*titles], *zip(*shown, strict=True)):
        padded = [_padded(text, wide, column.of_numbers) for text, (column, wide) in zip(cells, kept, strict=True)]
        yield fitted(_GAP.join(padded).rstrip(), room)


def _narrow(columns: Sequence[Column], room: int) -> list[int]:
    first = [min(column.wide, max(_LEAST, int(room * _NAMES))) for column in columns[:1]]
    return [*first, *(column.narrow for column in columns[1:])]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _narrowed(widths: Sequence[int], room: int) -> list[int]:
    """As many of these widths as find room, the greatest lessened."""
    for most in range(max(*widths, _LEAST), _LEAST - 1, -1):
        lessened = [min(wide, most) for wide in widths]
        if _total(lessened) <= room:
            return lessened
    return _narrowed(widths[:-1], room) if len(widths) > 1 else [max(1, room)]


def _cells(column: Column, wide: int, *, distinct: bool) -> list[str]:
    texts = column.shown[1:]
    if distinct:
        return told_apart(texts, [wide] * len(texts), fitted)
    cut = _number if column.of_numbers else fitted
    return [cut(text, wide) for text in texts]


def _number(text: str, room: int) -> str:
    """A number whose last decimals are left out; what counts, the digits before the point and the exponent, stays."""
    if len(text) <= room:
        return text
    digits, e, power = text.partition("e")
    kept = digits[: max(0, room - 1 - len(e + power))]
    return f"{kept}…{e}{power}" if "." in kept else fitted(text, room)


def told_apart(texts: Sequence[str], rooms: Sequence[int], shorten: Callable[[str, int], str]) -> list[str]:
    """Each text shortened to so many columns, or where it differs from those that would look the same."""
    cut = [shorten(text, room) for text, room in zip(texts, rooms, strict=True)]
    alike: dict[str, set[str]] = {}
    for text, short in zip(texts, cut, strict=True):
        alike.setdefault(short, set()).add(text)
    same = {short: _length_in_common(min(group), max(group)) for short, group in alike.items() if len(group) > 1}
    return [
        _from(text, same[short], room) if short in same else short
        for text, short, room in zip(texts, cut, rooms, strict=True)
    ]


def _length_in_common(text: str, other: str) -> int:
    """How many characters two texts begin with that are the same."""
    both = enumerate(zip(text, other, strict=False))
    return next((place for place, (ours, theirs) in both if ours != theirs), min(len(text), len(other)))


def _from(text: str, place: int, room: int) -> str:
    """What fits of a text from this place on; of what stands before it a little, or as much as is left room for."""
    begin = max(0, min(place - room // 4, len(text) - room + 1))
    return fitted(f"…{fitted(text[begin:], max(1, room - 1))}", room)


def _padded(text: str, wide: int, right: bool) -> str:
    blank = " " * (wide - width(text))
    return blank + text if right else text + blank
