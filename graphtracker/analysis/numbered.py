"""Names that differ only in their numbers, as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_SMALLEST = 3  # names; as many as a stack of runs has
_NUMBER = re.compile("[0-9]+")


def numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    """What each of the names, or three and more that differ only in their numbers together, is called, and how many
    they are; in the order of the first of each.

    >>> numbered(["checkpoint-1", "checkpoint-2", "checkpoint-10", "model-2"])
    [('checkpoint-…', 3), ('model-2', 1)]
    """
    if len(names) < _SMALLEST:
        return [(name, 1) for name in names]
    shapes = [_NUMBER.sub("…", name) for name in names]
    counts = Counter(shape for name, shape in zip(names, shapes, strict=True) if shape != name)
    found: dict[tuple[str, bool], int] = {}
    for name, shape in zip(names, shapes, strict=True):
        together = shape != name and counts[shape] >= _SMALLEST
        found[(shape, True) if together else (name, False)] = counts[shape] if together else 1
    return [(name, count) for (name, _), count in found.items()]
