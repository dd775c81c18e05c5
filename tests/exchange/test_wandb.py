"""W&B: its own offline runs, and its own run objects of a server that is played, are read with what they say.

No server can be had: of the API the tests stand in for ``wandb.Api``, for a run's two lists of artifacts and for its
file of metadata; the runs are of W&B's class, made of what its server answers.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graphtracker import GraphTracker, InvalidInput, MissingExtra, StoreError
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from graphtracker.model.events import Event
from tests.support.hostile import HOSTILE
from tests.support.needs import missing
from tests.support.wandb_runs import KEYS, VALUES, make

try:
    import wandb
    from wandb.apis.public.runs import Run
except ImportError:
    missing("no wandb to test with; install the extra wandb")

TRAINED, BROKEN, STRANGE = (f"wandb://team/digits/{name}" for name in ("trained", "broken", "hostile"))


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which W&B left three offline runs."""
    return make(tmp_path_factory.mktemp("offline"))


def run_file(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"wandb/offline-run-*/run-{name}.wandb")
    return found


def read(source: Path | str, tracker: GraphTracker) -> Report:
    report = Report()
    tracker.copy_from(events_of("wandb", str(source), report))
    return report


@pytest.fixture
def memory() -> Iterator[GraphTracker]:
    with GraphTracker(":memory:") as tracker:
        yield tracker


# -- offline -----------------------------------------------------------------------------------------------------------


def test_offline_runs_come_in_with_what_they_say(offline: Path, memory: GraphTracker) -> None:
    report = read(offline, memory)
    assert report.read == {"runs": 3, "artifacts": 4}
    assert report.unmapped["rows of metric histories"] == 3000
    assert report.unmapped["media"] == 1
    config = {f"config.{key}": value for key, value in VALUES.items()}
    changed = {"config.flag": False, "config.later": 1, "config.tuple": [1, 2], "config.nan": None}  # W&B's own null
    summary = {"summary.loss": 1 / 3000, "summary.deep/er": {"acc": 2999}, "summary.best": 3}
    own = {"name": "first", "group": "g", "job_type": "train", "notes": "note", "tags": ["a", "b"]}
    wanted = {**config, **changed, **summary, **{f"wandb.{key}": value for key, value in own.items()}}
    assert memory.metadata(TRAINED) == wanted
    runs = memory.graph().runs
    assert {run_id: run.context["status"] for run_id, run in runs.items()} == {
        TRAINED: "succeeded",
        BROKEN: "failed: exit code 3",
        STRANGE: "succeeded",
    }
    context = runs[TRAINED].context
    assert str(context["command"]).startswith("-m tests.support.wandb_runs ")
    assert str(context["command"]).endswith("--token ***")
    assert context["directory"] == str(offline)
    started, ended = context["started_at"], context["ended_at"]
    assert (started, ended) == (runs[TRAINED].created_at, runs[TRAINED].updated_at)
    assert isinstance(started, datetime)
    assert isinstance(ended, datetime)
    assert started < ended < datetime.now(timezone.utc)


def test_artifacts_have_names_of_their_own_and_what_the_user_said(offline: Path, memory: GraphTracker) -> None:
    read(offline, memory)
    artifacts = {name: item for (_, name), item in memory.graph().artifacts.items()}
    digest = str(artifacts["model"].metadata["wandb.digest"])
    assert artifacts["elsewhere"].place == str(offline / "data.csv")
    assert artifacts["model"].path == f"wandb-artifact:///team/digits/model@{digest}"
    (second,) = (name for name in artifacts if name.startswith("model@"))
    for version, name in enumerate(("model", second)):
        said = artifacts[name].metadata
        assert (said["k"], said["nested"], said["wandb.type"]) == (version, {"a": [1]}, "model")
        assert (said["wandb.description"], said["wandb.aliases"], said["wandb.size"]) == ("it", ["best", "latest"], 1)


