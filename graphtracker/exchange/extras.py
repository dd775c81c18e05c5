"""The libraries of other vocabularies, each imported on use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from graphtracker.errors import MissingExtra
from graphtracker.exchange.raised import reason
from graphtracker.model.signals import pass_on


def library(module: str, extra: str, what: str) -> Any:
    """The imported module; where it is not to be had raises MissingExtra that says ``what`` needs it, and the extra."""
    way_out = f"pip install 'graphtracker[{extra}]'"
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{what} needs {error.name or module}; {way_out}") from error
    except Exception as error:  # what was made for another version of what it needs raises anything
        pass_on(error)
        raise MissingExtra(
            f"{what} needs {module}, which cannot be imported ({reason(error)}); {way_out} anew"
        ) from error
