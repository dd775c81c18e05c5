"""Which of the metadata keys of some runs tell the most about what was tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import frexp, inf
from typing import Any

from graphtracker.model.equality import canonical_bytes, is_nan, is_number, is_time
from graphtracker.model.written import written

_FEW = 3  # values that are told by name
_SHORT = 24  # characters of a text that may have been chosen, though it is another in each run
_DIGITS = 2  # of a number that may have been chosen, though it is another in each run
_SPREAD = 50  # times the least: numbers that were drawn evenly from their logarithms, as learning rates are
_ENOUGH = 100  # values from which their digits are known

# Words at the end of a key.
_END = 60  # characters
_CHOSEN = re.compile(
    "(.* )?(lr|learning rate|batch size|weight decay|momentum|dropout|dropout rate|epochs|layers|hidden|hidden size"
    "|units|heads|depth|width|warmup|warmup steps|alpha|beta|gamma|temperature)"
)
_MEASURED = re.compile(
    "(.* )?(loss|acc|accuracy|auc|auroc|f1|precision|recall|score|error|error rate|rmse|mse|mae|perplexity|time"
    "|duration|seconds|latency|throughput)( (val|test|train|mean|avg|macro|micro|best|final|last|top|ms|[0-9]+))*"
)
_COUNTED = re.compile("(.* )?(seed|i|index|idx|number|trial)")
_WORD = re.compile("[A-Z]?[a-z]+[0-9]?(?![0-9])|[A-Z]+(?![a-z])|[0-9]+")


class _Kind(IntEnum):
    """What the values of a key are, the most telling first."""

    CHOSEN = 0
    CHOSEN_OF_MANY = 1
    """Texts that are too many to be told by name."""
    OTHER = 2
    MEASURED = 3
    COUNTED = 4
    """What only numbers the runs."""
    TEXTS = 5
    """Another in each run."""


@dataclass
class Column:
    """The values of a key."""

    values: dict[bytes, Any] = field(default_factory=dict)
    """Canonical bytes → value: each of them once."""
    having: int = 0
    """How many runs have the key."""

    def differs(self, runs: int) -> bool:
        """Whether so many runs differ in it."""
        return self.having < runs or len(self.values) > 1


def columns_of(flattened: Iterable[Mapping[str, Any]]) -> dict[str, Column]:
    """Key → its values in the metadata of runs, which ``model.flattened`` has made flat."""
    columns: dict[str, Column] = {}
    for metadata in flattened:
        for key, value in metadata.items():
            column = columns.get(key)
            if column is None:
                column = columns[key] = Column()
            column.values.setdefault(canonical_bytes(value), value)
            column.having += 1
    return columns


def telling_keys(columns: Mapping[str, Column], runs: int) -> list[str]:
    """The keys in which so many runs differ, the most telling first.

    First what was chosen, of the most values first; then other numbers, what was measured, what only numbers the runs,
    and texts that are another in each run. Values that repeat, as those of a grid do, and numbers of few digits or over
    many magnitudes were chosen: people choose 0.003, and measure 0.412973. Well-known words at the end of a key say
    what values cannot: ``batch_size``, ``val.loss``, ``seed``. Of each kind, keys that most of the runs lack come last.
    """
    found = []
    for key, column in columns.items():
        if column.differs(runs):
            values = list(column.values.values())
            numbers = [_as_float(value) for value in values if is_number(value) and not is_nan(value)]
            kind, missing = _kind(key, values, numbers, column.having), runs - column.having
            most = -len(values) if kind <= _Kind.CHOSEN_OF_MANY else 0
            found.append((kind, missing * 2 > runs, most, missing, _digits(numbers), key))
    return [each[-1] for each in sorted(found)]


def _kind(key: str, values: Sequence[Any], numbers: Sequence[float], having: int) -> _Kind:
    words = " ".join(_WORD.findall(key[-_END:])).lower()
    repeats = len(values) * 2 <= having
    if numbers and _MEASURED.fullmatch(words):
        return _Kind.MEASURED
    if len(numbers) < len(values) and not all(map(is_time, values)):
        if len(values) - len(numbers) > _FEW:
            return _Kind.CHOSEN_OF_MANY if repeats else _Kind.TEXTS
        return _Kind.CHOSEN if repeats or all(len(written(value)) <= _SHORT for value in values) else _Kind.TEXTS
    if _CHOSEN.fullmatch(words):
        return _Kind.CHOSEN
    if _are_integers(numbers) and (_COUNTED.fullmatch(words) or _number_the_runs(numbers, having)):
        return _Kind.COUNTED
    return _Kind.CHOSEN if repeats or _look_chosen(numbers) else _Kind.OTHER


def _are_integers(numbers: Sequence[float]) -> bool:
    return bool(numbers) and all(map(float.is_integer, numbers))


def _number_the_runs(numbers: Sequence[float], having: int) -> bool:
    """Whether they are another in each run, with few gaps."""
    return len(numbers) == having >= _FEW and max(numbers) - min(numbers) < 2 * having


def _look_chosen(numbers: Sequence[float]) -> bool:
    return bool(numbers) and (_digits(numbers) <= _DIGITS or 0 < min(numbers) * _SPREAD <= max(numbers))


def _digits(numbers: Sequence[float]) -> int:
    """How many digits most of them have, without zeros at their ends; of powers of two, which are as round, one."""
    digits = sorted(
        1 if frexp(number)[0] == 0.5 and number.is_integer() else _digits_of(number) for number in numbers[:_ENOUGH]
    )
    return digits[len(digits) // 2] if digits else 0


def _digits_of(number: float) -> int:
    return len(repr(abs(number)).partition("e")[0].replace(".", "").strip("0"))


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf
