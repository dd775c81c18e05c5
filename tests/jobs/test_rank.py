"""Which process of a launch is its first."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Mapping

import pytest

from graphtracker.jobs.rank import first_rank

Variables = Mapping[str, str]

KNOWN = [
    "RANK", "LOCAL_RANK", "NODE_RANK", "PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "PALS_RANKID",
    "JSM_NAMESPACE_RANK", "SLURM_PROCID", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_ERROR_FILE", "TORCHX_JOB_ID",
    "TORCHX_RANK0_HOST", "GRAPHTRACKER_RUN_ID", "AWS_BATCH_JOB_NODE_INDEX", "TORCHX_REPLICA_IDX", "LSB_JOBNAME",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _started_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)


def first_of(monkeypatch: pytest.MonkeyPatch, *processes: Variables) -> list[int]:
    """Which of processes with these variables are first."""
    found = []
    for place, variables in enumerate(processes):
        with monkeypatch.context() as with_variables:
            for name, value in variables.items():
                with_variables.setenv(name, value)
            if first_rank():
                found.append(place)
    return found


def test_a_program_started_by_hand_is_the_first() -> None:
    assert first_rank()


def replica(number: int, role: str = "python") -> Variables:
    return {
        "TORCHX_JOB_ID": "local_cwd://torchx/train-abc",
        "TORCHX_RANK0_HOST": "localhost",
        "TORCHELASTIC_ERROR_FILE": f"/logs/torchx/train-abc/{role}/{number}/error.json",
    }


def test_of_the_replicas_on_this_host_it_is_number_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert first_of(monkeypatch, *map(replica, (2, 10, 0, 1))) == [2]


@pytest.mark.parametrize("path", ["/own/error.json", "", "/logs/torchx/other-app/python/3/error.json"])
def test_a_file_for_errors_that_is_the_jobs_own_tells_nothing(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert first_of(monkeypatch, {**replica(0), "TORCHELASTIC_ERROR_FILE": path}) == [0]


def test_of_the_workers_of_torchrun_it_is_rank_0_in_whatever_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    def worker(rank: int, node: int, local: int) -> Variables:
        return {
            **replica(node),
            "TORCHELASTIC_RUN_ID": "train-abc",
            "TORCHELASTIC_ERROR_FILE": f"/logs/torchx/train-abc/torchelastic/python/x_y/attempt_0/{local}/error.json",
            "RANK": str(rank),
            "LOCAL_RANK": str(local),
            "SLURM_PROCID": str(node),
        }

    assert first_of(monkeypatch, worker(2, 0, 0), worker(3, 0, 1), worker(0, 1, 0), worker(1, 1, 1)) == [2]


@pytest.mark.parametrize(
    "name", ["PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "PALS_RANKID", "JSM_NAMESPACE_RANK", "SLURM_PROCID"]
)
def test_of_the_ranks_of_a_launcher_it_is_rank_0(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert first_of(monkeypatch, {name: "3"}, {name: "0"}, {name: "12"}) == [1]


def test_the_inner_launcher_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = [{"OMPI_COMM_WORLD_RANK": str(rank), "SLURM_PROCID": "1"} for rank in (1, 0)]
    assert first_of(monkeypatch, *ranks) == [1]


def test_of_the_ranks_of_a_replica_it_is_rank_0_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = [{**replica(number), "PMI_RANK": str(rank)} for number in (1, 0) for rank in (1, 0)]
    assert first_of(monkeypatch, *ranks) == [3]


@pytest.mark.parametrize("given", [{"GRAPHTRACKER_RUN_ID": "train"}, replica(0)])
def test_ranks_that_a_program_gives_count_where_they_are_one_run(
    monkeypatch: pytest.MonkeyPatch, given: Variables
) -> None:
    children: list[Variables] = [{}, {"LOCAL_RANK": "1", "NODE_RANK": "0"}, {"RANK": "2"}, {"NODE_RANK": "1"}]
    assert first_of(monkeypatch, *({**given, **child} for child in children)) == [0]
    assert first_of(monkeypatch, {"RANK": "2"}) == [0]  # a run of its own


@pytest.mark.parametrize("scheduler", ["kubernetes", "kubernetes_mcad"])
def test_on_kubernetes_it_is_the_one_that_is_its_own_host(monkeypatch: pytest.MonkeyPatch, scheduler: str) -> None:
    job = {"TORCHX_JOB_ID": f"{scheduler}://torchx/train-abc", "VC_TASK_INDEX": "0"}
    assert first_of(monkeypatch, job, {**job, "TORCHX_RANK0_HOST": "localhost"}, job) == [1]


def test_in_containers_it_is_the_one_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    job = {"TORCHX_JOB_ID": "local_docker://torchx/train-abc"}
    names = ["train-abc-python-0", socket.gethostname()]
    assert first_of(monkeypatch, *({**job, "TORCHX_RANK0_HOST": name} for name in names)) == [1]


def test_in_the_batch_services_it_is_the_number_that_they_give(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = {"TORCHX_JOB_ID": "aws_batch://torchx/train-abc", "AWS_BATCH_JOB_MAIN_NODE_INDEX": "0"}
    assert first_of(monkeypatch, *({**aws, "AWS_BATCH_JOB_NODE_INDEX": number} for number in "3120")) == [3]
    gcp = {"TORCHX_JOB_ID": "gcp_batch://torchx/train-abc", "TORCHX_ROLE_IDX": "0"}
    assert first_of(monkeypatch, *({**gcp, "TORCHX_REPLICA_IDX": number} for number in "102")) == [1]
    lsf = {"TORCHX_JOB_ID": "lsf://torchx/train-abc"}
    assert first_of(monkeypatch, *({**lsf, "LSB_JOBNAME": f"train-abc-python-{number}"} for number in (10, 0))) == [1]


def test_a_value_that_is_no_number_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert first_of(monkeypatch, {"SLURM_PROCID": "x"}, {"PMI_RANK": ""}, {"PMI_RANK": "9" * 30}) == [0, 1, 2]


def test_a_child_is_not_the_first() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(first_rank) is False
    pid = os.fork()
    if pid == 0:
        os._exit(int(first_rank()))
    assert os.waitpid(pid, 0)[1] == 0
