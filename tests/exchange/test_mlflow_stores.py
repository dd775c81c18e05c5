"""Which stores of MLflow are read, that nothing is ever written there, and that MLflow itself is not heard."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import sys
import warnings
from contextlib import closing, suppress
from pathlib import Path

import pytest

from graphtracker import GraphTracker, GraphTrackerError, InvalidInput, MissingExtra, StoreError
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from tests.support.command import command
from tests.support.mlflow_stores import MLflow, read
from tests.support.tools import run as shell


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MLflow:
    monkeypatch.chdir(tmp_path)
    return MLflow("sqlite", tmp_path / "mlflow")


def changed(database: MLflow, *statements: str) -> str:
    """The database after these statements, by another name: MLflow keeps what it once opened."""
    copy = database.folder / "changed.db"
    shutil.copy(database.folder / "mlflow.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return f"sqlite:///{copy}"


def contents(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def refused(uri: str, error: type[GraphTrackerError] = InvalidInput) -> str:
    """Why the import is refused, on one line for people."""
    with pytest.raises(error) as raised:
        read(uri)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_nothing_is_written_where_it_is_read(mlflow: MLflow) -> None:
    experiment = mlflow.experiment()
    run_id = mlflow.run(experiment)
    mlflow.model(experiment, run_id)
    mlflow.log_text(run_id, "text", "notes.txt")
    mlflow.create_registered_model("reader")
    mlflow.create_model_version("reader", mlflow.get_run(run_id).info.artifact_uri, run_id)
    copy = mlflow.folder.with_name("copy")  # which MLflow has not opened yet
    shutil.copytree(mlflow.folder, copy)
    before = contents(copy)
    assert read(mlflow.uri.replace(f"{mlflow.folder}/", f"{copy}/"))[1].read["runs"] == 1
    assert contents(copy) == before
    assert contents(Path.cwd()) == {}


def test_a_folder_that_lacks_what_mlflow_makes_on_the_way_is_left_so(tmp_path: Path) -> None:
    mlflow = MLflow("files", tmp_path / "mlflow")
    mlflow.run(mlflow.experiment())
    copy = tmp_path / "copy"  # as a version control without empty folders has it
    shutil.copytree(mlflow.folder / "mlruns", copy, ignore=shutil.ignore_patterns(".trash", "models"))
    before = contents(copy)
    assert read(str(copy))[1].read["runs"] == 1
    assert contents(copy) == before


def test_a_relative_path_is_a_store_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = MLflow("files", tmp_path / "mlflow")
    mlflow.run(mlflow.experiment())
    monkeypatch.chdir(mlflow.folder)
    assert read("mlruns")[1].read["runs"] == read("./mlruns")[1].read["runs"] == 1


@pytest.mark.parametrize(
    "uri",
    [
        "", "missing", "file:///nowhere/mlruns", "sqlite:///missing.db", "sqlite:///missing/folder/m.db", "sqlite://",
        "sqlite:///:memory:", "sqlite:///file:missing.db?uri=true", "sqlite:///", "nobody://knows", "\0", "sqlite:///\0",
        "sqlite:not-a-url", "a\ud800", "x" * 5000, "sqlite:///" + "x" * 5000, "file://[x",
    ],
)  # fmt: skip
def test_where_there_is_no_store_none_is_made(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert refused(uri)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_or_another_folder_is_no_store_of_files(database: MLflow) -> None:
    assert "is a file, no folder; give a folder, a database as sqlite:///PATH" in refused(
        str(database.folder / "mlflow.db")
    )
    assert "holds no MLflow store" in refused(str(database.folder))


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 100, encoding="utf-8")
    assert "file is not a database" in refused(f"sqlite:///{tmp_path / 'text.db'}")


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])  # for this one SQLite makes files beside it, even to read it
def test_a_database_of_something_else_stays_as_it_is(mode: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE runs (a)")
    before = contents(tmp_path)
    assert "holds no MLflow store" in refused(f"sqlite:///{tmp_path / 'other.db'}")
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE alembic_version SET version_num = '2b4d017a5e9b'", "mlflow db upgrade"),
        ("UPDATE alembic_version SET version_num = 'ffffffffffff'", "install the MLflow that wrote it"),
        ("DELETE FROM alembic_version", "mlflow db upgrade"),
        ("DROP TABLE logged_models", "lacks tables, such as logged_models"),
        ("DELETE FROM experiments", "lacks its default experiment"),
    ],
)
def test_a_store_that_mlflow_would_change_is_refused(statement: str, says: str, database: MLflow) -> None:
    uri = changed(database, statement)
    before = contents(database.folder)
    assert says in refused(uri)
    assert contents(database.folder) == before


def test_a_store_of_files_that_is_broken_is_told(tmp_path: Path) -> None:
    mlflow = MLflow("files", tmp_path / "mlflow")
    run_id = mlflow.run(mlflow.experiment())
    mlflow.metric(run_id, "loss", 1.0, 1500)
    next((mlflow.folder / "mlruns").rglob("metrics/loss")).write_text("no number at all\n", encoding="utf-8")
    assert "fails at search_runs()" in refused(mlflow.uri, StoreError)


def test_what_mlflow_skips_as_unreadable_is_counted_and_nobody_hears_of_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mlflow = MLflow("files", tmp_path / "mlflow")
    experiment = mlflow.experiment()
    kept, broken = mlflow.run(experiment), mlflow.run(experiment)
    meta = next((mlflow.folder / "mlruns").rglob(f"{broken}/meta.yaml"))
    meta.write_text(meta.read_text(encoding="utf-8").replace(f"'{experiment}'", "'7'"), encoding="utf-8")
    before = [*logging.getLogger().handlers], [*logging.getLogger().filters]
    found, report = read(mlflow.uri)
    assert {event.run_id for event in found} == {f"runs:/{kept}"}
    assert report.unmapped["entries that MLflow itself cannot read"] == 1
    assert capfd.readouterr() == ("", "")
    assert ([*logging.getLogger().handlers], [*logging.getLogger().filters]) == before


_ODD = ["5", "[1]", "{a: 1}", "null", "1.5"]


@pytest.mark.parametrize("value", _ODD)
def test_files_that_hold_anything_where_text_should_be_end_in_no_traceback(value: str, tmp_path: Path) -> None:
    mlflow = MLflow("files", tmp_path / "mlflow")
    experiment = mlflow.experiment()
    run_id = mlflow.run(experiment)
    mlflow.uses_model(mlflow.run(experiment), mlflow.model(experiment, run_id))
    mlflow.uses_data(run_id, "train", "d1", {"uri": "s3://bucket/train"}, "training")
    mlflow.create_registered_model("reader")
    mlflow.create_model_version("reader", "s3://bucket/model", run_id)
    mlflow.set_registered_model_alias("reader", "champion", "1")
    for path in sorted((mlflow.folder / "mlruns").rglob("meta.yaml")):
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            path.write_text(text.replace(line, f"{line.partition(':')[0]}: {value}"), encoding="utf-8")
            with suppress(GraphTrackerError):
                read(mlflow.uri)
        path.write_text(text, encoding="utf-8")
    assert read(mlflow.uri)[1].read["runs"] == 2


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = refused("http://ada:secret@127.0.0.1:1", StoreError)
    assert "fails at search_experiments()" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://ada:secret@127.0.0.1:1/db",
        "postgresql://h/db?user=ada&password=secret",
        "mysql+pymysql://ada:secret@127.0.0.1:1/db",
    ],
)
def test_a_driver_that_is_missing_is_named_and_the_password_is_not(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for driver in ("psycopg2", "psycopg", "pymysql"):
        monkeypatch.setitem(sys.modules, driver, None)
    said = refused(uri, MissingExtra)
    assert "pip install" in said
    assert "secret" not in said


@pytest.mark.parametrize("module", ["mlflow", "sqlalchemy", "alembic"])
def test_a_library_that_is_missing_is_told_with_the_extra(
    module: str, database: MLflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == module or name.startswith("alembic.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    said = refused(database.uri, MissingExtra)
    assert module in said
    assert "graphtracker[mlflow]" in said


def test_an_option_of_mlflow_is_none_of_others() -> None:
    with pytest.raises(InvalidInput, match="torchx takes no 'parent_as_source', which is an option of mlflow"):
        events_of("torchx", "x", Report(), parent_as_source=True)


def test_between_its_steps_all_is_as_it_was(mlflow: MLflow, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow.run(mlflow.experiment())
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "mine")

    def seen() -> tuple[object, ...]:
        names = ("alembic", "mlflow", "urllib3")
        return dict(os.environ), [logging.getLogger(name).level for name in names], list(warnings.filters)

    steps = events_of("mlflow", mlflow.uri, Report())
    before = seen()
    assert next(steps)
    assert seen() == before
    assert list(steps) == []
    assert seen() == before


def test_from_the_command_line_one_line_is_told(mlflow: MLflow, tmp_path: Path) -> None:
    run_id = mlflow.run(mlflow.experiment())
    mlflow.metric(run_id, "loss", 1.0, 1500)
    store = str(tmp_path / "lineage.db")
    done = shell(tmp_path, "graphtracker", "--store", store, "import", "mlflow", mlflow.uri)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"graphtracker: {store}: read 2 experiments and 1 run; not mapped: 1 metric history"
    ]
    assert command("show", f"runs:/{run_id}", "--store", store).code == 0


def test_parents_are_sources_by_an_option(mlflow: MLflow, tmp_path: Path) -> None:
    experiment = mlflow.experiment()
    parent = mlflow.run(experiment)
    child = mlflow.run(experiment, tags={"mlflow.parentRunId": parent})
    store = str(tmp_path / "lineage.db")
    assert command("import", "mlflow", mlflow.uri, "--parent-as-source", "--store", store).code == 0
    with GraphTracker(store) as tracker:
        assert [source.source_run_id for source in tracker.sources(f"runs:/{child}")] == [f"runs:/{parent}"]


def test_from_the_command_line_an_error_is_one_line(tmp_path: Path) -> None:
    done = command("import", "mlflow", "sqlite:///missing.db", "--store", str(tmp_path / "lineage.db"))
    assert done.code != 0
    assert "there is no file 'missing.db'; give sqlite:///PATH" in done.err
    assert "Traceback" not in done.err
