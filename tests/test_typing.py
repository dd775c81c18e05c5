"""What a type checker tells whoever uses the library: every public name is typed, and what is wrong is an error."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields

import pytest

import graphtracker
from tests.support.installed import as_installed

USER = """
import networkx
from collections.abc import Mapping, Sequence
from datetime import datetime
import graphtracker
from graphtracker import GraphTracker, IncompleteLineage, Lineage, Run, Source
from graphtracker.api import AppRun, TrackerArtifact, TrackerBase, TrackerSource
from graphtracker.torchx import create

tracker: TrackerBase = GraphTracker("lineage.db")
with GraphTracker() as opened:
    opened.add_metadata("train", lr=0.1, tags=["a"])
    opened.record("train", artifacts=[TrackerArtifact("model", "/m", None)], sources=[TrackerSource("prepare", None)])
    with opened.batch() as batch:
        batch.add_artifact("train", "model", "/m.pt", {"auc": 0.9})
    lineage: Lineage = opened.lineage("train", direction="upstream", depth=1, max_runs=2, strict=True)
    runs: Mapping[str, Run] = lineage.runs
    sources: Sequence[Source] = lineage.sources
    run: Run = opened.run("train")
    updated: datetime | None = run.updated_at
    again: Lineage = Lineage.from_dict(lineage.to_dict())
    graph: networkx.MultiDiGraph[str | tuple[str, str]] = lineage.graph
    ids: list[str] = opened.run_ids(lr=0.1, parent_run_id="prepare")
    found: list[Run] = opened.runs(where="lr < 0.1")[:2]
    newest: Run = opened.runs(limit=1)[0]
    frame = opened.runs()[:2].to_pandas()
    runs_frame, artifacts_frame = lineage.to_pandas()
app: AppRun = AppRun.run_from_env()
plug_in: GraphTracker = create("lineage.db")
try:
    ...
except IncompleteLineage as error:
    cut: Lineage = error.lineage
version: str = graphtracker.__version__
"""
MADE = """
import graphtracker
opened = graphtracker.GraphTracker()
lineage = opened.lineage("train")
run = opened.run("train")
artifact = lineage.artifacts["train", "model"]
source = lineage.sources[0]
"""
WRONG = {
    'opened.lineage("train", direction="sideways")': "arg-type",
    "opened.lineage(1)": "arg-type",
    'opened.lineage("train").complete = True': "misc",
    'opened.lineage("train").runs["other"] = opened.run("train")': "index",
    "graphtracker.Tracker": "attr-defined",
    'opened.run("train").name = "other"': "misc",
    'text: int = opened.lineage("train").direction': "assignment",
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What ``mypy --strict`` says of a user's files, by the name of the file; one call, which takes its time."""
    folder = as_installed(tmp_path_factory.mktemp("typing"))
    files = {"user": USER, "revealed": _revealed()}
    opened = "import graphtracker\nopened = graphtracker.GraphTracker()\n"
    files |= {f"wrong_{number}": f"{opened}{line}\n" for number, line in enumerate(WRONG)}
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *(f"{name}.py" for name in files)]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300).stdout.splitlines()
    return {name: "\n".join(line for line in said if line.startswith(f"{name}.py:")) for name in files}


def _revealed() -> str:
    """A file that asks for the type of each public name, and of each attribute of what a question returns."""
    asked = [f"graphtracker.{name}" for name in graphtracker.__all__]
    asked += [f"lineage.{name}" for name in dir(graphtracker.Lineage) if not name.startswith("_")]
    for name, kind in (("run", graphtracker.Run), ("artifact", graphtracker.Artifact), ("source", graphtracker.Source)):
        asked += [f"{name}.{field.name}" for field in fields(kind)]
    lines = [f"reveal_type({each})" for each in asked]
    return "\n".join([MADE, *lines, "reveal_type(lineage.graph)", ""])


def test_what_a_user_writes_is_typed(checked: dict[str, str]) -> None:
    assert checked["user"] == ""


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_an_error(line: str, checked: dict[str, str]) -> None:
    assert f"[{WRONG[line]}]" in checked[f"wrong_{list(WRONG).index(line)}"]


def test_no_public_name_is_of_any_type(checked: dict[str, str]) -> None:
    types = re.findall(r'Revealed type is "(.*)"', checked["revealed"])
    assert len(types) == _revealed().count("reveal_type(")
    assert [found for found in types if found == "Any"] == []
    graph = types[-1].replace("builtins.", "")  # which older versions of mypy write
    assert graph.startswith("networkx.classes.multidigraph.MultiDiGraph[str | tuple[str, str]")


def test_dir_has_nothing_but_what_is_public() -> None:
    assert {name for name in dir(graphtracker) if not name.startswith("__")} == set(graphtracker.__all__)
