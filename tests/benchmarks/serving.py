"""How long an agent waits: for the server to start, for an answer beside the library's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from graphtracker import GraphTracker
from graphtracker.mcp.budget import DEFAULT, LOOK_AHEAD
from graphtracker.mcp.tools import answer
from tests.benchmarks.graphs import RecordedRun, islands, middle_of_a_project, projects
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill_tracker
from tests.support.agent import Agent, agent_on

_SDK = "import mcp.server.lowlevel, mcp.server.stdio"
_ABOUT_NOTHING = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'


def started(folder: Path, *, rounds: int = 7) -> Result:
    """A server that answers one ping and ends, beside a Python that imports what it needs of the SDK."""
    command = [sys.executable, "-m", "graphtracker", "--store", str(folder / "none.db"), "mcp"]

    def ours(_: int) -> float:
        return taken(lambda: subprocess.run(command, input=_ABOUT_NOTHING, text=True, capture_output=True, check=True))

    def floor(_: int) -> float:
        return taken(lambda: subprocess.run([sys.executable, "-c", _SDK], check=True))

    return ratio("graphtracker mcp starts, to importing the SDK", in_turn(rounds, ours, floor), "<= 1.50 x")


def answered(folder: Path, *, runs: int = 10_000, rounds: int = 21) -> list[Result]:
    """A call over stdio, and the tool without the protocol, beside the library's answer to the same question."""
    shapes = {"an island": islands(runs), "a project": projects(runs, size=runs // 10)}
    return [result for name, many in shapes.items() for result in _of(folder / f"{name}.db", name, list(many), rounds)]


def _of(path: Path, name: str, many: list[RecordedRun], rounds: int) -> list[Result]:
    fill_tracker(path, many)
    with GraphTracker(path) as tracker, agent_on(path, path.parent) as agent:
        return _beside(tracker, agent, name, middle_of_a_project(len(many)), rounds)


def _beside(tracker: GraphTracker, agent: Agent, name: str, start: str, rounds: int) -> list[Result]:
    read = LOOK_AHEAD * DEFAULT
    runs = len(tracker.lineage(start, max_runs=read).runs)
    asked = {"run_id": start}

    def called(_: int) -> float:
        return taken(lambda: agent.answer("lineage", **asked))

    def told(_: int) -> float:
        return taken(lambda: answer(tracker, "lineage", asked).text())

    def floor(_: int) -> float:
        return taken(lambda: tracker.lineage(start, max_runs=read))

    what = f"{DEFAULT} nodes of {name} ({runs:,} runs read)"
    return [
        ratio(f"agent told {what}, to the library", in_turn(rounds, told, floor), "<= 3.00 x"),
        ratio("... over stdio, by the SDK's client", in_turn(rounds, called, floor)),
    ]
