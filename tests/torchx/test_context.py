"""What runs that ``torchx run`` launched are remembered by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from tests.support.tools import run

CONFIG = "[torchx:tracker]\ngraphtracker =\n\n[tracker:graphtracker]\nconfig = {store}\n"


def launched(folder: Path, program: str, *options: str, code: int = 0) -> str:
    """The handle of a job that has ended, whose program may use ``run``, TorchX's AppRun."""
    (folder / "train.py").write_text(
        f"import os, sys\nfrom torchx.tracker.api import AppRun\n{program}", encoding="utf-8"
    )
    (folder / ".torchxconfig").write_text(CONFIG.format(store=folder / "lineage.db"), encoding="utf-8")
    where = ["--scheduler", "local_cwd", "--scheduler_args", f"log_dir={folder / 'logs'}", "--wait"]
    component = ["utils.python", "--name", "train", "--script", "train.py", *options]
    done = run(folder, "torchx", "run", *where, *component, code=code)
    (handle,) = re.findall(r"local_cwd://torchx/train-\w+", done.stdout)[:1]
    return str(handle)


def context(store: Path, run_id: str) -> Mapping[str, object]:
    with GraphTracker(store) as tracker:
        return tracker.run(run_id).context


def test_of_four_replicas_the_first_is_remembered(tmp_path: Path) -> None:
    # Each has a store of its own: in one store all of them would be one run.
    program = (
        "from graphtracker.torchx import create\n"
        "create(f'{sys.argv[1]}.db').add_metadata(AppRun.run_from_env().job_id(), replica=sys.argv[1])"
    )
    run_id = launched(tmp_path, program, "--num_replicas", "4", "--", "${replica_id}", "--api-key", "x")
    first, *others = (context(tmp_path / f"{number}.db", run_id) for number in range(4))
    assert others == [{}, {}, {}]
    assert shlex.split(str(first["command"]))[-4:] == ["train.py", "0", "--api-key", "***"]
    assert first["directory"] == str(tmp_path)
    assert first["status"] == "succeeded"
    started_at, ended_at = first["started_at"], first["ended_at"]
    assert isinstance(started_at, datetime)
    assert isinstance(ended_at, datetime)
    assert started_at <= ended_at


def test_four_replicas_in_one_store_are_one_run_with_the_context_of_the_first(tmp_path: Path) -> None:
    program = "AppRun.run_from_env().add_metadata(**{sys.argv[1]: True})"
    run_id = launched(tmp_path, program, "--num_replicas", "4", "--", "n${replica_id}")
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        found = tracker.run(run_id)
    assert found.metadata == {"n0": True, "n1": True, "n2": True, "n3": True}
    assert str(found.context["command"]).endswith("train.py n0")
    assert found.context["status"] == "succeeded"


@pytest.mark.parametrize(
    ("way_out", "status"),
    [
        ("raise ValueError(1)", "failed: ValueError"),
        ("sys.exit(3)", "failed: SystemExit"),
        ("os.kill(os.getpid(), 15)", "running"),
        ("os._exit(3)", "running"),
    ],
)
def test_a_run_is_remembered_by_how_it_ended(tmp_path: Path, way_out: str, status: str) -> None:
    run_id = launched(tmp_path, f"AppRun.run_from_env().add_metadata(lr=0.1)\n{way_out}", code=1)
    assert context(tmp_path / "lineage.db", run_id)["status"] == status
