"""The file or folder that an import is given, or why it cannot be read."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphtracker.errors import InvalidInput
from graphtracker.model.display import printable, quoted

FILE = ("file",)
FOLDER = ("folder",)
FILE_OR_FOLDER = ("file", "folder")


def given(name: str, kinds: tuple[str, ...], wanted: str) -> Path:
    """The path, where one of these kinds is there; a pipe, which would be waited for, is none. Raises as ``naming``."""
    with naming(name, kinds, wanted):
        path = Path(name)
        mode = path.stat().st_mode
    found = "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "pipe or a device"
    if found not in kinds:
        raise InvalidInput(f"{quoted(name)} is a {found}, no {' or '.join(kinds)}; {wanted}")
    return path


@contextmanager
def naming(name: str, kinds: tuple[str, ...], wanted: str) -> Iterator[None]:
    """Raises, for what the file system does within, InvalidInput that names it; ``wanted`` is what to give instead."""
    try:
        yield
    except InvalidInput:  # a ValueError, too
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidInput(f"there is no {' or '.join(kinds)} {quoted(name)}; {wanted}") from error
    except PermissionError as error:
        raise InvalidInput(f"{quoted(name)} may not be read by this user; change its rights") from error
    except (OSError, ValueError) as error:  # a NUL, a lone surrogate
        reason = (error.strerror if isinstance(error, OSError) else None) or printable(str(error))
        raise InvalidInput(f"{quoted(name)} cannot be read ({reason}); {wanted}") from error
