"""Parquet asked by others: DuckDB, then Spark, find what ``lineage`` does.

The tables hold the links that were recorded. From a run they lead to the same runs as ``lineage``; where a source is a
whole run, that run's artifacts are meant, too, and whoever wants those adds what leads from them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal

import duckdb
import pytest
from hypothesis import given, settings

from graphtracker import GraphTracker, Lineage
from graphtracker.exchange.parquet.tables import id_of, node_of
from graphtracker.model.values import Node
from tests.support.hostile import random_texts
from tests.support.oracle import Call, tell
from tests.support.peers import python
from tests.support.six_jobs import START
from tests.support.strategies import STORE_PER_EXAMPLE, histories

UPSTREAM = """
    WITH RECURSIVE upstream(id) AS (
        SELECT $start UNION SELECT src FROM 'lineage/edges.parquet' JOIN upstream ON dst = id
    )
    SELECT run_id FROM upstream JOIN 'lineage/nodes.parquet' USING (id) WHERE kind = 'run'
"""
"""The runs that a run came from, itself among them."""

DOWNSTREAM = UPSTREAM.replace("upstream", "downstream").replace("SELECT src", "SELECT dst").replace("ON dst", "ON src")
RUNS = {"upstream": UPSTREAM, "downstream": DOWNSTREAM}

WITH_WHAT_IS_MEANT = """
    CREATE TABLE links AS
    WITH made AS (SELECT src AS run, dst AS artifact FROM 'lineage/edges.parquet' WHERE kind = 'generated')
    SELECT src, dst FROM 'lineage/edges.parquet'
    UNION SELECT made.artifact, whole.dst FROM 'lineage/edges.parquet' AS whole JOIN made ON made.run = whole.src
    WHERE whole.kind = 'derived' AND NOT EXISTS (
        SELECT 1 FROM 'lineage/edges.parquet' AS named JOIN made ON made.artifact = named.src
        WHERE named.kind = 'used' AND named.dst = whole.dst AND made.run = whole.src
    )
"""
"""The recorded links, with those from every artifact of a whole-run source of which the consumer names none."""

_BOTH_WAYS = """
    WITH RECURSIVE walked(id) AS (
        SELECT $start UNION SELECT {end} FROM links JOIN walked ON {begin} = id
    )
    SELECT id FROM walked
"""
LINKED = {
    "upstream": _BOTH_WAYS.format(begin="dst", end="src"),
    "downstream": _BOTH_WAYS.format(begin="src", end="dst"),
}

DIRECTIONS: tuple[Literal["upstream"], Literal["downstream"]] = ("upstream", "downstream")


def saved(lineage: Lineage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lineage is in the folder ``lineage`` of this one, in which the process is."""
    monkeypatch.chdir(folder)
    lineage.save("lineage", format="parquet")


def nodes_of(lineage: Lineage) -> list[Node]:
    return [*lineage.runs, *lineage.artifacts]


Told = Callable[[list[Call]], AbstractContextManager[tuple[GraphTracker, duckdb.DuckDBPyConnection]]]


@pytest.fixture
def told(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Makes these calls on a new store; gives it, and DuckDB beside the tables of all that it holds."""

    @contextmanager
    def made(calls: list[Call]) -> Iterator[tuple[GraphTracker, duckdb.DuckDBPyConnection]]:
        with GraphTracker(":memory:") as tracker, duckdb.connect() as connection:
            tell(tracker, calls)
            saved(tracker.graph(), tmp_path_factory.mktemp("lineages"), monkeypatch)
            yield tracker, connection

    return made


@STORE_PER_EXAMPLE
@given(histories)
def test_duckdb_finds_the_runs_that_lineage_does(told: Told, calls: list[Call]) -> None:
    with told(calls) as (tracker, connection):
        for run_id in tracker.graph().runs:
            asked = {"start": id_of(run_id)}
            for direction in DIRECTIONS:
                found = [row[0] for row in connection.execute(RUNS[direction], asked).fetchall()]
                assert sorted(found) == [*tracker.lineage(run_id, direction=direction).runs]


@settings(STORE_PER_EXAMPLE, max_examples=25)  # each asks about every node
@given(histories)
def test_duckdb_finds_the_artifacts_too_along_what_is_meant(told: Told, calls: list[Call]) -> None:
    with told(calls) as (tracker, connection):
        connection.execute(WITH_WHAT_IS_MEANT)
        for node in nodes_of(tracker.graph()):
            for direction in DIRECTIONS:
                rows = connection.execute(LINKED[direction], {"start": id_of(node)}).fetchall()
                found = {node_of(row[0]) for row in rows}
                run_id, name = (node, None) if isinstance(node, str) else node
                answer = tracker.lineage(run_id, artifact_name=name, direction=direction)
                assert found | {run_id} == {*nodes_of(answer)}  # an artifact never stands without its run


def test_duckdb_reads_metadata_and_times(
    six_jobs: GraphTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(six_jobs.graph(), tmp_path, monkeypatch)
    query = "SELECT run_id, metadata ->> 'lr' FROM 'lineage/nodes.parquet' WHERE kind = 'run' AND created_at < now()"
    found = dict(duckdb.execute(query).fetchall())
    assert found.keys() == six_jobs.graph().runs.keys()
    assert found[START] == str(six_jobs.metadata(START)["lr"])


def tangled(seed: int, runs: int = 24) -> Iterator[tuple[str, str, str | None]]:
    """Run, source, name: each of mostly near ones before it, as a whole or by artifacts, with a few cycles."""
    source = random.Random(seed)
    ids = [*random_texts(seed, runs - 2), "[", '["a"]']
    for number in range(1, runs):
        for _ in range(source.choice([0, 1, 2])):
            other = max(0, number - source.randint(1, 6)) if source.random() < 0.9 else source.randrange(runs)
            yield ids[number], ids[other], source.choice([None, "m", "n"])


def test_spark_finds_the_runs_that_lineage_does(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for run_id, other, name in tangled(3):
                batch.add_source(run_id, other, name)
        whole = tracker.graph()
        expected = {
            (direction, run_id, other)
            for direction in DIRECTIONS
            for run_id in whole.runs
            for other in tracker.lineage(run_id, direction=direction).runs
        }
    whole.save(tmp_path / "lineage", format="parquet")
    assert {*found_in_spark(python("spark"), tmp_path)} == expected


def found_in_spark(interpreter: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Direction, run, each run that lies there."""
    walk = Path(__file__).with_name("parquet_in_spark.py")
    command = [interpreter, walk, folder / "lineage", folder / "found.json"]
    surroundings = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(interpreter)}
    done = subprocess.run(command, env=surroundings, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return map(tuple, json.loads((folder / "found.json").read_text(encoding="utf-8")))
