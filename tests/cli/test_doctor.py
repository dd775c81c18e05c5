"""`doctor` says what is wrong, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import graphtracker
from graphtracker.model.events import MetadataSet, stamps
from graphtracker.spool.file import SpoolFile
from graphtracker.spool.lines import to_line
from graphtracker.stores.sqlite import file as sqlite_file
from tests.support.command import command, output
from tests.support.tools import run
from tests.support.unusable_stores import damaged, foreign, newer, not_a_database


def findings(store: str, code: int) -> list[dict[str, Any]]:
    done = command("doctor", "--json", "--store", store)
    assert done.code == code
    assert bool(done.err) == bool(code)
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def test_doctor_finds_a_good_store_well(store: str) -> None:
    found = {item["subject"]: item["fact"] for item in findings(store, 0)}
    assert graphtracker.__version__ in found["graphtracker"]
    assert (found["runs"], found["external runs"], found["sources"]) == (4, 1, 6)
    assert all(item["ok"] is not False for item in findings(store, 0))
    assert "BAD" not in output("doctor", "--store", store)


def test_doctor_says_which_graphviz_draws(store: str, engine: str) -> None:
    [said] = [item for item in findings(store, 0) if item["subject"] == "Graphviz"]
    assert said["ok"] is True
    assert said["fact"].startswith(engine)


@pytest.mark.usefixtures("no_pygraphviz")
def test_doctor_says_how_to_come_by_graphviz(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = output("doctor", "--store", store)
    assert "`pip install 'graphtracker[draw]'`" in said
    assert "install graphviz" in said


def test_doctor_says_that_there_is_no_store_and_makes_none(tmp_path: Path) -> None:
    [bad] = [item for item in findings(str(tmp_path / "none.db"), 3) if item["ok"] is False]
    assert "none.db" in bad["fact"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (not_a_database, "name another file"),
        (foreign, "another program"),
        (newer, "install a newer graphtracker"),
        (Path.mkdir, "folder"),
        (damaged, "recover"),
    ],
    ids=["not a database", "foreign", "newer", "folder", "damaged"],
)
def test_doctor_says_what_is_wrong_and_what_to_do(make: Any, advice: str, tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    [bad] = [item for item in findings(str(path), 3) if item["ok"] is False]
    assert advice in bad["fact"]
    assert "lineage.db" in bad["fact"]
    assert "\n" not in bad["fact"]  # a finding is one line
    done = command("doctor", "--store", str(path))
    assert "BAD" in done.out
    assert (None if path.is_dir() else path.read_bytes()) == before


def test_doctor_tells_of_ids_that_are_the_name_of_another_run(store: str) -> None:
    with graphtracker.GraphTracker(store) as tracker:
        [other, *_] = [run.run_id for run in tracker.runs() if run.name != run.run_id]
        tracker.add_metadata(other.rpartition("/")[2])
    found = {item["subject"]: item for item in findings(store, 0)}
    told = found["ids that are names of other runs"]
    assert told["ok"] is None
    assert f"'{other}'" in told["fact"]


def test_a_finding_about_thousands_of_runs_is_one_short_line(store: str) -> None:
    with graphtracker.GraphTracker(store) as tracker, tracker.batch() as batch:
        for number in range(300):
            batch.add_metadata(f"kubernetes://torchx/train-{number}")
            batch.record(
                f"name-{number}",
                artifacts={"rows": f"/rows-{number}"},
                sources=[f"kubernetes://torchx/lab:train-{number}", f"s3://lab/name-{number}", f"/rows-{number - 1}"],
            )
            batch.add_source("train", "s3://data", f"part {number}")
    found = {item["subject"]: str(item["fact"]) for item in findings(store, 0)}
    told = [text for text in found.values() if " more; " in text]
    assert len(told) == 4
    assert all("; and 29" in text or "; and 30" in text for text in told)
    assert max(map(len, found.values())) < 500


def test_doctor_says_what_keeps_a_good_store_from_being_written(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda path: "nfs4")
    [bad] = [item for item in findings(store, 3) if item["ok"] is False]
    assert bad["subject"] == "writable"
    assert "nfs4" in bad["fact"]


def test_doctor_says_that_the_default_stores_folder_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "data"))
    done = command("doctor")
    assert done.code == 3
    assert "cannot be made" in done.out


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder that is the home folder, too."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


JOBS = "TorchX jobs started here record to"


def test_doctor_tells_what_jobs_started_here_record_to(store: str, folder: Path) -> None:
    (folder / ".torchxconfig").write_text(
        "[torchx:tracker]\ngraphtracker =\n[tracker:graphtracker]\nconfig = ~/l.db\n", encoding="utf-8"
    )
    assert f"ok  {JOBS}: '{folder}/l.db', according to" in output("doctor", "--store", store)


def test_doctor_finds_it_wrong_that_they_record_nothing_where_somebody_wanted_it(store: str, folder: Path) -> None:
    assert f"-   {JOBS}: nothing: there is no" in output("doctor", "--store", store)
    (folder / ".torchxconfig").write_text("[tracker:graphtracker]\nconfig = neo4j://ada:secret@h\n", encoding="utf-8")
    [bad] = [item for item in findings(store, 3) if item["ok"] is False]
    assert bad["subject"] == JOBS
    assert bad["fact"].startswith("nothing: ")
    assert "secret" not in bad["fact"]


def test_doctor_in_a_job_tells_what_the_job_records_to(
    store: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHX_JOB_ID", "local_cwd://torchx/train-x7k")
    monkeypatch.setenv("TORCHX_TRACKERS", "graphtracker")
    monkeypatch.setenv("TORCHX_TRACKER_GRAPHTRACKER_CONFIG", store)
    found = {item["subject"]: item for item in findings(store, 0)}
    for subject in (JOBS, "AppRun in a process started here records to"):
        assert found[subject]["ok"]
        assert found[subject]["fact"].startswith(f"'{store}', according to TORCHX_TRACKERS and TORCHX_TRACKER_")


def test_doctor_names_spools_that_hold_what_the_store_has_forgotten(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHTRACKER_SPOOL", str(tmp_path / "spool"))
    (tmp_path / "spool").mkdir()
    file = SpoolFile(str(tmp_path / "spool"), store)
    runs = [f"run-{number:02}" for number in range(12)]
    file.append(to_line([MetadataSet(run_id, "token", "x", *stamps(1)) for run_id in runs]))
    file.forget()
    with graphtracker.GraphTracker(store) as tracker, tracker.batch() as batch:
        for run_id in runs:
            batch.add_metadata(run_id)
    assert "forgotten of" not in output("doctor", "--store", store)
    with graphtracker.GraphTracker(store) as tracker:
        tracker.forget(runs)
    [bad] = [item for item in findings(store, 3) if item["ok"] is False]
    assert bad["subject"] == "spool"
    assert file.path in bad["fact"]
    assert "it holds what the store has forgotten of 'run-00', 'run-01'" in bad["fact"]
    assert "'run-09' and 2 more: sync it, or remove the file; run `graphtracker sync" in bad["fact"]
    assert command("sync").code == 0
    assert "BAD" not in output("doctor", "--store", store)


def test_doctor_in_a_real_process_ends_with_3(tmp_path: Path) -> None:
    not_a_database(tmp_path / "notes.txt")
    done = run(tmp_path, "graphtracker", "doctor", "--store", "notes.txt", code=3)
    assert "notes.txt" in done.stdout
    assert "Traceback" not in done.stderr
