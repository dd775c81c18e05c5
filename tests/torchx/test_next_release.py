"""TorchX's next release, as a nightly build has it: its registry finds the plug-in, which works with its classes."""

from __future__ import annotations

import inspect
import json
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from graphtracker import GraphTracker, api
from tests.support.installed import as_installed
from tests.support.peers import python
from tests.support.tools import run

SOURCES = {"unset": None, "namespaces": "1", "entry points": "2", "both": "3"}
"""What TORCHX_PLUGINS_SOURCE may say of where plug-ins are looked for."""


@pytest.fixture(scope="module")
def peer() -> Path:
    """The Python of an environment with that TorchX."""
    return python("torchx-nightly")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our files alone, as a build system copies them."""
    return as_installed(tmp_path_factory.mktemp("copied"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our files and what pip says of them, so that entry points are found."""
    folder = as_installed(tmp_path_factory.mktemp("installed"))
    told = folder / "graphtracker-0.1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: graphtracker\nVersion: 0.1.0\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(str(distribution("graphtracker").read_text("entry_points.txt")), "utf-8")
    return folder


def asked(peer: Path, folder: Path, program: str, where: Path, env: dict[str, str | None] | None = None) -> Any:
    """What a program prints as JSON, run by that Python with our files of a folder; fails if it says anything else."""
    given = {name: value for name, value in (env or {}).items() if value is not None}
    done = run(where, peer, "-W", "error", "-c", program, env={"PYTHONPATH": str(folder), **given})
    assert done.stderr == ""
    return json.loads(done.stdout)


FOUND = """
import json, logging
logging.basicConfig(level=logging.WARNING)
from torchx import plugins
registry = plugins.registry()
found = registry.get(plugins.PluginType.TRACKER)
errors = [str(error) for error in registry.load_errors()]
"""


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_it_is_found_once_wherever_plug_ins_are_looked_for(
    source: str | None, peer: Path, installed: Path, tmp_path: Path
) -> None:
    program = f"{FOUND}\nprint(json.dumps(['graphtracker' in found, errors]))"
    assert asked(peer, installed, program, tmp_path, {"TORCHX_PLUGINS_SOURCE": source}) == [True, []]


@pytest.mark.parametrize(("source", "is_found"), [(None, True), ("1", True), ("2", False), ("3", True)])
def test_without_an_entry_point_the_namespace_is_where_it_is_found(
    source: str | None, is_found: bool, peer: Path, copied: Path, tmp_path: Path
) -> None:
    program = f"{FOUND}\nprint(json.dumps(['graphtracker' in found, errors]))"
    assert asked(peer, copied, program, tmp_path, {"TORCHX_PLUGINS_SOURCE": source}) == [is_found, []]


def test_looking_for_plug_ins_imports_next_to_nothing_of_ours(peer: Path, copied: Path, tmp_path: Path) -> None:
    program = f"{FOUND}\nimport sys\nprint(json.dumps(sorted(name for name in sys.modules if 'graphtracker' in name)))"
    assert asked(peer, copied, program, tmp_path) == [
        "graphtracker",
        "graphtracker.entry_points",
        "torchx_plugins.tracker.graphtracker",
    ]


OTHERS = """
from torchx.plugins import register
from torchx.tracker.api import TrackerArtifact, TrackerSource

class Theirs:
    def run_ids(self, **kwargs): return ["train"]
    def metadata(self, run_id): return {"lr": 0.1}
    def artifacts(self, run_id): return {"model": TrackerArtifact("model", "/m.pt", None)}
    def sources(self, run_id, artifact_name=None): return [TrackerSource("prepare", None)]

@register.tracker(name="theirs")
def create(config):
    return Theirs()
"""


