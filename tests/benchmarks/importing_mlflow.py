"""How long it takes to import an MLflow store: beside MLflow's own client, then beside loading the same events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from graphtracker.exchange.mlflow import opening
from graphtracker.exchange.mlflow.files import Files
from graphtracker.exchange.mlflow.quiet import unheard
from graphtracker.exchange.mlflow.server import Server
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.events import Event
from tests.benchmarks.importing import beside_loading, loaded
from tests.benchmarks.many_mlflow_runs import copied
from tests.benchmarks.measuring import Result, in_turn, peak, ratio, taken
from tests.support.mlflow_stores import MLflow

_VALUES = 5  # params, metrics and tags of a run, of each


def of_a_store(folder: Path, *, runs: int = 10_000, written: int = 200, rounds: int = 3) -> Iterator[Result]:
    """All of a store in SQLite: runs with params, metrics, tags, a dataset and a file, then with models, too.

    MLflow's own client writes so many of the runs; the others are copies of these.
    """
    few = MLflow("sqlite", folder / "few")
    copies = max(1, runs // written)
    run_ids = _fill(few, runs // copies)
    for models in (False, True):
        if models:
            _add_models(few, run_ids)
        many = copied(few, folder / f"many{_with(models)}", copies)
        yield _beside_their_client(many, runs, rounds, models)
        yield _beside_loading(many, runs, rounds, models)
        yield _memory(few, many, runs, models)


def _fill(mlflow: MLflow, runs: int) -> list[str]:
    experiment, kinds = mlflow.experiment(), mlflow.entities
    run_ids = []
    for number in range(runs):
        run_id = mlflow.run(experiment, start=1000 + number, end=None)
        params = [kinds.Param(f"p{each}", str(number)) for each in range(_VALUES)]
        metrics = [kinds.Metric(f"m{each}", number, 1500, 0) for each in range(_VALUES)]
        tags = [kinds.RunTag(f"t{each}", str(number)) for each in range(_VALUES)]
        mlflow.log_batch(run_id, metrics=metrics, params=params, tags=tags)
        mlflow.uses_data(run_id, "train", str(number), {"uri": f"s3://bucket/train-{number % 10}"}, "training")
        mlflow.log_text(run_id, "text", "notes.txt")
        mlflow.set_terminated(run_id, end_time=2000 + number)
        run_ids.append(run_id)
    return run_ids


def _add_models(mlflow: MLflow, run_ids: list[str]) -> None:
    """Every tenth run logs a model, and every run has one as its input."""
    experiment = mlflow.get_run(run_ids[0]).info.experiment_id
    for number, run_id in enumerate(run_ids):
        if number % 10 == 0:
            model_id = mlflow.model(experiment, run_id)
        mlflow.uses_model(run_id, model_id)


def _beside_their_client(mlflow: MLflow, runs: int, rounds: int, models: bool) -> Result:
    def theirs(_: int) -> float:
        read: list[int] = []
        took = taken(lambda: read.append(_read_by_their_client(mlflow, models)), time.process_time)
        assert read == [runs]
        return took

    times = in_turn(
        rounds,
        lambda _: loaded(mlflow.folder / "ours.db", events_of("mlflow", mlflow.uri, Report())),
        theirs,
    )
    return ratio(f"MLflow's {runs:,} runs{_with(models)}, to its client reading them", times, "<= 2.00 x", each=runs)


def _beside_loading(mlflow: MLflow, runs: int, rounds: int, models: bool) -> Result:
    """Its answers are all there already: what is measured is what is made of them."""
    answers: dict[str, Any] = {}
    list(_answered(mlflow, answers))
    what = f"MLflow's answers about {runs:,} runs{_with(models)}"
    return beside_loading(mlflow.folder, what, lambda: _answered(mlflow, answers), rounds)


def _memory(few: MLflow, many: MLflow, runs: int, models: bool) -> Result:
    """What a process needs at most for the whole import, to what another one needs for that of the few runs."""
    ours, floor = (peak(_IMPORT.format(uri=one.uri, store=str(one.folder / "peak.db"))) for one in (many, few))
    name = f"import of MLflow's {runs:,} runs{_with(models)}, MiB, to one of few"
    return Result(name, ours, floor, f"{ours - floor:+,.0f} MiB", "<= +100 MiB")


_IMPORT = """
from graphtracker import GraphTracker
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
with GraphTracker({store!r}) as tracker:
    tracker.copy_from(events_of("mlflow", {uri!r}, Report()))
"""


def _with(models: bool) -> str:
    return " with models" if models else ""


def _answered(mlflow: MLflow, answers: dict[str, Any]) -> Iterator[list[Event]]:
    """The events of an import, of answers that MLflow gave before, if it did."""
    ask, list_files = Server.ask, Files.of

    def asked(server: Server, verb: str, *arguments: object, **options: object) -> Any:
        return _once(answers, repr((verb, arguments, options)), partial(ask, server, verb, *arguments, **options))

    def listed(files: Files, uri: str) -> Any:
        return _once(answers, uri, partial(list_files, files, uri))

    with (
        mock.patch.object(opening, "check_database"),
        mock.patch.object(Server, "ask", asked),
        mock.patch.object(Files, "of", listed),
    ):
        yield from events_of("mlflow", mlflow.uri, Report())


def _once(answers: dict[str, Any], key: str, ask: Any) -> Any:
    if key not in answers:
        answers[key] = ask()
    return answers[key]


def _read_by_their_client(mlflow: MLflow, models: bool) -> int:
    """The runs that MLflow's client read, with all that is imported of them."""
    with unheard(mlflow.uri):
        return _read_all(mlflow.client, models)


def _read_all(mlflow: Any, models: bool) -> int:
    read, token = 0, None
    experiments = [each.experiment_id for each in mlflow.search_experiments()]
    mlflow.search_logged_models(experiments, max_results=1000)
    while True:
        page = mlflow.search_runs(experiments, max_results=500, page_token=token)
        for run in page:
            run = mlflow.get_run(run.info.run_id) if models else run
            assert (len(run.data.params), len(run.data.metrics)) == (_VALUES, _VALUES)
            assert len(run.inputs.dataset_inputs) == 1
            assert bool(run.inputs.model_inputs) == models
            assert len(mlflow.list_artifacts(run.info.run_id)) == 1
        read += len(page)
        token = page.token
        if not token:
            break
    mlflow.search_registered_models()
    mlflow.search_model_versions()
    return read
