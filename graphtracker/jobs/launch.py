"""The id of a launch that nobody gave one, for TorchX's ``<UNDEFINED>``."""

from __future__ import annotations

import functools
import hashlib
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import process  # 4 ms; before any fork, since what is forked shares its key
from typing import NamedTuple
from urllib.parse import quote

from graphtracker import environment, logs
from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.limits import checked_run_id

_LONGEST_PART = 100  # characters of an id that one variable may fill
_FIRST_SPECIAL_STEP = 0xFFFFFFF0  # SLURM_MAX_NORMAL_STEP_ID of slurm.h: above are batch and interactive steps
_KEPT = "graphtracker-launch"
_RANDOM_KEY = 32  # bytes of the key that multiprocessing makes up

_told: set[str] = set()


def launch_id() -> str:
    """One id for this launch: the same in all its processes, and another for another launch.

    GRAPHTRACKER_RUN_ID where a person set it; else from what torchrun, an MPI launcher or srun tells all its ranks;
    else one for this start of a program, which its multiprocessing and forked children share. Logged once.
    """
    name = (environment.read(environment.RUN_ID) or "").strip()
    return (_named(name) if name else None) or _found()


def is_this_launch(run_id: str) -> bool:
    """Whether TorchX or ``launch_id`` has given this id to this launch."""
    return run_id in _told or run_id == environment.read(environment.TORCHX_JOB_ID)


def _named(name: str) -> str | None:
    """The id that a person gave; None where it can be none."""
    if name == environment.UNDEFINED:
        return None
    try:
        checked_run_id(name)
    except InvalidInput as error:
        if _first_of(name):
            logs.warning("%s does not name this launch: %s", environment.RUN_ID, error)
        return None
    if _first_of(name):
        logs.info("graphtracker records this launch as %s, which %s names", quoted(name), environment.RUN_ID)
    return name


def _found() -> str:
    run_id = _of_this_process()
    if _first_of(run_id):
        logs.warning(
            "TorchX gave this launch no id: graphtracker records it as %s; set %s to name it",
            run_id,
            environment.RUN_ID,
        )
    return run_id


def _first_of(name: str) -> bool:
    """Whether nothing has been told of this name; from now on something has, also to a log handler that records."""
    if name in _told:
        return False
    _told.add(name)
    return True


@functools.cache
def _of_this_process() -> str:
    return _torchrun() or _mpi(_MPI_LAUNCHERS) or _slurm_step() or _other_mpi() or _program()


# -- torchrun ----------------------------------------------------------------------------------------------------------


def _torchrun() -> str | None:
    """Its rendezvous id with the agent, the parent of all workers; over several nodes with the master's address.

    Scripts hard-code the id, and without one every launch is called "none".
    """
    given = _part(environment.TORCHELASTIC_RUN_ID)
    if given is None:
        return None
    master, port = _part(environment.MASTER_ADDR), _part(environment.MASTER_PORT)
    if master and _several_nodes():
        job = _step_of_agents() or _job()
        return _kept_by_agent(f"torchelastic://{master}:{port or ''}/{given}" + (f"@{job}" if job else ""))
    agent = _launcher(f"{environment.TORCHELASTIC_RUN_ID}={environment.read(environment.TORCHELASTIC_RUN_ID)}")
    return f"torchelastic://{_host()}/{given}-{_identity(agent)}" if agent else None


def _several_nodes() -> bool:
    return (environment.number(environment.GROUP_WORLD_SIZE) or 1) > 1 or (
        environment.number(environment.WORLD_SIZE) != environment.number(environment.LOCAL_WORLD_SIZE)
    )


def _step_of_agents() -> str | None:
    """The srun step, if all of torchrun's agents are in it: some scripts start each with an srun of its own."""
    tasks = environment.number(environment.SLURM_STEP_NUM_TASKS)
    agents = environment.number(environment.GROUP_WORLD_SIZE) or 1
    return _step() if tasks is None or tasks >= agents else None


def _kept_by_agent(run_id: str) -> str:
    """The id that the first workers of this agent took: when it restarts them, c10d's rendezvous takes another port.

    It is kept in the folder that torchrun makes for each of its agents, above those of its attempts.
    """
    attempt = os.path.dirname(os.path.dirname(environment.read(environment.TORCHELASTIC_ERROR_FILE) or ""))
    if not os.path.basename(attempt).startswith("attempt_"):
        return run_id
    kept = os.path.join(os.path.dirname(attempt), _KEPT)
    with suppress(OSError):
        os.symlink(run_id, kept)  # made at once and with its content, or not at all
    try:
        return checked_run_id(os.readlink(kept))
    except (OSError, InvalidInput):
        return run_id


# -- MPI ---------------------------------------------------------------------------------------------------------------


class _Launcher(NamedTuple):
    """Variables that an MPI launcher gives its ranks: a rank's own; what names the launch; how many they are."""

    rank: str
    launch: Sequence[str]
    ranks: str = ""
    ranks_here: str = ""


_MPI_LAUNCHERS = (
    _Launcher("PALS_RANKID", ["PALS_APID"]),
    _Launcher(
        "JSM_NAMESPACE_RANK",
        ["JSM_NAMESPACE_ID", "PMIX_NAMESPACE"],
        "JSM_NAMESPACE_SIZE",
        "JSM_NAMESPACE_LOCAL_SIZE",
    ),
    _Launcher(
        "OMPI_COMM_WORLD_RANK",
        ["PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"],
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
    ),
    _Launcher("PRTE_LAUNCHED", ["PMIX_NAMESPACE"]),
    _Launcher("MPI_LOCALRANKID", ["I_MPI_HYDRA_UUID"], "PMI_SIZE", "MPI_LOCALNRANKS"),  # MPICH's and Intel's Hydra
)
_OTHER_MPI_LAUNCHERS = (_Launcher("PMIX_RANK", ["PMIX_NAMESPACE"]), _Launcher("PMI_RANK", ["PMI_JOBID"], "PMI_SIZE"))