def test_hostile_keys_and_values_come_in(offline: Path, memory: GraphTracker) -> None:
    read(offline, memory)
    found = dict(memory.metadata(STRANGE))
    assert found.pop("wandb.name") == "n\x1b[31m"
    kept = {text.strip("-"): text for text in KEYS.values()}  # W&B takes the dashes of keys
    assert found == {f"config.{key}": text for key, text in kept.items()}


def test_again_and_cut_off_it_is_the_same(offline: Path) -> None:
    with GraphTracker(":memory:") as once, GraphTracker(":memory:") as more:
        read(offline, once)
        batches = events_of("wandb", str(offline), Report())
        more.copy_from(iter([next(batches)]))
        read(offline, more)
        before = events(more)
        read(offline / "wandb", more)
        for name in ("trained", "broken", "hostile"):
            read(run_file(offline, name), more)
        assert events(more) == before == events(once)


def events(tracker: GraphTracker) -> list[Event]:
    return sorted((event for batch in tracker._recorder.store.events() for event in batch), key=str)


def test_what_was_recorded_later_stands(offline: Path, memory: GraphTracker) -> None:
    memory.add_metadata(TRAINED, **{"config.int": 8})
    read(offline, memory)
    assert memory.metadata(TRAINED)["config.int"] == 8


