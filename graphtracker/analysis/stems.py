"""What a name says without its own part: its numbers, what a machine made up."""

from __future__ import annotations

import re
from collections.abc import Collection

NOTHING = "…"
"""The stem of a name that says nothing."""

_OWN = re.compile(
    "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    "|(?<![a-z0-9])(?=[a-f]*[0-9])[0-9a-f]{8,}(?![a-z0-9])"  # a hash, which has a digit
    "|(?<=[^a-z0-9])"  # after the first word:
    "(?:[a-z]"  # a letter,
    "|(?=[a-z]*[0-9])(?![a-z]{3,}[0-9]+(?![a-z0-9]))[a-z0-9]+"  # what has a digit, but no word before a number,
    "|[b-df-hj-np-tv-xz]{8,}"  # what nobody can speak
    ")(?![a-z0-9])"
    r"|\d+",
    re.IGNORECASE,
)
# ASCII but for its letters is what stands between words. Of other scripts nothing is: what is a letter of a word in
# many of them is none to Unicode.
_BETWEEN = re.compile(r"…[\x00-@\[-`{-\x7f…]*…")
_WORD = re.compile(r"(?<![^\x00-@\[-`{-\x7f\s])[^\x00-@\[-`{-\x7f\s…]{2,}(?:…+[^\x00-@\[-`{-\x7f\s…]+)*")
_ID, _INSIDE = re.compile("[a-z0-9]{8,}"), re.compile("(?!(?<=[a-z])2)[0-9][a-z]")


def stem(name: str) -> str:
    """The name with an ellipsis for each of its numbers, hashes and random ends; ``NOTHING`` where it has no more.

    >>> stem("train-7"), stem("day01"), stem("2026-01-02-load"), stem("train-fk3zr1pqb9wd2"), stem("train-resnet50")
    ('train-…', 'day…', '…-load', 'train-…', 'train-resnet…')
    >>> stem("9f86d081884c7d65"), stem("4711"), stem("evaluate")
    ('…', '…', 'evaluate')
    """
    return _BETWEEN.sub(NOTHING, _OWN.sub(NOTHING, name))


def first_word(stem: str) -> str:
    """The first word of a stem: two letters or more; empty where it has none.

    >>> first_word("train-…"), first_word("day…"), first_word("…-load"), first_word("b…"), first_word("…")
    ('train', 'day', 'load', '', '')
    """
    found = _WORD.search(stem)
    return found[0] if found else ""


def made_up(names: Collection[str]) -> set[str]:
    """Those that are ids though some of them look like words: of small letters and digits, as long as others, most of
    which have digits inside that are no ``2`` between words. So are W&B's.

    >>> sorted(made_up(["4ki3qnvh", "a8cdkwpz", "opnynsin", "clean"])), made_up(["csv2json", "json2csv", "xml2json"])
    (['4ki3qnvh', 'a8cdkwpz', 'opnynsin'], set())
    """
    of_length: dict[int, list[str]] = {}
    for name in filter(_ID.fullmatch, names):
        of_length.setdefault(len(name), []).append(name)
    return {name for ids in of_length.values() if 2 * len([*filter(_INSIDE.search, ids)]) > len(ids) for name in ids}
