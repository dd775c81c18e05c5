"""The TorchX plug-in: a tracker of torchx's own kind, which never hurts a job."""

from __future__ import annotations

import copy
import os
import pickle
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import fsspec
import numpy
import pytest
import torchx.tracker.api as torchx_api
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import (
    GraphTracker,
    InvalidInput,
    Lineage,
    RunNotFound,
    SchemaMismatch,
    StoreError,
    StoreUnavailable,
    api,
)
from graphtracker.stores.sqlite import file as sqlite_file
from graphtracker.torchx import TorchXTracker, create
from tests.support.tools import environment, run

JOB_ID = "local_cwd://torchx/job"
LONGEST = 4000  # bytes of an id, a name or a key


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "lineage.db"


@pytest.fixture
def _job(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a job that torchx launched."""
    monkeypatch.setenv("TORCHX_JOB_ID", JOB_ID)
    monkeypatch.setenv("TORCHX_TRACKERS", "graphtracker")


@pytest.fixture
def tracker(store: Path) -> Iterator[TorchXTracker]:
    opened = create(str(store))
    with opened:
        yield opened


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What graphtracker logged as a warning or worse."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("graphtracker") and record.levelname in ("WARNING", "ERROR", "CRITICAL")
    ]


# -- the plug-in as torchx finds it ------------------------------------------------------------------------------------


def test_it_is_an_entry_point_of_torchx() -> None:
    (found,) = entry_points(group="torchx.tracker", name="graphtracker")
    assert found.value == "graphtracker.torchx:create"
    assert found.load() is create


@pytest.mark.parametrize("module", [torchx_api, api], ids=lambda module: module.__name__)
@pytest.mark.parametrize("name", ["graphtracker", "graphtracker.torchx:create"])
def test_torchx_builds_it_by_its_name_or_module_path(module: Any, name: str, store: Path) -> None:
    (built,) = module.build_trackers({name: str(store)})
    assert isinstance(built, torchx_api.TrackerBase)
    assert isinstance(built, (GraphTracker, api.TrackerBase))
    built.add_metadata("train", lr=0.01)
    with GraphTracker(store) as direct:
        assert direct.metadata("train") == {"lr": 0.01}


def test_the_configuration_is_a_path_or_a_url(store: Path) -> None:
    for config in (str(store), f"sqlite:///{store}", f"sqlite:///{store}?synchronous=FULL"):
        with create(config) as tracker:
            tracker.add_metadata(config)
    with GraphTracker(store) as direct:
        assert len(direct.run_ids()) == 3


@pytest.mark.parametrize("config", [None, ""])
def test_without_a_configuration_it_is_the_default_store(
    config: str | None, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert create(config).url == GraphTracker().url == str(tmp_path / "data" / "graphtracker" / "graphtracker.db")
    monkeypatch.setenv("GRAPHTRACKER_URL", str(store))
    assert create(config).url == str(store)


def test_outside_a_job_a_configuration_that_names_no_store_raises() -> None:
    with pytest.raises(InvalidInput, match="mystery://host/db"):
        create("mystery://host/db")


# -- torchx's own classes ----------------------------------------------------------------------------------------------


def test_answers_are_values_of_torchx(tracker: TorchXTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/rows", {"format": "csv"})
    tracker.add_source("train", "prepare", "rows")
    tracker.add_source("train", "base")
    assert tracker.artifacts("prepare") == {"rows": torchx_api.TrackerArtifact("rows", "/rows", {"format": "csv"})}
    assert tracker.sources("train") == [
        torchx_api.TrackerSource("base", None),
        torchx_api.TrackerSource("prepare", "rows"),
    ]


def test_a_lineage_passes_for_that_of_torchx_and_is_ours(tracker: TorchXTracker) -> None:
    tracker.add_source("train", "prepare", "rows")
    lineage = tracker.lineage("train")
    for answer in (lineage, tracker.graph(), pickle.loads(pickle.dumps(lineage)), copy.copy(lineage)):  # noqa: S301
        assert isinstance(answer, torchx_api.Lineage)
        assert isinstance(answer, Lineage)
        assert set(answer.runs) == {"prepare", "train"}
    assert lineage.complete
    with GraphTracker(tracker.url) as direct:
        assert direct.lineage("train") == lineage
        assert direct.lineage("train").to_dict() == lineage.to_dict()


def test_torchx_own_run_works_with_it(tracker: TorchXTracker) -> None:
    train = torchx_api.AppRun("train", [tracker])
    train.add_source("prepare", "rows")
    train.add_metadata(lr=0.01, optimizer="adam")
    train.add_artifact("model", "/model")
    (source,) = train.sources()
    assert (source.parent.job_id(), source.artifact_name) == ("prepare", "rows")
    assert tracker.metadata("train") == {"lr": 0.01, "optimizer": "adam"}
    assert api.AppRun("prepare", [tracker]).lineage() == tracker.lineage("prepare")
    assert [child.id for child in api.AppRun("prepare", [tracker]).children()] == ["train"]


# -- without torchx ----------------------------------------------------------------------------------------------------

NO_TORCHX = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torchx":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


def test_without_torchx_it_works_with_our_contract(tmp_path: Path, store: Path) -> None:
    script = f"""{NO_TORCHX}
from graphtracker import Lineage, api
from graphtracker.torchx import TorchXTracker, contract

run = api.AppRun.run_from_env()
run.add_artifact("rows", "/rows")
run.add_metadata(odd={{1}})
(tracker,) = run.backends
assert contract is api
assert isinstance(tracker, TorchXTracker) and isinstance(tracker, api.TrackerBase)
assert tracker.artifacts(run.id) == {{"rows": api.TrackerArtifact("rows", "/rows", None)}}
assert tracker.sources(run.id) == [api.TrackerSource("parent", None)]
assert type(run.lineage()) is Lineage and set(run.lineage().runs) == {{run.id, "parent"}}
assert not any(name.partition(".")[0] == "torchx" for name in sys.modules)
"""
    variables = {
        "TORCHX_JOB_ID": JOB_ID,
        "TORCHX_PARENT_RUN_ID": "parent",
        "TORCHX_TRACKERS": "graphtracker",
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(store),
    }
    run(tmp_path, sys.executable, "-c", script, env=variables)
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID) == {"odd": "{1}"}


def test_our_contract_and_tracker_never_import_torchx(tmp_path: Path) -> None:
    script = """
import sys
import graphtracker.api
graphtracker.GraphTracker(":memory:").add_metadata("run")
print([name for name in sys.modules if name.partition(".")[0] == "torchx"])
"""
    assert run(tmp_path, sys.executable, "-c", script).stdout == "[]\n"


# -- what torchx's own tracker, FsspecTracker, does --------------------------------------------------------------------


@pytest.fixture(params=["fsspec", "graphtracker"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> torchx_api.TrackerBase:
    if request.param == "fsspec":
        return FsspecTracker(fsspec.filesystem("file"), str(tmp_path))
    return create(str(tmp_path / "lineage.db"))


def test_artifacts_and_metadata_as_torchx_keeps_them(either: torchx_api.TrackerBase) -> None:
    either.add_artifact("id1", "tf", "~/logs")
    either.add_artifact("id1", "model", "/model", {"format": "onnx"})
    either.add_metadata("id1", k1="1", k2=2)
    assert either.artifacts("id1") == {
        "tf": torchx_api.TrackerArtifact("tf", "~/logs", None),
        "model": torchx_api.TrackerArtifact("model", "/model", {"format": "onnx"}),
    }
    assert either.metadata("id1") == {"k1": "1", "k2": 2}


def test_sources_as_torchx_keeps_them(either: torchx_api.TrackerBase) -> None:
    either.add_source("id1", "id0")
    either.add_source("id1", "id0")
    either.add_source("id1", "parent", "rows")
    assert sorted(either.sources("id1"), key=lambda source: source.source_run_id) == [
        torchx_api.TrackerSource("id0", None),
        torchx_api.TrackerSource("parent", "rows"),
    ]
    for rows in (either.sources("id1", artifact_name="rows"), either.sources("id1", "rows")):
        assert list(rows) == [torchx_api.TrackerSource("parent", "rows")]
    assert len(list(either.sources("id1", None))) == len(list(either.sources("id1", ""))) == 2
    assert list(either.sources("id1", "absent")) == []


def test_run_ids_as_torchx_lists_them(either: torchx_api.TrackerBase) -> None:
    either.add_artifact("id0", "tf", "path1")
    either.add_artifact("id1", "tf", "path2", {"k": "v"})
    either.add_source("id1", "id0")
    assert set(either.run_ids()) == set(either.run_ids(parent_run_id=None)) == {"id0", "id1"}
    assert list(either.run_ids(parent_run_id="id0")) == ["id1"]
    assert list(either.run_ids(parent_run_id="id1")) == []


def test_what_is_unknown_is_empty_as_in_torchx(either: torchx_api.TrackerBase) -> None:
    assert (either.artifacts("absent"), either.metadata("absent"), either.sources("absent")) == ({}, {}, [])
    assert list(either.run_ids()) == list(either.run_ids(parent_run_id="absent")) == []


# -- torchx tracker list -----------------------------------------------------------------------------------------------


def configured(folder: Path, config: str | Path | None) -> None:
    """Writes the .torchxconfig that names graphtracker."""
    more = "" if config is None else f"\n[tracker:graphtracker]\nconfig = {config}\n"
    (folder / ".torchxconfig").write_text(f"[torchx:tracker]\ngraphtracker =\n{more}")


def torchx_list(folder: Path, *arguments: str) -> list[list[str]]:
    """The rows of the table that ``torchx tracker list`` prints, without its two lines of head."""
    printed = run(folder, sys.executable, "-m", "torchx.cli.main", "tracker", "list", *arguments).stdout
    return [re.split(r" {2,}", line.strip()) for line in printed.splitlines()[2:]]


def test_torchx_lists_jobs_metadata_and_artifacts(tmp_path: Path, tracker: TorchXTracker, store: Path) -> None:
    configured(tmp_path, store)
    tracker.add_artifact("local://torchx/prepare", "rows", "/rows", {"format": "csv"})
    tracker.add_artifact("local://torchx/prepare", "words", "/words")
    tracker.add_metadata("local://torchx/train", lr=0.01, optimizer="adam")
    tracker.add_source("local://torchx/train", "local://torchx/prepare", "rows")
    tracker.add_source("local://torchx/train", "external")
    assert torchx_list(tmp_path, "jobs") == [["local://torchx/train"], ["local://torchx/prepare"]]
    assert torchx_list(tmp_path, "jobs", "--parent-run-id", "local://torchx/prepare") == [["local://torchx/train"]]
    assert torchx_list(tmp_path, "jobs", "--parent-run-id", "external") == [["local://torchx/train"]]
    assert torchx_list(tmp_path, "jobs", "--parent-run-id", "absent") == []
    assert torchx_list(tmp_path, "metadata", "local://torchx/train") == [["lr", "0.01"], ["optimizer", "adam"]]
    assert torchx_list(tmp_path, "metadata", "absent") == []
    rows = ["rows", "/rows", "{'format': 'csv'}"]
    assert torchx_list(tmp_path, "artifacts", "local://torchx/prepare") == [rows, ["words", "/words"]]
    assert torchx_list(tmp_path, "artifacts", "--artifact", "rows", "local://torchx/prepare") == [rows]
    assert torchx_list(tmp_path, "artifacts", "--artifact", "absent", "local://torchx/prepare") == []


def test_torchx_lists_the_default_store_and_does_not_make_it(tmp_path: Path) -> None:
    configured(tmp_path, None)
    assert torchx_list(tmp_path, "jobs") == []
    assert not (tmp_path / "data").exists()
    run(tmp_path, "graphtracker", "add-metadata", "train", "lr=0.01")
    assert torchx_list(tmp_path, "jobs") == [["train"]]


def test_torchx_on_a_broken_store_fails_with_its_name(tmp_path: Path) -> None:
    configured(tmp_path, tmp_path)
    failed = run(tmp_path, sys.executable, "-m", "torchx.cli.main", "tracker", "list", "jobs", code=1)
    assert f"StoreError: the store '{tmp_path}' is a folder" in failed.stderr


# -- odd values in a job -----------------------------------------------------------------------------------------------


class Unprintable:
    """An object that will not be read."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Printable:
    def __repr__(self) -> str:
        return "printable\udcff"


def endless() -> list[object]:
    """A list that holds itself."""
    found: list[object] = []
    found.append(found)
    return found


REFUSED: list[tuple[object, str]] = [
    ({1}, "{1}"),
    ([{1}], "[{1}]"),
    ({"nested": {1}}, "{'nested': {1}}"),
    ({1: "not a text key"}, "{1: 'not a text key'}"),
    (1j, "1j"),
    (bytearray(b"x"), "bytearray(b'x')"),
    (numpy.arange(3), "[0 1 2]"),
    ("a\udc80b", "a\\udc80b"),
    (["a\udc80b"], "['a\\udc80b']"),
    (Printable(), "printable\\udcff"),
    (Unprintable(), "<Unprintable>"),
    ({"nested": Unprintable()}, "<dict>"),
    (endless(), "[[...]]"),
]


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(("value", "text"), REFUSED)
def test_a_value_that_is_refused_is_stored_as_its_text(
    value: object, text: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidInput), GraphTracker(":memory:") as strict:
        strict.add_metadata("train", odd=value)
    tracker.add_metadata("train", odd=value, lr=0.01)
    tracker.add_artifact("train", "model", "/model", {"odd": value, "size": 3})
    assert tracker.metadata("train") == {"lr": 0.01, "odd": text}
    assert tracker.artifacts("train")["model"].metadata == {"odd": text, "size": 3}
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_a_long_text_of_a_refused_value_is_shortened(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train", odd=set(range(10_000)), long="x" * 100_000)
    stored = tracker.metadata("train")
    assert str(stored["odd"]).startswith("{0, 1, 2, ")
    assert str(stored["odd"]).endswith("…")
    assert len(str(stored["odd"])) < 10_000
    assert stored["long"] == "x" * 100_000  # not refused


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(
    ("odd", "text"),
    [
        ("a\0b", "a\\x00b"),
        ("a\udc80b", "a\\udc80b"),
        (7, "7"),
        (b"raw", "b'raw'"),
        (numpy.arange(3), "[0 1 2]"),  # whose == is no bool
        (Unprintable(), "<Unprintable>"),
    ],
)
def test_an_id_or_name_that_is_refused_is_stored_as_its_text(
    odd: Any, text: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_metadata(odd, lr=0.01)
    tracker.add_artifact(odd, odd, "/model", {odd: 1} if isinstance(odd, (str, int, bytes)) else None)
    tracker.add_source("train", odd)
    tracker.add_source("train", "prepare", odd)
    assert tracker.metadata(odd) == tracker.metadata(text) == {"lr": 0.01}
    assert [(item.name, item.path) for item in tracker.artifacts(text).values()] == [(text, "/model")]
    assert tracker.sources("train") == sorted(
        [torchx_api.TrackerSource(text, None), torchx_api.TrackerSource("prepare", text)],
        key=lambda source: source.source_run_id,
    )
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_two_long_ids_that_differ_stay_two(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    for letter in "x", "é", "🚀":
        long = letter * (LONGEST + 1)
        for ending in "ab":
            tracker.add_metadata(long + ending, which=ending)
            tracker.add_artifact(f"run {letter}", long + ending, "/model", {long + ending: 1})
        assert [tracker.metadata(long + ending) for ending in "ab"] == [{"which": "a"}, {"which": "b"}]
        assert len(tracker.artifacts(f"run {letter}")) == 2
    ids = tracker.run_ids()
    names = [name for run_id in ids for name in tracker.artifacts(run_id)]
    assert (len(ids), len(names)) == (9, 6)
    assert all(len(text.encode()) <= LONGEST for text in [*ids, *names])
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (b"/data/rows", "/data/rows"),
        (b"/data/\xff", "/data/\\udcff"),
        ("/data/\udcff", "/data/\\udcff"),
        (7, "7"),
        (Unprintable(), "<Unprintable>"),
    ],
)
def test_a_path_that_is_refused_is_stored_as_its_text(
    path: Any, text: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_artifact("train", "rows", path)
    assert tracker.artifacts("train")["rows"].path == text
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("metadata", [["a", "list"], "text", 7, {1, 2}])
def test_metadata_that_is_no_mapping_is_stored_as_its_text(
    metadata: Any, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_artifact("train", "model", "/model", metadata)
    stored = tracker.artifacts("train")["model"]
    assert stored.path == "/model"
    assert str(metadata) in (stored.metadata or {}).values()
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_what_is_empty_costs_itself_and_one_warning(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    tracker.add_metadata("", lr=0.01)
    tracker.add_artifact("", "model", "/model")
    tracker.add_artifact("train", "", "/model")
    tracker.add_source("train", "")
    tracker.add_source("", "prepare")
    assert len(tracker.graph()) == 0
    tracker.add_metadata("train", lr=0.01)
    tracker.add_artifact("train", "nowhere", "")
    tracker.add_source("train", "prepare", "")
    assert tracker.metadata("train") == {"lr": 0.01}
    assert tracker.artifacts("train")["nowhere"].path == ""
    assert tracker.sources("train") == [torchx_api.TrackerSource("prepare", None)]
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_an_empty_key_does_not_cost_what_stands_beside_it(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train", **{"": 1, "lr": 0.01})
    tracker.add_artifact("train", "model", "/model", {"": 1, "size": 3})
    assert tracker.metadata("train")["lr"] == 0.01
    assert (tracker.artifacts("train")["model"].metadata or {})["size"] == 3


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("key", ["self", "run_id", "verb", "args", "kwargs", "name"])
def test_a_key_may_be_any_word(key: str, tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    tracker.add_metadata("train", **{key: 1})
    assert tracker.metadata("train") == {key: 1}
    assert told(caplog) == []


@pytest.mark.usefixtures("_job")
def test_each_sort_of_oddity_in_a_job_is_one_warning(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    for value, _ in REFUSED:
        tracker.add_metadata("train", odd=value)
        tracker.record("train", metadata={"odd": value}, sources=[api.TrackerSource("", None)])
        tracker.record("a\0b", artifacts=[api.TrackerArtifact("", "", None)])
        tracker.add_artifact("x" * 5000, "", b"\xff", {"odd": value})
        tracker.add_source("train", "")
    warnings = told(caplog)
    sorts = ["stores as text what it cannot store", "leaves out a part of a call", "drops a call"]
    assert [sum(sort in warning for warning in warnings) for sort in sorts] == [1, 1, 1]
    assert len(warnings) == len(sorts)
    assert "set" in warnings[0]
    assert max(map(len, warnings)) < 1000


@pytest.mark.usefixtures("_job")
def test_what_a_record_cannot_take_is_left_out_and_the_rest_recorded(tracker: TorchXTracker) -> None:
    sources: list[Any] = [api.TrackerSource("", None), api.TrackerSource("prepare", "rows"), None]
    artifacts: Any = 5
    tracker.record("train", metadata={"lr": 1}, sources=sources, artifacts=artifacts, at=datetime(2024, 1, 1))
    assert tracker.metadata("train") == {"lr": 1}
    assert [(source.source_run_id, source.artifact_name) for source in tracker.sources("train")] == [
        ("prepare", "rows")
    ]


@pytest.mark.usefixtures("_job")
def test_a_question_that_cannot_be_taken_is_not_unsynced(tracker: TorchXTracker) -> None:
    tracker.add_metadata("train")
    assert tracker.lineage("train", depth=-1).reasons == frozenset()


@pytest.mark.usefixtures("_job")
def test_a_store_that_cannot_be_looked_at_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert create(str(tmp_path / "file" / "lineage.db")).exists() is False


@pytest.mark.usefixtures("_job")
def test_a_call_without_a_run_does_not_use_up_the_line_about_the_store(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = create(str(tmp_path / "none" / "lineage.db"))
    broken.add_metadata()
    broken.add_metadata("train", lr=1)
    assert ["cannot use its store" in line for line in told(caplog)] == [False, True]


ODD_CALLS: dict[str, Callable[[Any], object]] = {
    "a value": lambda tracker: tracker.add_metadata("train", odd={1}),
    "an id": lambda tracker: tracker.add_metadata("a\0b"),
    "an empty id": lambda tracker: tracker.add_source("train", ""),
    "an artifact name": lambda tracker: tracker.add_source("train", "prepare", numpy.arange(3)),
    "a path": lambda tracker: tracker.add_artifact("train", "model", Unprintable()),
    "a time": lambda tracker: tracker.record("train", at="yesterday"),
    "a question": lambda tracker: tracker.run_ids(parent_run_id=""),
    "a direction": lambda tracker: tracker.lineage("train", direction="sideways"),
}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("odd", ODD_CALLS)
def test_what_is_odd_does_not_use_up_the_line_about_the_store(
    odd: str, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with create(str(store)) as tracker:
        ODD_CALLS[odd](tracker)
        assert not any("cannot use its store" in line for line in told(caplog))
    store.unlink(missing_ok=True)
    store.mkdir()
    tracker.add_metadata("train", lr=0.01)
    assert "is a folder" in told(caplog)[-1]


# -- broken stores in a job --------------------------------------------------------------------------------------------

JOB = """
from torchx.tracker.api import AppRun

run = AppRun.run_from_env()
for step in range(50):
    run.add_metadata(step=step, loss=1 / (1 + step))
    run.add_artifact(f"checkpoint-{step}", f"/checkpoints/{step}", {"step": step})
run.add_source("prepare", "rows")
list(run.sources())
print("finished")
"""


def job(
    folder: Path, config: str | Path, script: str = JOB, parent: str = "prepare", **options: Any
) -> subprocess.CompletedProcess[str]:
    """A process that torchx might have launched, with its own AppRun; it has to end well."""
    variables = {
        "TORCHX_JOB_ID": JOB_ID,
        "TORCHX_PARENT_RUN_ID": parent,
        "TORCHX_TRACKERS": "graphtracker",
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(config),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(folder, variables),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that the job logged before it finished."""
    assert done.stdout == "finished\n"
    (line,) = done.stderr.splitlines()
    return line


def test_a_job_on_a_good_store_says_nothing(tmp_path: Path, store: Path) -> None:
    done = job(tmp_path, store)
    assert (done.stdout, done.stderr) == ("finished\n", "")
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID) == {"loss": 0.02, "step": 49}
        assert len(direct.artifacts(JOB_ID)) == 50
        assert direct.sources(JOB_ID) == [api.TrackerSource("prepare", None), api.TrackerSource("prepare", "rows")]


def a_folder(folder: Path) -> Path:
    path = folder / "store"
    path.mkdir()
    return path


def no_database(folder: Path) -> Path:
    path = folder / "notes.txt"
    path.write_text("These are notes, and no database.\n" * 100)
    return path


def of_another_program(folder: Path) -> Path:
    path = folder / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE accounts (name TEXT)")
    connection.commit()
    connection.close()
    return path


def newer(folder: Path) -> Path:
    path = folder / "newer.db"
    with GraphTracker(path) as tracker:
        tracker.add_metadata("before")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    return path


BROKEN: dict[str, tuple[Callable[[Path], Path], type[StoreError]]] = {
    "a folder": (a_folder, StoreError),
    "no database": (no_database, StoreError),
    "of another program": (of_another_program, StoreError),
    "newer": (newer, SchemaMismatch),
    "in a missing folder": (lambda folder: folder / "missing" / "lineage.db", StoreError),
}


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_store_costs_a_job_one_line(kind: str, tmp_path: Path) -> None:
    broken = BROKEN[kind][0](tmp_path)
    before = contents(tmp_path)
    assert str(broken) in one_line(job(tmp_path, broken))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("config", ["mystery://host/db", "sqlite:///x.db?no_such_option=1", "lineage.jsonl/\udcff"])
def test_a_configuration_that_names_no_store_costs_a_job_one_line(config: str, tmp_path: Path) -> None:
    assert "graphtracker" in one_line(job(tmp_path, config))
    assert contents(tmp_path) == {}


def test_a_password_is_not_in_that_line(tmp_path: Path) -> None:
    line = one_line(job(tmp_path, "mystery://ada:secret@host/db"))
    assert "mystery://ada:***@host/db" in line
    assert "secret" not in line


def test_a_store_that_another_writer_holds_costs_a_job_one_line(tmp_path: Path, store: Path) -> None:
    with GraphTracker(store) as direct:
        direct.add_metadata("before")
    holder = sqlite3.connect(store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        line = one_line(job(tmp_path, f"sqlite:///{store}?timeout=0.01"))
    finally:
        holder.close()
    assert "another writer" in line


def test_a_full_disk_costs_a_job_one_line_and_what_came_before_it_stays(tmp_path: Path, store: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # Python ignores SIGXFSZ, so writes fail

    script = JOB.replace("range(50)", "range(2000)")
    line = one_line(job(tmp_path, store, script, preexec_fn=little_room))
    assert str(store) in line
    with GraphTracker(store) as direct:
        kept = direct.artifacts(JOB_ID)
        assert 0 < len(kept) < 2000
        assert list(kept) == sorted(f"checkpoint-{step}" for step in range(len(kept)))


def test_a_disk_without_any_room_costs_a_job_one_line(tmp_path: Path, store: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert str(store) in one_line(job(tmp_path, store, preexec_fn=no_room))


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that every user of this machine may read and nobody but its owner write."""
    folder = Path(tempfile.mkdtemp(prefix="graphtracker-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


# Root may write anywhere, so it becomes nobody, with everything imported that nobody might not be allowed to read.
AS_NOBODY = """
import os
from torchx.tracker.api import build_trackers

(tracker,) = build_trackers({"graphtracker": ":memory:"})
tracker.add_metadata("imported")
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.mark.parametrize("exists", [True, False], ids=["a store to read", "no store yet"])
def test_a_store_that_may_not_be_written_costs_a_job_one_line(exists: bool, readable: Path) -> None:
    store = readable / "lineage.db"
    if exists:
        with GraphTracker(store) as direct:
            direct.add_source(JOB_ID, "earlier")
        store.chmod(0o444)
    before = contents(readable)
    readable.chmod(0o555)
    script = JOB.replace("list(run.sources())", "print([source.parent.id for source in run.sources()])")
    done = job(readable, store, AS_NOBODY + script)
    (line,) = done.stderr.splitlines()
    assert "may not be written" in line
    assert str(store) in line
    assert done.stdout == f"{['earlier'] if exists else []}\nfinished\n"
    assert contents(readable) == before


def test_an_empty_parent_id_costs_a_job_one_line_and_nothing_else(tmp_path: Path, store: Path) -> None:
    assert "empty" in one_line(job(tmp_path, store, parent=""))
    with GraphTracker(store) as direct:
        assert direct.metadata(JOB_ID)["step"] == 49
        assert direct.sources(JOB_ID) == [api.TrackerSource("prepare", "rows")]


@pytest.mark.usefixtures("_job")
def test_a_network_file_system_costs_a_job_one_line(
    tracker: TorchXTracker, store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda path: "nfs4")
    for step in range(10):
        tracker.add_metadata("train", step=step)
    (line,) = told(caplog)
    assert "nfs4" in line
    assert str(store) in line
    assert not store.exists()


def test_a_job_without_a_store_of_its_own_is_told_where_it_records(tmp_path: Path) -> None:
    line = one_line(job(tmp_path, ""))
    assert str(tmp_path / "data" / "graphtracker" / "graphtracker.db") in line
    assert socket.gethostname() in line


# -- answers in a job whose store fails --------------------------------------------------------------------------------

READS: dict[str, tuple[Callable[[TorchXTracker], object], object]] = {
    "artifacts": (lambda tracker: tracker.artifacts("train"), {}),
    "metadata": (lambda tracker: tracker.metadata("train"), {}),
    "sources": (lambda tracker: tracker.sources("train"), []),
    "run_ids": (lambda tracker: tracker.run_ids(), []),
    "lineage": (lambda tracker: tracker.lineage("train").reasons, {"unsynced"}),
    "consumers": (lambda tracker: tracker.consumers("train"), []),
    "find_artifacts": (lambda tracker: tracker.find_artifacts("/model"), []),
    "runs": (lambda tracker: tracker.runs(), []),
    "graph": (lambda tracker: tracker.graph().reasons, {"unsynced"}),
}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("verb", READS)
def test_in_a_job_a_store_that_cannot_be_read_gives_empty_answers(
    verb: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ask, empty = READS[verb]
    tracker = create(str(tmp_path))
    assert ask(tracker) == ask(tracker) == empty
    (line,) = told(caplog)
    assert "is a folder" in line


@pytest.mark.parametrize("kind", ["a folder", "no database", "of another program", "newer"])
@pytest.mark.parametrize("verb", READS)
def test_outside_a_job_it_raises(verb: str, kind: str, tmp_path: Path) -> None:
    make, error = BROKEN[kind]
    broken = make(tmp_path)
    with pytest.raises(error, match=re.escape(str(broken))):
        READS[verb][0](create(str(broken)))


def test_outside_a_job_an_unknown_run_has_no_lineage(tracker: TorchXTracker) -> None:
    with pytest.raises(RunNotFound):
        tracker.lineage("absent")


@pytest.mark.usefixtures("_job")
def test_in_a_job_an_unknown_run_has_an_empty_lineage(tracker: TorchXTracker, caplog: pytest.LogCaptureFixture) -> None:
    lineage = tracker.lineage("absent")
    assert (len(lineage), lineage.complete) == (0, True)
    assert isinstance(lineage, torchx_api.Lineage)
    assert told(caplog) == []


@pytest.mark.usefixtures("_job")
def test_a_lineage_after_lost_facts_says_unsynced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "later"
    tracker = create(str(folder / "lineage.db"))
    tracker.add_source("train", "prepare")
    assert tracker.lineage("train").reasons == {"unsynced"}
    folder.mkdir()
    tracker.add_metadata("train", lr=0.01)
    lineage = tracker.lineage("train")
    assert set(lineage.runs) == {"train"}
    assert (lineage.complete, lineage.reasons) == (False, {"unsynced"})
    assert isinstance(lineage, torchx_api.Lineage)
    assert len(told(caplog)) == 1
    with create(str(folder / "lineage.db")) as another:
        assert another.lineage("train").complete


@pytest.mark.usefixtures("_job")
def test_the_whole_store_after_lost_facts_says_unsynced(store: Path) -> None:
    store.mkdir()
    with create(str(store)) as tracker:
        tracker.add_metadata("train", lost=True)
        store.rmdir()
        tracker.add_metadata("train", kept=True)
        assert set(tracker.graph().runs) == {"train"}
        assert tracker.graph().reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_a_store_that_comes_back_is_used_again(tmp_path: Path, store: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.mkdir()
    with create(str(store)) as tracker:
        tracker.add_metadata("train", lost=True)
        store.rmdir()
        tracker.add_metadata("train", kept=True)
        assert tracker.metadata("train") == {"kept": True}
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
def test_a_job_does_not_wait_again_for_a_store_that_kept_it_waiting(
    store: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def held(self: object, events: object) -> None:
        tries.append(1)
        raise StoreUnavailable("held by another writer")

    with create(str(store)) as tracker:
        monkeypatch.setattr(type(tracker._recorder.store), "write", held)
        for step in range(100):
            tracker.add_metadata("train", step=step)
    assert len(tries) == 1
    assert len(told(caplog)) == 1


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("config", ["lineage.db", ".", "mystery://host/db"], ids=["good", "broken", "no store"])
def test_a_tracker_goes_to_the_worker_processes_of_a_job(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = create(config)
    tracker.add_metadata("train", lr=0.01)
    worker = pickle.loads(pickle.dumps(tracker))  # noqa: S301  # as multiprocessing's spawn does
    worker.add_metadata("train", worker=1)
    assert worker.metadata("train") == ({"lr": 0.01, "worker": 1} if config == "lineage.db" else {})
    assert worker.lineage("train").complete == (config == "lineage.db")
    assert len(told(caplog)) == (0 if config == "lineage.db" else 1)


# -- batch() in a job --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job")
def test_a_batch_is_written_on_leaving(tracker: TorchXTracker, store: Path, caplog: pytest.LogCaptureFixture) -> None:
    with GraphTracker(store) as other:
        with tracker.batch():
            for step in range(10):
                tracker.add_metadata(f"run {step}", odd={step})
            tracker.add_source("", "prepare")
            assert other.run_ids() == []
        assert len(other.run_ids()) == 10
    assert len(told(caplog)) == 2


@pytest.mark.usefixtures("_job")
def test_a_batch_on_a_broken_store_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tracker = create(str(tmp_path))
    for _ in range(2):
        with tracker.batch():
            tracker.add_metadata("train", lr=0.01)
            assert tracker.metadata("train") == {}
            tracker.add_source("train", "prepare")
    assert len(told(caplog)) == 1
    assert tracker.lineage("train").reasons == {"unsynced"}


@pytest.mark.usefixtures("_job")
def test_the_error_of_a_job_inside_a_batch_is_its_own(tracker: TorchXTracker) -> None:
    def fail() -> None:
        with tracker.batch():
            tracker.add_metadata("train", lr=0.01)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert tracker.run_ids() == []
    tracker.add_metadata("train", lr=0.02)
    assert tracker.metadata("train") == {"lr": 0.02}


# -- <UNDEFINED>, which torchx calls every run that it did not launch --------------------------------------------------

UNDEFINED = "<UNDEFINED>"


@pytest.fixture(autouse=True)
def _no_minted_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test puts into GRAPHTRACKER_RUN_ID goes with it."""
    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", "")
    monkeypatch.delenv("GRAPHTRACKER_RUN_ID")


def only_run(tracker: TorchXTracker) -> str:
    found: list[str] = tracker.run_ids()
    (run_id,) = found
    return run_id


def test_it_is_not_one_run_shared_by_everybody(tracker: TorchXTracker) -> None:
    tracker.add_metadata(UNDEFINED, lr=0.01)
    assert only_run(tracker) not in (UNDEFINED, "")
    assert only_run(tracker) == os.environ["GRAPHTRACKER_RUN_ID"]


def test_it_is_read_back_under_both_names(tracker: TorchXTracker) -> None:
    tracker.add_metadata(UNDEFINED, lr=0.01)
    tracker.add_artifact(UNDEFINED, "model", "/model")
    tracker.add_source(UNDEFINED, "prepare", "rows")
    tracker.add_source("deploy", UNDEFINED, "model")
    tracker.record(UNDEFINED, sources=[api.TrackerSource("base", None)])
    (launch,) = set(tracker.run_ids()) - {"deploy"}
    for name in (UNDEFINED, launch):
        assert tracker.metadata(name) == {"lr": 0.01}
        assert set(tracker.artifacts(name)) == {"model"}
        assert [source.source_run_id for source in tracker.sources(name)] == ["base", "prepare"]
        assert tracker.run_ids(parent_run_id=name) == tracker.consumers(name) == ["deploy"]
        assert tracker.run(name).run_id == launch
        assert tracker.lineage(name).start == launch
        assert set(tracker.lineage(name).runs) == {"base", "deploy", launch, "prepare"}


def test_it_is_logged_once(tracker: TorchXTracker, store: Path, caplog: pytest.LogCaptureFixture) -> None:
    for step in range(3):
        tracker.add_metadata(UNDEFINED, step=step)
        create(str(store)).add_metadata(UNDEFINED, step=step)
    (line,) = told(caplog)
    assert only_run(tracker) in line


def test_torchelastic_names_the_launch_with_its_host(tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "elastic-abc")
    tracker.add_metadata(UNDEFINED, rank=0)
    tracker.add_metadata(UNDEFINED, rank=1)
    assert "elastic-abc" in only_run(tracker)
    assert socket.gethostname() in only_run(tracker)
    monkeypatch.setattr(socket, "gethostname", lambda: "another-host")
    tracker.add_metadata(UNDEFINED)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "elastic-def")
    tracker.add_metadata(UNDEFINED)
    assert len(tracker.run_ids()) == 3
    assert "GRAPHTRACKER_RUN_ID" not in os.environ


def test_slurm_names_the_launch_on_all_its_hosts(tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    tracker.add_metadata(UNDEFINED)
    monkeypatch.setattr(socket, "gethostname", lambda: "another-host")
    tracker.add_metadata(UNDEFINED)
    assert "4711" in only_run(tracker)
    monkeypatch.setenv("SLURM_JOB_ID", "4712")
    tracker.add_metadata(UNDEFINED)
    assert len(tracker.run_ids()) == 2
    assert "GRAPHTRACKER_RUN_ID" not in os.environ


LAUNCH = """
import subprocess, sys
from torchx.tracker.api import AppRun

run = AppRun.run_from_env()
assert run.job_id() == "<UNDEFINED>"
run.add_metadata(**{sys.argv[1]: True})
for child in sys.argv[2:]:
    subprocess.run([sys.executable, __file__, child], check=True)
"""


def launched(
    folder: Path, store: Path, *arguments: str, script: str = LAUNCH, env: Mapping[str, str] | None = None
) -> str:
    """Runs a script that torchx did not launch; returns what it logged."""
    path = folder / "launch.py"
    path.write_text(script)
    variables = {"TORCHX_TRACKERS": "graphtracker", "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(store), **(env or {})}
    return run(folder, sys.executable, path, *arguments, env=variables).stderr


def test_a_launch_shares_its_id_with_its_child_processes(tmp_path: Path, store: Path) -> None:
    log = launched(tmp_path, store, "parent", "first", "second")
    with GraphTracker(store) as direct:
        (run_id,) = direct.run_ids()
        assert direct.metadata(run_id) == {"first": True, "parent": True, "second": True}
    assert all(run_id in line for line in log.splitlines())


def test_two_launches_get_two_ids(tmp_path: Path, store: Path) -> None:
    for _ in range(2):
        launched(tmp_path, store, "parent", "child")
    with GraphTracker(store) as direct:
        first, second = direct.run_ids()
        assert first != second
        assert UNDEFINED not in direct.graph()


def test_two_launches_of_one_torchelastic_run_are_one(tmp_path: Path, store: Path) -> None:
    for name in "first", "second":
        launched(tmp_path, store, name, env={"TORCHELASTIC_RUN_ID": "elastic-abc"})
    with GraphTracker(store) as direct:
        (run_id,) = direct.run_ids()
        assert direct.metadata(run_id) == {"first": True, "second": True}


AGENT = """
import os, subprocess, sys

os.environ["TORCHELASTIC_RUN_ID"] = "none"
worker = "import sys; from torchx.tracker.api import AppRun; AppRun.run_from_env().add_metadata(**{sys.argv[1]: True})"
for name in sys.argv[1:]:
    subprocess.run([sys.executable, "-c", worker, name], check=True)
"""


def test_torchrun_calls_every_launch_none_and_its_workers_are_one_run_still(tmp_path: Path, store: Path) -> None:
    launched(tmp_path, store, "a", "b", script=AGENT)
    launched(tmp_path, store, "c", "d", script=AGENT)
    with GraphTracker(store) as direct:
        assert sorted(sorted(direct.metadata(run_id)) for run_id in direct.run_ids()) == [["a", "b"], ["c", "d"]]


def test_a_store_used_directly_takes_it_for_an_ordinary_id() -> None:
    with GraphTracker(":memory:") as direct:
        direct.add_metadata(UNDEFINED)
        assert direct.run_ids() == [UNDEFINED]
