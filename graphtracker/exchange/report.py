"""What an import could map, or not, counted by kind."""

from __future__ import annotations

import re
from collections import Counter

from graphtracker.model.display import listed


class Report:
    """Counts, by kind in the source's own words, while an import goes on: ``read`` is mapped, ``unmapped`` is not.

    >>> report = Report()
    >>> report.add("runs", 2)
    >>> report.leave_out("metric histories")
    >>> report.sentence()
    'read 2 runs; not mapped: 1 metric history'
    """

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.unmapped: Counter[str] = Counter()

    def add(self, kind: str, number: int = 1) -> None:
        """Counts so many of a kind (a plural such as ``"runs"``) as read."""
        self.read[kind] += number

    def leave_out(self, kind: str, number: int = 1) -> None:
        """Counts so many of a kind (a plural such as ``"metric histories"``) as not mapped."""
        self.unmapped[kind] += number

    def sentence(self) -> str:
        """All of it in one line for people; kinds in the order in which they were met."""
        read = f"read {_counts(self.read) or 'nothing'}"
        return f"{read}; not mapped: {_counts(self.unmapped)}" if +self.unmapped else read


def _counts(kinds: Counter[str]) -> str:
    return listed(f"{number:,} {kind if number != 1 else _one(kind)}" for kind, number in kinds.items() if number)


def _one(kind: str) -> str:
    """How one of a kind is called: ``histories of metrics`` is ``history of metrics``."""
    return _NOUN.sub(lambda noun: next(noun[1] + one for many, one in _ENDINGS if noun[2] == many), kind, count=1)


_ENDINGS = (("ies", "y"), ("uses", "us"), ("s", ""))
# The first word that ends so before what is said of it, or at the end.
_NOUN = re.compile(
    rf"(\w+?)({'|'.join(many for many, _ in _ENDINGS)})"
    r"(?=\Z| \(| (?:below|called|larger|of|other|outside|such|that|to|whose|with|without)\b)"
)
