"""The vocabularies that history is imported from, by name; each is imported on use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.report import Report
from graphtracker.model.display import quoted
from graphtracker.model.events import Event

IMPORTS = {
    "ml-metadata": "graphtracker.exchange.ml_metadata:events",
    "mlflow": "graphtracker.exchange.mlflow:events",
    "model-card": "graphtracker.exchange.model_card:events",
    "openlineage": "graphtracker.exchange.openlineage:events",
    "parquet": "graphtracker.exchange.parquet:events",
    "torchx": "graphtracker.exchange.torchx:events",
    "wandb": "graphtracker.exchange.wandb:events",
}
"""Name → import string of a function from a source and a Report to events, a few runs at a time."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "parent_as_source": ("mlflow",),
}
"""Option, as a keyword of that function → the vocabularies that take it."""


def events_of(name: str, source: str, report: Report, **options: Any) -> Iterator[list[Event]]:
    """The events of a source in the vocabulary of this name; the report counts what is read and what is left out.

    Raises InvalidInput for an unknown name, for an empty source, for an option that it does not take and, from the
    first events on, for what is no such source; MissingExtra where its library is missing.
    """
    if name not in IMPORTS:
        raise InvalidInput(f"unknown vocabulary {quoted(name)}; use one of {', '.join(sorted(IMPORTS))}")
    if source == "":  # which paths take for the folder that one is in
        raise InvalidInput(f"no source of {name} is named; say where it is")
    for option in options:
        owners = OPTIONS.get(option, ())
        if name not in owners:
            whose = f"which is an option of {' and '.join(owners)}" if owners else "nor does another"
            raise InvalidInput(f"{name} takes no {quoted(option)}, {whose}; leave it out")
    module, _, function = IMPORTS[name].partition(":")
    found: Iterator[list[Event]] = getattr(import_module(module), function)(source, report, **options)
    return found
