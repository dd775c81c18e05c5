"""The files that MLflow's runs logged: all of them, within bounds, wherever they are."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.exchange.mlflow import files
from tests.support.mlflow_stores import MLflow, imported

SOME, UNLISTED = "runs of whose files not all were listed", "runs whose files cannot be listed"


def test_files_are_artifacts_by_their_path(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    for path in ("notes.txt", "plots/a b.svg", "plots/deep/er/ü.svg"):
        mlflow.log_text(run_id, "text", path)
    imported(mlflow.uri, ours)
    root = mlflow.get_run(run_id).info.artifact_uri
    found = {name: artifact.path for name, artifact in ours.artifacts(f"runs:/{run_id}").items()}
    assert found == {path: f"{root}/{path}" for path in ("notes.txt", "plots/a b.svg", "plots/deep/er/ü.svg")}


def test_a_file_is_found_by_its_place(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.log_text(run_id, "text", "notes.txt")
    imported(mlflow.uri, ours)
    place = mlflow.folder / "artifacts" / run_id / "artifacts" / "notes.txt"
    assert place.is_file()
    assert [artifact.run_id for artifact in ours.find_artifacts(place)] == [f"runs:/{run_id}"]


def test_a_file_that_is_called_as_a_model_of_its_run_is_counted(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = mlflow.experiment()
    run_id = mlflow.run(experiment)
    mlflow.log_text(run_id, "text", "net")
    mlflow.model(experiment, run_id, "net")
    report = imported(mlflow.uri, ours)
    assert "model_id" in (ours.artifacts(f"runs:/{run_id}")["net"].metadata or {})
    assert report.unmapped["files called as a logged model of their run"] == 1


def test_of_very_many_files_those_that_are_nested_least_are_listed(
    mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 3)
    experiment = mlflow.experiment()
    many, few = mlflow.run(experiment), mlflow.run(experiment)
    for path in ("a/1", "a/2", "b/1", "z"):
        mlflow.log_text(many, "text", path)
    for path in ("a/1", "a/2", "z"):
        mlflow.log_text(few, "text", path)
    report = imported(mlflow.uri, ours)
    assert set(ours.artifacts(f"runs:/{many}")) == {"z", "a/1", "a/2"}
    assert set(ours.artifacts(f"runs:/{few}")) == {"a/1", "a/2", "z"}
    assert report.unmapped[SOME] == 1


def test_a_folder_within_itself_comes_to_an_end(mlflow: MLflow, ours: GraphTracker) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.log_text(run_id, "text", "a/notes.txt")
    folder = mlflow.folder / "artifacts" / run_id / "artifacts" / "a"
    (folder / "again").symlink_to(folder)
    report = imported(mlflow.uri, ours)
    assert "a/notes.txt" in ours.artifacts(f"runs:/{run_id}")
    assert report.unmapped[SOME] == 1


def run_elsewhere(mlflow: MLflow, place: str, name: str = "elsewhere") -> str:
    return mlflow.run(str(mlflow.create_experiment(name, artifact_location=place)))


@pytest.mark.parametrize(
    "place", ["s3://bucket/a", "nobody://knows/this", "mlflow-artifacts:/a", "http://127.0.0.1:1/a"]
)
def test_files_out_of_reach_are_counted(
    place: str, mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    run_id = run_elsewhere(mlflow, place)
    mlflow.log_param(run_id, "lr", 1)
    report = imported(mlflow.uri, ours)
    assert report.unmapped[UNLISTED] == 1
    assert ours.run(f"runs:/{run_id}").metadata["params.lr"] == "1"


def test_who_never_answers_is_asked_once(mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over = [], threading.Event()

    def silent(self: files.Files, uri: str) -> tuple[list[str], bool]:
        asked.append(uri)
        over.wait()
        return [], True

    monkeypatch.setattr(files, "PATIENCE", 0.01)
    monkeypatch.setattr(files.Files, "_walk", silent)
    experiment = str(mlflow.create_experiment("e", artifact_location="s3://bucket/a"))
    runs = [mlflow.run(experiment) for _ in range(5)]
    report = imported(mlflow.uri, ours)
    over.set()
    assert len(asked) == 1
    assert report.unmapped[UNLISTED] == len(ours.run_ids()) == len(runs)


def test_a_place_that_failed_is_given_up_and_others_are_not(
    mlflow: MLflow, ours: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fails(self: files.Files, uri: str) -> tuple[list[str], bool]:
        asked.append(uri.split("/")[2])
        raise ConnectionError("out of reach")

    monkeypatch.setattr(files.Files, "_walk", fails)
    for place in ("s3://one/a", "s3://other/a"):
        experiment = str(mlflow.create_experiment(place, artifact_location=place))
        for _ in range(5):
            mlflow.run(experiment)
    report = imported(mlflow.uri, ours)
    assert sorted(asked) == ["one"] * 3 + ["other"] * 3
    assert report.unmapped[UNLISTED] == 10


def test_a_folder_of_files_that_is_gone_holds_none(mlflow: MLflow, ours: GraphTracker, tmp_path: Path) -> None:
    run_id = run_elsewhere(mlflow, (tmp_path / "gone").as_uri())
    report = imported(mlflow.uri, ours)
    assert not ours.artifacts(f"runs:/{run_id}")
    assert not report.unmapped[UNLISTED]


def test_a_password_in_a_place_of_files_is_not_kept(mlflow: MLflow, ours: GraphTracker) -> None:
    experiment = str(mlflow.create_experiment("e", artifact_location="ftp://ada:secret@127.0.0.1:1/a"))
    run_id = mlflow.run(experiment)
    mlflow.model(experiment, run_id)
    imported(mlflow.uri, ours)
    assert ours.artifacts(f"runs:/{run_id}")["net"].path.startswith("ftp://ada:***@127.0.0.1:1/a/")


@pytest.mark.parametrize("place", ["ftp://ada:secret@127.0.0.1:1/a", "ftp://127.0.0.1:1/ada@lab"])
def test_models_at_a_place_with_an_at_sign_keep_places_of_their_own(
    place: str, mlflow: MLflow, ours: GraphTracker
) -> None:
    experiment = str(mlflow.create_experiment("e", artifact_location=place))
    run_id = mlflow.run(experiment)
    for name in ("net", "other"):
        mlflow.model(experiment, run_id, name)
    imported(mlflow.uri, ours)
    paths = {item.path for item in ours.artifacts(f"runs:/{run_id}").values()}
    assert len(paths) == 2
    assert all(path.startswith(place.replace("secret", "***")) for path in paths)
