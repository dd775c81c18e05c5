"""The environment variables with their defaults; no other module reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from graphtracker import logs
from graphtracker.errors import InvalidInput, StoreError
from graphtracker.model.display import quoted

URL = "GRAPHTRACKER_URL"
SPOOL = "GRAPHTRACKER_SPOOL"
EXIT_TIMEOUT = "GRAPHTRACKER_EXIT_TIMEOUT"
RUN_ID = "GRAPHTRACKER_RUN_ID"
CONTEXT = "GRAPHTRACKER_CONTEXT"
TORCHX_JOB_ID = "TORCHX_JOB_ID"
TORCHX_TRACKERS = "TORCHX_TRACKERS"
TORCHX_PARENT_RUN_ID = "TORCHX_PARENT_RUN_ID"
TORCHXCONFIG = "TORCHXCONFIG"
TORCHELASTIC_RUN_ID = "TORCHELASTIC_RUN_ID"
TORCHELASTIC_ERROR_FILE = "TORCHELASTIC_ERROR_FILE"
GROUP_WORLD_SIZE = "GROUP_WORLD_SIZE"
LOCAL_WORLD_SIZE = "LOCAL_WORLD_SIZE"
WORLD_SIZE = "WORLD_SIZE"
MASTER_ADDR = "MASTER_ADDR"
MASTER_PORT = "MASTER_PORT"
SLURM_CLUSTER_NAME = "SLURM_CLUSTER_NAME"
SLURM_HET_JOB_ID = "SLURM_HET_JOB_ID"
SLURM_JOB_ID = "SLURM_JOB_ID"
SLURM_PTY_PORT = "SLURM_PTY_PORT"
SLURM_STEP_ID = "SLURM_STEP_ID"
SLURM_STEP_NUM_TASKS = "SLURM_STEP_NUM_TASKS"
PBS_JOBID = "PBS_JOBID"
LSB_JOBID = "LSB_JOBID"
LSB_JOBINDEX = "LSB_JOBINDEX"
NEO4J_URI = "NEO4J_URI"
NEO4J_USERNAME = "NEO4J_USERNAME"
NEO4J_PASSWORD = "NEO4J_PASSWORD"  # noqa: S105  # the name of a variable
NEO4J_PASSWORD_FILE = "NEO4J_PASSWORD_FILE"  # noqa: S105  # the same
NEO4J_DATABASE = "NEO4J_DATABASE"

UNDEFINED = "<UNDEFINED>"
"""What TorchX calls every run that it did not launch: one whose TORCHX_JOB_ID is not set."""

_EXIT_TIMEOUT = 5.0
_SPOOL_FOLDER = "spool"
_OFF = ("off", "0", "false", "no")


def read(name: str) -> str | None:
    """The value of a variable, None where it is not set."""
    return os.environ.get(name)


@contextmanager
def lent(values: Mapping[str, str], unless_set: Mapping[str, str]) -> Iterator[None]:
    """Other libraries read these values while it lasts, those of ``unless_set`` where the user gave none."""
    before = {name: os.environ.get(name) for name in (*values, *unless_set)}
    os.environ.update({name: value for name, value in unless_set.items() if before[name] is None} | {**values})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def less_shows_as_git_does() -> None:
    """Has the pager less end where all fits, and leave on the terminal what it showed, unless LESS says otherwise."""
    os.environ.setdefault("LESS", "FRX")


def number(name: str) -> int | None:
    """The whole number that a variable holds; None where it holds none."""
    value = (read(name) or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None


def records_context() -> bool:
    """Whether runs are remembered by their context: unless ``GRAPHTRACKER_CONTEXT`` is off."""
    return (read(CONTEXT) or "").strip().lower() not in _OFF


def for_git() -> dict[str, str]:
    """The variables for a git that is to look at the folder it is given, write nothing there, and ask nobody."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**own, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def user_name() -> str | None:
    """The name of the user as the variables tell it, in the order of Python's getpass."""
    return next(filter(None, map(read, ("LOGNAME", "USER", "LNAME", "USERNAME"))), None)


def inside_job() -> bool:
    """Whether TorchX (or whoever set its variables) launched this process."""
    return TORCHX_JOB_ID in os.environ or TORCHX_TRACKERS in os.environ


def default_url() -> tuple[str, bool]:
    """``GRAPHTRACKER_URL``, else a file in the per-user data folder; and whether nobody chose it."""
    chosen = read(URL)
    if chosen:
        return chosen, False
    return os.path.join(_data_folder(), "graphtracker.db"), True


def chosen_folder(spool: bool | str | os.PathLike[str]) -> str | None:
    """The spool folder that was asked for: none, the default one, or this."""
    if isinstance(spool, bool):
        return spool_folder() if spool else None
    return _absolute(spool)


def spool_folder() -> str:
    """``GRAPHTRACKER_SPOOL``, else a folder in the per-user data folder; raises StoreError where there is none."""
    chosen = read(SPOOL)
    return _absolute(chosen) if chosen else os.path.join(_data_folder(), _SPOOL_FOLDER)


def is_default_spool_folder(folder: str) -> bool:
    """Whether it is the one in the per-user data folder, which nobody else has to do with."""
    may_be = os.path.basename(folder) == _SPOOL_FOLDER  # else there is no need to find out what that folder is
    return may_be and folder == os.path.join(_data_folder(), _SPOOL_FOLDER)


def _absolute(folder: str | os.PathLike[str]) -> str:
    return absolute(os.fspath(folder))


def absolute(path: str) -> str:
    """The path from the root, ``~`` expanded; raises InvalidInput where it is relative to a folder that is gone."""
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError as error:
        raise InvalidInput(
            f"the path {quoted(path)} is relative to a working folder that is gone ({error.strerror}); give one from "
            "the root"
        ) from error


def exit_timeout() -> float:
    """Seconds that a process waits at its end for the delivery of its spool: ``GRAPHTRACKER_EXIT_TIMEOUT``, else 5."""
    text = read(EXIT_TIMEOUT)
    try:
        seconds = float(text) if text else _EXIT_TIMEOUT
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < 1e6:
        return seconds
    logs.warning("%s is %s, which is no number of seconds; it is taken as %g", EXIT_TIMEOUT,
                   quoted(text), _EXIT_TIMEOUT)  # fmt: skip
    return _EXIT_TIMEOUT


def _data_folder() -> str:
    import platformdirs  # 20 ms, which a tracker with a store of its own need not pay

    folder = platformdirs.user_data_path("graphtracker", appauthor=False)
    if not folder.is_absolute():  # "~/…", for a user id without a name on this machine
        raise StoreError(
            f"this user has no home folder for {quoted(str(folder))}; name a store in {URL}, and a folder for spools "
            f"in {SPOOL}"
        )
    return str(folder)
