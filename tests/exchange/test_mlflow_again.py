"""An import of MLflow that is made again: unchanged, cut off, or after more was written there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import pytest

from graphtracker import GraphTracker
from graphtracker.exchange.mlflow import reading as events_module
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.events import Event
from tests.support.mlflow_stores import MLflow, imported, read


def state(tracker: GraphTracker) -> str:
    return json.dumps(tracker.graph().to_dict())


def some_of_all(mlflow: MLflow) -> None:
    """A little of everything that is mapped."""
    experiment = mlflow.experiment()
    for number in range(4):
        run_id = mlflow.run(experiment, start=1000 + number, end=None if number == 3 else 2000, tags={"team": "a"})
        mlflow.log_param(run_id, "lr", number)
        mlflow.metric(run_id, "loss", float("nan") if number == 2 else number, 1500)
        mlflow.log_text(run_id, "text", "notes/a.txt")
        mlflow.uses_data(run_id, "train", "d1", {"uri": "s3://bucket/train"}, "training")
        mlflow.model(experiment, run_id)
    mlflow.create_registered_model("reader")
    mlflow.create_model_version("reader", mlflow.get_run(run_id).info.artifact_uri, run_id)


def test_importing_again_changes_nothing(mlflow: MLflow, ours: GraphTracker) -> None:
    some_of_all(mlflow)
    imported(mlflow.uri, ours)
    before = state(ours)
    imported(mlflow.uri, ours)
    assert state(ours) == before
    assert repr(read(mlflow.uri)[0]) == repr(read(mlflow.uri)[0])


def test_an_import_that_was_cut_off_is_continued(
    mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_of_all(mlflow)
    whole, report = read(mlflow.uri)
    with GraphTracker(ours.url.replace("lineage", "whole")) as other:
        imported(mlflow.uri, other)
        wanted = state(other)
    monkeypatch.setattr(events_module, "_ENOUGH", 1)
    for steps in range(1, report.read["runs"] + 2):
        ours.copy_from(islice(events_of("mlflow", mlflow.uri, Report()), steps))
        imported(mlflow.uri, ours)
        assert state(ours) == wanted
    assert whole


def test_what_is_read_a_little_at_a_time_is_all_of_it(mlflow: MLflow, monkeypatch: pytest.MonkeyPatch) -> None:
    some_of_all(mlflow)
    whole, _ = read(mlflow.uri)

    def in_steps() -> Iterator[list[Event]]:
        monkeypatch.setattr(events_module, "_ENOUGH", 1)
        yield from events_of("mlflow", mlflow.uri, Report())

    parts = list(in_steps())
    assert len(parts) > 4
    assert repr([event for part in parts for event in part]) == repr(whole)


@pytest.mark.parametrize("end", [1000, 5000])
def test_a_run_that_went_on_is_told_as_it_is_now(end: int, mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), start=1000, end=None, tags={"phase": "warm-up"})
    mlflow.metric(run_id, "loss", 0.9, 1000)
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").context["status"] == "running"
    mlflow.metric(run_id, "loss", 0.1, 1001)
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata["metrics.loss"] == 0.1
    mlflow.set_tag(run_id, "phase", "done")
    mlflow.set_terminated(run_id, end_time=end)
    imported(mlflow.uri, ours)
    run = ours.run(f"runs:/{run_id}")
    assert (run.context["status"], run.metadata["tags.phase"]) == ("succeeded", "done")


def test_a_metric_that_is_logged_after_the_end_is_newer(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), start=1000, end=2000)
    mlflow.metric(run_id, "accuracy", 0.5, 1500)
    imported(mlflow.uri, ours)
    mlflow.metric(run_id, "accuracy", 0.75, 9000)
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata["metrics.accuracy"] == 0.75


def test_a_version_that_moved_on_is_told_as_it_is_now(mlflow: MLflow, ours: GraphTracker) -> None:
    mlflow.create_registered_model("reader")
    mlflow.create_model_version("reader", "s3://bucket/model")
    imported(mlflow.uri, ours)
    mlflow.transition_model_version_stage("reader", "1", "Archived")
    imported(mlflow.uri, ours)
    assert ours.run("models:/reader/1").metadata["stage"] == "Archived"


def test_an_experiment_that_was_renamed_is_told_by_its_new_name(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment("old")
    run_id = mlflow.run(experiment)
    imported(mlflow.uri, ours)
    mlflow.rename_experiment(experiment, "new")
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata["experiment"] == "new"


def test_what_was_said_here_since_is_not_overwritten(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), tags={"team": "a"})
    imported(mlflow.uri, ours)
    ours.add_metadata(f"runs:/{run_id}", **{"tags.team": "ours"})
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata["tags.team"] == "ours"


def test_pages_are_read_to_the_end(mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphtracker.exchange.mlflow import server

    experiment = mlflow.experiment()
    runs = [mlflow.run(experiment, start=1000) for _ in range(5)]
    models = [mlflow.model(experiment, runs[0], f"net-{number}") for number in range(5)]
    for name in "abc":
        mlflow.create_registered_model(name)
        mlflow.create_model_version(name, "s3://bucket/model")
    monkeypatch.setattr(server, "_PAGE", dict.fromkeys(server._PAGE, 2))
    monkeypatch.setattr(server, "_WHOLE_OF", dict.fromkeys(server._PAGE, 2))
    imported(mlflow.uri, ours)
    assert {f"runs:/{run_id}" for run_id in runs} | {f"models:/{name}/1" for name in "abc"} <= set(ours.run_ids())
    assert len(ours.artifacts(f"runs:/{runs[0]}")) == len(models)
