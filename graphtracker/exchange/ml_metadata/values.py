"""The values of properties, as ml-metadata writes them into a row."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode
from collections.abc import Callable, Iterator

_STRUCT = "mlmd-struct::"  # what ml-metadata puts before a google.protobuf.Struct, in base64
_DEEPEST = 100  # levels of a Struct, as protobuf's own readers take

_Fields = Iterator[tuple[int, int | bytes]]


def value_of(whole: object, number: object, text: object, message: object, flag: object) -> object:
    """The value of a property, from its columns: a Struct as the dict that it is, a message of another type as a dict
    of its ``type_url`` and its bytes (``value``); None where the row holds none."""
    if text is not None:
        return _from_text(text)
    if flag is not None:
        return bool(flag)
    if message is not None:
        return _read(_message, message, message)
    return number if whole is None else whole


def _from_text(text: object) -> object:
    if isinstance(text, str) and text.startswith(_STRUCT):
        return _read(_struct, text.removeprefix(_STRUCT), text)
    return text


def _read(read: Callable[[bytes], object], encoded: object, otherwise: object) -> object:
    """What a reader makes of base64; what merely looks like it stays as it is."""
    if not isinstance(encoded, str):
        return otherwise
    try:
        return read(b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, struct.error):
        return otherwise


# -- the wire format of protobuf: https://protobuf.dev/programming-guides/encoding ------------------------------------


def _message(data: bytes) -> dict[str, object]:
    """A google.protobuf.Any."""
    fields = dict(_fields(data))
    return {"type_url": _bytes(fields.get(1, b"")).decode(), "value": _bytes(fields.get(2, b""))}


def _struct(data: bytes, depth: int = 0) -> dict[str, object]:
    """A google.protobuf.Struct, whose numbers are floats."""
    if depth > _DEEPEST:
        raise ValueError("it is nested too deep")
    entries = (dict(_fields(_bytes(entry))) for number, entry in _fields(data) if number == 1)
    return {_bytes(entry.get(1, b"")).decode(): _value(_bytes(entry.get(2, b"")), depth + 1) for entry in entries}


def _value(data: bytes, depth: int) -> object:
    """A google.protobuf.Value; of several kinds the last one counts."""
    found: object = None
    for number, content in _fields(data):
        if number == 2:
            (found,) = struct.unpack("<d", _bytes(content))
        elif number == 3:
            found = _bytes(content).decode()
        elif number == 4:
            found = bool(content)
        elif number == 5:
            found = _struct(_bytes(content), depth)
        elif number == 6:
            found = _list(_bytes(content), depth)
    return found


def _list(data: bytes, depth: int) -> list[object]:
    """A google.protobuf.ListValue."""
    if depth > _DEEPEST:
        raise ValueError("it is nested too deep")
    return [_value(_bytes(item), depth + 1) for number, item in _fields(data) if number == 1]


def _fields(data: bytes) -> _Fields:
    """The number of each field, with its integer or its bytes (little end first, of a fixed size or not)."""
    place = 0
    while place < len(data):
        key, place = _integer(data, place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            content, place = _integer(data, place)
            yield number, content
            continue
        if kind == 2:
            size, place = _integer(data, place)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"it has a field of kind {kind}")
        if place + size > len(data):
            raise ValueError("it ends in the middle of a field")
        yield number, data[place : place + size]
        place += size


def _integer(data: bytes, place: int) -> tuple[int, int]:
    """A varint, and the place behind it."""
    found = 0
    for shift in range(0, 70, 7):
        if place == len(data):
            break
        byte = data[place]
        place += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found, place
    raise ValueError("it ends in the middle of a number")


def _bytes(content: int | bytes) -> bytes:
    if isinstance(content, int):
        raise ValueError("it has a number where bytes belong")
    return content
