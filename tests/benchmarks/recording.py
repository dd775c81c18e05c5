"""How long recording takes: call by call, run by run, and in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from pathlib import Path

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from tests.benchmarks.bare import BareStore
from tests.benchmarks.graphs import RecordedRun, chain, projects
from tests.benchmarks.measuring import Result, in_turn, ratio, taken


def call_by_call(folder: Path, *, runs: int = 300, rounds: int = 9) -> Result:
    """Five recording calls a run, a transaction each."""
    parts = parts_of_runs(runs, rounds)
    with GraphTracker(folder / "ours.db") as tracker, BareStore(folder / "floor.db") as store:
        _call_tracker(tracker, parts[-1])
        _call_store(store, parts[-1])
        times = in_turn(
            rounds,
            lambda part: taken(partial(_call_tracker, tracker, parts[part])),
            lambda part: taken(partial(_call_store, store, parts[part])),
        )
    return ratio("five recording calls a run, each run", times, "<= 2.00 x", each=runs)


def run_by_run(folder: Path, *, runs: int = 1000, rounds: int = 9) -> Result:
    """One record() a run."""
    parts = parts_of_runs(runs, rounds)
    with GraphTracker(folder / "ours.db") as tracker, BareStore(folder / "floor.db") as store:
        record_all(tracker, parts[-1])
        _store_all(store, parts[-1])
        times = in_turn(
            rounds,
            lambda part: taken(partial(record_all, tracker, parts[part])),
            lambda part: taken(partial(_store_all, store, parts[part])),
        )
    return ratio("one record() a run, each run", times, "<= 1.33 x", each=runs)


def in_bulk(folder: Path, *, runs: int = 100_000, rounds: int = 3) -> Result:
    """A whole store in batches of 5,000 events, until the file is closed."""
    recorded = list(projects(runs, size=2500))
    times = in_turn(
        rounds,
        lambda part: taken(lambda: fill_tracker(folder / f"ours{part}.db", recorded)),
        lambda part: taken(lambda: fill_store(folder / f"floor{part}.db", recorded)),
    )
    return ratio(f"bulk: {runs:,} runs, {runs * 10:,} events", times, "<= 2.50 x")


def fill_tracker(path: Path, many: Iterable[RecordedRun]) -> None:
    """Records everything in a new store."""
    with GraphTracker(path) as tracker:
        fill(tracker, many)


def fill(tracker: GraphTracker, many: Iterable[RecordedRun]) -> None:
    """Records everything with the verbs of TorchX in one batch()."""
    with tracker.batch() as batch:
        _call_tracker(batch, many)


def fill_store(path: Path, many: Iterable[RecordedRun]) -> None:
    """Writes everything into a new bare store."""
    with BareStore(path) as store:
        store.record_many(many)


def parts_of_runs(runs: int, rounds: int) -> list[list[RecordedRun]]:
    """Different runs for each round and for the one that warms up, each with two artifacts and two sources."""
    fresh = (
        run._replace(sources=[*run.sources[:1], ("s3://bucket/data", "")]) for run in chain(runs * (rounds + 1) + 1)
    )
    next(fresh)  # it has one source less
    return [list(islice(fresh, runs)) for _ in range(rounds + 1)]


def _call_tracker(tracker: GraphTracker, many: Iterable[RecordedRun]) -> None:
    for run in many:
        call(tracker, run)


def call(tracker: GraphTracker, run: RecordedRun, *, first: int = 0) -> None:
    """Records a run call by call, from this one on."""
    if not first:
        tracker.add_metadata(run.run_id, **run.metadata)
    for name, path in run.artifacts:
        tracker.add_artifact(run.run_id, name, path)
    for source, name in run.sources:
        tracker.add_source(run.run_id, source, name)


def _call_store(store: BareStore, many: Iterable[RecordedRun]) -> None:
    for run in many:
        store.add_metadata(run.run_id, run.metadata)
        for name, path in run.artifacts:
            store.add_artifact(run.run_id, name, path)
        for source, name in run.sources:
            store.add_source(run.run_id, source, name)


def record_all(tracker: GraphTracker, many: Iterable[RecordedRun]) -> None:
    """Records each run with one call."""
    for run in many:
        tracker.record(
            run.run_id,
            metadata=run.metadata,
            artifacts=[TrackerArtifact(name, path, None) for name, path in run.artifacts],
            sources=[TrackerSource(source, name) for source, name in run.sources],
        )


def _store_all(store: BareStore, many: Iterable[RecordedRun]) -> None:
    for run in many:
        store.record(run)
