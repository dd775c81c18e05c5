"""As much of Bolt as it takes to listen in on it: chunked messages of PackStream values."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

GOODBYE, RESET, RUN, BEGIN, COMMIT, ROLLBACK, ROUTE = 0x02, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x66
SUCCESS, IGNORED, FAILURE = 0x70, 0x7E, 0x7F
SUMMARIES = frozenset([SUCCESS, IGNORED, FAILURE])

_LONGEST_CHUNK = 0xFFFF
_NUMBERS = {0xC8: ">b", 0xC9: ">h", 0xCA: ">i", 0xCB: ">q", 0xC1: ">d"}
_SIZES = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD8: 1, 0xD9: 2, 0xDA: 4}
_PLAIN = {0xC0: None, 0xC2: False, 0xC3: True}


class Message(NamedTuple):
    """What is said at once: its kind, and its bytes as they came, without the chunks."""

    kind: int
    packed: bytes

    @property
    def fields(self) -> list[Any]:
        """Its values; structures (dates, points) are lists of theirs."""
        found: list[Any] = _Unpacker(self.packed).value()
        return found


def received(stream: socket.socket, size: int) -> bytes:
    """So many bytes; raises ConnectionError where there are no more."""
    got = bytearray()
    while len(got) < size:
        part = stream.recv(size - len(got))
        if not part:
            raise ConnectionError("the other side is gone")
        got += part
    return bytes(got)


def next_message(stream: socket.socket) -> Message:
    """The next one; raises ConnectionError where there is none."""
    packed = bytearray()
    while True:
        size = int.from_bytes(received(stream, 2), "big")
        if size:
            packed += received(stream, size)
        elif packed:  # else it only says that it is alive
            return Message(packed[1], bytes(packed))


def send(stream: socket.socket, message: Message) -> None:
    """Sends it."""
    parts = bytearray()
    for start in range(0, len(message.packed), _LONGEST_CHUNK):
        chunk = message.packed[start : start + _LONGEST_CHUNK]
        parts += len(chunk).to_bytes(2, "big") + chunk
    stream.sendall(bytes(parts) + b"\0\0")


def answer(kind: int, said: dict[str, Any] | None = None) -> Message:
    """A message of a server that says this."""
    return Message(kind, bytes([0xB1, kind]) + b"".join(_packed(said or {})))


def _packed(value: Any) -> Iterator[bytes]:
    if value is None or isinstance(value, bool):
        yield bytes(marker for marker, plain in _PLAIN.items() if plain is value)
    elif isinstance(value, float):
        yield b"\xc1" + struct.pack(">d", value)
    elif isinstance(value, str):
        text = value.encode()
        yield b"\xd2" + len(text).to_bytes(4, "big") + text
    elif isinstance(value, int):
        yield b"\xcb" + value.to_bytes(8, "big", signed=True)
    elif isinstance(value, list):
        yield b"\xd6" + len(value).to_bytes(4, "big")
        for item in value:
            yield from _packed(item)
    else:
        yield b"\xda" + len(value).to_bytes(4, "big")
        for key, item in value.items():
            yield from _packed(key)
            yield from _packed(item)


class _Unpacker:
    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._place = 0

    def value(self) -> Any:
        marker = self._take(1)[0]
        if marker in _PLAIN:
            return _PLAIN[marker]
        if marker in _NUMBERS:
            form = _NUMBERS[marker]
            return struct.unpack(form, self._take(struct.calcsize(form)))[0]
        if marker < 0x80 or marker >= 0xF0:
            return struct.unpack(">b", bytes([marker]))[0]
        if marker >= 0xC0:
            size = int.from_bytes(self._take(_SIZES[marker]), "big")
            sort = {0xCC: 0xC0, 0xD0: 0x80, 0xD4: 0x90, 0xD8: 0xA0}[marker & 0xFC]
        else:
            size, sort = marker & 0x0F, marker & 0xF0
        return self._of_size(sort, size)

    def _of_size(self, sort: int, size: int) -> Any:
        if sort == 0xC0:
            return self._take(size)
        if sort == 0x80:
            return self._take(size).decode()
        if sort == 0xA0:
            return {self.value(): self.value() for _ in range(size)}
        if sort == 0xB0:
            self._take(1)
        return [self.value() for _ in range(size)]

    def _take(self, size: int) -> bytes:
        self._place += size
        return self._packed[self._place - size : self._place]
