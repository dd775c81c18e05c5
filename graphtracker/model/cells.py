"""Text measured in the columns that it takes on a terminal."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_NO_WIDTH = frozenset(["Mn", "Me", "Cf"])
_JAMO = range(0x1160, 0x1200)  # vowels and finals of Hangul, which join the letter before them


def width(text: str) -> int:
    """Columns that the text takes on a terminal (UAX 11).

    >>> width("train"), width("データ")
    (5, 6)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def fitted(text: str, room: int | None) -> str:
    """The text itself, or its two ends around an ellipsis, in at most ``room`` columns; None is any number.

    >>> fitted("s3://bucket/a/very/long/path/train.csv", 20)
    's3://buck…/train.csv'
    """
    if room is None or width(text) <= room:
        return text
    tail = room // 2
    return f"{_begin(text, room - tail - 1)}…{_begin(text[::-1], tail)[::-1]}"


def end_of(text: str, room: int) -> str:
    """The text itself, or its end behind an ellipsis, in at most ``room`` columns.

    >>> end_of("config.optim.lr", 10)
    '….optim.lr'
    """
    return text if width(text) <= room else f"…{_begin(text[::-1], room - 1)[::-1]}"


def _begin(text: str, room: int) -> str:
    for place, character in enumerate(text):
        room -= _cells(character)
        if room < 0:
            return text[:place]
    return text


@lru_cache(4096)
def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or ord(character) in _JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
