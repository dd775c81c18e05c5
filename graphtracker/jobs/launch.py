"""The id of a launch that nobody gave one, for TorchX's ``<UNDEFINED>``."""

from __future__ import annotations

import logging
import os
import socket
import uuid

from graphtracker import environment
from graphtracker.model.display import printable

logger = logging.getLogger("graphtracker")

_told: set[str] = set()


def launch_id() -> str:
    """One id for this launch: the same in all its processes, and another for another launch.

    From TORCHELASTIC_RUN_ID and the host, else SLURM_JOB_ID, else minted and put into GRAPHTRACKER_RUN_ID, where the
    processes that this one starts find it. Logged once.
    """
    run_id = _found() or _minted(f"launch://{socket.gethostname()}/{uuid.uuid4().hex}")
    if run_id not in _told:
        _told.add(run_id)
        logger.warning("TorchX gave this launch no id: graphtracker records it as %s", printable(run_id))
    return run_id


def _found() -> str | None:
    host = socket.gethostname()
    elastic = environment.read(environment.TORCHELASTIC_RUN_ID)
    if elastic and elastic != "none":
        return f"torchelastic://{host}/{elastic}"
    slurm = environment.read(environment.SLURM_JOB_ID)
    if slurm:
        return f"slurm://{environment.read(environment.SLURM_CLUSTER_NAME) or 'slurm'}/{slurm}"
    inherited = environment.read(environment.RUN_ID)
    if inherited:
        return inherited
    if elastic:
        # torchrun calls every launch without a rendezvous "none"; its workers share the agent that is their parent.
        return _minted(f"torchelastic://{host}/{_boot()}-{os.getppid()}-{_started(os.getppid())}")
    return None


def _minted(run_id: str) -> str:
    environment.set_for_children(environment.RUN_ID, run_id)
    return run_id


def _boot() -> str:
    return _first_line("/proc/sys/kernel/random/boot_id")[:8]


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc_pid_stat(5), field 22): it tells reused pids apart."""
    fields = _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""
