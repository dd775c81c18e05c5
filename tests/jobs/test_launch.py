"""The id of a launch that nobody gave one."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    api,
)
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import told
from tests.support.tools import run

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
