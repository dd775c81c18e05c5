"""The libraries of other vocabularies, each imported on use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from graphtracker.errors import MissingExtra


def library(module: str, extra: str, what: str) -> Any:
    """The imported module; where it is not installed raises MissingExtra that says ``what`` needs it, and the extra."""
    try:
        return import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise MissingExtra(f"{what} needs {missing}; pip install 'graphtracker[{extra}]'") from error
