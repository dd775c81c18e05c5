"""How long it takes to import a history, beside loading the same events from a list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from graphtracker import GraphTracker
from graphtracker.model.events import Event
from tests.benchmarks.measuring import Result, in_turn, ratio, taken

Read = Callable[[], Iterable[list[Event]]]
"""Begins to read a source."""


def beside_loading(folder: Path, what: str, read: Read, rounds: int) -> Result:
    """Reading a source into a new store, to writing into one what was read before: the processor's time of both.

    The events are read anew for each round, so that neither side has seen its own before.
    """
    number = sum(map(len, read()))
    times = in_turn(
        rounds,
        lambda part: loaded(folder / f"imported-{part}.db", read()),
        lambda part: loaded(folder / f"loaded-{part}.db", list(read())),
    )
    return ratio(f"import of {what}: {number:,} events, to loading these", times, "<= 2.00 x")


def loaded(path: Path, batches: Iterable[list[Event]]) -> float:
    """The ms of the processor's time that it takes to write these into a new store, which is then removed."""
    try:
        with GraphTracker(path) as tracker:
            return taken(lambda: tracker.copy_from(batches), time.process_time)
    finally:
        path.unlink(missing_ok=True)
