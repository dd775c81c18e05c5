"""The random tails of names that TorchX makes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# torchx.schedulers.ids.random_id: 64 random bits, the first character one of its consonants, then these or digits. What
# a person chose is shorter, as x7mw is, or has fewer letters, as v20260301 has.
_LETTER = "[b-df-hj-np-tv-xz]"
_TAIL = re.compile(rf"(.+)(-(?=(?:[0-9]*{_LETTER}){{3}}){_LETTER}[b-df-hj-np-tv-xz0-79]{{8,13}})")


def split_name(name: str) -> tuple[str, str]:
    """The name without its random tail, with that tail, which is empty where there is none.

    >>> split_name("train-x7mw"), split_name("train-fk3zr1pqb9wd2")
    (('train-x7mw', ''), ('train', '-fk3zr1pqb9wd2'))
    """
    found = _TAIL.fullmatch(name)
    return (name, "") if found is None else (found[1], found[2])


def shared_rests(names: Iterable[str]) -> frozenset[str]:
    """What several of these names are without their tails."""
    return frozenset(rest for rest, count in Counter(split_name(name)[0] for name in names).items() if count > 1)
