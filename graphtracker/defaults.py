"""Where a tracker keeps things that was told nothing else: its store, its spool, and how long it waits at the end."""

from __future__ import annotations

import logging
import os

from graphtracker import environment
from graphtracker.model.display import quoted

_EXIT_TIMEOUT = 5.0

logger = logging.getLogger("graphtracker")


def default_url() -> tuple[str, bool]:
    """``GRAPHTRACKER_URL``, else a file in the per-user data folder; and whether nobody chose it."""
    chosen = environment.read(environment.URL)
    if chosen:
        return chosen, False
    return os.path.join(_data_folder(), "graphtracker.db"), True


def chosen_folder(spool: bool | str | os.PathLike[str]) -> str | None:
    """The spool folder that was asked for: none, the default one, or this."""
    if isinstance(spool, bool):
        return spool_folder() if spool else None
    return os.path.abspath(os.path.expanduser(os.fspath(spool)))


def spool_folder() -> str:
    """``GRAPHTRACKER_SPOOL``, else a folder in the per-user data folder."""
    chosen = environment.read(environment.SPOOL)
    return chosen_folder(chosen) if chosen else os.path.join(_data_folder(), "spool")  # type: ignore[return-value]


def exit_timeout() -> float:
    """Seconds that a process waits at its end for the delivery of its spool: ``GRAPHTRACKER_EXIT_TIMEOUT``, else 5."""
    text = environment.read(environment.EXIT_TIMEOUT)
    try:
        seconds = float(text) if text else _EXIT_TIMEOUT
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < 1e6:
        return seconds
    logger.warning("%s is %s, which is no number of seconds; it is taken as %g", environment.EXIT_TIMEOUT,
                   quoted(text), _EXIT_TIMEOUT)  # fmt: skip
    return _EXIT_TIMEOUT


def _data_folder() -> str:
    import platformdirs  # 20 ms, which a tracker with a store of its own need not pay

    return str(platformdirs.user_data_path("graphtracker", appauthor=False))
