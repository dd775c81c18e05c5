"""What it takes to make something of an answer: the graph against adding by hand, data against the question."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

from graphtracker import GraphTracker, Lineage
from graphtracker.exchange.report import Report
from graphtracker.export import save
from graphtracker.formats import DATA, FOLDERS
from graphtracker.imports import events_of
from tests.benchmarks.graphs import RecordedRun, chain, middle_of_a_project, projects, run_id_of
from tests.benchmarks.importing import beside_loading
from tests.benchmarks.measuring import Result, in_turn, peak, ratio, taken
from tests.benchmarks.recording import fill_tracker

OF_LIBRARIES = frozenset({"ro-crate"})
"""Formats whose objects a library makes, one by one."""

_FORMATS = sorted({*DATA, *FOLDERS} - OF_LIBRARIES)


def of_a_large_answer(folder: Path, *, runs: int = 100_000, rounds: int = 3) -> list[Result]:
    """The graph and each format of data of a lineage of nearly all runs; Parquet on its way back, too."""
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
        for format in _FORMATS:
            results.append(_beside_asking(tracker, start, lineage, folder, format, rounds))
        results.append(_read_back(folder, lineage, rounds))
        return results


def by_libraries(folder: Path, *, runs: int = 10_000, rounds: int = 3) -> Iterator[Result]:
    """What the libraries of other vocabularies make of a lineage of nearly all runs."""
    start = middle_of_a_project(runs)
    with _filled(folder / "libraries.db", list(projects(runs, size=runs))) as tracker:
        lineage = tracker.lineage(start)
        for format in sorted(OF_LIBRARIES):
            yield _beside_asking(tracker, start, lineage, folder, format, rounds)


def memory_from_the_shell(folder: Path, *, runs: int = 100_000) -> Iterator[Result]:
    """What a process that exports nearly all runs needs at most, against one that asks for them alone; in MiB."""
    path, start = folder / "large.db", middle_of_a_project(runs)
    with _filled(path, list(projects(runs, size=runs))):
        pass
    asked = peak(f"from graphtracker import GraphTracker; GraphTracker({str(path)!r}).lineage({start!r})")
    for format in _FORMATS:
        arguments = [
            "graphtracker",
            "--store",
            str(path),
            "export",
            start,
            "--format",
            format,
            "-o",
            str(folder / format),
        ]
        most = peak(f"import sys; sys.argv = {arguments!r}\nfrom graphtracker.cli import main\nmain()")
        yield Result(
            f"{format} of {runs:,} runs, MiB, to asking", most, asked, f"{most - asked:+,.0f} MiB", "<= +100 MiB"
        )


def _read_back(folder: Path, lineage: Lineage, rounds: int) -> Result:
    """Reading Parquet into a new store, to loading the same events."""
    read = partial(events_of, "parquet", str(folder / "parquet"), Report())
    return beside_loading(folder, f"Parquet of {len(lineage.runs):,} runs", read, rounds)


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


def _beside_asking(
    tracker: GraphTracker, start: str, lineage: Lineage, folder: Path, format: str, rounds: int
) -> Result:
    """Writing the lineage of this run, to asking for it."""
    times = in_turn(
        rounds,
        partial(_saved, lineage, folder, format),
        lambda _: taken(lambda: tracker.lineage(start), time.process_time),
    )
    return ratio(f"{format} of {len(lineage.runs):,} runs, to the question", times, "<= 10.0 x")


def _saved(lineage: Lineage, folder: Path, format: str, _: int) -> float:
    return taken(lambda: save(lineage, str(folder / format), format), time.process_time)


def _by_hand(graph: nx.MultiDiGraph[Any]) -> None:
    mine: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        mine.add_node(node, **attributes)
    for begin, end, key in graph.edges(keys=True):
        mine.add_edge(begin, end, key=key)


def _run(command: list[str]) -> float:
    return taken(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True))
