"""All events of an MLflow, by its tracking URI."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from graphtracker.exchange.extras import library
from graphtracker.exchange.mlflow.files import Files
from graphtracker.exchange.mlflow.models import all_models
from graphtracker.exchange.mlflow.opening import WHAT, checked_uri, opened
from graphtracker.exchange.mlflow.quiet import Complaints, unheard
from graphtracker.exchange.mlflow.runs import Runs
from graphtracker.exchange.mlflow.server import ALL, Server
from graphtracker.exchange.mlflow.versions import versions
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event

_ENOUGH = 5000  # events that are worth a step between MLflow's quiet and the world


def events(source: str, report: Report | None = None, *, parent_as_source: bool = False) -> Iterator[list[Event]]:
    """The events of what a tracking URI of MLflow names, some runs at a time.

    With ``parent_as_source`` a run has its parent as a source, too. Raises InvalidInput where there is no MLflow that
    can be read without writing into it, StoreError where it cannot be read on, and MissingExtra.
    """
    report = report or Report()
    uri = checked_uri(source)
    with unheard(uri):
        library("mlflow", "mlflow", WHAT)  # which sets its loggers anew
    complaints = Complaints()
    with closing(_events(uri, report, parent_as_source)) as steps:
        while True:
            with unheard(uri, complaints):
                some = next(steps, None)
            if some is None:
                report.leave_out("entries that MLflow itself cannot read", len(complaints.said))
                return
            yield some


def _events(uri: str, report: Report, parent_as_source: bool) -> Generator[list[Event], None, None]:
    with opened(uri) as server:
        some: list[Event] = []
        for more in _one_by_one(server, report, parent_as_source):
            some += more
            if len(some) >= _ENOUGH:
                yield some
                some = []
        if some:
            yield some


def _one_by_one(server: Server, report: Report, parent_as_source: bool) -> Iterator[list[Event]]:
    experiments = list(_experiments(server, report))
    models = all_models(server, (each.experiment_id for each in experiments))
    runs = Runs(server, models, Files(server.uri, report), report, parent_as_source)
    for experiment in experiments:
        yield from runs.of(experiment)
    if server.has_registry:
        yield from versions(server, models, report)


def _experiments(server: Server, report: Report) -> Iterator[Any]:
    for experiment in server.search("search_experiments", view_type=ALL, order_by=["experiment_id ASC"]):
        if experiment.lifecycle_stage != "active":
            report.leave_out("deleted experiments (runs included)")
            continue
        report.add("experiments")
        if server.ask("search_traces", locations=[experiment.experiment_id], max_results=1, include_spans=False):
            report.leave_out("experiments with traces")
        yield experiment
