"""How an SQLite file of others is opened so that nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path


def reading(path: Path) -> dict[str, str]:
    """The options of its URI by which it is read, and nothing is written beside it; raises OSError.

    To read a file with a write-ahead log SQLite would make one, which stays.
    """
    with path.open("rb") as file:
        has_log = file.read(20)[18:] == b"\2\2"  # the versions of its format: https://www.sqlite.org/fileformat.html
    log = Path(f"{os.path.realpath(path)}-wal")
    return {"immutable": "1"} if has_log and not (log.exists() and log.stat().st_size) else {"mode": "ro"}
