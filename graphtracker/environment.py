"""The environment variables that graphtracker reads and writes, the only module that does."""

from __future__ import annotations

import os

URL = "GRAPHTRACKER_URL"
SPOOL = "GRAPHTRACKER_SPOOL"
EXIT_TIMEOUT = "GRAPHTRACKER_EXIT_TIMEOUT"
RUN_ID = "GRAPHTRACKER_RUN_ID"
TORCHX_JOB_ID = "TORCHX_JOB_ID"
TORCHX_TRACKERS = "TORCHX_TRACKERS"
TORCHX_PARENT_RUN_ID = "TORCHX_PARENT_RUN_ID"
TORCHELASTIC_RUN_ID = "TORCHELASTIC_RUN_ID"
SLURM_JOB_ID = "SLURM_JOB_ID"
NEO4J_URI = "NEO4J_URI"
NEO4J_USERNAME = "NEO4J_USERNAME"
NEO4J_PASSWORD = "NEO4J_PASSWORD"  # noqa: S105  # the name of a variable
NEO4J_PASSWORD_FILE = "NEO4J_PASSWORD_FILE"  # noqa: S105  # the same
NEO4J_DATABASE = "NEO4J_DATABASE"


def read(name: str) -> str | None:
    """The value of a variable, None where it is not set."""
    return os.environ.get(name)


def set_for_children(name: str, value: str) -> None:
    """Sets a variable in this process, so that the processes it starts inherit it."""
    os.environ[name] = value


def inside_job() -> bool:
    """Whether TorchX (or whoever set its variables) launched this process."""
    return TORCHX_JOB_ID in os.environ or TORCHX_TRACKERS in os.environ
