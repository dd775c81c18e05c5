"""How long it takes to make something of an answer: the graph against adding by hand, texts against the question."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

from graphtracker import GraphTracker, Lineage
from graphtracker.export import DATA, export
from tests.benchmarks.graphs import RecordedRun, chain, middle_of_a_project, projects, run_id_of
from tests.benchmarks.measuring import Result, in_turn, ratio, taken
from tests.benchmarks.recording import fill_tracker

OF_LIBRARIES = frozenset({"prov-json", "prov-n", "ro-crate"})
"""Formats whose objects a library makes, one by one."""


def of_a_large_answer(folder: Path, *, runs: int = 100_000, rounds: int = 3) -> list[Result]:
    """The graph and each text of a lineage of nearly all runs."""
    start = middle_of_a_project(runs)
    with _filled(folder / "large.db", list(projects(runs, size=runs))) as tracker:
        found = len(tracker.lineage(start).runs)

        def ours(_: int) -> float:
            lineage = tracker.lineage(start)
            return taken(lambda: lineage.graph)

        def floor(_: int) -> float:
            graph = tracker.lineage(start).graph
            return taken(lambda: _by_hand(graph))

        results = [
            ratio(f"graph of {found:,} runs, to adding by hand", in_turn(rounds, ours, floor), "<= 1.30 x"),
        ]
        lineage = tracker.lineage(start)
        for format in sorted({*DATA} - OF_LIBRARIES):
            times = in_turn(
                rounds,
                partial(_written, lineage, format),
                lambda _: taken(lambda: tracker.lineage(start)),
            )
            results.append(ratio(f"{format} of {found:,} runs, to the question", times, "<= 10.0 x"))
        return results


def by_libraries(folder: Path, *, runs: int = 10_000, rounds: int = 3) -> list[Result]:
    """What the libraries of other vocabularies make of a lineage of nearly all runs, most of the time their own."""
    start = middle_of_a_project(runs)
    with _filled(folder / "libraries.db", list(projects(runs, size=runs))) as tracker:
        lineage = tracker.lineage(start)
        return [
            ratio(
                f"{format} of {len(lineage.runs):,} runs, to the question",
                in_turn(rounds, partial(_written, lineage, format), lambda _: taken(lambda: tracker.lineage(start))),
                "the library's",
            )
            for format in sorted(OF_LIBRARIES)
        ]


def from_the_shell(folder: Path, *, length: int = 10_000, rounds: int = 7) -> Result:
    """``export --dot`` as a process, against a process that imports the same but asks for nothing, and the question.

    Typer imports some of what it needs (pydantic) only when a command has arguments: the floor's has one, too.
    """
    path, start = folder / "shell.db", run_id_of(length // 2)
    imports = (
        "import sys, graphtracker.drawing.graphviz.dot, graphtracker.stores.sqlite.store, graphtracker.tracker; "
        f"sys.argv = ['graphtracker', '--store', {str(path)!r}, 'runs', '--limit', '0']; "
        "from graphtracker.cli import main; main()"
    )
    with _filled(path, list(chain(length))) as tracker:
        command = [sys.executable, "-m", "graphtracker", "--store", str(path), "export", start, "--dot"]

        def floor(_: int) -> float:
            return _run([sys.executable, "-c", imports]) + taken(lambda: tracker.lineage(start))

        times = in_turn(rounds, lambda _: _run(command), floor)
        return ratio(f"export --dot of {length:,} runs, to imports and question", times, "<= 1.50 x")


def _filled(path: Path, many: list[RecordedRun]) -> GraphTracker:
    fill_tracker(path, many)
    return GraphTracker(path)


def _written(lineage: Lineage, format: str, _: int) -> float:
    return taken(lambda: sum(map(len, export(lineage, format))))


def _by_hand(graph: nx.MultiDiGraph[Any]) -> None:
    mine: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        mine.add_node(node, **attributes)
    for begin, end, key in graph.edges(keys=True):
        mine.add_edge(begin, end, key=key)


def _run(command: list[str]) -> float:
    return taken(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True))