def _mpi(launchers: Sequence[_Launcher]) -> str | None:
    """What an MPI launcher calls the launch, and on one node its process; where it calls it nothing, its job.

    Launchers count their launches anew in each job, or name them by what they take again after some time.
    """
    for launcher in launchers:
        if not environment.read(launcher.rank):
            continue
        started_by = _launcher(f"{launcher.rank}=")
        named = [part for part in map(_part, launcher.launch) if part]
        ranks = environment.number(launcher.ranks)
        if started_by and ranks is not None and ranks == environment.number(launcher.ranks_here):
            return f"mpi://{_host()}/{'-'.join([*named, _identity(started_by)])}"
        named = named or _hydra_port(started_by)
        job = _job()
        if named:
            return f"mpi://{job or 'launch'}/{'-'.join(named)}"
        return f"mpi://launch/{job}" if job else f"mpi://{_host()}/{_identity(started_by)}"
    return None


def _other_mpi() -> str | None:
    """A launcher known by its interface alone; srun gives its ranks the same, and so does a shell in an srun step."""
    return None if environment.read(environment.SLURM_STEP_ID) else _mpi(_OTHER_MPI_LAUNCHERS)


def _hydra_port(proxy: int) -> list[str]:
    """Where mpiexec of MPICH listens for its proxies, one on each node: it tells the ranks nothing that is its own."""
    arguments = _read(f"/proc/{proxy}/cmdline").split(b"\0")
    places = [place for place, argument in enumerate(arguments[:-1]) if argument == b"--control-port"]
    return [_escaped(os.fsdecode(arguments[place + 1])) for place in places[:1]]


# -- batch systems -----------------------------------------------------------------------------------------------------


def _slurm_step() -> str | None:
    """The srun step; none in a batch script or in a shell with a terminal, where one program follows another."""
    step = _step()
    return f"slurm://{_part(environment.SLURM_CLUSTER_NAME) or 'slurm'}/{step}" if step else None


def _step() -> str | None:
    job, step = _slurm_job(), environment.number(environment.SLURM_STEP_ID)
    if job is None or step is None or step >= _FIRST_SPECIAL_STEP:
        return None
    # A shell with a terminal is a step of one task; srun, started in it, passes the variable on to many.
    if environment.read(environment.SLURM_PTY_PORT) and (environment.number(environment.SLURM_STEP_NUM_TASKS) or 1) < 2:
        return None
    return f"{job}.{step}"


def _slurm_job() -> str | None:
    """The job; of a heterogeneous one the whole, whose parts have ids of their own."""
    return _part(environment.SLURM_HET_JOB_ID) or _part(environment.SLURM_JOB_ID)


def _job() -> str | None:
    """The job of Slurm, PBS or LSF around a launcher."""
    slurm, pbs, lsf = _slurm_job(), _part(environment.PBS_JOBID), _part(environment.LSB_JOBID)
    if slurm or pbs:
        return f"slurm-{slurm}" if slurm else f"pbs-{pbs}"
    index = environment.number(environment.LSB_JOBINDEX)  # 0 where the job is no array
    return f"lsf-{lsf}" + (f"[{index}]" if index else "") if lsf else None


# -- a program ---------------------------------------------------------------------------------------------------------


def _program() -> str:
    """This start of a program, with the children that share its memory or that multiprocessing made.

    Those, and no others, inherit the key by which they know each other (multiprocessing's ``Process.authkey``), however
    they were started. It is a secret, of which this is a digest. One that a person set may be that of other programs.
    """
    key = process.current_process().authkey
    if len(key) == _RANDOM_KEY:
        return f"launch://{_host()}/{hashlib.sha256(b'graphtracker launch' + key).hexdigest()[:32]}"
    parent = process.parent_process()
    return f"launch://{_host()}/{_identity(os.getpid() if parent is None or parent.pid is None else parent.pid)}"


# -- processes ---------------------------------------------------------------------------------------------------------


def _launcher(variable: str) -> int:
    """The process that set this variable (``NAME=`` and maybe its value) for those below it; 0 where it is not seen."""
    start = os.fsencode(variable)
    pid = os.getppid()
    while pid > 1 and any(each.startswith(start) for each in _read(f"/proc/{pid}/environ").split(b"\0")):
        pid = int(_status(pid)[1])
    return pid


def _identity(pid: int) -> str:
    """What tells a process from all others of its host: of its boot, and from those that had its number before."""
    boot = _read("/proc/sys/kernel/random/boot_id").decode(errors="replace").strip()[:8]
    return "-".join(part for part in (boot, str(pid), _status(pid)[19]) if part)


def _status(pid: int) -> list[str]:
    """The fields of proc_pid_stat(5) from the third on: [1] is the parent, [19] the start in clock ticks since boot."""
    fields = _read(f"/proc/{pid}/stat").decode(errors="replace").rpartition(")")[2].split()
    return fields if len(fields) > 19 else ["", "0", *[""] * 18]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


# -- variables ---------------------------------------------------------------------------------------------------------


def _part(name: str) -> str | None:
    """The value of a variable as a part of an id; None where it has none."""
    value = (environment.read(name) or "").strip()
    return _escaped(value) if value else None


def _escaped(value: str) -> str:
    text = quote(value, safe=":@+=,[]", errors="surrogateescape")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return text if len(text) <= _LONGEST_PART else f"{text[: _LONGEST_PART - 17]}-{digest}"


def _host() -> str:
    return _escaped(socket.gethostname())
