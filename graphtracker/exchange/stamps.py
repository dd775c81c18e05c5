"""The part of a stamp that is made of what is said: the same for the same in every process, another for anything else.

It has 11 bytes. A number, a time or a short text stands in them as it is, which takes a tenth of the time of a digest;
of anything else they hold the beginning of its BLAKE2b. The last byte tells the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Any

from graphtracker.model.encoding import dumps
from graphtracker.model.limits import LARGEST_INT

_FLOAT, _INT, _BOOL, _NONE, _TIME, _SHORT_TEXT = 1, 2, 3, 4, 5, 16  # of a text that and its length: it may end in NUL
_TEXT, _LIST, _DICT, _PAIRS, _OTHER = (bytes([kind]) for kind in range(6, 11))
_SHORT = 10  # bytes of UTF-8

_packed_float = Struct(">d2xB").pack
_packed_int = Struct(">q2xB").pack
_packed_text = Struct(f">{_SHORT}sB").pack
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def content_of(values: Mapping[str, object], path: str = "") -> bytes:
    """The 11 bytes of values by name, in whatever order, and of a path."""
    names, begun = _begun(tuple(values))
    return _digest(
        begun, b"".join([CONTENT[type(values[name])](values[name]) for name in names]) + path.encode(), _DICT
    )


@lru_cache(1000)
def _begun(names: tuple[str, ...]) -> tuple[list[str], blake2b]:
    """Names in order, and their digest, to go on with: most dicts have the names of another one."""
    in_order = sorted(names)
    return in_order, blake2b(ascii(in_order).encode(), digest_size=_SHORT)


def _of_text(value: str) -> bytes:
    said = value.encode()
    size = len(said)
    return _packed_text(said, _SHORT_TEXT + size) if size <= _SHORT else _digest(_NOTHING, said, _TEXT)


def _of_float(value: float) -> bytes:
    return _packed_float(value, _FLOAT) if value == value else _of_other(value)  # NaN has many bytes


def _of_int(value: int) -> bytes:
    return _packed_int(value, _INT) if -LARGEST_INT <= value <= LARGEST_INT else _of_other(value)


def _of_bool(value: bool) -> bytes:
    return _packed_int(value, _BOOL)


def _of_none(value: None) -> bytes:
    return _packed_int(0, _NONE)


def _of_time(value: datetime) -> bytes:
    if value.tzinfo is not timezone.utc or value.fold:
        return _of_other(value)
    return _packed_int((value - _EPOCH) // _MICROSECOND, _TIME)


def _of_list(value: list[object]) -> bytes:
    return _digest(_NOTHING, b"".join([CONTENT[type(item)](item) for item in value]), _LIST)


def _of_dict(value: dict[Any, object]) -> bytes:
    if _NAMES.issuperset(map(type, value)):
        return content_of(value)
    pairs = sorted([CONTENT[type(key)](key) + CONTENT[type(item)](item) for key, item in value.items()])
    return _digest(_NOTHING, b"".join(pairs), _PAIRS)


def _of_other(value: object) -> bytes:
    return _digest(_NOTHING, dumps(value).encode(), _OTHER)  # it holds no dict, and dumps() writes sets in one order


_NAMES = frozenset([str])
_NOTHING = blake2b(digest_size=_SHORT)  # a copy of it takes half the time of a new one


def _digest(begun: blake2b, said: bytes, kind: bytes) -> bytes:
    hashed = begun.copy()
    hashed.update(said)
    return hashed.digest() + kind


class _Content(dict[type, Callable[[Any], bytes]]):
    def __missing__(self, kind: type) -> Callable[[Any], bytes]:
        return _of_other


CONTENT = _Content(
    {
        str: _of_text,
        float: _of_float,
        int: _of_int,
        bool: _of_bool,
        type(None): _of_none,
        datetime: _of_time,
        list: _of_list,
        dict: _of_dict,
    }
)
"""Type of a plain value → function from such a value to its 11 bytes."""