def test_a_run_whose_writer_was_killed_is_running(offline: Path, memory: GraphTracker, tmp_path: Path) -> None:
    whole = run_file(offline, "trained").read_bytes()
    assert len(whole) > 4 * 32768, "the file has many blocks"
    for length in (len(whole) // 2, 3 * 32768, 2 * 32768 + 3):
        (tmp_path / "run-trained.wandb").write_bytes(whole[:length])
        report = read(tmp_path / "run-trained.wandb", memory)
        assert not report.unmapped["rests of damaged run files"]
    run = memory.graph().runs[TRAINED]
    assert run.context["status"] == "running"
    assert "ended_at" not in run.context
    assert run.metadata["config.text"] == "x"


def test_what_is_damaged_is_left_out_and_counted(offline: Path, tmp_path: Path) -> None:
    whole = run_file(offline, "broken").read_bytes()
    for at in range(7, len(whole), 37):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        (tmp_path / "run-x.wandb").write_bytes(changed)
        with GraphTracker(":memory:") as tracker:
            report = read(tmp_path / "run-x.wandb", tracker)
            statuses = [run.context["status"] for run in tracker.graph().runs.values()]
        cut = report.unmapped["rests of damaged run files"]
        assert cut or statuses in ([], ["running"])  # a changed length may lead beyond the end


def test_run_files_of_nothing_are_counted(offline: Path, memory: GraphTracker, tmp_path: Path) -> None:
    whole = run_file(offline, "broken").read_bytes()
    shutil.copytree(offline / "wandb", tmp_path / "wandb", symlinks=True)
    (tmp_path / "wandb" / "run-cut.wandb").write_bytes(whole[:7])
    (tmp_path / "wandb" / "run-text.wandb").write_text("no run", encoding="utf-8")
    (tmp_path / "wandb" / "run-empty.wandb").write_text("", encoding="utf-8")
    report = read(tmp_path / "wandb", memory)
    assert report.read["runs"] == 3
    assert report.unmapped["run files without a run"] == 1


def test_a_pipe_that_is_called_as_a_run_file_is_not_waited_for(memory: GraphTracker, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run-x.wandb")
    for source in (tmp_path, tmp_path / "run-x.wandb"):
        with pytest.raises(InvalidInput, match=r"holds no run file of W&B"):
            read(source, memory)


@pytest.mark.parametrize("source", ["folder", "file"])
def test_what_holds_no_runs_is_refused(source: str, memory: GraphTracker, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no run", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInput, match=r"holds no run file of W&B.*name a folder"):
        read(tmp_path / source, memory)


# -- a server ----------------------------------------------------------------------------------------------------------


def artifact(name: str, project: str = "team/digits", logger: Any = None, **more: Any) -> Any:
    """What W&B has of an artifact, by the names that its documentation gives."""
    said = {
        "source_name": name,
        "source_qualified_name": f"{project}/{name}",
        "logged_by": lambda: logger,
        "type": "model",
        "digest": "d1",
        "description": None,
        "metadata": {"k": 1},
        "aliases": ["latest"],
        "tags": [],
        "size": 7,
        "created_at": "2026-01-02T03:30:00Z",
    }
    return SimpleNamespace(**{**said, **more})


def run(name: str, *, logged: list[Any] | None = None, used: list[Any] | None = None, **more: Any) -> Any:
    """W&B's run, made of what its server answers."""
    answered = {
        "id": "x",
        "name": name,
        "displayName": "a name",
        "state": "finished",
        "createdAt": "2026-01-02T03:04:05",
        "heartbeatAt": "2026-01-02T04:04:05Z",
        "config": json.dumps({"lr": {"value": 0.1}, "_wandb": {"value": {}}}),
        "summaryMetrics": json.dumps({"loss": 0.5, "_step": 3}),
        "tags": ["t"],
        "group": "g",
        "jobType": "train",
        "notes": None,
        "sweepName": None,
        "commit": "abc",
        "user": {"name": "Ada L", "username": "ada"},
    }
    nobody: Any = None
    made: Any = Run(nobody, "team", "digits", name, {**answered, **more}, lazy=False)
    made.logged_artifacts = lambda: iter(logged or [])
    made.used_artifacts = lambda: iter(used or [])
    made._metadata = {"host": "node7", "program": "-m train", "args": ["--api_key", "hunter2"], "python": "3.11"}
    return made


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the project has: a list of runs, to be filled; ``failing`` is raised where there is one."""
    played = SimpleNamespace(runs=[], failing=None, asked=[])

    class Api:
        def runs(self, path: str, order: str, lazy: bool) -> Iterator[Any]:
            played.asked.append((path, order, lazy))
            yield from played.runs
            if played.failing is not None:
                raise played.failing

    monkeypatch.setattr(wandb, "Api", Api)
    return played


def test_runs_of_a_server_come_in_with_what_they_say(server: Any, memory: GraphTracker) -> None:
    model = artifact("model:v0")
    server.runs = [run("one", logged=[model]), run("two", used=[model], state="crashed"), run("three", state="running")]
    report = read("team/digits", memory)
    assert server.asked == [("team/digits", "+created_at", False)]
    assert report.read == {"runs": 3, "artifacts": 1, "sources": 1}
    assert report.unmapped == {"metric histories": 3, "system metrics": 3}
    whole = memory.graph()
    first = whole.runs["wandb://team/digits/one"]
    assert first.metadata == {
        "config.lr": 0.1,
        "summary.loss": 0.5,
        "wandb.group": "g",
        "wandb.job_type": "train",
        "wandb.name": "a name",
        "wandb.tags": ["t"],
    }
    started, ended = (datetime(2026, 1, 2, hour, 4, 5, tzinfo=timezone.utc) for hour in (3, 4))
    assert first.context == {
        "user": "ada",
        "host": "node7",
        "command": "-m train --api_key ***",
        "commit": "abc",
        "python": "3.11",
        "started_at": started,
        "ended_at": ended,
        "status": "succeeded",
    }
    assert (first.created_at, first.updated_at) == (started, ended)
    assert whole.runs["wandb://team/digits/two"].context["status"] == "failed: crashed"
    assert "ended_at" not in whole.runs["wandb://team/digits/three"].context
    logged = whole.artifacts["wandb://team/digits/one", "model:v0"]
    assert logged.path == "wandb-artifact:///team/digits/model:v0"
    assert logged.logged_at == datetime(2026, 1, 2, 3, 30, tzinfo=timezone.utc)
    assert logged.metadata == {
        "k": 1,
        "wandb.aliases": ["latest"],
        "wandb.digest": "d1",
        "wandb.size": 7,
        "wandb.type": "model",
    }
    (source,) = memory.sources("wandb://team/digits/two")
    assert (source.source_run_id, source.artifact_name) == ("wandb://team/digits/one", "model:v0")


@pytest.mark.parametrize("first", [1, 2])
def test_what_a_run_that_goes_on_says_last_stands(first: int, server: Any, memory: GraphTracker) -> None:
    for hour, number in enumerate((first, 3 - first), 4):
        said: dict[str, Any] = {
            "config": json.dumps({"lr": {"value": number}}),
            "notes": f"note {number}",
            "tags": [f"tag {number}"],
        }
        server.runs = [run("one", state="running", heartbeatAt=f"2026-01-02T0{hour}:04:05Z", **said)]
        read("team/digits", memory)
        found = memory.metadata("wandb://team/digits/one")
        assert found["config.lr"] == number
        assert (found["wandb.notes"], found["wandb.tags"]) == (f"note {number}", [f"tag {number}"])


def test_what_was_used_is_of_the_run_that_logged_it_or_external(server: Any, memory: GraphTracker) -> None:
    other = SimpleNamespace(entity="lab", project="shared", id="r1")
    used = [artifact("base:v3", "lab/shared", other), artifact("rows:v0", "lab/shared")]
    server.runs = [run("one", used=used)]
    read("team/digits", memory)
    assert {(source.source_run_id, source.artifact_name) for source in memory.sources("wandb://team/digits/one")} == {
        ("wandb://lab/shared/r1", "base:v3"),
        ("wandb-artifact:///lab/shared/rows:v0", None),
    }


def test_reading_a_server_again_changes_nothing_and_after_a_failure_goes_on(server: Any) -> None:
    server.runs = [run(f"r{number}", logged=[artifact(f"m:v{number}")]) for number in range(3)]
    with GraphTracker(":memory:") as once, GraphTracker(":memory:") as more:
        read("team/digits", once)
        whole, server.runs, server.failing = server.runs, server.runs[:2], wandb.errors.CommError("gone\x1b[31m")
        with pytest.raises(StoreError, match=r"W&B does not give the runs of 'team/digits' \(CommError.*wandb login"):
            read("team/digits", more)
        server.runs, server.failing = whole, None
        read("team/digits", more)
        before = events(more)
        read("team/digits", more)
        assert events(more) == before == events(once)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_of_a_server_is_data(name: str, server: Any, memory: GraphTracker) -> None:
    text = HOSTILE[name]
    one = artifact("m:v0", metadata={text: text}, description=text, aliases=[text])
    config = json.dumps({text: {"value": text}})
    server.runs = [run("one", logged=[one], displayName=text, config=config, notes=text)]
    read("team/digits", memory)
    found = memory.graph().runs["wandb://team/digits/one"]
    assert (found.metadata["wandb.name"], found.metadata["wandb.notes"]) == (text, text)
    assert memory.graph().artifacts[found.run_id, "m:v0"].metadata["wandb.description"] == text
    if len(text.encode()) < 3900:
        assert found.metadata[f"config.{text}"] == text


def test_what_cannot_be_stored_is_left_out_and_counted(server: Any, memory: GraphTracker) -> None:
    server.runs = [run("one", config=json.dumps({"a": "\ud800", "b": 1, "": 2}), createdAt="no time")]
    report = read("team/digits", memory)
    assert report.unmapped["values of metadata that cannot be stored"] == 1
    assert report.unmapped["unreadable times"] == 1
    assert memory.metadata("wandb://team/digits/one")["config.b"] == 1


@pytest.mark.parametrize("source", ["team", "a/b/c", "team/", "\x1b[31m", "x" * 5000])
def test_what_names_no_project_is_refused(source: str, memory: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match="is no W&B project, and no folder; give ENTITY/PROJECT") as caught:
        read(source, memory)
    assert "\x1b" not in str(caught.value)


def test_nothing_of_its_own_is_said(offline: Path, memory: GraphTracker, server: Any, capfd: Any) -> None:
    server.runs = [run("one")]
    read(offline, memory)
    read("team/digits", memory)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("module", ["wandb", "wandb.proto.wandb_internal_pb2"])
def test_without_the_library_the_extra_is_named(
    module: str, offline: Path, memory: GraphTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=r"W&B needs wandb.*pip install 'graphtracker\[wandb\]'"):
        read("team/digits" if module == "wandb" else offline, memory)
