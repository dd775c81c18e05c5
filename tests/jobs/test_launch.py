"""The id of a launch that nobody gave one."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from graphtracker import GraphTracker, api
from graphtracker.jobs import launch
from graphtracker.jobs.launch import launch_id
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import told
from tests.support.tools import run

UNDEFINED = "<UNDEFINED>"

Variables = Mapping[str, str]


def forget() -> None:
    """From now on this process is another launch's."""
    launch._of_this_process.cache_clear()
    launch._told.clear()


@pytest.fixture(autouse=True)
def _new_launch() -> Iterator[None]:
    forget()
    yield
    forget()


def only_run(tracker: TorchXTracker) -> str:
    found: list[str] = tracker.run_ids()
    (run_id,) = found
    return run_id


# -- what every launch has in common -----------------------------------------------------------------------------------


def test_it_is_not_one_run_shared_by_everybody(tracker: TorchXTracker) -> None:
    tracker.add_metadata(UNDEFINED, lr=0.01)
    assert only_run(tracker) == launch_id()
    assert only_run(tracker) not in (UNDEFINED, "")


def test_it_is_read_back_under_both_names(tracker: TorchXTracker) -> None:
    tracker.add_metadata(UNDEFINED, lr=0.01)
    tracker.add_artifact(UNDEFINED, "model", "/model")
    tracker.add_source(UNDEFINED, "prepare", "rows")
    tracker.add_source("deploy", UNDEFINED, "model")
    tracker.record(UNDEFINED, sources=[api.TrackerSource("base", None)])
    (launched,) = set(tracker.run_ids()) - {"deploy"}
    for name in (UNDEFINED, launched):
        assert tracker.metadata(name) == {"lr": 0.01}
        assert set(tracker.artifacts(name)) == {"model"}
        assert [source.source_run_id for source in tracker.sources(name)] == ["base", "prepare"]
        assert tracker.run_ids(parent_run_id=name) == tracker.consumers(name) == ["deploy"]
        assert tracker.run(name).run_id == launched
        assert tracker.lineage(name).start == launched
        assert set(tracker.lineage(name).runs) == {"base", "deploy", launched, "prepare"}


