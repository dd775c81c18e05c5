"""A zip archive of one file, made as it is written."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator

from graphtracker.exchange.taken import Taken

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can say; any later one would be of now


def zipped(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The archive, piece by piece, in which the file of this name is made of the pieces; the same for the same ones."""
    made = Taken()
    with zipfile.ZipFile(made, "w") as archive:  # type: ignore[call-overload]  # asks for no more than it has
        entry = zipfile.ZipInfo(name, _LONG_AGO)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        with archive.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                yield made.taken()
    yield made.taken()
