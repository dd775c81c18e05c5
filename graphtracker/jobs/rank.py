"""Which of all the processes of a launch is its first."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from multiprocessing import process

from graphtracker import environment
from graphtracker.recording import forks

# The rank that a launcher gives its processes, the innermost launcher first, as for the ids of launches.
_LAUNCHERS = ("PALS_RANKID", "JSM_NAMESPACE_RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID")
# Ranks that programs give each other, or that people give them: of one run only where its id is given, too.
_BARE = ("RANK", "NODE_RANK", "LOCAL_RANK")


def first_rank() -> bool:
    """Whether this process is the one that speaks for its launch: the first rank, and no child of it.

    With torchrun that is rank 0. Elsewhere it is rank 0 of its launcher (MPI, srun) in the first replica: TorchX tells
    a replica its number on local_cwd and local_docker, kubernetes, aws_batch, gcp_batch and lsf (on slurm srun does).
    Of an app with several roles that is the first replica of each role on local_cwd and lsf. Where nothing tells (ray
    without torchrun) each replica is taken for the first; so is a program that a job starts and that records, too.
    """
    if forks.count or process.parent_process() is not None:
        return False
    rank = environment.number("RANK")
    if environment.read(environment.TORCHELASTIC_RUN_ID) and rank is not None:
        return rank == 0  # any replica may hold it
    ranks = [next((rank for rank in map(environment.number, _LAUNCHERS) if rank is not None), None)]
    if environment.read(environment.TORCHX_JOB_ID) or environment.read(environment.RUN_ID):
        ranks += map(environment.number, _BARE)
    return not any(ranks) and _is_first_replica()


def _is_first_replica() -> bool:
    scheduler, _, path = (environment.read(environment.TORCHX_JOB_ID) or "").partition("://")
    is_first = _BY_SCHEDULER.get(scheduler)
    return is_first is None or is_first(path.rpartition("/")[2])


def _local(app: str) -> bool:
    """The number is in the name of the file for errors, ``…/<app>/<role>/<number>/error.json``."""
    parts = (environment.read(environment.TORCHELASTIC_ERROR_FILE) or "").split(os.sep)
    return parts[-4:-3] != [app] or parts[-2] == "0"


def _docker(_: str) -> bool:
    first = environment.read("TORCHX_RANK0_HOST")
    return not first or first == socket.gethostname()


def _kubernetes(_: str) -> bool:
    return environment.read("TORCHX_RANK0_HOST") is not None  # which the others get by another name


def _aws_batch(_: str) -> bool:
    return environment.number("AWS_BATCH_JOB_NODE_INDEX") == environment.number("AWS_BATCH_JOB_MAIN_NODE_INDEX")


def _gcp_batch(_: str) -> bool:
    return not environment.number("TORCHX_ROLE_IDX") and not environment.number("TORCHX_REPLICA_IDX")


def _lsf(_: str) -> bool:
    """The number ends the name of the job, ``<app>-<role>-<number>``."""
    return (environment.read("LSB_JOBNAME") or "-0").endswith("-0")


_BY_SCHEDULER: Mapping[str, Callable[[str], bool]] = {
    "local_cwd": _local,
    "local_docker": _docker,
    "kubernetes": _kubernetes,
    "kubernetes_mcad": _kubernetes,
    "aws_batch": _aws_batch,
    "gcp_batch": _gcp_batch,
    "lsf": _lsf,
}
