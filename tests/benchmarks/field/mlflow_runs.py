"""MLflow on SQLite: params, and tags for artifacts and sources; asked by tag level by level, or by reading all runs.
Runs are found by ``search_runs``, numbers among their values as metrics."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlflow import MlflowClient
from mlflow.entities import Param

from tests.benchmarks.field.contender import Answer, Links
from tests.benchmarks.graphs import RecordedRun

_PAGE = 50_000  # the most that search_runs returns at once
_ADD_RUN = """
    INSERT INTO runs (
        run_uuid, name, start_time, end_time, experiment_id, source_type, user_id, status, lifecycle_stage
    ) VALUES (?, ?, ?, ?, ?, 'UNKNOWN', '', 'FINISHED', 'active')"""
_ADD_METRIC = "INSERT INTO {} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)"


class Contender:
    """A run's name is its id; ``source.<id of MLflow>`` tags it with the artifacts that it used of that run.

    The first question is asked both ways, without being counted, and the faster one is used from there on.
    """

    def __init__(self, folder: str, url: str) -> None:
        self._path = f"{folder}/mlflow.db"
        self._client = MlflowClient(f"sqlite:///{self._path}")
        found = self._client.get_experiment_by_name("lineage")
        self._experiment = found.experiment_id if found else self._client.create_experiment("lineage", f"{folder}/a")
        self._ids: dict[str, str] = {}  # run id → MLflow's own
        self._way: Callable[[str], Answer] | None = None

    def _id(self, run_id: str) -> str:
        if run_id not in self._ids:
            found = self._named(run_id)
            self._ids[run_id] = found[0].info.run_id if found else self._create(run_id, {"external": "1"})
        return self._ids[run_id]

    def _named(self, run_id: str) -> list[Any]:
        asked = f"attributes.run_name = '{run_id}'"
        found: list[Any] = self._client.search_runs([self._experiment], asked, max_results=1)
        return found

    def _create(self, run_id: str, tags: dict[str, str]) -> str:
        run = self._client.create_run(self._experiment, run_name=run_id, tags=tags)
        self._ids[run_id] = run.info.run_id
        return self._ids[run_id]

    def call(self, run: RecordedRun) -> None:
        params = [Param(key, str(value)) for key, value in run.metadata.items()]
        self._client.log_batch(self._id(run.run_id), params=params)

    def record(self, run: RecordedRun) -> None:
        tags = {f"artifact.{name}": path for name, path in run.artifacts}
        for source, name in run.sources:
            key = f"source.{self._id(source)}"
            tags[key] = f"{tags[key]},{name}" if key in tags else name
        self._create(run.run_id, tags)
        self.call(run)
        self._client.set_terminated(self._ids[run.run_id])

    def load(self, many: Iterable[RecordedRun]) -> None:
        for run in many:
            if run.run_id not in self._ids:  # of replicas, the first one records
                self.record(run)

    def lineage(self, run_id: str) -> Answer:
        if self._way is None:
            self._way = min((self._by_tags, self._by_reading_all), key=lambda way: _time(way, run_id))
        return self._way(run_id)

    def _by_tags(self, run_id: str) -> Answer:
        [start] = self._named(run_id)
        runs = {start.info.run_id: start}
        level = [start]
        while level:
            wanted = {source for run in level for source in _sources(run)} - runs.keys()
            level = []
            for begin in range(0, len(chosen := sorted(wanted)), 200):
                some = ", ".join(f"'{each}'" for each in chosen[begin : begin + 200])
                level += self._client.search_runs([self._experiment], f"attributes.run_id IN ({some})", max_results=200)
            runs.update((run.info.run_id, run) for run in level)
        waiting, seen = [start.info.run_id], {start.info.run_id}
        while waiting:
            tag = f"tags.`source.{waiting.pop()}` LIKE '%'"
            for run in self._client.search_runs([self._experiment], tag, max_results=_PAGE):
                if run.info.run_id not in seen:
                    seen.add(run.info.run_id)
                    runs[run.info.run_id] = run
                    waiting.append(run.info.run_id)
        return _answer(runs)

    def _by_reading_all(self, run_id: str) -> Answer:
        runs: dict[str, Any] = {}
        token = None
        while True:
            page = self._client.search_runs([self._experiment], max_results=_PAGE, page_token=token)
            runs.update((run.info.run_id, run) for run in page)
            token = page.token
            if not token:
                break
        names = {run.info.run_name: each for each, run in runs.items()}
        links = Links((each, source, "") for each, run in runs.items() for source in _sources(run))
        return _answer({each: runs[each] for each in links.lineage(names[run_id])})

    def load_sweep(self, many: Iterable[RecordedRun]) -> None:
        """Into its tables at once, numbers as metrics, which alone it compares: by its client that takes minutes."""
        runs, params, metrics = [], [], []
        for number, run in enumerate(many):
            own, at = f"{number:032x}", 1_700_000_000_000 + number
            runs.append((own, run.run_id, at, at, self._experiment))
            for key, value in run.metadata.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    metrics.append((key, value, at, own))
                else:
                    params.append((key, str(value), own))
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executemany(_ADD_RUN, runs)
            connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", params)
            for table in ("metrics", "latest_metrics"):
                connection.executemany(_ADD_METRIC.format(table), metrics)

    def newest(self) -> list[str]:
        return self._found("", "start_time DESC", 20)

    def newest_of_a_value(self) -> list[str]:
        return self._found("params.optimizer = 'adam'", "start_time DESC", 20)

    def within(self, least: float, end: float) -> list[str]:
        return self._found(f"metrics.loss >= {least!r} AND metrics.loss < {end!r}", "start_time DESC", _PAGE)

    def best(self) -> list[str]:
        return self._found("", "metrics.loss ASC", 1)

    def _found(self, wanted: str, order: str, most: int) -> list[str]:
        found = self._client.search_runs([self._experiment], wanted, order_by=[order], max_results=most)
        return [run.info.run_name for run in found]

    def answer(self, found: Answer) -> Answer:
        return found

    def run_count(self) -> int:
        return len(self._client.search_runs([self._experiment], max_results=_PAGE))

    def close(self) -> None:
        pass


def _time(way: Callable[[str], Answer], run_id: str) -> float:
    began = time.perf_counter()
    way(run_id)
    return time.perf_counter() - began


def _sources(run: Any) -> list[str]:
    return [key.removeprefix("source.") for key in run.data.tags if key.startswith("source.")]


def _answer(runs: dict[str, Any]) -> Answer:
    artifacts = []
    sources = []
    for run in runs.values():
        for key, value in run.data.tags.items():
            kind, _, name = key.partition(".")
            if kind == "artifact":
                artifacts.append((run.info.run_name, name, value))
            elif kind == "source" and name in runs:
                sources += [(run.info.run_name, runs[name].info.run_name, each) for each in value.split(",")]
    return Answer({run.info.run_name: run.data.params for run in runs.values()}, artifacts, sources)
