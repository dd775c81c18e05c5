"""How long the same takes on a real Neo4j, against hand-written Cypher through the bare driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count

from graphtracker import GraphTracker, Lineage
from tests.benchmarks.bare_neo4j import BareNeo4j
from tests.benchmarks.graphs import RecordedRun, chain, islands, ladder, middle_of_a_project, projects, run_id_of
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import record_all

TARGET = "<= 1.30 x"

Emptied = Callable[[], str]
"""Returns the URL of the server, with nothing left in it."""


def one_call(emptied: Emptied, *, rounds: int = 201) -> Iterator[Result]:
    """One add_metadata() call, and one record() of a whole run, against one bare transaction for each."""
    ids = map(run_id_of, count())
    runs, same = islands(1_000_000), (run._replace(run_id=f"{run.run_id}-bare") for run in islands(1_000_000))
    with GraphTracker(emptied()) as tracker, BareNeo4j(emptied()) as bare:
        metadata: dict[str, object] = {"lr": 0.001, "optimizer": "adam"}

        def ours(_: int) -> float:
            return taken(lambda: tracker.add_metadata(next(ids), **metadata))

        def whole(_: int) -> float:
            return taken(lambda: record_all(tracker, [next(runs)]))

        def floor(_: int) -> float:
            return taken(lambda: bare.add_metadata(next(ids), metadata))

        def whole_floor(_: int) -> float:
            return taken(lambda: bare.record(next(same)))

        for warm in (ours, whole, floor, whole_floor):
            for _ in range(min(50, rounds)):
                warm(0)
        yield ratio("Neo4j: one add_metadata() call", in_turn(rounds, ours, floor), TARGET)
        yield ratio("Neo4j: one record() of 8 events", in_turn(rounds, whole, whole_floor), TARGET)


def in_bulk(emptied: Emptied, *, runs: int = 100_000) -> Result:
    """Copying a store of this many runs into Neo4j, against bare UNWIND batches of the same rows."""
    recorded = list(projects(runs, size=2500))
    with GraphTracker(":memory:") as source:
        with source.batch() as batch:
            record_all(batch, recorded)

        def ours(_: int) -> float:
            with GraphTracker(emptied()) as tracker:
                tracker.add_metadata("warm", lr=1)
                return taken(lambda: tracker.copy_from(source))

        def floor(_: int) -> float:
            with BareNeo4j(emptied()) as bare:
                return taken(lambda: bare.record_many(recorded))

        return ratio(f"Neo4j: copy of {runs:,} runs", in_turn(1, ours, floor), "<= 1.50 x")


def lineages(emptied: Emptied, *, runs: int = 100_000, rounds: int = 7) -> Iterator[Result]:
    """The graphs of the other benchmarks, until everything has been read."""
    yield _asked(
        f"ladder of {runs // 100:,} x 2 runs", emptied(), ladder(runs // 100), run_id_of(runs // 200, "a"), rounds
    )
    yield _asked(f"chain of {runs // 10:,} runs", emptied(), chain(runs // 10), run_id_of(runs // 20), rounds)
    yield _asked(f"100 of {runs:,} runs", emptied(), islands(runs, 100), run_id_of(runs // 2 - 50), rounds * 3)
    start = middle_of_a_project(runs)
    yield _asked(f"about 2,500 of {runs:,} runs", emptied(), projects(runs, size=2500), start, rounds)
    yield _asked(f"nearly all of {runs:,} runs", emptied(), projects(runs, size=runs), start, max(1, rounds // 3))


def bounded(emptied: Emptied, *, runs: int = 100_000) -> Iterator[Result]:
    """Questions whose bound keeps a part of a large answer, against fetching just these rows by their ids."""
    dataset = "s3://datasets/reviews"
    with GraphTracker(url := emptied()) as tracker:
        with tracker.batch() as batch:
            for number in range(runs):
                batch.add_source(run_id_of(number), dataset, "rows")
        yield _bound(tracker, url, f"depth 3 of {runs:,} consumers", dataset, depth=3)
        yield _bound(tracker, url, f"max_runs 5,000 of {runs:,} consumers", dataset, max_runs=5000)
    with GraphTracker(url := emptied()) as tracker:
        with tracker.batch() as batch:
            record_all(batch, chain(runs))
        yield _bound(tracker, url, f"max_runs 5,000 of a chain of {runs:,}", run_id_of(runs // 2), max_runs=5000)


def _bound(
    tracker: GraphTracker, url: str, name: str, start: str, *, depth: int | None = None, max_runs: int | None = None
) -> Result:
    ask = partial(tracker.lineage, start, depth=depth, max_runs=max_runs)
    with BareNeo4j(url) as bare:
        kept = list(ask().runs)
        times = in_turn(
            3,
            lambda _: taken(lambda: _read_all(ask())),
            lambda _: taken(partial(bare.rows_of, kept)),
        )
        return ratio(f"Neo4j: lineage, {name}", times)


def _asked(name: str, url: str, many: Iterable[RecordedRun], start: str, rounds: int) -> Result:
    with GraphTracker(url) as tracker, BareNeo4j(url) as bare:
        with tracker.batch() as batch:
            record_all(batch, many)
        runs, artifacts = bare.lineage(start)
        lineage = tracker.lineage(start)
        assert set(lineage.runs) == set(runs)
        assert set(artifacts) == set(lineage.artifacts)

        def ours(_: int) -> float:
            return taken(lambda: _read_all(tracker.lineage(start)))

        return ratio(
            f"Neo4j: lineage, {name}", in_turn(rounds, ours, lambda _: taken(partial(bare.lineage, start))), TARGET
        )


def _read_all(lineage: Lineage) -> None:
    for run in lineage.runs.values():
        dict(run.metadata)
    len(lineage.artifacts), len(lineage.sources)
