"""What context, earlier times and forgetting cost, each beside the same without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from graphtracker import GraphTracker
from graphtracker.jobs.context import started
from graphtracker.recording import calls
from graphtracker.recording.arguments import Arguments
from tests.benchmarks.graphs import RecordedRun, chain, run_id_of
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import call, fill_tracker, parts_of_runs


def with_context(folder: Path, *, runs: int = 300, rounds: int = 9) -> Result:
    """Five recording calls a run whose first one brings the context, beside the same without."""
    parts = parts_of_runs(runs, 2 * rounds)
    with GraphTracker(folder / "with.db") as remembering, GraphTracker(folder / "without.db") as other:
        times = in_turn(
            rounds,
            lambda part: taken(partial(_remembered, remembering, parts[part])),
            lambda part: taken(partial(_called, other, parts[rounds + part])),
        )
    return ratio("five recording calls a run with context, to those without", times, "<= 1.15 x", each=runs)


def _remembered(tracker: GraphTracker, many: list[RecordedRun]) -> None:
    context = started(datetime.now(timezone.utc))
    take = Arguments()
    for run in many:
        first = [*calls.context_set(take, run.run_id, context), *calls.recorded(take, run.run_id, run.metadata)]
        tracker._recorder.write(first, said="now")
        call(tracker, run, first=1)


def _called(tracker: GraphTracker, many: list[RecordedRun]) -> None:
    for run in many:
        call(tracker, run)


def of_an_earlier_time(folder: Path, *, length: int = 10_000, rounds: int = 9) -> Result:
    """A lineage as of a time by which all had happened, beside the same one of now."""
    fill_tracker(folder / "store.db", chain(length))
    start, then = run_id_of(length // 2), datetime.now(timezone.utc)
    with GraphTracker(folder / "store.db") as tracker:
        assert len(tracker.lineage(start, as_of=then)) == len(tracker.lineage(start))
        times = in_turn(
            rounds,
            lambda _: taken(lambda: tracker.lineage(start, as_of=then)),
            lambda _: taken(lambda: tracker.lineage(start)),
        )
    return ratio(f"lineage as of a time, chain of {length:,} runs, to that of now", times, "<= 1.30 x")


def forgetting(folder: Path, *, sizes: tuple[int, int] = (1000, 10_000), rounds: int = 3) -> Iterator[Result]:
    """Taking all runs of a store out of it, each run; beside recording them, and in a store ten times as large."""
    per_run = []
    for size in sizes:
        recorded, forgotten = in_turn(rounds, partial(_recording, folder, size), partial(_forgetting, folder, size))
        per_run.append(forgotten / size)
        yield ratio(f"forgetting {size:,} runs, each, to recording them", (forgotten, recorded), each=size)
    yield ratio("... growth, smallest to largest", (per_run[-1], per_run[0]), "linear")


def _recording(folder: Path, size: int, number: int) -> float:
    return taken(partial(fill_tracker, folder / f"{size}-{number}.db", chain(size)))


def _forgetting(folder: Path, size: int, number: int) -> float:
    path = folder / f"to-forget-{size}-{number}.db"
    fill_tracker(path, chain(size))
    with GraphTracker(path) as tracker:
        run_ids = tracker.run_ids()
        return taken(lambda: tracker.forget(run_ids))
