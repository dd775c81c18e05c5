"""What reads a field of plain JSON types, or raises an error that says why it is something else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from graphtracker.model.context import checked_context
from graphtracker.model.display import printable, quoted
from graphtracker.model.encoding import from_json
from graphtracker.model.limits import checked_key, checked_name, checked_run_id, checked_text
from graphtracker.model.plain import DEEPEST, plain
from graphtracker.model.times import nanoseconds, time_from_text
from graphtracker.model.unpacking import MOST
from graphtracker.model.values import Node

Reader = Callable[[Any], Any]

MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a reader raises: our own errors, and those of Python for values of another type."""

_TEXT = frozenset([str])
_AS_THEY_ARE = frozenset([int, float, bool, type(None)])


def has_text_keys(value: Any) -> bool:
    """Whether it is a dict whose keys are text: nothing of theirs is called before that is known."""
    return type(value) is dict and _TEXT.issuperset(map(type, value))


def of_type(*kinds: type) -> Reader:
    """Reads what is of one of these very types: a class of somebody else's may do anything."""
    known = frozenset(kinds)

    def read(value: Any) -> Any:
        if type(value) not in known:
            raise TypeError(f"it must be of the type {kinds[0].__name__}")
        return value

    return read


def words(known: frozenset[str]) -> Reader:
    """Reads a list of some of these words as a set."""

    def read(value: Any) -> frozenset[str]:
        if type(value) is not list or any(type(word) is not str or word not in known for word in value):
            raise ValueError(f"it must be a list of {', '.join(sorted(known))}")
        return frozenset(value)

    return read


def words_by_id(known: frozenset[str]) -> Reader:
    """Reads a dict of such lists, none of them empty."""
    read = words(known)

    def read_all(value: Any) -> dict[str, frozenset[str]]:
        if not has_text_keys(value):
            raise TypeError("it must be a dict")
        found = {run_id: read(value[run_id]) for run_id in sorted(value)}
        if not all(found.values()):
            raise ValueError("no list in it may be empty")
        return found

    return read_all


def node(value: Any) -> Node:
    """Reads a node: a run id, or a list of a run id and the name of an artifact."""
    if type(value) is not list:
        return checked_run_id(value)
    if len(value) != 2:
        raise ValueError("it must be a run id, or a run id and the name of an artifact")
    return checked_run_id(value[0]), checked_name(value[1])


def node_or_none(value: Any) -> Node | None:
    """Reads a node, or None."""
    return None if value is None else node(value)


def name(value: Any) -> str:
    """Reads the name of a run."""
    read = checked_text("name", value)
    if not read:
        raise ValueError("it is empty")
    return read


def name_or_none(value: Any) -> str | None:
    """Reads the name of an artifact, or None."""
    return None if value is None else checked_name(value)


def path_or_none(value: Any) -> str | None:
    """Reads a path, or None."""
    return None if value is None else checked_text("path", value)


def context(value: Any) -> dict[str, object]:
    """Reads the context of a run."""
    if not has_text_keys(value):
        raise TypeError("it must be a dict")
    if not value:  # as of most runs: asking for each key takes long
        return {}
    return checked_context({key: from_json(item) for key, item in value.items()})


class Repeated:
    """Reads what many nodes share, each only once: the keys of metadata and times."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._times: dict[str, datetime] = {}

    def metadata(self, value: Any) -> dict[str, object]:
        """Reads metadata, sorted by key."""
        if not has_text_keys(value):
            raise TypeError("it must be a dict")
        if not value:
            return {}
        if not self._keys.issuperset(value):
            self._keys.update(map(checked_key, value))
        order = sorted(value)
        found = value.copy() if order == list(value) else {key: value[key] for key in order}
        for key, item in found.items():
            kind = type(item)
            if kind not in _AS_THEY_ARE and not (kind is str and item.isascii()):
                found[key] = _value(item, key)
        return found

    def time(self, text: Any) -> datetime:
        """Reads a time."""
        if type(text) is not str:
            raise TypeError("it must be a time in ISO 8601")
        at = self._times.get(text)
        if at is None:
            at = self._times[text] = time_from_text(text)
        return at

    def time_or_none(self, text: Any) -> datetime | None:
        """Reads a time, or None."""
        return None if text is None else self.time(text)


class Moments(dict[str, int]):
    """Texts of times as ns since 1970 UTC, each read once as long as it is one of so many that follow each other."""

    _MOST = 10_000

    def __missing__(self, text: str) -> int:
        if len(self) >= self._MOST:
            self.clear()
        at = self[text] = nanoseconds(datetime.fromisoformat(text))
        return at


def _value(value: Any, key: str) -> object:
    containers = _containers(value)
    restored = from_json(value)
    return restored if containers <= DEEPEST else plain(restored, key)  # which sees how deep they nest


_NESTING = frozenset([list, dict])


def _containers(value: Any) -> int:
    """How many lists and dicts are in it; raises ValueError for what nobody can have written, since it has no end."""
    found = seen = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) in _NESTING:
            found += 1
            seen += len(item)
            if seen > MOST:
                raise ValueError("it holds more than can be stored")
            waiting += item if type(item) is list else item.values()
    return found


class Misshapen(ValueError):
    """What stands at this place is not what is written there."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place} {what}")
        self.place = place
        self.what = what


Fields = dict[str, Reader]
"""Name of a field → what reads it."""


def read_dict(item: Any, wanted: Fields) -> list[Any]:
    """The values of a dict that has these fields and no others."""
    try:
        if type(item) is dict and len(item) == len(wanted):
            return [read(item[name]) for name, read in wanted.items()]
    except MALFORMED:
        pass
    raise _fault(item, wanted)


def _fault(item: Any, wanted: Fields) -> Misshapen:
    """What is wrong with it, which is asked about only where something is."""
    if not has_text_keys(item):
        return Misshapen("", f"is {quoted(item)}, not a dict")
    for name, read in wanted.items():
        if name not in item:
            return Misshapen(name, "is missing")
        try:
            read(item[name])
        except MALFORMED as error:
            return Misshapen(name, f"is {quoted(item[name])}: {printable(str(error))}")
    return Misshapen(quoted(min(item.keys() - wanted.keys())), "is unknown")
