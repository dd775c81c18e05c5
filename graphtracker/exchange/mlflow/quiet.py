"""MLflow without a word of its own: no logs, no warnings, no telemetry."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def unheard(uri: str) -> Iterator[None]:
    """While it lasts MLflow, and what it stands on, says nothing to anybody; all is as it was afterwards.

    Where MLflow forgets which store it was asked about it means the one of this URI, too: by its own default it would
    make one in the working folder.
    """
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with lent({**_SETTINGS, **dict.fromkeys(_STORES, uri)}, _UNLESS_SET), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
