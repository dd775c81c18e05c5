"""A zip archive of one file, made as it is written."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can say; any later one would be of now


def zipped(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The archive, piece by piece, in which the file of this name is made of the pieces; the same for the same ones."""
    made = _Made()
    with zipfile.ZipFile(made, "w") as archive:  # type: ignore[call-overload]  # asks for no more than it has
        entry = zipfile.ZipInfo(name, _LONG_AGO)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        with archive.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                yield made.taken()
    yield made.taken()


class _Made:
    """What the archive is written to, from which it is taken as it comes."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        """Keeps the data until it is taken."""
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is behind it."""

    def taken(self) -> bytes:
        """What has been written since it was last taken."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data
