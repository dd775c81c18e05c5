"""How many there are of something, in words."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """The number with the word, which is given as one of them is called.

    >>> counted(1, "run"), counted(3000, "artifact")
    ('1 run', '3,000 artifacts')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
