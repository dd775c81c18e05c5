"""Metadata values in the plain types that stores keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NoReturn

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.signals import pass_on
from graphtracker.model.unpacking import MOST, TOO_MANY, Odd, Shape, Unread, type_name, unpacked

DEEPEST = 200
"""Levels of nesting; Python's own JSON reader gives up at a few hundred, depending on its caller."""

KEYS: tuple[type, ...] = (str, int, float, bool, type(None))
"""Types of the keys of a dict."""

Mend = Callable[[object, InvalidInput], object]
"""Is given a value that cannot be kept, or a word for one whose own text may have no end; returns what to keep."""

_Place = Any
"""A key, or a pair of the place of a container and the key or index of a value in it."""


def plain(value: object, key: str) -> object:
    """The value in plain Python types, copied: what a store keeps and returns under this key.

    None, bool, int, float, str, bytes, date, datetime, timedelta, Decimal, UUID, set and frozenset (with tuples in it)
    stay. Sequences and arrays become lists (``bytearray`` and ``memoryview`` are refused); mappings, dataclasses,
    ``argparse.Namespace`` and what has ``model_dump()`` dicts, whose keys are text, numbers, bools or None;
    ``os.PathLike`` str, an Enum its value, scalars and times of numpy, pandas and torch Python's own.

    Anything else in it, and what its own code fails to give out, raises InvalidInput that names the type and the place
    as in ``optim.betas[1]``.
    """
    kind = type(value)
    if kind is int or kind is float or kind is bool or value is None:
        return value
    if kind is str and value.isascii():  # type: ignore[attr-defined]  # kind says that it is a str
        return value
    return mended(value, key, _refuse)


def mended(value: object, key: str, mend: Mend) -> object:
    """As ``plain``, with what ``mend`` returns in the place of each part that cannot be stored."""
    kind = type(value)
    if kind is int or kind is float or kind is bool or value is None:
        return value
    try:
        return _Walk(mend).plain(value, key)
    except RecursionError:  # the caller is far down already
        return mend(_word_for(value), _refusal(value, key, Odd(_TOO_DEEP)))


def _refuse(value: object, refusal: InvalidInput) -> NoReturn:
    raise refusal


class _Walk:
    """The way through one value: what is open above, and how much more may come."""

    def __init__(self, mend: Mend) -> None:
        self._mend = mend
        self._open: set[int] = set()
        self._left = MOST

    def plain(self, value: object, place: _Place, hashable: bool = False) -> object:
        """The value in plain types; ``hashable`` within a set."""
        try:
            shape, found = unpacked(value)
            if hashable:
                _check_hashable(shape, found)
        except Exception as error:  # noqa: BLE001  # the value's own code may raise anything
            pass_on(error)
            stand_in = _word_for(error) if type(value) is Unread else value
            return self._mend(stand_in, _refusal(value, place, error))
        if shape is Shape.LEAF:
            return found
        fault = self._fault(value, shape, found)
        if fault is not None:
            return self._mend(_word_for(value), _refusal(value, place, Odd(fault)))
        self._open.add(id(value))
        result = _WALKS[shape](self, found, place, hashable)
        self._open.discard(id(value))
        return result

    def _fault(self, value: object, shape: Shape, found: Any) -> str | None:
        if id(value) in self._open:
            return "which holds itself; leave that out"
        if len(self._open) >= DEEPEST:
            return _TOO_DEEP
        if shape is Shape.OTHER:
            return None
        if len(found) > self._left:
            return TOO_MANY
        self._left -= len(found)
        return None

    def other(self, found: object, place: _Place, hashable: bool) -> object:
        """What a value that stands for the one at this place is in plain types."""
        return self.plain(found, place, hashable)

    def items(self, found: Iterable[object], place: _Place, hashable: bool) -> object:
        """A list; a tuple within a set."""
        result = []
        for index, item in enumerate(found):
            kind = type(item)
            if not (kind is float or kind is int or kind is bool or item is None):
                item = self.plain(item, (place, index), hashable)
            result.append(item)
        return tuple(result) if hashable else result

    def pairs(self, found: Iterable[tuple[object, object]], place: _Place, hashable: bool) -> object:
        """A dict."""
        result: dict[object, object] = {}
        for name, item in found:
            key = name if type(name) is str and name.isascii() else self._key(name, place)
            if key in result:
                key = self._mend(name, _refused_key(name, place, "which is read as another one of it"))
            kind = type(item)
            if not (kind is float or kind is int or kind is bool or item is None):
                item = self.plain(item, (place, key))
            result[key] = item
        return result

    def members(self, found: set[object] | frozenset[object], place: _Place, hashable: bool) -> object:
        """A set or frozenset, as it was; a frozenset within a set."""
        members = [self.plain(item, place, True) for item in found]
        return frozenset(members) if hashable or type(found) is frozenset else set(members)

    def _key(self, name: object, place: _Place) -> object:
        with suppress(InvalidInput):
            key = plain(name, "key")
            if type(key) in KEYS:
                return key
        why = "which cannot be stored; give text, numbers, bools or None"
        return self._mend(name, _refused_key(name, place, why))


_WALKS: dict[Shape, Callable[[_Walk, Any, _Place, bool], object]] = {
    Shape.OTHER: _Walk.other,
    Shape.ITEMS: _Walk.items,
    Shape.PAIRS: _Walk.pairs,
    Shape.MEMBERS: _Walk.members,
}

_TOO_DEEP = f"which is nested more than {DEEPEST} levels deep; store a path to it instead"


def _check_hashable(shape: Shape, found: object) -> None:
    if shape is Shape.PAIRS:
        raise Odd("which as a dict can be in no set; give a list of them")
    if shape is Shape.LEAF:
        hash(found)


def _word_for(value: object) -> str:
    return f"<{type_name(type(value))}>"


def _refusal(value: object, place: _Place, error: Exception) -> InvalidInput:
    where = f"metadata {quoted(_dotted(place))}"
    if type(value) is Unread:
        owner, raised = type_name(value.container), type_name(type(error))
        return _because(error, f"{where} cannot be read: {owner} raised {raised} when asked for it; leave it out")
    if type(error) is Odd:
        return _because(None, f"{where} has a value of type {type_name(type(value))}, {error}")
    why = f"whose own code raised {type_name(type(error))}; give text, numbers, lists or dicts"
    return _because(error, f"{where} has a value of type {type_name(type(value))}, {why}")


def _refused_key(name: object, place: _Place, why: str) -> InvalidInput:
    return _because(None, f"metadata {quoted(_dotted(place))} has a key of type {type_name(type(name))}, {why}")


def _because(cause: Exception | None, message: str) -> InvalidInput:
    refusal = InvalidInput(message)
    refusal.__cause__ = cause
    return refusal


def _dotted(place: _Place) -> str:
    """A place as people write it.

    >>> _dotted(((("config", "optim"), "betas"), 1))
    'config.optim.betas[1]'
    """
    segments: list[str] = []
    while isinstance(place, tuple):
        place, segment = place
        if isinstance(segment, str):
            segments.append(f".{segment}")
        else:  # of an integer that is large for a key, Python may not print the digits
            segments.append(f"[{segment:#x}]" if type(segment) is int and segment > MOST else f"[{segment}]")
    return "".join([place, *reversed(segments)])
