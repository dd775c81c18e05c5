"""The seeded graphs that are recorded and asked about, as plain values."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

Named = tuple[str, str]
"""A source: (run id, artifact name), '' for the whole run."""

_WINDOW = 40  # how far back, in runs of its own project, a run of the random graph looks for sources


class RecordedRun(NamedTuple):
    """A run with all that it records; an artifact is (name, path)."""

    run_id: str
    metadata: dict[str, object]
    artifacts: list[tuple[str, str]]
    sources: list[Named]


def run_id_of(number: int, side: str = "") -> str:
    return f"local_cwd://torchx/run-{number:06}{side}"


def run_of(run_id: str, number: int, sources: list[Named]) -> RecordedRun:
    """A run with five values of metadata, two artifacts and these sources."""
    metadata = {"lr": number / 7, "epochs": number, "seed": 2, "optimizer": "adam", "amp": number % 2 == 0}
    artifacts = [("model", f"s3://bucket/{run_id}/model.pt"), ("report", f"s3://bucket/{run_id}/report.json")]
    return RecordedRun(run_id, metadata, artifacts, sources)


def ladder(length: int) -> Iterator[RecordedRun]:
    """Two runs a rung, each made from the models of both runs of the rung before: 2^length paths."""
    for rung in range(length):
        sources = [(run_id_of(rung - 1, side), "model") for side in "ab"] if rung else []
        for side in "ab":
            yield run_of(run_id_of(rung, side), rung, sources)


def chain(length: int) -> Iterator[RecordedRun]:
    """Each run is made from the model of the one before."""
    for number in range(length):
        yield run_of(run_id_of(number), number, [(run_id_of(number - 1), "model")] if number else [])


def projects(runs: int, size: int, seed: int = 1) -> Iterator[RecordedRun]:
    """A random graph: runs of about ``runs / size`` projects in random turn, each made from three of its project.

    One source names a model, one a report and one the whole run; the lineage of a run in the middle of its project is
    nearly all of the project.
    """
    rng = random.Random(seed)
    members: list[list[int]] = [[] for _ in range(max(1, runs // size))]
    for number in range(runs):
        mine = rng.choice(members)
        near = mine[-_WINDOW:] or [number]
        names = ("model", "report", "")
        yield run_of(run_id_of(number), number, [(run_id_of(rng.choice(near)), name) for name in names])
        mine.append(number)


def middle_of_a_project(runs: int) -> str:
    """A run whose project has about as many runs before it as after it."""
    return run_id_of(runs // 2)


def islands(runs: int, size: int = 20) -> Iterator[RecordedRun]:
    """Chains of ``size`` runs that have nothing to do with each other."""
    for number in range(runs):
        yield run_of(run_id_of(number), number, [(run_id_of(number - 1), "model")] if number % size else [])


def wide(runs: int) -> Iterator[RecordedRun]:
    """One run, and all others made from its model."""
    for number in range(runs):
        yield run_of(run_id_of(number), number, [(run_id_of(0), "model")] if number else [])


def cyclic(runs: int, size: int = 1000) -> Iterator[RecordedRun]:
    """Rings: each run is made from the one before, and the first of a ring from its last."""
    for number in range(runs):
        first = number - number % size
        before = number - 1 if number > first else min(first + size, runs) - 1
        yield run_of(run_id_of(number), number, [(run_id_of(before), "model")])


_TEAM = 500  # runs of a team, of which one is a sweep of 200
_SWEEP = 200
_STAGES = 5  # from raw data to a model in use


def mix(runs: int, seed: int = 1) -> Iterator[RecordedRun]:
    """What teams do: pipelines over shared datasets, fine-tuning chains, sweeps of 200 runs, replicas.

    A team has 500 runs and three datasets of its own beside one that all share. Its sweep reads one prepared table, and
    its best run is evaluated; a chain fine-tunes checkpoint after checkpoint and now and then derives from the whole
    run before; each tenth run is reported by four replicas, which record the same and are one run.
    """
    rng = random.Random(seed)
    for begin in range(0, runs, _TEAM):
        for number, run in enumerate(islice(_team(begin, rng), runs - begin), begin):
            yield run
            if number % 10 == 0:
                yield from [run] * 3


def _team(begin: int, rng: random.Random) -> Iterator[RecordedRun]:
    datasets = ["s3://datasets/shared", *(f"s3://datasets/team-{begin // _TEAM}-{number}" for number in range(3))]
    tables = [begin + number for number in range(3)]
    for table, dataset in zip(tables, datasets[1:], strict=True):
        yield run_of(run_id_of(table), table, [(dataset, "rows"), (datasets[0], "rows")])
    number = begin + len(tables)
    sweep = range(number, number + _SWEEP)
    for number in sweep:
        yield run_of(run_id_of(number), number, [(run_id_of(tables[0]), "model")])
    number += 1
    yield run_of(run_id_of(number), number, [(run_id_of(rng.choice(sweep)), "model"), (run_id_of(tables[1]), "report")])
    first = number + 1
    for number in range(first, first + 96):
        before = run_id_of(number - 1 if number > first else tables[1])
        sources = [(before, "" if number % 8 == 0 else "model"), (datasets[0], "rows")]
        yield run_of(run_id_of(number), number, sources)
    for number in range(first + 96, begin + _TEAM):
        stage = (number - begin) % _STAGES
        source = run_id_of(number - 1 if stage else rng.choice(tables))
        yield run_of(run_id_of(number), number, [(source, "model"), (source, "report")])


def sweep(begin: int, end: int, of: int) -> Iterator[RecordedRun]:
    """The runs from one number to another of a sweep, made to be found, with five values each.

    Their losses lie evenly between 0 and 1, no two alike, in no order; each second run has the same optimizer.
    """
    for number in range(begin, end):
        loss = (number * 7919 % of) / of  # a prime that divides no number of runs here
        metadata = {"loss": loss, "epochs": number % 90, "seed": 2, "optimizer": "adam", "amp": number % 3 == 0}
        if number % 2:
            metadata["optimizer"] = "sgd"
        run_id = run_id_of(number, "-x7mw")
        yield RecordedRun(run_id, metadata, [("model", f"s3://bucket/{run_id}/model.pt")], [])


class Shape(NamedTuple):
    """A kind of graph: its first so many runs, which of them one asks about, and what an answer is."""

    runs: Callable[[int], Iterator[RecordedRun]]
    starts: Callable[[int], list[str]]
    answer: str  # "store": it grows as the store does; "part": it does not


def _spread(runs: int) -> list[str]:
    """A hundred runs all over the store, the same in each store of this size."""
    rng = random.Random(runs)
    return [run_id_of(rng.randrange(runs)) for _ in range(100)]


SHAPES = {
    "ladder": Shape(lambda runs: ladder(runs // 2), lambda runs: [run_id_of(runs // 4, "a")], "store"),
    "chain": Shape(chain, lambda runs: [run_id_of(runs // 2)], "store"),
    "random": Shape(lambda runs: projects(runs, size=runs), lambda runs: [middle_of_a_project(runs)], "store"),
    "wide": Shape(wide, lambda runs: [run_id_of(0)], "store"),
    "cyclic": Shape(cyclic, _spread, "part"),
    "islands": Shape(lambda runs: islands(runs, size=100), _spread, "part"),
    "mix": Shape(mix, _spread, "part"),
}
