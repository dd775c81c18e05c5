"""What a library writes to as to a file, taken from it as it comes."""

from __future__ import annotations


class Taken:
    """Holds what was written since it was last taken.

    >>> file = Taken()
    >>> file.write(b"a"), file.write(b"b"), file.taken(), file.taken()
    (1, 1, b'ab', b'')
    """

    closed = False

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        """Keeps the data until it is taken."""
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """All is here at once."""

    def taken(self) -> bytes:
        """What has been written since it was last taken."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data
