"""How long it takes to import a history, beside other ways for the same to get into a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from graphtracker import GraphTracker, TrackerArtifact, TrackerSource
from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, stamp_time
from graphtracker.model.times import utc
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


def beside_recording(folder: Path, what: str, read: Read, rounds: int) -> Result:
    """Reading a source into a new store, to what its owner would write instead: ``record`` in a ``batch``, of what has
    been read."""
    calls = [call for events in read() for call in _calls(events)]
    times = in_turn(
        rounds,
        lambda part: loaded(folder / f"imported-{part}.db", read()),
        lambda part: _recorded(folder / f"recorded-{part}.db", calls),
    )
    return ratio(f"import of {what}: to recording these in a batch", times, "<= 2.00 x")


def _calls(events: list[Event]) -> Iterator[dict[str, Any]]:
    """The arguments of ``record`` that say what the events say, but for context: a call for each run and time."""
    calls: dict[tuple[str, int], dict[str, Any]] = {}
    for event in events:
        time = stamp_time(event.stamp)
        empty = {"run_id": event.run_id, "at": utc(time), "metadata": {}, "artifacts": [], "sources": []}
        call = calls.setdefault((event.run_id, time), empty)
        if isinstance(event, MetadataSet):
            call["metadata"][event.key] = event.value
        elif isinstance(event, ArtifactLogged):
            call["artifacts"].append(TrackerArtifact(event.name, event.path, event.metadata))
        elif isinstance(event, SourceNamed):
            call["sources"].append(TrackerSource(event.source_run_id, event.artifact_name))
    yield from calls.values()


def _recorded(path: Path, calls: list[dict[str, Any]]) -> float:
    def record() -> None:
        with tracker.batch() as batch:
            for call in calls:
                batch.record(**call)

    try:
        with GraphTracker(path) as tracker:
            return taken(record, time.process_time)
    finally:
        path.unlink(missing_ok=True)


def loaded(path: Path, batches: Iterable[list[Event]]) -> float:
    """The ms of the processor's time that it takes to write these into a new store, which is then removed."""
    try:
        with GraphTracker(path) as tracker:
            return taken(lambda: tracker.copy_from(batches), time.process_time)
    finally:
        path.unlink(missing_ok=True)
