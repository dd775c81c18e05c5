"""The log of graphtracker, which never raises into whoever records."""

from __future__ import annotations

import contextlib
import logging
import sys

from graphtracker.model.display import printable
from graphtracker.model.signals import pass_on

logger = logging.getLogger("graphtracker")


def info(message: str, *values: object) -> None:
    """Logs what may be good to know."""
    _logged(logging.INFO, message, values)


def warning(message: str, *values: object) -> None:
    """Logs what somebody should look at."""
    _logged(logging.WARNING, message, values)


def loss(message: str, *values: object) -> None:
    """Logs that events are lost, or that they wait; says it on stderr where logging is switched off or fails.

    ``logging.config.dictConfig`` switches off, unless told otherwise, each logger that is there already.
    """
    if not _logged(logging.ERROR, message, values):
        # There is no stderr, or it is closed: then nothing is left to say it with.
        with contextlib.suppress(Exception):
            print("graphtracker:", printable(message % values), file=sys.stderr, flush=True)


def _logged(level: int, message: str, values: tuple[object, ...]) -> bool:
    """Whether somebody may have seen it."""
    try:
        if not logger.isEnabledFor(level):
            return False
        logger.log(level, "%s", printable(message % values))  # which may hold text of others
    except Exception as error:  # noqa: BLE001  # what handlers and filters of others raise must not end a recording call
        pass_on(error)
        return False
    return True
