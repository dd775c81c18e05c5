"""What `doctor` says of jobs is what becomes of them: real `torchx run` launches below the configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.tools import run

SCRIPT = """\
from torchx.tracker.api import AppRun
AppRun.run_from_env().add_metadata(recorded=True)
"""
SUBJECT = "TorchX jobs started here record to"


@pytest.fixture
def below(tmp_path: Path) -> Path:
    """A folder with a program in it; the .torchxconfig lies in the folder above."""
    config = "[torchx:tracker]\ngraphtracker =\n\n[tracker:graphtracker]\nconfig = lineage.db\n"
    (tmp_path / ".torchxconfig").write_text(config, encoding="utf-8")
    folder = tmp_path / "below"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
    return folder


def launch(folder: Path, env: Mapping[str, str]) -> None:
    run(folder, "torchx", "run", "--scheduler", "local_cwd", "--wait", "utils.python", "--script", "train.py", env=env)


def doctor(folder: Path, env: Mapping[str, str]) -> str:
    found = json.loads(run(folder, "graphtracker", "doctor", "--json", env=env).stdout)
    [fact] = [item["fact"] for item in found if item["subject"] == SUBJECT]
    return str(fact)


def test_a_job_records_what_doctor_said_where_doctor_said(tmp_path: Path, below: Path) -> None:
    env = {"HOME": str(tmp_path / "home")}
    said = doctor(below, env)
    assert said.startswith("nothing: ")
    launch(below, env)
    assert not list(tmp_path.rglob("*.db"))

    [chosen] = re.findall(r"^nothing: '([^']+)' names graphtracker.* set TORCHXCONFIG to that file$", said)
    env["TORCHXCONFIG"] = chosen
    [store] = re.findall(r": '([^']+)' where that is this folder, ", doctor(below, env))
    launch(below, env)
    assert [str(path) for path in tmp_path.rglob("*.db")] == [store]
    [recorded] = json.loads(run(below, "graphtracker", "--store", store, "runs", "--json").stdout)
    assert recorded["metadata"] == {"recorded": True}
