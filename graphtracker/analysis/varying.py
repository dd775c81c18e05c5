"""In which metadata runs differ, in words short enough for the label of a stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from graphtracker.analysis.telling import Column, columns_of, telling_keys
from graphtracker.model.display import printable, shorten
from graphtracker.model.equality import canonical_bytes, instant, is_nan, is_number, is_time
from graphtracker.model.flattened import flattened
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Run
from graphtracker.model.written import written

_MOST_KEYS = 4
_MOST_PIECES = 3  # of the text of one key
_LONGEST = 24  # characters of a piece
_LONGEST_FLOAT = 12  # characters, in which what people choose finds room with all of its digits


class Varying(NamedTuple):
    """A metadata key whose values differ between runs."""

    key: str
    """Those inside of mappings as ``model.flattened`` writes them: ``optim.lr``."""
    text: str
    """Its values for people, safe to show: ``0.003 … 0.1``, ``adam, sgd`` or ``7 values``."""
    missing: int
    """How many of the runs have no such key."""

    def __str__(self) -> str:
        without = f" ({self.missing:,} without)" if self.missing else ""
        return f"{shorten(printable(self.key), _LONGEST)} {self.text}{without}"


def varying(runs: Iterable[Run], beside: Iterable[Run] = ()) -> list[Varying]:
    """The keys in which these runs differ, the most telling first, at most four.

    Numbers and times are told by the least and the greatest; other values by name where they are few, else by how many
    they are. A key that all have, with equal values, is not in it. Which keys are telling ``telling.telling_keys`` says
    of these runs with those that were tried ``beside`` them, so that parts of a sweep are told alike.
    """
    each = [flattened(run.metadata) for run in runs]
    found = columns_of(each)
    others = [flattened(run.metadata) for run in beside]
    order = telling_keys(columns_of([*each, *others]) if others else found, len(each) + len(others))
    differing = (key for key in order if key in found and found[key].differs(len(each)))
    return [_told(key, found[key], len(each)) for key in islice(differing, _MOST_KEYS)]


def _told(key: str, column: Column, runs: int) -> Varying:
    values = list(column.values.values())
    return Varying(key, _differing(values) or f"{len(values):,} values", runs - column.having)


def together(values: Iterable[Any]) -> str:
    """In few words, safe to show: the value that all of these are, else in what they differ."""
    distinct: dict[bytes, Any] = {}
    for value in values:
        distinct.setdefault(canonical_bytes(value), value)
    different = list(distinct.values())
    return in_short(different[0]) if len(different) == 1 else _differing(different) or f"{len(different):,} values"


def _differing(values: Sequence[Any]) -> str | None:
    """The values in few words; None where there are too many, or where two of them would be shown alike."""
    numbers: list[Any] = []
    times: list[Any] = []
    others: list[Any] = []
    for value in values:
        (times if is_time(value) else numbers if is_number(value) and not is_nan(value) else others).append(value)
    if len(others) > _MOST_PIECES:
        return None
    pieces = [_from_to(some, order) for some, order in ((numbers, None), (times, instant)) if some]
    pieces += sorted(map(in_short, others))
    return ", ".join(pieces) if len(set(pieces)) == len(pieces) <= _MOST_PIECES else None


def _from_to(values: Sequence[Any], order: Callable[[Any], Any] | None) -> str:
    least, greatest = min(values, key=order), max(values, key=order)
    ends = [in_short(least), in_short(greatest)]
    if ends[0] == ends[1]:  # of the same first digits
        ends = [printable(shorten(written(value), _LONGEST)) for value in (least, greatest)]
    return " … ".join(dict.fromkeys(ends))


def in_short(value: object) -> str:
    """The value as people read it, in few characters, safe to show."""
    if type(value) is float:
        short, whole = f"{value:.6g}", written(value)  # as many digits as people compare
        return short if float(short) == value or len(whole) > _LONGEST_FLOAT else whole
    if isinstance(value, datetime) and value.tzinfo is not None:
        return to_the_second(value)
    return printable(shorten(written(value), _LONGEST))
