"""The stores of which the gallery shows pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from graphtracker import GraphTracker
from graphtracker.cli.demo_pipeline import record_demo
from tests.support.hostile import HOSTILE
from tests.support.remembered import PREPARE, record_remembered
from tests.support.shapes import links_of_chain, record_hub, record_links
from tests.support.six_jobs import record_six_jobs
from tests.support.two_pipelines import FIRST, JOBS, SECOND, record_two

NOW = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)


class Store(NamedTuple):
    """What is recorded, and the run whose lineage is shown."""

    record: Callable[[GraphTracker], object]
    start: str


def _chain(tracker: GraphTracker, length: int) -> None:
    record_links(tracker, links_of_chain(length, f"{JOBS}step-{{:02}}"), at=NOW)


def _sweep(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        batch.record(f"{JOBS}prepare-k3v9", artifacts={"rows": "s3://lab/rows.parquet"}, at=NOW)
        for number in range(50):
            values = {
                "lr": round(0.002 * (number + 1), 3),
                "optim": {"name": "adam" if number % 2 else "sgd"},
                "seed": 7,
            }
            run_id, sources = f"{JOBS}sweep-{number:02}-h8rcw4tz", [(f"{JOBS}prepare-k3v9", "rows")]
            batch.record(run_id, metadata=values, artifacts={"model": f"s3://lab/{number}.pt"}, sources=sources, at=NOW)
            batch.add_source(f"{JOBS}choose-n6bf", run_id, "model")


def _hub(tracker: GraphTracker) -> None:
    record_hub(tracker, 200, called=f"{JOBS}team-{{:03}}", at=NOW)


def _external(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number in range(40):
            batch.add_source(f"{JOBS}train-x7mw", "s3://datasets/reviews", f"part-{number:02}.parquet")
        batch.add_source(f"{JOBS}train-x7mw", "s3://datasets/reviews")


def _hostile(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for number, text in enumerate(HOSTILE.values()):
            batch.record(text, metadata={text: text})
            batch.add_artifact(text, text, text)
            batch.add_source(text, f"source {number % 7}", text)
            batch.add_source("everything", text, text)


_NAMES = (
    "שלום עליכם",
    "السلام عليكم",
    "学習モデル評価",
    "模型训练-第三次",
    "훈련-모델",
    "обучение",
    "Überprüfung",
    "🚀 launch",
)


def _languages(tracker: GraphTracker) -> None:
    with tracker.batch() as batch:
        for before, name in zip(("data", *_NAMES), _NAMES, strict=False):
            batch.record(name, metadata={name: name}, artifacts={f"{name} 2": name}, at=NOW)
            batch.add_source(name, before, None if before == "data" else f"{before} 2")
            batch.add_source(_NAMES[-1], name, f"{name} 2")


def _cycle(tracker: GraphTracker) -> None:
    names = ("actor", "learner", "replay", "evaluator")
    for name, after in zip(names, (*names[1:], names[0]), strict=True):
        tracker.record(JOBS + after, artifacts={"state": f"/d/{after}"}, sources=[(JOBS + name, "state")], at=NOW)
    tracker.add_source(f"{JOBS}actor", f"{JOBS}actor", "state")
    tracker.add_source(f"{JOBS}report", f"{JOBS}evaluator")


def _two(tracker: GraphTracker) -> None:
    """So that a pair, or a run beside none, is everything that it may be."""
    record_two(tracker)
    tracker.add_source(SECOND, f"{JOBS}extra", "more")
    for side, train in (("one", FIRST), ("other", SECOND)):
        tracker.add_source(train, f"{JOBS}clean-{side}", f"from {side}")
        tracker.add_source(f"{JOBS}clean-{side}", f"{JOBS}shared", side)


def _demo(tracker: GraphTracker) -> None:
    record_demo(tracker, NOW)


def _small(tracker: GraphTracker) -> None:
    record_six_jobs(tracker, NOW - timedelta(hours=1))


STORES = {
    "six jobs": Store(_small, "local_cwd://torchx/fine-tune-h8rc"),
    "the demo": Store(_demo, "local_cwd://torchx/deploy-n6bf"),
    "statuses": Store(record_remembered, PREPARE),
    "a chain of 60": Store(lambda tracker: _chain(tracker, 60), f"{JOBS}step-30"),
    "a chain of 400": Store(lambda tracker: _chain(tracker, 400), f"{JOBS}step-200"),
    "a sweep of 50": Store(_sweep, f"{JOBS}prepare-k3v9"),
    "a hub of 200": Store(_hub, "hub"),
    "40 files of others": Store(_external, f"{JOBS}train-x7mw"),
    "hostile texts": Store(_hostile, "everything"),
    "many languages": Store(_languages, _NAMES[-1]),
    "a cycle": Store(_cycle, f"{JOBS}actor"),
    "two pipelines": Store(_two, FIRST),
    "nothing": Store(lambda tracker: None, ""),
}


def recorded(folder: Path, opened: ExitStack, names: Iterable[str]) -> dict[str, GraphTracker]:
    """Name → a tracker on the store, in a file of its own in this folder, which the stack closes."""
    found = {}
    for number, name in enumerate(sorted(names)):
        found[name] = opened.enter_context(GraphTracker(folder / f"{number}.db"))
        STORES[name].record(found[name])
    return found