def test_it_is_logged_once_with_the_way_to_name_it(
    tracker: TorchXTracker, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for step in range(3):
        tracker.add_metadata(UNDEFINED, step=step)
        create(str(store)).add_metadata(UNDEFINED, step=step)
    (line,) = told(caplog)
    assert only_run(tracker) in line
    assert "GRAPHTRACKER_RUN_ID" in line


@pytest.mark.parametrize("name", ["", "nightly", "x" * 5000], ids=["none", "named", "badly named"])
def test_a_log_handler_that_records_is_of_the_same_launch(
    name: str, tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Recording(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tracker.add_metadata(UNDEFINED, told=record.getMessage())

    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", name)
    monkeypatch.setattr(logging.getLogger("graphtracker"), "handlers", [Recording()])
    caplog.set_level(logging.INFO, "graphtracker")
    tracker.add_metadata(UNDEFINED, lr=0.01)
    assert only_run(tracker) == launch_id()
    assert {"lr", "told"} <= set(tracker.metadata(UNDEFINED))


def test_a_store_used_directly_takes_it_for_an_ordinary_id() -> None:
    with GraphTracker(":memory:") as direct:
        direct.add_metadata(UNDEFINED)
        assert direct.run_ids() == [UNDEFINED]


# -- a name that a person gave -----------------------------------------------------------------------------------------


def test_a_person_names_it_whatever_launched_it(
    tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "elastic-abc")
    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", "local://lab/train-7")
    with caplog.at_level(logging.INFO):
        tracker.add_metadata(UNDEFINED)
        tracker.add_metadata(UNDEFINED)
    assert only_run(tracker) == "local://lab/train-7"
    assert told(caplog) == []
    assert [line for line in caplog.messages if "local://lab/train-7" in line][1:] == []


def test_a_program_may_name_one_training_after_another(tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        monkeypatch.setenv("GRAPHTRACKER_RUN_ID", name)
        tracker.add_metadata(UNDEFINED)
    assert set(tracker.run_ids()) == {"first", "second"}


@pytest.mark.parametrize("name", ["", " \t\n", UNDEFINED, "x" * 5000, "caf\udce9"], ids=["", "s", "u", "long", "bytes"])
def test_what_can_be_no_id_names_no_launch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unnamed = launch_id()
    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", name)
    assert launch_id() == unnamed


def test_a_name_that_is_not_taken_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", "x" * 5000)
    launch_id()
    launch_id()
    (line,) = [line for line in told(caplog) if line.startswith("GRAPHTRACKER_RUN_ID ")]
    assert "4,000" in line


# -- launchers ---------------------------------------------------------------------------------------------------------

TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "job-1",
    "TORCHELASTIC_RESTART_COUNT": "0",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
    "GROUP_WORLD_SIZE": "2",
    "MASTER_ADDR": "node1",
    "MASTER_PORT": "29500",
}
ONE_NODE = {"LOCAL_WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "1"}
STATIC = {**TORCHRUN, "TORCHELASTIC_RUN_ID": "none"}
STEP = {"SLURM_JOB_ID": "42", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_CLUSTER_NAME": "alps"}
SHELL = {**STEP, "SLURM_STEP_NUM_TASKS": "1", "SLURM_PTY_PORT": "34889"}
OPEN_MPI = {"PMIX_NAMESPACE": "prterun-n1-7@1", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}
OPEN_MPI_4 = {**OPEN_MPI, "PMIX_NAMESPACE": "1362034689", "OMPI_MCA_ess_base_jobid": "1362034689"}
HYDRA = {"PMI_SIZE": "4", "MPI_LOCALNRANKS": "2"}
INTEL = {**HYDRA, "I_MPI_HYDRA_UUID": "83510000-226c"}
PALS = {"PALS_APID": "6f1c", "PBS_JOBID": "7.pbs"}
JSRUN = {"LSB_JOBID": "9", "PMIX_NAMESPACE": "3", "JSM_NAMESPACE_SIZE": "4", "JSM_NAMESPACE_LOCAL_SIZE": "2"}


def named(monkeypatch: pytest.MonkeyPatch, variables: Variables, host: str = "node1", started: str = "") -> str:
    """The id in a process with these variables, whose host is this and whose launcher was started then."""
    with monkeypatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(socket, "gethostname", lambda: host)
        if started:
            patch.setattr(launch, "_identity", lambda pid: started)
        forget()
        return launch_id()


# What all ranks have, and what each has: together the variables of two ranks on two nodes.
RANKS: dict[str, tuple[Variables, Variables, Variables]] = {
    "torchrun": (TORCHRUN, {"RANK": "0", "GROUP_RANK": "0"}, {"RANK": "2", "GROUP_RANK": "1"}),
    "torchrun, one worker a node": (
        {**TORCHRUN, "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "1"},
        {"RANK": "0"},
        {"RANK": "1"},
    ),
    "torchrun without an id": (STATIC, {"RANK": "0"}, {"RANK": "1"}),
    "torchrun in an srun step": ({**TORCHRUN, **STEP}, {"SLURM_PROCID": "0"}, {"SLURM_PROCID": "1"}),
    "torchrun in an srun of each node": (
        {**TORCHRUN, **STEP, "SLURM_STEP_NUM_TASKS": "1"},
        {"SLURM_STEP_ID": "0"},
        {"SLURM_STEP_ID": "1"},
    ),
    "srun": (STEP, {"SLURM_PROCID": "0"}, {"SLURM_PROCID": "1"}),
    "srun with PMIx": (
        {**STEP, "PMIX_NAMESPACE": "slurm.pmix.42.0"},
        {"PMIX_RANK": "0"},
        {"PMIX_RANK": "1"},
    ),
    "srun over the parts of a heterogeneous job": (
        {**STEP, "SLURM_HET_JOB_ID": "42"},
        {"SLURM_JOB_ID": "42"},
        {"SLURM_JOB_ID": "43"},
    ),
    "srun in a shell with a terminal": (
        {**STEP, "SLURM_PTY_PORT": "34889"},
        {"SLURM_PROCID": "0"},
        {"SLURM_PROCID": "1"},
    ),
    "Open MPI": (OPEN_MPI, {"OMPI_COMM_WORLD_RANK": "0"}, {"OMPI_COMM_WORLD_RANK": "2"}),
    "Open MPI 4": (OPEN_MPI_4, {"OMPI_COMM_WORLD_RANK": "0"}, {"OMPI_COMM_WORLD_RANK": "2"}),
    "Open MPI, whose daemon is an srun step on one node": (
        OPEN_MPI | {"SLURM_JOB_ID": "42"},
        {"OMPI_COMM_WORLD_RANK": "0"},
        {"OMPI_COMM_WORLD_RANK": "2", "SLURM_STEP_ID": "0"},
    ),
    "PRRTE": (OPEN_MPI | {"PRTE_LAUNCHED": "1"}, {"PMIX_RANK": "0"}, {"PMIX_RANK": "1"}),
    "Intel MPI": (INTEL, {"MPI_LOCALRANKID": "0"}, {"MPI_LOCALRANKID": "1"}),
    "MPICH in a PBS job": (
        HYDRA | {"PBS_JOBID": "7.pbs"},
        {"MPI_LOCALRANKID": "0", "PMI_RANK": "0"},
        {"MPI_LOCALRANKID": "0", "PMI_RANK": "2"},
    ),
    "PALS": (PALS, {"PALS_RANKID": "0"}, {"PALS_RANKID": "1"}),
    "jsrun": (JSRUN, {"JSM_NAMESPACE_RANK": "0"}, {"JSM_NAMESPACE_RANK": "2"}),
    "another launcher with PMI": ({"PMI_SIZE": "2", "LSB_JOBID": "9"}, {"PMI_RANK": "0"}, {"PMI_RANK": "1"}),
}


@pytest.mark.parametrize("launcher", RANKS)
def test_the_ranks_of_two_nodes_are_one_launch(launcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, first, second = RANKS[launcher]
    one = named(monkeypatch, {**shared, **first}, "node1", started="boot-7-100")
    other = named(monkeypatch, {**shared, **second}, "node2", started="boot-8-200")
    assert one == other
    assert not one.startswith("launch://")


# Two launches: the variables in which they differ, by those that they have in common.
APART: dict[str, tuple[Variables, Variables, Variables]] = {
    "torchrun by c10d": (TORCHRUN, {"MASTER_PORT": "29501"}, {"MASTER_PORT": "29502"}),
    "torchrun with two ids": (TORCHRUN, {"TORCHELASTIC_RUN_ID": "a"}, {"TORCHELASTIC_RUN_ID": "b"}),
    "torchrun twice in one step": ({**TORCHRUN, **STEP}, {"MASTER_PORT": "29501"}, {"MASTER_PORT": "29502"}),
    "torchrun in two steps": ({**STATIC, **STEP}, {"SLURM_STEP_ID": "0"}, {"SLURM_STEP_ID": "1"}),
    "torchrun in two PBS jobs": (STATIC, {"PBS_JOBID": "7.pbs"}, {"PBS_JOBID": "8.pbs"}),
    "two srun steps": (STEP, {"SLURM_STEP_ID": "0"}, {"SLURM_STEP_ID": "1"}),
    "two Slurm jobs": (STEP, {"SLURM_JOB_ID": "42"}, {"SLURM_JOB_ID": "43"}),
    "two Slurm clusters": (STEP, {"SLURM_CLUSTER_NAME": "alps"}, {"SLURM_CLUSTER_NAME": "eiger"}),
    "two mpiruns": (
        OPEN_MPI | {"OMPI_COMM_WORLD_RANK": "0"},
        {"PMIX_NAMESPACE": "prterun-n1-7@1"},
        {"PMIX_NAMESPACE": "prterun-n1-8@1"},
    ),
    "two mpiruns of the same number in two jobs": (
        OPEN_MPI | {"OMPI_COMM_WORLD_RANK": "0"},
        {"SLURM_JOB_ID": "42"},
        {"SLURM_JOB_ID": "43"},
    ),
    "two Intel mpiexecs": (
        INTEL | {"MPI_LOCALRANKID": "0"},
        {"I_MPI_HYDRA_UUID": "8351-a"},
        {"I_MPI_HYDRA_UUID": "8351-b"},
    ),
    "two mpiexecs of PALS": (PALS | {"PALS_RANKID": "0"}, {"PALS_APID": "6f1c"}, {"PALS_APID": "6f1d"}),
    "two jsruns": (JSRUN | {"JSM_NAMESPACE_RANK": "0"}, {"PMIX_NAMESPACE": "3"}, {"PMIX_NAMESPACE": "4"}),
    "two of an array of LSF": (
        {"LSB_JOBID": "9", "PMI_RANK": "0", "PMI_SIZE": "2"},
        {"LSB_JOBINDEX": "1"},
        {"LSB_JOBINDEX": "2"},
    ),
}


@pytest.mark.parametrize("launches", APART)
def test_two_launches_of_one_launcher_are_two(launches: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, first, second = APART[launches]
    assert named(monkeypatch, {**shared, **first}) != named(monkeypatch, {**shared, **second})


# On one node the launcher's process tells launches apart that are called the same.
ON_ONE_NODE: dict[str, Variables] = {
    "torchrun": TORCHRUN | ONE_NODE,
    "torchrun without an id": STATIC | ONE_NODE,
    "Open MPI": OPEN_MPI | {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_LOCAL_SIZE": "4"},
    "Hydra": HYDRA | {"MPI_LOCALRANKID": "0", "MPI_LOCALNRANKS": "4"},
    "another launcher with PMI": {"PMI_RANK": "0", "PMI_SIZE": "1"},
}


@pytest.mark.parametrize("launcher", ON_ONE_NODE)
def test_on_one_node_the_launcher_itself_tells_launches_apart(launcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again, second = (
        named(monkeypatch, ON_ONE_NODE[launcher], started=started) for started in ("b-7-100", "b-7-100", "b-7-300")
    )
    assert first == again != second


NO_LAUNCHER: dict[str, Variables] = {
    "nothing": {},
    "sbatch": {"SLURM_JOB_ID": "42"},
    "salloc": SHELL | {"SLURM_STEP_ID": str(0xFFFFFFFA)},
    "salloc without a terminal": STEP | {"SLURM_STEP_ID": str(0xFFFFFFFA)},
    "Slurm's batch step": STEP | {"SLURM_STEP_ID": str(0xFFFFFFFB)},
    "srun --pty": SHELL,
    "srun --pty with PMIx": SHELL | {"PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.42.0"},
    "a script of PBS": {"PBS_JOBID": "7.pbs", "PBS_TASKNUM": "1"},
    "a script of LSF": {"LSB_JOBID": "9", "LSB_JOBINDEX": "0"},
    "no number of a step": STEP | {"SLURM_STEP_ID": "batch"},
    "no step at all": STEP | {"SLURM_STEP_ID": ""},
    "an empty job": STEP | {"SLURM_JOB_ID": " "},
    "an empty id of torchrun": TORCHRUN | {"TORCHELASTIC_RUN_ID": ""},
}


@pytest.mark.parametrize("surroundings", NO_LAUNCHER)
def test_without_a_launcher_a_start_of_a_program_is_the_launch(
    surroundings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert named(monkeypatch, NO_LAUNCHER[surroundings]) == named(monkeypatch, {})
    assert named(monkeypatch, NO_LAUNCHER[surroundings]).startswith("launch://node1/")


ODD = {
    "empty": "",
    "spaces": "  ",
    "long": "x" * 5000,
    "controls": "\x1b[2J\n\x07",
    "no number": "²",
    "huge number": "9" * 30,
    "slashes": "../../a//b?c#d",
    "bytes that are no text": "\udcff\udc80",
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_an_odd_value_of_a_launchers_variable_is_a_part_like_any_other(
    value: str, tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    situations = [STATIC, TORCHRUN | ONE_NODE, *({**shared, **first} for shared, first, _ in RANKS.values()), SHELL]
    for situation in situations:
        for variable in situation:
            run_id = named(monkeypatch, {**situation, variable: value})
            tracker.add_metadata(run_id)
            assert run_id.isascii()
            assert run_id.isprintable()
            assert len(run_id) < 1000
            assert run_id.count("/") <= 3
            assert tracker.metadata(run_id) == {}
        everywhere = named(monkeypatch, dict.fromkeys(situation, value))
        assert everywhere == named(monkeypatch, dict.fromkeys(situation, value))


def test_long_values_that_differ_at_their_end_stay_two(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (named(monkeypatch, TORCHRUN | {"TORCHELASTIC_RUN_ID": "x" * 4000 + end}) for end in "ab")
    assert first != second


# -- restarts by torchrun ----------------------------------------------------------------------------------------------


def attempt(folder: Path, count: int, port: str) -> Variables:
    """The variables of a worker that torchrun's agent started at this attempt; c10d takes another port each time."""
    errors = folder / "job-1_x7k" / f"attempt_{count}" / "0"
    errors.mkdir(parents=True)
    more = {"TORCHELASTIC_RESTART_COUNT": str(count), "TORCHELASTIC_ERROR_FILE": str(errors / "error.json")}
    return {**TORCHRUN, **more, "MASTER_PORT": port}


def test_workers_that_torchrun_restarts_are_of_the_same_launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = named(monkeypatch, attempt(tmp_path / "node1", 0, "40001"), "node1")
    assert named(monkeypatch, attempt(tmp_path / "node2", 0, "40001"), "node2") == first
    assert named(monkeypatch, attempt(tmp_path / "node1", 1, "40002"), "node1") == first
    assert named(monkeypatch, attempt(tmp_path / "node2", 1, "40002"), "node2") == first
    assert named(monkeypatch, attempt(tmp_path / "another", 0, "40003"), "node1") != first


@pytest.mark.parametrize("kept", ["x" * 5000, "gone", "file"])
def test_a_folder_of_torchrun_that_keeps_nothing_changes_nothing(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = attempt(tmp_path, 0, "40001")
    if kept == "file":
        (tmp_path / "job-1_x7k" / launch._KEPT).write_text("what somebody else wrote", encoding="utf-8")
    elif kept == "gone":
        worker = {**worker, "TORCHELASTIC_ERROR_FILE": str(tmp_path / "none" / "attempt_0" / "0" / "error.json")}
    else:
        worker = {**worker, "TORCHELASTIC_ERROR_FILE": kept}
    assert named(monkeypatch, worker) == named(monkeypatch, {**TORCHRUN, "MASTER_PORT": "40001"})


# -- processes ---------------------------------------------------------------------------------------------------------

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
    path.write_text(script, encoding="utf-8")
    variables = {"TORCHX_TRACKERS": "graphtracker", "TORCHX_TRACKER_GRAPHTRACKER_CONFIG": str(store), **(env or {})}
    return run(folder, sys.executable, path, *arguments, env=variables).stderr


def metadata_by_run(store: Path) -> list[list[str]]:
    """The keys of each run's metadata, sorted."""
    with GraphTracker(store) as direct:
        assert UNDEFINED not in direct.graph()
        return sorted(sorted(direct.metadata(run_id)) for run_id in direct.run_ids())


def test_programs_that_a_program_starts_are_launches_of_their_own(tmp_path: Path, store: Path) -> None:
    log = launched(tmp_path, store, "sweep", "first", "second")
    assert metadata_by_run(store) == [["first"], ["second"], ["sweep"]]
    assert len(log.splitlines()) == 3


def test_programs_that_a_person_gave_one_name_are_one_launch(tmp_path: Path, store: Path) -> None:
    launched(tmp_path, store, "parent", "first", "second", env={"GRAPHTRACKER_RUN_ID": "nightly"})
    assert metadata_by_run(store) == [["first", "parent", "second"]]


CHILDREN = """
import multiprocessing, os, sys

def record(key):
    from graphtracker.torchx import create
    create(os.environ["STORE"]).add_metadata("<UNDEFINED>", **{key: True})

def grandchildren(key):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.map(record, [key])

if __name__ == "__main__":
    if "first" in sys.argv:
        record("parent")
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        pool.map(record, ["a", "b"])
    child = context.Process(target=grandchildren, args=["grandchild"])
    child.start()
    child.join()
    if "last" in sys.argv:
        record("parent")
"""


@pytest.mark.parametrize("when", ["first", "last", "never"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_are_of_their_programs_launch(
    method: str, when: str, tmp_path: Path, store: Path
) -> None:
    launched(tmp_path, store, method, when, script=CHILDREN, env={"STORE": str(store)})
    parent = [] if when == "never" else ["parent"]
    assert metadata_by_run(store) == [["a", "b", "grandchild", *parent]]


FORKS = """
import os
from graphtracker.torchx import create

tracker = create(os.environ["STORE"])
for key in "ab":
    if os.fork() == 0:
        tracker.add_metadata("<UNDEFINED>", **{key: True})
        os._exit(0)
    os.wait()
tracker.add_metadata("<UNDEFINED>", parent=True)
"""


def test_forked_children_are_of_their_programs_launch(tmp_path: Path, store: Path) -> None:
    launched(tmp_path, store, script=FORKS, env={"STORE": str(store)})
    assert metadata_by_run(store) == [["a", "b", "parent"]]


KEY = """
import multiprocessing, os
from graphtracker.torchx import create

def record(key):
    create(os.environ["STORE"]).add_metadata("<UNDEFINED>", **{key: True})

if __name__ == "__main__":
    multiprocessing.current_process().authkey = b"password"  # as a program does that talks to a manager elsewhere
    child = multiprocessing.get_context("spawn").Process(target=record, args=["child"])
    child.start()
    child.join()
    record("parent")
"""


def test_programs_whose_multiprocessing_has_one_key_are_launches_of_their_own(tmp_path: Path, store: Path) -> None:
    for _ in range(2):
        launched(tmp_path, store, script=KEY, env={"STORE": str(store)})
    assert metadata_by_run(store) == [["child", "parent"]] * 2


def test_the_id_tells_nothing_of_the_key_of_multiprocessing(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (multiprocessing.current_process().authkey, b"password"):
        monkeypatch.setattr(multiprocessing.current_process(), "authkey", key)
        forget()
        assert bytes(key).hex()[:8] not in launch_id()
        assert "password" not in launch_id()


AGENT = """
import json, os, subprocess, sys

os.environ.update(json.loads(os.environ["WORKERS"]))
worker = '''
import multiprocessing, sys
from torchx.tracker.api import AppRun

def record(key):
    AppRun.run_from_env().add_metadata(**{key: True})

if __name__ == "__main__":
    child = multiprocessing.get_context("fork").Process(target=record, args=[f"loader_of_{sys.argv[1]}"])
    child.start()
    child.join()
    record(sys.argv[1])
'''
for name in sys.argv[1:]:
    if name == "shell":
        subprocess.run(["sh", "-c", '"$0" -c "$1" "$2"; :', sys.executable, worker, name], check=True)
    else:
        subprocess.run([sys.executable, "-c", worker, name], check=True)
"""


@pytest.mark.parametrize("launcher", ON_ONE_NODE)
def test_what_a_launcher_starts_on_one_node_is_its_launch(launcher: str, tmp_path: Path, store: Path) -> None:
    workers = {"WORKERS": json.dumps(ON_ONE_NODE[launcher])}
    launched(tmp_path, store, "a", "shell", script=AGENT, env=workers)
    launched(tmp_path, store, "c", script=AGENT, env=workers)
    assert metadata_by_run(store) == [["a", "loader_of_a", "loader_of_shell", "shell"], ["c", "loader_of_c"]]


def test_a_process_is_told_from_those_that_had_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    own = launch._identity(os.getpid())
    assert str(os.getpid()) in own.split("-")
    assert launch._identity(os.getppid()) != own
    status = launch._status(os.getpid())
    monkeypatch.setattr(launch, "_status", lambda pid: [*status[:19], str(int(status[19]) + 1), *status[20:]])
    assert launch._identity(os.getpid()) != own
