"""Lines whose parts look different where somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

Emphasis = Literal["plain", "bold", "dim", "red"]


class Part(NamedTuple):
    """Some text of a line."""

    text: str
    look: Emphasis = "plain"


Line = tuple[Part, ...]


def bold(text: str) -> Line:
    """A heading."""
    return (Part(text, "bold"),)


def headed(lines: Iterable[str]) -> Iterator[str | Line]:
    """The lines, the first as a heading."""
    return (line if place else bold(line) for place, line in enumerate(lines))


def plain(line: Iterable[Part]) -> str:
    """The text of a line, as a pipe is given it.

    >>> plain([Part("train", "bold"), Part(" [failed]", "red")])
    'train [failed]'
    """
    return "".join([part.text for part in line])
