"""The seeded graphs that are recorded and asked about, as plain facts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

Named = tuple[str, str]
"""A source: (run id, artifact name), '' for the whole run."""

_WINDOW = 40  # how far back, in runs of its own project, a run of the random graph looks for sources


class Facts(NamedTuple):
    """What one run records; an artifact is (name, path)."""

    run_id: str
    metadata: dict[str, object]
    artifacts: list[tuple[str, str]]
    sources: list[Named]


def run_id_of(number: int, side: str = "") -> str:
    return f"local_cwd://torchx/run-{number:06}{side}"


def _run(run_id: str, number: int, sources: list[Named]) -> Facts:
    metadata = {"lr": number / 7, "epochs": number, "seed": 2, "optimizer": "adam", "amp": number % 2 == 0}
    artifacts = [("model", f"s3://bucket/{run_id}/model.pt"), ("report", f"s3://bucket/{run_id}/report.json")]
    return Facts(run_id, metadata, artifacts, sources)


def ladder(length: int) -> Iterator[Facts]:
    """Two runs a rung, each made from the models of both runs of the rung before: 2^length paths."""
    for rung in range(length):
        sources = [(run_id_of(rung - 1, side), "model") for side in "ab"] if rung else []
        for side in "ab":
            yield _run(run_id_of(rung, side), rung, sources)


def chain(length: int) -> Iterator[Facts]:
    """Each run is made from the model of the one before."""
    for number in range(length):
        yield _run(run_id_of(number), number, [(run_id_of(number - 1), "model")] if number else [])


def projects(runs: int, size: int, seed: int = 1) -> Iterator[Facts]:
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
        yield _run(run_id_of(number), number, [(run_id_of(rng.choice(near)), name) for name in names])
        mine.append(number)


def middle_of_a_project(runs: int) -> str:
    """A run whose project has about as many runs before it as after it."""
    return run_id_of(runs // 2)


def islands(runs: int, size: int = 20) -> Iterator[Facts]:
    """Chains of ``size`` runs that have nothing to do with each other."""
    for number in range(runs):
        yield _run(run_id_of(number), number, [(run_id_of(number - 1), "model")] if number % size else [])
