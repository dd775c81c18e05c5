"""MLflow without a word of its own: no logs, no warnings, no telemetry."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from graphtracker.environment import lent

_LOGGERS = ("alembic", "mlflow", "sqlalchemy", "urllib3")
_SETTINGS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # else it refuses to read its own stores of yesterday
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_STORES = ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI")
_UNLESS_SET = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # by its own default minutes go by before it says that nobody answers
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


class Complaints(logging.Filter):
    """What MLflow says of entries that it skips because it cannot read them: it says that as if it were nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether another said it; what MLflow did is kept."""
        if "mlflow" not in PurePath(record.pathname).parts:
            return True
        self.said.add(record.getMessage())
        return False


@contextmanager
def unheard(uri: str, complaints: Complaints | None = None) -> Iterator[None]:
    """While it lasts MLflow, and what it stands on, says nothing to anybody; all is as it was afterwards.

    Where MLflow forgets which store it was asked about it means the one of this URI, too: by its own default it would
    make one in the working folder.
    """
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with (
            _filtered(complaints or Complaints()),
            lent({**_SETTINGS, **dict.fromkeys(_STORES, uri)}, _UNLESS_SET),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _filtered(complaints: Complaints) -> Iterator[None]:
    """What is said in nobody's name goes through this filter."""
    root = logging.getLogger()
    bare = not root.handlers and logging.lastResort
    if bare:
        root.addHandler(bare)  # what would show it anyway: else the first word adds a handler that stays
    root.addFilter(complaints)
    try:
        yield
    finally:
        root.removeFilter(complaints)
        if bare:
            root.removeHandler(bare)
