"""Names that differ only in their numbers, as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from graphtracker.analysis.stacks import SMALLEST_STACK

_NUMBER = re.compile("[0-9]+")


def numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    """What each of the names, or three and more that differ only in their numbers together, is called, and how many
    they are; in the order of the first of each.

    >>> numbered(["checkpoint-1", "checkpoint-2", "checkpoint-10", "model-2"])
    [('checkpoint-…', 3), ('model-2', 1)]
    """
    found = ((members[0], len(members)) for members in families(names))
    return [(_NUMBER.sub("…", first) if count > 1 else first, count) for first, count in found]


def families(names: Sequence[str]) -> list[list[str]]:
    """The names, of which three and more that differ only in their numbers are together; in the order of the first of
    each."""
    if len(names) < SMALLEST_STACK:
        return [[name] for name in names]
    shapes = [_NUMBER.sub("…", name) for name in names]
    counts = Counter(shape for name, shape in zip(names, shapes, strict=True) if shape != name)
    found: dict[tuple[str, bool], list[str]] = {}
    for name, shape in zip(names, shapes, strict=True):
        together = shape != name and counts[shape] >= SMALLEST_STACK
        found.setdefault((shape, True) if together else (name, False), []).append(name)
    return list(found.values())
