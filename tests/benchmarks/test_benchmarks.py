"""The benchmarks run, and both sides of each do the same; nothing here asserts a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.benchmarks import (
    asking,
    drawing,
    exploring,
    exporting,
    finding,
    finding_on_neo4j,
    importing_ml_metadata,
    importing_mlflow,
    importing_openlineage,
    importing_torchx,
    on_neo4j,
    questions,
    recording,
    remembering,
    replicas,
    serving,
    spooling,
    starting,
)
from tests.benchmarks.bare import BareStore
from tests.benchmarks.graphs import middle_of_a_project, projects
from tests.benchmarks.measuring import Result, table
from tests.support.chromium import NoBrowser
from tests.support.needs import missing
from tests.support.servers import emptied

SMALL: dict[str, Callable[[Path], Result | list[Result]]] = {
    "import": lambda folder: starting.importing(rounds=1),
    "first run": lambda folder: starting.first_run(folder, rounds=1),
    "call by call": lambda folder: recording.call_by_call(folder, runs=3, rounds=2),
    "run by run": lambda folder: recording.run_by_run(folder, runs=3, rounds=2),
    "bulk": lambda folder: recording.in_bulk(folder, runs=30, rounds=2),
    "with context": lambda folder: remembering.with_context(folder, runs=3, rounds=2),
    "earlier time": lambda folder: remembering.of_an_earlier_time(folder, length=10, rounds=2),
    "forgetting": lambda folder: list(remembering.forgetting(folder, sizes=(5, 10), rounds=2)),
    "spooled call": lambda folder: list(spooling.one_call(folder, calls=200)),
    "large spool": lambda folder: spooling.of_a_large_spool(folder, runs=30),
    "ladder": lambda folder: asking.of_a_ladder(folder, length=10, rounds=2),
    "chain": lambda folder: asking.of_a_chain(folder, length=10, rounds=2),
    "random graph": lambda folder: asking.of_a_random_graph(folder, runs=300, rounds=2),
    "island": lambda folder: asking.of_an_island(folder, sizes=(20, 40), rounds=2),
    "finding": lambda folder: list(finding.of_a_store(folder, runs=200, rounds=2)),
    "questions": lambda folder: list(questions.of_a_store(folder, sizes=questions.Sizes(60, 40, 8, 40), rounds=2)),
    "large answer": lambda folder: exporting.of_a_large_answer(folder, runs=300, rounds=1),
    "libraries": lambda folder: list(exporting.by_libraries(folder, runs=300, rounds=1)),
    "memory": lambda folder: list(exporting.memory_from_the_shell(folder, runs=300)),
    "TorchX tracker": lambda folder: importing_torchx.of_a_folder(folder, runs=10, rounds=1),
    "TorchX history": lambda folder: importing_torchx.of_a_history(folder, runs=10, rounds=1),
    "OpenLineage": lambda folder: list(importing_openlineage.of_openlineage(folder, runs=30, rounds=2)),
    "drawing": lambda folder: list(drawing.of_pictures(kinds=["svg"], sizes=drawing.Sizes(12, 5, 3), rounds=1)),
    "MLflow": lambda folder: list(importing_mlflow.of_a_store(folder, runs=24, written=12, rounds=1)),
    "served": lambda folder: [serving.started(folder, rounds=1), *serving.answered(folder, runs=40, rounds=1)],
    "shell": lambda folder: exporting.from_the_shell(folder, length=10, rounds=1),
    "ml-metadata": lambda folder: importing_ml_metadata.of_an_ml_metadata(folder, runs=30, rounds=1),
}


ON_NEO4J: dict[str, Callable[[], Iterable[Result]]] = {
    "one call": lambda: on_neo4j.one_call(emptied, rounds=2),
    "bulk": lambda: [on_neo4j.in_bulk(emptied, runs=300)],
    "lineages": lambda: on_neo4j.lineages(emptied, runs=400, rounds=1),
    "bounded": lambda: on_neo4j.bounded(emptied, runs=50),
    "finding": lambda: finding_on_neo4j.of_a_store(emptied, runs=200, rounds=2),
}


@pytest.mark.parametrize("name", ON_NEO4J)
def test_every_benchmark_on_neo4j_returns_lines_of_the_table(name: str) -> None:
    results = list(ON_NEO4J[name]())
    assert results
    assert len(table(results).splitlines()) == 1 + len(results)


def test_the_benchmark_of_the_page_returns_lines_of_the_table(dot: str, tmp_path: Path) -> None:
    try:
        results = list(exploring.of_a_large_page(tmp_path, runs=20, moves=5))
    except NoBrowser as error:
        missing(str(error))
    assert len(results) == 7


@pytest.mark.parametrize("one_run", [True, False])
def test_replicas_that_start_at_once_open_one_connection_each(one_run: bool) -> None:
    measured = replicas.measured(emptied(), 2, one_run=one_run, seconds=0.1)
    assert (measured.connections, measured.refused) == (1, 0)
    assert len(replicas.table_of([measured]).splitlines()) == 2
    costs = replicas.costs([measured], one_run=one_run)
    assert len(replicas.table_of_many(costs, costs, sizes=[100]).splitlines()) == 5


@pytest.mark.parametrize("name", SMALL)
def test_every_benchmark_returns_lines_of_the_table(name: str, tmp_path: Path) -> None:
    found = SMALL[name](tmp_path)
    results = [found] if isinstance(found, Result) else found
    assert len(table(results).splitlines()) == 1 + len(results)


def test_an_answer_that_differs_from_the_floors_is_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "fill_store", lambda path, many: recording.fill_store(path, many[1:]))
    with pytest.raises(AssertionError):
        asking.of_a_chain(tmp_path, length=10, rounds=1)


def test_both_sides_hold_the_same(tmp_path: Path) -> None:
    recorded = list(projects(300, size=100))
    recording.fill_tracker(tmp_path / "ours.db", recorded)
    recording.fill_store(tmp_path / "floor.db", recorded)
    with GraphTracker(tmp_path / "ours.db") as tracker, BareStore(tmp_path / "floor.db") as store:
        start = middle_of_a_project(300)
        assert asking.content_of(tracker.lineage(start)) == asking.content(store.lineage(start))
        assert tracker.health()["metadata values"] == 1500
