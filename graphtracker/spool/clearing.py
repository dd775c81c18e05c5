"""How a spool that has been delivered is cleared away, but for what could not be."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from graphtracker.errors import GraphTrackerError
from graphtracker.model.display import quoted
from graphtracker.spool.laid_out import remove_opened

_DAMAGED = ".damaged"  # how the name of a file ends that keeps what cannot be delivered
_PIECE = 1 << 20  # bytes that are copied at once


def set_aside(path: str, spool: int, parts: Iterable[tuple[int, int]], more: Sequence[bytes]) -> str:
    """Keeps parts (first byte and size) of the spool that is open, and more lines, in a new file beside its path.

    Returns the path of that file; what was set aside before stays. Raises GraphTrackerError.
    """
    aside, descriptor = _new_file(path, stat.S_IMODE(os.fstat(spool).st_mode) & 0o666)
    with open(descriptor, "wb") as file:
        try:
            for start, size in parts:
                file.writelines(_pieces(spool, start, start + size))
            file.writelines(more)
            file.flush()
            os.fsync(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                remove_opened(aside, descriptor)
            raise _unkept(aside, error) from error
    return aside


def _new_file(path: str, rights: int) -> tuple[str, int]:
    number = 1
    while True:
        aside = f"{path}{'' if number == 1 else f'.{number}'}{_DAMAGED}"
        try:
            return aside, os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, rights)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise _unkept(aside, error) from error


def _pieces(spool: int, start: int, end: int) -> Iterator[bytes]:
    while piece := os.pread(spool, min(_PIECE, end - start), start):
        yield piece
        start += len(piece)


def _unkept(aside: str, error: OSError) -> GraphTrackerError:
    return GraphTrackerError(
        f"{quoted(aside)}, for what cannot be delivered, cannot be written ({error.strerror}); the spool stays"
    )


def remove(path: str, spool: int, size: int) -> None:
    """Removes the spool that is open, where it still has this size; another who does the same may have been first.

    Raises GraphTrackerError.
    """
    if os.fstat(spool).st_size != size:
        raise GraphTrackerError(f"the spool {quoted(path)} has grown since it was read, and stays; sync it again")
    try:
        remove_opened(path, spool)
    except FileNotFoundError:
        return
    except OSError as error:
        raise GraphTrackerError(
            f"the spool {quoted(path)} is delivered but cannot be removed ({error.strerror})"
        ) from error
