"""What MLflow's own client wrote, and what an import makes of it."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerSource
from tests.support.hostile import HOSTILE
from tests.support.mlflow_stores import MLflow, imported, read

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def at(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def sources(tracker: GraphTracker, run_id: str) -> set[tuple[str, str | None]]:
    return {(source.source_run_id, source.artifact_name) for source in tracker.sources(run_id)}


def test_params_metrics_and_tags_are_metadata(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment("tuning"), tags={"team": "vision"})
    mlflow.log_param(run_id, "lr", 0.10)
    mlflow.log_param(run_id, "nothing", "")
    mlflow.metric(run_id, "loss", 0.5, 1100)
    mlflow.metric(run_id, "loss", 0.25, 1200)
    report = imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata == {
        "experiment": "tuning",
        "metrics.loss": 0.25,
        "params.lr": "0.1",
        "params.nothing": "",
        "tags.mlflow.runName": "r",
        "tags.team": "vision",
    }
    assert report.read["runs"] == 1
    assert report.unmapped["metric histories"] == 1


def test_what_mlflow_knows_of_the_job_is_context(mlflow: MLflow, ours: GraphTracker) -> None:
    tags = {
        "mlflow.user": "ada",
        "mlflow.source.name": "train.py",
        "mlflow.source.git.commit": "c0ffee",
        "mlflow.source.git.branch": "main",
        "mlflow.source.git.dirty": "True",
    }
    run_id = mlflow.run(mlflow.experiment(), start=1000, end=2000, tags=tags)
    imported(mlflow.uri, ours)
    run = ours.run(f"runs:/{run_id}")
    assert run.context == {
        "user": "ada",
        "command": "train.py",
        "commit": "c0ffee",
        "dirty": True,
        "branch": "main",
        "started_at": at(1000),
        "ended_at": at(2000),
        "status": "succeeded",
    }
    assert run.reported_at == at(1000)
    assert not [key for key in run.metadata if key.startswith("tags.mlflow.") and key != "tags.mlflow.runName"]


@pytest.mark.parametrize(
    ("status", "ours_is"), [("FINISHED", "succeeded"), ("FAILED", "failed"), ("KILLED", "failed: killed")]
)
def test_how_a_run_ended_is_its_status(status: str, ours_is: str, mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), end=None)
    mlflow.set_terminated(run_id, status=status, end_time=1000)  # in the same millisecond in which it began
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").context["status"] == ours_is


def test_a_run_without_an_end_is_running(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), start=1000, end=None)
    imported(mlflow.uri, ours)
    assert dict(ours.run(f"runs:/{run_id}").context) == {"started_at": at(1000), "status": "running"}


def test_a_scheduled_run_has_no_status_which_is_counted(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), end=None)
    mlflow.update_run(run_id, status="SCHEDULED")
    report = imported(mlflow.uri, ours)
    assert "status" not in ours.run(f"runs:/{run_id}").context
    assert report.unmapped["statuses such as SCHEDULED"] == 1


def test_start_is_the_time_of_params_and_sources_and_end_that_of_the_rest(mlflow: MLflow) -> None:
    run_id = mlflow.run(mlflow.experiment(), start=1_000, end=2_000)
    mlflow.log_param(run_id, "lr", 1)
    mlflow.metric(run_id, "early", 1.0, 1_500)
    mlflow.metric(run_id, "late", 1.0, 3_000)
    mlflow.log_text(run_id, "text", "notes.txt")
    mlflow.uses_data(run_id, "train", "d1", {"uri": "s3://bucket/train"})
    found = {
        "ContextSet" if type(event).__name__ == "ContextSet" else str(event[1]): event.stamp[:8]
        for event in read(mlflow.uri)[0]
        if type(event).__name__ != "ContextSet"
    }
    times = {key: (int.from_bytes(stamp, "big") - (1 << 63)) // 10**6 for key, stamp in found.items()}
    assert times["params.lr"] == times["s3://bucket/train"] == 1_000
    assert times["metrics.early"] == times["notes.txt"] == times["tags.mlflow.runName"] == 2_000
    assert times["metrics.late"] == 3_000


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e-300, -0.0])
def test_a_metric_that_is_no_number_is_stored_as_mlflow_tells_it(
    value: float, mlflow: MLflow, ours: GraphTracker
) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.metric(run_id, "loss", value, 1500)
    imported(mlflow.uri, ours)
    theirs = mlflow.get_run(run_id).data.metrics["loss"]  # its databases hold no infinity
    assert repr(ours.run(f"runs:/{run_id}").metadata["metrics.loss"]) == repr(theirs)


def test_a_dataset_is_an_artifact_of_the_external_run_of_its_place(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment("tuning"))
    mlflow.uses_data(run_id, "train", "d1", {"uri": "s3://bucket/train", "url": "no"}, "training")
    mlflow.uses_data(run_id, "test", "d2", {"path": "/data/test.csv"}, "testing")
    mlflow.uses_data(run_id, "web", "d3", {"url": "https://example.org/a.csv"})
    mlflow.uses_data(run_id, "made", "d4", {"tags": {"mlflow.user": "ada"}, "path": None})
    imported(mlflow.uri, ours)
    assert sources(ours, f"runs:/{run_id}") == {
        ("s3://bucket/train", "train@d1"),
        ("/data/test.csv", "test@d2"),
        ("https://example.org/a.csv", "web@d3"),
        ("mlflow-dataset:/tuning/made", "made@d4"),
    }
    assert ours.run("s3://bucket/train").external
    metadata = ours.run(f"runs:/{run_id}").metadata
    assert metadata["inputs.train@d1.context"] == "training"
    assert metadata["inputs.test@d2.context"] == "testing"


def test_different_data_by_one_name_do_not_merge(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment("tuning")
    first, second = mlflow.run(experiment, 1000), mlflow.run(experiment, 3000, 4000)
    mlflow.uses_data(first, "train", "d1", {"tags": {}})
    mlflow.uses_data(second, "train", "d2", {"tags": {}})
    imported(mlflow.uri, ours)
    assert sources(ours, f"runs:/{first}") == {("mlflow-dataset:/tuning/train", "train@d1")}
    assert sources(ours, f"runs:/{second}") == {("mlflow-dataset:/tuning/train", "train@d2")}


@pytest.mark.parametrize("source", ["", "no JSON", "[1]", '{"uri": 5}', '{"uri": ""}', "[" * 9999, "null"])
def test_a_dataset_that_does_not_say_where_it_is_goes_by_its_name(
    source: str, mlflow: MLflow, ours: GraphTracker
) -> None:
    run_id = mlflow.run(mlflow.experiment("tuning"))
    mlflow.uses_data(run_id, "train", "d1", source)
    imported(mlflow.uri, ours)
    assert sources(ours, f"runs:/{run_id}") == {("mlflow-dataset:/tuning/train", "train@d1")}


def test_what_else_a_dataset_says_is_counted(mlflow: MLflow) -> None:
    run_id = mlflow.run(mlflow.experiment())
    kinds = mlflow.entities
    dataset = kinds.Dataset("train", "d1", "local", "{}", schema="{}", profile="{}")
    mlflow.log_inputs(run_id, [kinds.DatasetInput(dataset, [kinds.InputTag("split", "0.8")])])
    unmapped = read(mlflow.uri)[1].unmapped
    assert (unmapped["descriptions of datasets (schema, profile)"], unmapped["tags of datasets"]) == (1, 1)


def test_a_logged_model_is_an_artifact_and_an_input_of_another_run_its_use(mlflow: MLflow, ours: GraphTracker) -> None:
    training, serving = mlflow.experiment("training"), mlflow.experiment("serving")
    maker, user = mlflow.run(training), mlflow.run(serving, 3000, 4000)
    model_id = mlflow.model(training, maker, "net")
    mlflow.uses_model(user, model_id)
    imported(mlflow.uri, ours)
    artifact = ours.artifacts(f"runs:/{maker}")["net"]
    assert artifact.path == mlflow.get_logged_model(model_id).artifact_location
    assert artifact.metadata == {"model_id": model_id, "step": 3}
    assert ours.sources(f"runs:/{user}") == [TrackerSource(f"runs:/{maker}", "net")]
    assert set(ours.lineage(f"runs:/{user}").runs) == {f"runs:/{user}", f"runs:/{maker}"}


def test_a_second_model_of_a_name_has_its_id_behind_it(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    one, other = mlflow.run(experiment), mlflow.run(experiment, 3000, 4000)
    models = [mlflow.model(experiment, one, "net") for _ in range(3)]
    mlflow.model(experiment, other, "net")
    imported(mlflow.uri, ours)
    plain = [ours.artifacts(f"runs:/{run}")["net"].metadata or {} for run in (one, other)]
    assert len(ours.artifacts(f"runs:/{one}")) == 3
    assert set(ours.artifacts(f"runs:/{one}")) - {"net"} < {f"net@{model_id}" for model_id in models}
    assert plain[0]["model_id"] in models
    assert list(ours.artifacts(f"runs:/{other}")) == ["net"]


def test_each_model_input_names_the_artifact_that_its_model_is(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    maker, user = mlflow.run(experiment), mlflow.run(experiment, 3000, 4000)
    models = [mlflow.model(experiment, maker, "net") for _ in range(2)]
    for model_id in models:
        mlflow.uses_model(user, model_id)
    imported(mlflow.uri, ours)
    made = ours.artifacts(f"runs:/{maker}")
    used = [made[str(name)].metadata or {} for _, name in sources(ours, f"runs:/{user}")]
    assert {each["model_id"] for each in used} == set(models)


def test_a_model_that_no_run_logged_is_called_by_its_uri(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    model_id, user = mlflow.model(experiment, None), mlflow.run(experiment)
    mlflow.uses_model(user, model_id)
    imported(mlflow.uri, ours)
    assert sources(ours, f"runs:/{user}") == {(f"models:/{model_id}", None)}


def test_a_run_that_has_anothers_model_as_its_output_has_it_as_an_artifact(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    maker, tuner = mlflow.run(experiment), mlflow.run(experiment, 3000, 4000)
    own, other = mlflow.model(experiment, tuner), mlflow.model(experiment, maker)
    mlflow.log_outputs(tuner, [mlflow.entities.LoggedModelOutput(other, 7)])
    imported(mlflow.uri, ours)
    found = {name: artifact.metadata for name, artifact in ours.artifacts(f"runs:/{tuner}").items()}
    assert found == {
        "net": {"model_id": own, "step": 3},
        f"net@{other}": {"model_id": other, "step": 7},
    }


def test_a_model_of_mlflow_2_is_an_artifact_by_its_path(mlflow: MLflow, ours: GraphTracker) -> None:
    history = [{"artifact_path": "model", "flavors": {}}, {"artifact_path": "models:/m-1"}, {}, 5]
    tags = {"mlflow.log-model.history": json.dumps(history)}
    run_id = mlflow.run(mlflow.experiment(), tags=tags)
    mlflow.log_text(run_id, "flavors:", "model/MLmodel")
    imported(mlflow.uri, ours)
    root = mlflow.get_run(run_id).info.artifact_uri
    found = {name: artifact.path for name, artifact in ours.artifacts(f"runs:/{run_id}").items()}
    assert found == {"model": f"{root}/model", "model/MLmodel": f"{root}/model/MLmodel"}


@pytest.mark.parametrize("text", ["", "no JSON", "5", "{}", "[" * 4000])
def test_a_history_of_models_that_is_none_is_a_tag_like_others(text: str, mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment(), tags={"mlflow.log-model.history": text})
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{run_id}").metadata["tags.mlflow.log-model.history"] == text
    assert not ours.artifacts(f"runs:/{run_id}")


def test_a_registered_version_is_a_run_whose_source_is_the_model(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    run_id = mlflow.run(experiment)
    place = mlflow.get_logged_model(mlflow.model(experiment, run_id)).artifact_location
    mlflow.create_registered_model("reader")
    for _ in range(2):
        mlflow.create_model_version("reader", place, run_id, description="reads", tags={"approved": "yes"})
    mlflow.set_registered_model_alias("reader", "champion", 2)
    mlflow.set_registered_model_alias("reader", "best", 2)
    mlflow.transition_model_version_stage("reader", "2", "Production")
    report = imported(mlflow.uri, ours)
    assert report.read["registered model versions"] == 2
    assert ours.run("models:/reader/2").metadata == {
        "aliases": ["best", "champion"],
        "description": "reads",
        "stage": "Production",
        "tags.approved": "yes",
    }
    assert ours.run("models:/reader/1").metadata["aliases"] == []
    assert ours.sources("models:/reader/2") == [TrackerSource(f"runs:/{run_id}", "net")]


def test_a_version_of_files_of_a_run_has_their_folder_as_its_source(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    place = f"{mlflow.get_run(run_id).info.artifact_uri}/model"
    mlflow.create_registered_model("reader")
    mlflow.create_model_version("reader", place, run_id)
    mlflow.create_model_version("reader", "/elsewhere/model", run_id)
    mlflow.create_model_version("reader", "s3://bucket/model")
    imported(mlflow.uri, ours)
    assert sources(ours, "models:/reader/1") == {(f"runs:/{run_id}", "model")}
    assert sources(ours, "models:/reader/2") == {(f"runs:/{run_id}", None)}
    assert sources(ours, "models:/reader/3") == {("s3://bucket/model", None)}


def test_a_parent_is_metadata_and_a_source_for_those_who_mean_it(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    parent = mlflow.run(experiment)
    child = mlflow.run(experiment, tags={"mlflow.parentRunId": parent})
    imported(mlflow.uri, ours)
    assert ours.run(f"runs:/{child}").metadata["parent_run_id"] == f"runs:/{parent}"
    assert not ours.sources(f"runs:/{child}")
    imported(mlflow.uri, ours, parent_as_source=True)
    assert sources(ours, f"runs:/{child}") == {(f"runs:/{parent}", None)}


def test_what_was_deleted_is_left_out_and_counted(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment, gone = mlflow.experiment(), mlflow.experiment("gone")
    kept, deleted = mlflow.run(experiment), mlflow.run(experiment)
    mlflow.run(gone)
    mlflow.delete_run(deleted)
    mlflow.delete_experiment(gone)
    report = imported(mlflow.uri, ours)
    assert ours.run_ids() == [f"runs:/{kept}"]
    assert report.unmapped["deleted runs"] == 1
    assert report.unmapped["deleted experiments (runs included)"] == 1


def test_prompts_are_counted(mlflow: MLflow, ours: GraphTracker) -> None:
    mlflow.create_prompt("greeting")
    mlflow.create_prompt_version("greeting", "Hello {{name}}")
    report = imported(mlflow.uri, ours)
    assert (report.unmapped["prompts"], report.read["registered model versions"]) == (1, 0)


def test_hostile_texts_stay_as_they_are(mlflow: MLflow, ours: GraphTracker) -> None:
    texts = {f"text-{number}": text for number, text in enumerate(HOSTILE.values())}
    run_id = mlflow.run(mlflow.experiment("<b>of</b> [red] %s $x"), tags=texts)
    for key, text in texts.items():
        mlflow.log_param(run_id, key, text)
        mlflow.uses_data(run_id, "data", key, {"uri": text})
    imported(mlflow.uri, ours)
    theirs, run = mlflow.get_run(run_id).data, ours.run(f"runs:/{run_id}")
    assert {key: run.metadata[f"params.{key}"] for key in texts} == {key: theirs.params[key] for key in texts}
    assert {key: run.metadata[f"tags.{key}"] for key in texts} == {key: theirs.tags[key] for key in texts}
    assert run.metadata["experiment"] == "<b>of</b> [red] %s $x"
    assert {source for source, _ in sources(ours, run.run_id)} == set(texts.values())


def test_what_cannot_be_stored_is_counted(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.uses_data(run_id, "data", "d1", {"uri": "x" * 4001})
    report = imported(mlflow.uri, ours)
    assert report.unmapped["sources whose id or name cannot be stored"] == 1
    assert report.read["sources"] == 0


@pytest.mark.parametrize("start", [0, -1, 10**15, 10**18])
def test_times_that_no_clock_shows_fail_no_import(
    start: int, ours: GraphTracker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mlflow = MLflow("sqlite", tmp_path_factory.mktemp("mlflow"))
    run_id = mlflow.run(mlflow.experiment(), start=start, end=start)
    report = imported(mlflow.uri, ours)
    assert ours.run_ids() == [f"runs:/{run_id}"]
    assert (report.unmapped["times outside the years 1678 to 2261"] > 0) == (start > 10**14)


def test_a_run_of_very_many_params_is_whole(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    params = [mlflow.entities.Param(f"p{number}", str(number)) for number in range(500)]
    for begin in range(0, 500, 100):
        mlflow.log_batch(run_id, params=params[begin : begin + 100])
    imported(mlflow.uri, ours)
    found = ours.run(f"runs:/{run_id}").metadata
    assert {found[f"params.p{number}"] for number in range(500)} == {str(number) for number in range(500)}


def test_a_password_in_a_place_is_not_kept(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.uses_data(run_id, "data", "d1", {"uri": "https://ada:secret@example.org/data"})
    imported(mlflow.uri, ours)
    assert sources(ours, f"runs:/{run_id}") == {("https://ada:***@example.org/data", "data@d1")}
