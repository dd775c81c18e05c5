"""How long a lineage takes until all of it has been read, and whether it grows with what the store holds beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphtracker import GraphTracker, Lineage
from tests.benchmarks.bare import BareAnswer, BareStore
from tests.benchmarks.graphs import RecordedRun, chain, islands, ladder, middle_of_a_project, projects, run_id_of
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill_store, fill_tracker

TARGET = "<= 1.50 x"


def of_a_ladder(folder: Path, *, length: int = 1000, rounds: int = 9) -> Result:
    """From the middle of two runs a rung, each made from both below: 2^length paths."""
    name = f"lineage, ladder of {length:,} x 2 runs"
    return _asked(name, folder, ladder(length), run_id_of(length // 2, "a"), rounds, TARGET)


def of_a_chain(folder: Path, *, length: int = 10_000, rounds: int = 9) -> Result:
    """From the middle of a chain."""
    return _asked(f"lineage, chain of {length:,} runs", folder, chain(length), run_id_of(length // 2), rounds, TARGET)


def of_a_random_graph(folder: Path, *, runs: int = 100_000, rounds: int = 9) -> Result:
    """About 2,500 runs, scattered over the whole file."""
    start = middle_of_a_project(runs)
    return _asked(f"lineage, about 2,500 of {runs:,} runs", folder, projects(runs, size=2500), start, rounds, TARGET)


def of_an_island(folder: Path, *, sizes: Sequence[int] = (1000, 10_000, 100_000), rounds: int = 51) -> list[Result]:
    """Always 20 runs, in stores of these sizes; then how much longer it takes in the largest than in the smallest."""
    results = []
    for size in sizes:
        name = f"lineage, 20 of {size:,} runs"
        results.append(_asked(name, folder / str(size), islands(size), run_id_of(size // 2), rounds, ""))
    return [*results, _growth(results[0], results[-1])]


def _growth(small: Result, large: Result) -> Result:
    grown = large.ours / small.ours
    return Result("... growth, smallest to largest", large.ours, small.ours, f"{grown:.2f} x", "flat")


def _asked(name: str, folder: Path, many: Iterable[RecordedRun], start: str, rounds: int, target: str) -> Result:
    with _filled(folder, list(many)) as (tracker, store):
        expected = content(store.lineage(start))

        def ours(_: int) -> float:
            found: list[Lineage] = []
            time = taken(lambda: found.append(_read_all(tracker.lineage(start))))
            assert content_of(found[0]) == expected
            return time

        def floor(_: int) -> float:
            found: list[BareAnswer] = []
            time = taken(lambda: found.append(store.lineage(start)))
            assert content(found[0]) == expected
            return time

        return ratio(name, in_turn(rounds, ours, floor), target)


@contextmanager
def _filled(folder: Path, many: list[RecordedRun]) -> Iterator[tuple[GraphTracker, BareStore]]:
    folder.mkdir(exist_ok=True)
    fill_tracker(folder / "ours.db", many)
    fill_store(folder / "floor.db", many)
    with GraphTracker(folder / "ours.db") as tracker, BareStore(folder / "floor.db") as store:
        yield tracker, store


def _read_all(lineage: Lineage) -> Lineage:
    """The lineage, once every run with its metadata, every artifact and every source has been read."""
    for run in lineage.runs.values():
        run.metadata.items()
    for artifact in lineage.artifacts.values():
        artifact.metadata.items()
    for source in lineage.sources:
        source.run_id  # noqa: B018  # reading is what is measured
    return lineage


Content = tuple[dict[str, dict[str, Any]], set[tuple[str, str, str | None]], set[tuple[str, str, str]]]


def content(answer: BareAnswer) -> Content:
    """What both kinds of answer must agree on: runs with their metadata, artifacts with their paths, sources."""
    return answer.metadata, {row[:3] for row in answer.artifacts}, set(answer.sources)


def content_of(lineage: Lineage) -> Content:
    return (
        {run_id: dict(run.metadata) for run_id, run in lineage.runs.items()},
        {(run_id, name, artifact.path) for (run_id, name), artifact in lineage.artifacts.items()},
        {(source.run_id, source.source_run_id, source.artifact_name or "") for source in lineage.sources},
    )
