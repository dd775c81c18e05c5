"""The TorchX plug-in: as torchx finds it, with torchx's own classes, without torchx, and beside its FsspecTracker."""

from __future__ import annotations

import copy
import pickle
import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import fsspec
import pytest
import torchx.tracker.api as torchx_api
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import (
    GraphTracker,
    InvalidInput,
    Lineage,
    api,
)
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import JOB_ID
from tests.support.tools import run

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
run.add_metadata(odd=1j)
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
        assert direct.metadata(JOB_ID) == {"odd": "1j"}


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
    (folder / ".torchxconfig").write_text(f"[torchx:tracker]\ngraphtracker =\n{more}", encoding="utf-8")


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