def test_the_plug_ins_of_others_stay_in_their_part_of_the_namespace_and_are_imported(
    peer: Path, installed: Path, tmp_path: Path
) -> None:
    part = tmp_path / "other" / "torchx_plugins" / "tracker"
    part.mkdir(parents=True)
    (part / "theirs.py").write_text(OTHERS, encoding="utf-8")
    program = f"""{FOUND}
from graphtracker import GraphTracker
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
report = Report()
GraphTracker("lineage.db").copy_from(events_of("torchx", "theirs", report))
print(json.dumps([sorted(found), errors, report.sentence()]))
"""
    env: dict[str, str | None] = {"PYTHONPATH": f"{installed}:{tmp_path / 'other'}"}
    names, errors, sentence = asked(peer, installed, program, tmp_path, env)
    assert (names, errors) == (["fsspec", "graphtracker", "theirs"], [])
    assert sentence == "read 1 run, 1 artifact and 1 source"
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        assert tracker.metadata("train") == {"lr": 0.1}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_it_works_with_the_classes_of_that_release(
    source: str | None, peer: Path, installed: Path, tmp_path: Path
) -> None:
    program = """
import json
from torchx.tracker import api
run = api.AppRun.run_from_env()
(tracker,) = run.backends
run.add_metadata(lr=0.1, odd=1j)
run.add_artifact("model", "/m.pt", {"loss": 0.5})
run.add_source("prepare", "rows")
(whole, part) = sorted(run.sources(), key=lambda source: source.parent.id)
assert isinstance(tracker, api.TrackerBase), type(tracker).__mro__
assert isinstance(tracker.lineage(run.id), api.Lineage)
assert tracker.artifacts(run.id) == {"model": api.TrackerArtifact("model", "/m.pt", {"loss": 0.5})}
assert tracker.sources(run.id, "rows") == [api.TrackerSource("prepare", "rows")]
print(json.dumps([[source.parent.id, source.artifact_name] for source in (whole, part)]))
"""
    env = {
        "TORCHX_PLUGINS_SOURCE": source,
        "TORCHX_JOB_ID": "local_cwd://torchx/train",
        "TORCHX_PARENT_RUN_ID": "parent",
        "TORCHX_TRACKERS": "graphtracker",
        "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(tmp_path / "lineage.db"),
    }
    quiet = "import logging; logging.getLogger('graphtracker').setLevel(logging.CRITICAL)"  # of odd, told once
    assert asked(peer, installed, f"{quiet}\n{program}", tmp_path, env) == [["parent", None], ["prepare", "rows"]]
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        assert tracker.metadata("local_cwd://torchx/train") == {"lr": 0.1, "odd": "1j"}


@pytest.mark.parametrize("source", [None, "1"], ids=["unset", "namespaces"])
def test_a_job_that_it_launches_is_recorded_and_listed(
    source: str | None, peer: Path, installed: Path, tmp_path: Path
) -> None:
    (tmp_path / ".torchxconfig").write_text(
        f"[torchx:tracker]\ngraphtracker =\n[tracker:graphtracker]\nconfig = {tmp_path / 'lineage.db'}\n", "utf-8"
    )
    (tmp_path / "train.py").write_text(
        "from torchx.tracker.api import AppRun\nAppRun.run_from_env().add_metadata(lr=0.1)\n", encoding="utf-8"
    )
    env = {"PYTHONPATH": str(installed), "PATH": f"{peer.parent}:/usr/bin:/bin"}
    if source is not None:
        env["TORCHX_PLUGINS_SOURCE"] = source
    torchx: list[str | Path] = [peer, "-m", "torchx.cli.main"]
    component = ["utils.python", "--name", "train", "--script", "train.py"]
    run(tmp_path, *torchx, "run", "--scheduler", "local_cwd", "--wait", *component, env=env)
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        (run_id,) = tracker.run_ids()
        assert tracker.metadata(run_id) == {"lr": 0.1}
    assert run_id in run(tmp_path, *torchx, "tracker", "list", "jobs", env=env).stdout


CONTRACT = """
import inspect, json
from torchx.tracker import api
verbs = {f"{owner}.{name}": list(inspect.signature(getattr(getattr(api, owner), name)).parameters)
         for owner in ("TrackerBase", "AppRun") for name in vars(getattr(api, owner))
         if not name.startswith("_") and callable(getattr(getattr(api, owner), name))}
values = {name: list(getattr(api, name).__dataclass_fields__)
          for name in ("TrackerSource", "TrackerArtifact", "AppRunTrackableSource", "AppRun")}
print(json.dumps([verbs, values]))
"""


def test_our_contract_has_its_verbs_and_values(peer: Path, copied: Path, tmp_path: Path) -> None:
    verbs, values = asked(peer, copied, CONTRACT, tmp_path)
    for verb, parameters in verbs.items():
        owner, _, name = verb.partition(".")
        assert list(inspect.signature(getattr(getattr(api, owner), name)).parameters) == parameters, verb
    assert {name: list(getattr(api, name).__dataclass_fields__) for name in values} == values
    assert "TrackerBase.lineage" in verbs


def test_the_release_at_hand_does_not_look_there() -> None:
    script = (
        "import torchx.tracker.api as a, sys; list(a.build_trackers({'graphtracker': ':memory:'})); print(*sys.modules)"
    )
    names = run(Path.cwd(), sys.executable, "-c", script).stdout.split()
    assert "graphtracker.torchx" in names
    assert [name for name in names if name.startswith("torchx_plugins")] == []


@pytest.mark.parametrize(("name", "version"), [("torchx-nightly", "2026.10.26"), ("torchx", "0.8.0")])
def test_doctor_names_it(name: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    script = f"""
import importlib.metadata
everywhere = importlib.metadata.distributions
there = {{"path": [{str(tmp_path)!r}]}}
importlib.metadata.distributions = lambda **asked: everywhere(**asked, **(there if asked else {{}}))
import sys
from graphtracker.cli import main
sys.argv = ["graphtracker", "doctor"]
main()
"""
    said = run(tmp_path, sys.executable, "-c", script).stdout
    assert f"ok  TorchX: {version}, which finds graphtracker\n" in said
