"""A page of an answer: as many of its items as have room, from behind the last one of the page before."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice, zip_longest
from typing import Any, NamedTuple, TypeVar

from graphtracker.errors import InvalidInput
from graphtracker.mcp.budget import LOOK_AHEAD, Budget
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted

Found = TypeVar("Found")
Way = tuple[Any, ...]
"""What something is known by in an answer; of a row the name of its list comes first."""
_WIDER = 4  # times as much is read, where all that was read has been told


class Item(NamedTuple):
    """One thing that an answer tells."""

    thing: str
    """What one of these is called."""
    way: Way
    tell: Callable[[], Any]
    """What is told of it."""
    nodes: int = 1
    """How many it counts for."""
    row: Way | None = None
    """The way of the row in which it stands, where it is none itself."""
    inside: tuple[str, ...] = ()
    """Where it stands in that row: the name of a list, or that of a mapping with the key, or keys, in it."""
    listed: bool = True
    """Whether that is a list."""


class Reading(NamedTuple):
    """How much of the store is read for a page, and where in it the page begins."""

    told: int
    """All that is there where only so much is read has been told."""
    most: int
    last: str | None = None
    """What the last item of the page before is known by, if that was read, too."""

    def __str__(self) -> str:
        return f"{self.told}-{self.most}-{self.last or ''}"

    def wider(self) -> Reading:
        """The next, where all has been told that is there where so much is read as now."""
        return Reading(self.most, self.most * _WIDER)


@dataclass
class Page:
    """The items that a page tells, with what is told of them."""

    reading: Reading
    so_far: list[Item] = field(default_factory=list)
    """Those of the pages before, then those of this one."""
    told: list[tuple[Item, Any]] = field(default_factory=list)
    after: str | None = None
    """What the next page is asked for by; None where there is none."""

    def left(self, **totals: int) -> dict[str, int]:
        """Of so many things of each kind, those that come on later pages, as far as there are any."""
        so_far = Counter(item.thing for item in self.so_far)
        left = {thing: count - so_far[thing] for thing, count in totals.items()}
        return {thing: count for thing, count in left.items() if count}

    def count(self, thing: str) -> int:
        """How many of these this page tells."""
        return sum(item.thing == thing for item, _ in self.told)


def page_of(items: Iterable[Item], given: Mapping[str, Any]) -> Page:
    """The page behind the item that ``after`` names, of all items; raises InvalidInput where none is known by it."""
    return _page(items, [], _reading(given, 0), given)


def widened(
    given: Mapping[str, Any],
    ask: Callable[[int], Found],
    items: Callable[[Found], Iterable[Item]],
    cut: Callable[[Found], bool],
) -> tuple[Found, Page]:
    """The same where not all is read at once, with what was read: so much as the page needs.

    What is read may come in another order where more is read, and more of it anywhere. So all that comes with one
    bound is told, page by page, and then with the next what has come besides.
    """
    reading = _reading(given, LOOK_AHEAD * given["max_nodes"])
    while True:
        before = list(items(ask(reading.told))) if reading.told else []
        found = ask(reading.most)
        page = _page(items(found), before, reading, given)
        if page.after is None and cut(found):
            reading = reading.wider()
            page.after = str(reading)
        if page.told or page.after is None:
            return found, page


def _reading(given: Mapping[str, Any], most: int) -> Reading:
    after = given["after"]
    if after is None:
        return Reading(0, most)
    parts = _READING.fullmatch(after)
    if parts is None:
        raise _unknown(after)
    return Reading(int(parts[1]), int(parts[2]), parts[3] or None)


_READING = re.compile(r"([0-9]{1,12})-([0-9]{1,12})-([0-9a-f]{16})?", re.ASCII)


def _page(items: Iterable[Item], before: list[Item], reading: Reading, given: Mapping[str, Any]) -> Page:
    known = {item.way for item in before}
    page, budget = Page(reading, before), Budget(given["max_nodes"])
    stream = (item for item in items if item.way not in known)
    if reading.last is not None:
        _pass(stream, reading.last, page, given["after"])
    for item in stream:
        told = item.tell()
        if not budget.take(told, item.nodes):
            page.after = str(reading._replace(last=known_by(page.told[-1][0].way)))
            break
        page.so_far.append(item)
        page.told.append((item, told))
    return page


def _pass(stream: Iterator[Item], last: str, page: Page, after: str) -> None:
    for item in stream:
        page.so_far.append(item)
        if known_by(item.way) == last:
            return
    raise _unknown(after)


def _unknown(after: str) -> InvalidInput:
    return InvalidInput(
        f"after is {quoted(after)}, and nothing in this answer is known by it; it is given as the answer before says, "
        "with the same other arguments, and where that has gone from the store meanwhile, begin again without it"
    )


def known_by(way: Way) -> str:
    """A short name of what is known so, in ASCII."""
    return blake2b(json.dumps(way).encode(), digest_size=8).hexdigest()


def said_of(left: Mapping[str, int], page: Page, *, cut: bool) -> list[str]:
    """What comes on later pages, in words; at least so much where not all was read, and it may be unknown what."""
    least = "at least " if cut else ""
    said = [f"{least}{counted(count, thing)}" for thing, count in left.items()]
    return said or (["what lies farther away"] if page.after is not None else [])


def laid_out(page: Page, data: dict[str, Any], stub: Callable[[Way], dict[str, Any]] = dict) -> dict[Way, Any]:
    """Puts all that the page tells in its place in the data; returns the rows by their ways.

    A row of which a page before has told the beginning is a stub.
    """
    rows: dict[Way, Any] = {}
    for item, told in page.told:
        if item.row is None:
            _add_row(rows, data, item.way, told)
            continue
        if item.row not in rows:
            _add_row(rows, data, item.row, stub(item.row))
        place = rows[item.row]
        for key in item.inside[:-1]:
            place = place.setdefault(key, {})
        if item.listed:
            place.setdefault(item.inside[-1], []).append(told)
        else:
            place[item.inside[-1]] = told
    return rows


def _add_row(rows: dict[Way, Any], data: dict[str, Any], way: Way, told: Any) -> None:
    rows[way] = told
    if len(way) == 1:
        data[way[0]] = told
    else:
        data.setdefault(way[0], []).append(told)


def by_turns(*lists: Iterable[Iterable[Item]]) -> Iterator[Item]:
    """Some of each list in turn, so that none keeps the others out."""
    for turn in zip_longest(*lists, fillvalue=()):
        for some in turn:
            yield from some


def by_number(items: Iterable[Item], number: int = 1) -> Iterator[list[Item]]:
    """The items, so many at a time."""
    stream = iter(items)
    while some := list(islice(stream, number)):
        yield some
