"""The runs of MLflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import History
from graphtracker.exchange.mlflow.datasets import CONTEXT, named
from graphtracker.exchange.mlflow.files import Files
from graphtracker.exchange.mlflow.models import Models, of_mlflow_2
from graphtracker.exchange.mlflow.server import ALL, Server
from graphtracker.exchange.mlflow.times import first_and_last
from graphtracker.exchange.report import Report
from graphtracker.exchange.secrets import masked
from graphtracker.exchange.times import from_milliseconds, moment
from graphtracker.model.events import Event

_STATUS = {"RUNNING": "running", "FINISHED": "succeeded", "FAILED": "failed", "KILLED": "failed: killed"}
_PARENT = "mlflow.parentRunId"
_TAGS = {  # tag → key of context
    "mlflow.user": "user",
    "mlflow.source.name": "command",
    "mlflow.source.git.commit": "commit",
    "mlflow.source.git.branch": "branch",
    "mlflow.source.git.dirty": "dirty",
}
_DIRTY = {"true": True, "false": False}


def run_id_of(run_id: str) -> str:
    """The id here of a run of MLflow."""
    return f"runs:/{run_id}"


@dataclass(frozen=True)
class Runs:
    """Reads the runs of a server's experiments."""

    server: Server
    models: Models
    files: Files
    report: Report
    parent_as_source: bool

    def of(self, experiment: Any) -> Iterator[list[Event]]:
        """The events of each run of an experiment; of deleted ones only their number is told."""
        order = ["attributes.start_time ASC"]  # runs that are added meanwhile come last
        options = {"experiment_ids": [experiment.experiment_id], "run_view_type": ALL, "order_by": order}
        for run in self.server.search("search_runs", **options):
            if run.info.lifecycle_stage != "active":
                self.report.leave_out("deleted runs")
                continue
            try:
                history = History(run_id_of(run.info.run_id), self.report)
            except InvalidInput:
                self.report.leave_out("runs whose id cannot be stored")
                continue
            self.report.add("runs")
            self._tell(history, run, experiment)
            yield history.events()

    def _tell(self, history: History, run: Any, experiment: Any) -> None:
        info, data = run.info, run.data
        over = info.end_time is not None or info.status in ("FINISHED", "FAILED", "KILLED")
        first, last = first_and_last(info.start_time, info.end_time, over)
        history.reported(first)
        history.metadata({f"params.{key}": value for key, value in data.params.items()}, first)
        _metrics(history, data, last, self.report)
        self._context(history, run, first, last)
        named_since = max(first, from_milliseconds(experiment.last_update_time) or first)
        history.metadata({"experiment": experiment.name}, named_since)
        self._parent(history, data.tags, first)
        self._datasets(history, run, experiment.name, first)
        self._model_inputs(history, run, first)
        self._artifacts(history, run, last)

    def _context(self, history: History, run: Any, first: int, last: int) -> None:
        info, tags = run.info, run.data.tags
        status = _STATUS.get(info.status)
        if status is None:
            self.report.leave_out("statuses such as SCHEDULED")
        begun = {key: tags.get(tag) for tag, key in _TAGS.items()}
        begun["user"] = begun["user"] or ("" if info.user_id == "unknown" else info.user_id)
        begun["dirty"] = _DIRTY.get(str(begun["dirty"]).lower())
        begun["started_at"] = moment(from_milliseconds(info.start_time))
        if last == first:
            begun["status"] = status
        else:
            history.context({"ended_at": moment(from_milliseconds(info.end_time)), "status": status}, last)
        history.context(begun, first)
        kept = {f"tags.{key}": value for key, value in tags.items() if key not in _TAGS and key != _PARENT}
        history.metadata(kept, last)

    def _parent(self, history: History, tags: dict[str, str], first: int) -> None:
        parent = tags.get(_PARENT)
        if parent:
            history.metadata({"parent_run_id": run_id_of(parent)}, first)
            if self.parent_as_source:
                self._source(history, run_id_of(parent), None, first)

    def _datasets(self, history: History, run: Any, experiment: str, first: int) -> None:
        for used in run.inputs.dataset_inputs if run.inputs else ():
            source, artifact = named(used.dataset, experiment)
            self._source(history, source, artifact, first)
            if used.dataset.schema or used.dataset.profile:
                self.report.leave_out("descriptions of datasets (schema, profile)")
            for tag in used.tags:
                if tag.key == CONTEXT:
                    history.metadata({f"inputs.{artifact}.context": tag.value}, first)
                else:
                    self.report.leave_out("tags of datasets")

    def _model_inputs(self, history: History, run: Any, first: int) -> None:
        if not self.server.keeps_files and len(self.models):  # without any model no run can have used one
            run = self.server.ask("get_run", run.info.run_id)
        for used in run.inputs.model_inputs if run.inputs else ():
            model = self.models.by_id.get(str(used.model_id))
            if model and model.run_id:
                self._source(history, run_id_of(model.run_id), model.artifact, first)
            else:
                self._source(history, f"models:/{used.model_id}", None, first)

    def _source(self, history: History, run_id: str, artifact: str | None, at: int) -> None:
        self.report.add("sources", history.source(run_id, artifact, at))

    def _artifacts(self, history: History, run: Any, last: int) -> None:
        outputs = {str(each.model_id): each.step for each in (run.outputs.model_outputs if run.outputs else ())}
        names = set()
        for model in self.models.of_run(run.info.run_id, outputs):
            told = {"model_id": model.model_id, "model_type": model.kind, "step": outputs.get(model.model_id)}
            values = {key: value for key, value in told.items() if value is not None}
            names.add(model.artifact)
            self.report.add("artifacts", history.artifact(model.artifact, model.path, values, last))
            self.report.leave_out("details of logged models")
        uri = str(run.info.artifact_uri or "")
        if uri:
            self._files(history, uri, [*of_mlflow_2(run.data.tags), *self.files.of(uri)], names, last)

    def _files(self, history: History, uri: str, paths: list[str], names: set[str], last: int) -> None:
        root = masked(uri).rstrip("/")  # before a path stands behind an option of it
        for path in dict.fromkeys(paths):
            if path in names:
                self.report.leave_out("files called as a logged model of their run")
            else:
                self.report.add("artifacts", history.artifact(path, f"{root}/{path}", {}, last))


def _metrics(history: History, data: Any, last: int, report: Report) -> None:
    if not data.metrics:
        return
    report.leave_out("metric histories", len(data.metrics))
    values: dict[int, dict[str, float]] = {}
    # Their times are public in the protobuf alone, which takes a third of an import to make.
    for metric in getattr(data, "_metric_objs", None) or data.to_proto().metrics:
        at = max(last, from_milliseconds(metric.timestamp) or last)
        values.setdefault(at, {})[f"metrics.{metric.key}"] = data.metrics[metric.key]
    for at, logged in values.items():
        history.metadata(logged, at)
