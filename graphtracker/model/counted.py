"""How many there are of something, in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_TOLD = 3
"""Of many things that something is to be said of."""


def counted(count: int, thing: str) -> str:
    """The number with the word, which is given as one of them is called.

    >>> counted(1, "run"), counted(3000, "artifact")
    ('1 run', '3,000 artifacts')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def some_of(told: Iterable[str], count: int, advice: str) -> str:
    """How many there are, what is told of the first few, and what to do.

    >>> some_of(["a", "b", "c", "d"], 1200, "log them")
    '1,200: a; b; c; and 1,197 more; log them'
    """
    first = list(islice(told, MOST_TOLD))
    more = [f"and {count - len(first):,} more"] if count > len(first) else []
    return f"{count:,}: {'; '.join([*first, *more, advice])}"
