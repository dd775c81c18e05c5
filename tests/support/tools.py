"""The programs that tests start: this environment's own, torchx, and Graphviz's dot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from graphtracker import Lineage
from graphtracker.drawing.options import PictureOptions
from graphtracker.export import export
from tests.support.needs import missing

_THEIR_RUNS = (
    *("GRAPHTRACKER_", "TORCHX_", "TORCHXCONFIG", "TORCHELASTIC_", "NEO4J_"),
    *("SLURM_", "PBS_", "LSB_", "PMIX_", "PMI_", "PRTE_", "OMPI_", "MPI_", "I_MPI_", "PALS_", "JSM_"),
)
_THEIR_TERMINAL = (
    *("CLICOLOR", "COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LESS", "LINES", "NO_COLOR", "PAGER", "PY_COLORS"),
    *("TTY_", "_TYPER_"),
)
_THEIR_LANGUAGE = ("LANG", "LC_", "PYTHONCOERCECLOCALE", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS")


def is_theirs(variable: str) -> bool:
    """Whether the variable tells of the runs, the terminal or the language of whoever starts the tests."""
    return variable.startswith((*_THEIR_RUNS, *_THEIR_TERMINAL, *_THEIR_LANGUAGE))


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment for a process that sees no store, job or run of whoever starts the tests, nor their data folder.

    Its texts are UTF-8, its terminal has no wishes, and ``python``, ``torchx`` and ``graphtracker`` are those that run
    the tests.
    """
    kept = {name: value for name, value in os.environ.items() if not is_theirs(name)}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    own = {"PATH": path, "XDG_DATA_HOME": str(folder / "data"), "LC_ALL": "C.UTF-8"}
    return {**kept, **own, **(more or {})}


def run(
    folder: Path, *command: str | Path, env: Mapping[str, str] | None = None, text: str | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Runs a command in the folder, with these variables besides; fails unless it ends with this exit code."""
    surroundings = environment(folder, env)
    program = shutil.which(str(command[0]), path=surroundings["PATH"]) or str(command[0])
    done = subprocess.run(
        [program, *(str(part).encode("utf-8", "surrogateescape") for part in command[1:])],  # whatever our own locale
        cwd=folder,
        env=surroundings,
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    told = f"{' '.join(map(str, command))}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == code, told
    return done


@pytest.fixture(name="dot", scope="session")
def dot_program() -> str:
    """The path of Graphviz's ``dot``; without it the test is skipped, but fails in CI."""
    found = shutil.which("dot")
    if found is None:
        missing("Graphviz's dot is not on the PATH; install graphviz to test pictures")
    return found


def exported(lineage: Lineage, format: str) -> str:
    """All of the lineage in a format that is text."""
    return b"".join(export(lineage, format, PictureOptions(everything=True, expand=True))).decode()
