"""How long it takes a new Python to import graphtracker, and to have recorded a first run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measuring import Result, difference, in_turn, ratio, taken

_FIRST_RUN = "import sys; from graphtracker import GraphTracker; GraphTracker(sys.argv[1]).add_metadata('run', lr=0.1)"
_BARE_FIRST_RUN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "CREATE TABLE run (run_id, key, value)"):
    connection.execute(statement)
connection.execute("INSERT INTO run VALUES ('run', 'lr', '0.1')")
"""


def importing(*, rounds: int = 21) -> Result:
    """``import graphtracker``, beside an interpreter that imports nothing."""
    times = in_turn(
        rounds,
        lambda _: taken(lambda: _python("import graphtracker")),
        lambda _: taken(lambda: _python("pass")),
    )
    return difference("import graphtracker", times, "<= 20 ms")


def helping(*, rounds: int = 15) -> list[Result]:
    """``--help`` and the tree of a run as processes, against a Python that does nothing and the import of Typer."""

    def floor(_: int) -> float:
        nothing = taken(lambda: _python("pass"))
        return nothing + taken(lambda: _python("import typer"))  # its own start counts twice: it cannot do without

    command = [sys.executable, "-m", "graphtracker", "--help"]
    times = in_turn(
        rounds, lambda _: taken(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)), floor
    )
    return [ratio("graphtracker --help, to pass and import typer", times, "<= 3.00 x")]


def first_run(folder: Path, *, rounds: int = 21) -> Result:
    """A process that records one run in a new store, beside one that writes one row into a new file."""
    times = in_turn(
        rounds,
        lambda number: taken(lambda: _python(_FIRST_RUN, str(folder / f"ours{number}.db"))),
        lambda number: taken(lambda: _python(_BARE_FIRST_RUN, str(folder / f"floor{number}.db"))),
    )
    return difference("a process that records one run", times)


def _python(program: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-c", program, *arguments], check=True)
