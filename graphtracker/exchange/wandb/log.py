"""The records of a run file of Weights & Biases, which an offline run leaves.

Such a file (``run-<id>.wandb``) is a log as LevelDB's (https://github.com/google/leveldb/blob/main/doc/log_format.md)
behind a header of seven bytes, its checksums those of zlib; each record is a ``wandb_internal.Record`` of protobuf.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from struct import Struct
from typing import BinaryIO

_HEADER = b":W&B\xe1\xbe\x00"
_BLOCK = 32768  # bytes, in which no part of a record crosses an end
_PART = Struct("<IHB")  # checksum, length, kind
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_LARGEST = 1 << 28  # bytes of one record; W&B's own artifacts of a million files have less


class Damaged(Exception):
    """What follows in the file is no record."""


def is_run_file(path: Path) -> bool:
    """Whether the file begins as a run file does; raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def records(path: Path) -> Iterator[bytes]:
    """The records of the file, up to its end or to where its writer was cut off.

    Raises Damaged where a part is no longer what was written, and OSError.
    """
    with path.open("rb") as file:
        first = file.read(_BLOCK)
        waiting: bytearray | None = None
        for kind, part in _parts(first[len(_HEADER) :], file):
            if kind in (_FULL, _FIRST):
                waiting = bytearray()
            if waiting is None or len(waiting) > _LARGEST:
                raise Damaged
            waiting += part
            if kind in (_FULL, _LAST):
                yield bytes(waiting)
                waiting = None


def _parts(first: bytes, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each part, block by block."""
    for number in count():
        block = file.read(_BLOCK) if number else first
        at = 0
        while at + _PART.size <= len(block):
            checksum, length, kind = _PART.unpack_from(block, at)
            part = block[at + _PART.size : at + _PART.size + length]
            if len(part) < length and len(block) < (_BLOCK if number else _BLOCK - len(_HEADER)):
                return  # its writer was cut off
            if not _FULL <= kind <= _LAST or zlib.crc32(part, zlib.crc32(bytes([kind]))) != checksum:
                raise Damaged
            yield kind, part
            at += _PART.size + length
        if len(block) < (_BLOCK if number else _BLOCK - len(_HEADER)):
            return
