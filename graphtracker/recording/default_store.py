"""The store of whoever names none: a file in the per-user data folder."""

from __future__ import annotations

import os
from pathlib import Path

from graphtracker import environment, logs
from graphtracker.errors import StoreError
from graphtracker.model.display import quoted


class DefaultFile:
    """The file at this path, in a folder that is made with the first write."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def make_folder(self) -> None:
        """Makes its folder; raises StoreError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unmakeable(error.strerror) from error

    def check_folder(self) -> None:
        """Raises what making its folder would raise, and makes nothing."""
        folder = self._path.parent
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir():
            raise self._unmakeable("Not a directory")
        if not os.access(there, os.W_OK | os.X_OK):
            raise self._unmakeable("Permission denied")

    def warn_of_it(self) -> None:
        """Tells a job that it records here, where nobody may look for it."""
        import socket  # 5 ms, for a warning

        logs.warning(
            "this job was given no store: graphtracker records to %s on host %s, where it stays; "
            "name a store in the tracker's config or in %s",
            self._path, socket.gethostname(), environment.URL,
        )  # fmt: skip

    def _unmakeable(self, reason: str | None) -> StoreError:
        return StoreError(
            f"the default store's folder {quoted(str(self._path.parent))} cannot be made ({reason}); "
            f"name a store in {environment.URL}"
        )
