"""MLflow stores that MLflow's own client makes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import platformdirs

from graphtracker import GraphTracker
from graphtracker.exchange.mlflow.quiet import unheard
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.events import Event
from tests.support.needs import missing

KINDS = ("files", "sqlite")


class MLflow:
    """A store in a folder, written through MLflow's client, whose words nobody hears."""

    def __init__(self, kind: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.uri = f"sqlite:///{folder / 'mlflow.db'}" if kind == "sqlite" else (folder / "mlruns").as_uri()
        try:
            with unheard(self.uri):
                import mlflow.entities
        except ImportError as error:
            missing(f"no MLflow to test with: {error}")
        self.kind, self.folder, self.entities = kind, folder, mlflow.entities
        if kind == "sqlite":
            shutil.copy(_template(mlflow), folder / "mlflow.db")
        with unheard(self.uri):
            self._client = mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def __getattr__(self, verb: str) -> Any:
        """A verb of the client."""

        def call(*arguments: object, **options: object) -> Any:
            with unheard(self.uri):
                return getattr(self._client, verb)(*arguments, **options)

        return call

    def experiment(self, name: str = "tuning") -> str:
        """The id of a new experiment whose artifacts are in the store's folder."""
        return str(self.create_experiment(name, artifact_location=(self.folder / "artifacts").as_uri()))

    def run(self, experiment: str, start: int = 1000, end: int | None = 2000, **options: Any) -> str:
        """The id of a new run of an experiment, with its start and its end in ms."""
        run_id = str(self.create_run(experiment, start_time=start, run_name="r", **options).info.run_id)
        if end is not None:
            self.set_terminated(run_id, end_time=end)
        return run_id

    def model(self, experiment: str, run_id: str | None, name: str = "net") -> str:
        """The id of a new logged model of a run."""
        model_id = str(self.create_logged_model(experiment, name=name, source_run_id=run_id).model_id)
        self.finalize_logged_model(model_id, "READY")
        if run_id:
            self.log_outputs(run_id, [self.entities.LoggedModelOutput(model_id, 3)])
        return model_id

    def uses_model(self, run_id: str, model_id: str) -> None:
        """The run gets a model input."""
        self.log_inputs(run_id, models=[self.entities.LoggedModelInput(model_id)])

    def uses_data(self, run_id: str, name: str, digest: str, source: object, context: str | None = None) -> None:
        """The run gets a dataset input; ``source`` is what its JSON says, unless it is text."""
        text = source if isinstance(source, str) else json.dumps(source)
        dataset = self.entities.Dataset(name, digest, "local", text)
        tags = [self.entities.InputTag("mlflow.data.context", context)] if context else []
        self.log_inputs(run_id, [self.entities.DatasetInput(dataset, tags)])

    def metric(self, run_id: str, key: str, value: float, at: int) -> None:
        """The run gets a metric, at a time in ms."""
        self.log_batch(run_id, metrics=[self.entities.Metric(key, value, at, 0)])


def _template(mlflow: Any) -> Path:
    """An empty database of the installed MLflow, which takes seconds to make: kept in the user's cache."""
    cache = platformdirs.user_cache_path("graphtracker", appauthor=False) / "mlflow"
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{mlflow.__version__}.db"
    if not kept.exists():
        making = cache / f"{mlflow.__version__}-{os.getpid()}.db"  # another test run may be making it
        with unheard(f"sqlite:///{making}"):
            mlflow.MlflowClient()
        making.replace(kept)
    return kept


def read(uri: str, **options: Any) -> tuple[list[Event], Report]:
    """All events of an import, and its report."""
    report = Report()
    return [event for some in events_of("mlflow", uri, report, **options) for event in some], report


def imported(uri: str, tracker: GraphTracker, **options: Any) -> Report:
    """The report of an import into a tracker's store."""
    report = Report()
    tracker.copy_from(events_of("mlflow", uri, report, **options))
    return report
