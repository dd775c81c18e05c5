"""Several names in the few words of one label."""

from __future__ import annotations

from collections.abc import Sequence

from graphtracker.analysis.names import beginning
from graphtracker.drawing.style import LONGEST_LABEL

_ALIKE = 3  # characters with which names have to begin to be called by these


def named_in_short(names: Sequence[str]) -> str:
    """All of them, else what they begin with and how many they are, else the first ones and how many more there are.

    >>> named_in_short(["train.csv", "test.csv"])
    'train.csv, test.csv'
    >>> named_in_short(["vocabulary.txt", "merges.txt", "tokenizer.json", "config.json"])
    'vocabulary.txt, … 3 more'
    """
    whole = ", ".join(names)
    if len(names) == 1 or len(whole) <= LONGEST_LABEL:
        return whole
    alike = beginning(names)
    if len(alike) >= _ALIKE:
        return f"{alike}… \u00d7 {len(names):,}"
    kept = 1
    while len(_first(names, kept + 1)) <= LONGEST_LABEL:
        kept += 1
    return _first(names, kept)


def _first(names: Sequence[str], count: int) -> str:
    return f"{', '.join(names[:count])}, … {len(names) - count:,} more"
