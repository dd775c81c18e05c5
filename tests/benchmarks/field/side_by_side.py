"""Every contender on the same graphs: what it takes to load, to record, to ask, and how much room that needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import Any, NamedTuple

from tests.benchmarks.field.checking import Reference
from tests.benchmarks.field.environments import ROOT, Column, NoEnvironment, python_of
from tests.benchmarks.graphs import SHAPES

_RECORDED = "islands"  # the shape of the store in which recording is measured
_PROCESSES = 8


class Figure(NamedTuple):
    """One number, or the words that stand for it."""

    measure: str
    unit: str
    shape: str
    runs: int
    column: str
    value: float | None
    words: str = ""


class Effort(NamedTuple):
    """How much is done: which graphs, and how many seconds one thing may take."""

    shapes: Sequence[str]
    on_neo4j: Sequence[str]  # those of the shapes that are shown on Neo4j, too
    sizes: Sequence[int]
    ask: float  # seconds of questions
    limit: float  # seconds for a peer to load a store, or to answer
    each: int  # runs that each of the processes records
    sweep: int = 10_000  # runs of the store in which some are found


QUICK = Effort(("islands", "mix"), ("islands",), (1000,), 0.5, 10, 10)
FULL = Effort(tuple(SHAPES), tuple(SHAPES), (1000, 10_000, 100_000, 1_000_000), 5, 30, 200)
_OURS_LIMIT = 3600.0  # seconds for ours and for the floors, which are asked for every size


class Drivers:
    """Starts the driver of a column; knows which of them there are."""

    def __init__(self, columns: Sequence[Column], tell: Callable[[str], None], *, heavy_too: bool) -> None:
        self.pythons: dict[str, str] = {}
        self.absent: dict[str, str] = {}
        self.how: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.columns = []

        def introduced(column: Column) -> dict[str, Any]:
            try:
                self.pythons[column.name] = python_of(column, tell, heavy_too=heavy_too)
            except NoEnvironment as error:
                return {"failed": str(error)}
            return self.run(column, {"do": "version", "packages": _named(column)}, 120)

        with ThreadPoolExecutor(2) as pool:
            everyone = list(pool.map(introduced, columns))
        for column, said in zip(columns, everyone, strict=True):
            if "how" in said:
                self.columns.append(column)
                self.how[column.name] = said["how"]
                self.versions.update(said["versions"])
            else:
                self.absent[column.name] = said["failed"]

    def run(self, column: Column, job: dict[str, Any], limit: float) -> dict[str, Any]:
        """What a job returned; ``failed`` says why there is nothing else."""
        command = [self.pythons[column.name], "-m", "tests.benchmarks.field.driver"]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (
            tempfile.TemporaryDirectory() as elsewhere,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, env=surroundings, cwd=elsewhere, start_new_session=True,
            ) as driver,
        ):  # fmt: skip
            try:
                out, err = driver.communicate(json.dumps({**job, "contender": column.module}), limit)
            except BaseException as stopped:
                os.killpg(driver.pid, signal.SIGKILL)  # with its own processes, of which one may wait for ever
                if isinstance(stopped, subprocess.TimeoutExpired):
                    return {"failed": f"> {limit:.0f} s"}
                raise
        if driver.returncode:
            reason = (err.strip().splitlines() or [f"ended with {driver.returncode}"])[-1]
            return {"failed": f"failed: {reason}"[:200]}
        result: dict[str, Any] = json.loads(out.splitlines()[-1])
        return result


def _named(column: Column) -> list[str]:
    return [each for each in column.packages or ("graphtracker",) if not each.startswith(("-", "/"))]


def measured(
    drivers: Drivers, effort: Effort, emptied: Callable[[], str] | None, tell: Callable[[str], None]
) -> Iterator[Figure]:
    """All figures as they come; ``emptied`` returns the URL of a Neo4j with nothing in it."""
    gave_up: dict[tuple[str, str], str] = {}
    for runs in effort.sizes:
        for shape in effort.shapes:
            tell(f"{shape} of {runs:,} runs")
            for figure in _of_one_graph(drivers, effort, shape, runs, gave_up, emptied):
                if figure.words.startswith(">"):
                    gave_up.setdefault((figure.column, shape), f"{figure.words} of {runs:,}")
                yield figure
    for column in drivers.columns:
        if column.finds:
            tell(f"finding runs: {column.name}")
            yield from _finding(drivers, column, effort)
    for column in drivers.columns:
        tell(f"{_PROCESSES} processes: {column.name}")
        yield from _together(drivers, column, effort, emptied)


def _of_one_graph(
    drivers: Drivers,
    effort: Effort,
    shape: str,
    runs: int,
    gave_up: dict[tuple[str, str], str],
    emptied: Callable[[], str] | None,
) -> Iterator[Figure]:
    """The figures of each column that has not given up at a smaller graph of this shape."""
    reference = Reference(SHAPES[shape].runs(runs))
    starts = SHAPES[shape].starts(runs)
    expected = [reference.digest(start) for start in starts]
    known = {"shape": shape, "runs": runs, "limit": effort.ask}
    url = ""
    with tempfile.TemporaryDirectory() as parent:
        for column in drivers.columns:
            if column.on_neo4j and shape not in effort.on_neo4j:
                continue
            if (column.name, shape) in gave_up:
                yield Figure("lineage, p50", "ms", shape, runs, column.name, None, gave_up[column.name, shape])
                continue
            if column.on_neo4j and column.fills and emptied is not None:
                url = emptied()
            folder = os.path.join(parent, column.module)
            os.makedirs(folder, exist_ok=True)
            job = {**known, "folder": folder, "url": url if column.on_neo4j else ""}
            yield from _of_one_store(drivers, column, effort, job, starts, expected)


def _of_one_store(
    drivers: Drivers, column: Column, effort: Effort, job: dict[str, Any], starts: list[str], expected: list[Any]
) -> Iterator[Figure]:
    """Loaded, asked, and for one shape recorded into."""
    limit = _OURS_LIMIT if column.ours else effort.limit

    def of(measure: str, unit: str, value: float | None, words: str = "") -> Figure:
        return Figure(measure, unit, job["shape"], job["runs"], column.name, value, words)

    if column.fills:
        loaded = drivers.run(column, {**job, "do": "load"}, limit)
        if "failed" in loaded:
            yield of("load", "s", None, loaded["failed"])
            yield of("lineage, p50", "ms", None, loaded["failed"])
            return
        yield of("load", "s", loaded["seconds"])
        yield of("memory to load", "MB", loaded["peak"])
        if not column.on_neo4j:
            yield of("disk", "MB", loaded["disk"])
    asked = drivers.run(column, {**job, "do": "ask", "starts": starts, "expected": expected}, limit)
    if words := _words(asked):
        yield of("lineage, p50", "ms", None, words)
    else:
        for measure, unit, value in _of_answers(asked):
            yield of(measure, unit, value)
    if job["shape"] == _RECORDED:
        recorded = drivers.run(column, {**job, "do": "record"}, limit)
        words = _words(recorded)
        for kind in ("call", "run"):
            yield of(f"record one {kind}, p50", "ms", None if words else median(recorded[kind]), words)
            if not words:
                yield of(f"record one {kind}, p95", "ms", _p95(recorded[kind]))


def _of_answers(asked: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    yield "first lineage", "ms", asked["first"]
    yield "lineage, p50", "ms", median(asked["times"])
    yield "lineage, p95", "ms", _p95(asked["times"])
    yield "memory to ask", "MB", asked["peak"]
    yield "runs in the answer", "", median(asked["sizes"])
    for name, measure in (("graph", "graph view"), ("dot", "DOT")):
        if name in asked:
            yield measure, "ms", asked[name]


def _words(done: dict[str, Any]) -> str:
    """Why there are no figures; empty where there are."""
    return str(done["failed"]) if "failed" in done else f"short: {done['short']}" if "short" in done else ""


def _finding(drivers: Drivers, column: Column, effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        job = {"do": "find", "folder": folder, "url": "", "runs": effort.sweep, "limit": effort.ask}
        done = drivers.run(column, job, _OURS_LIMIT)
    if words := _words(done):
        yield Figure("find: newest 20, p50", "ms", "sweep", effort.sweep, column.name, None, words)
    for name, times in done.get("times", {}).items():
        yield Figure(f"find: {name}, p50", "ms", "sweep", effort.sweep, column.name, median(times))


def _together(drivers: Drivers, column: Column, effort: Effort, emptied: Callable[[], str] | None) -> Iterator[Figure]:
    url = emptied() if column.on_neo4j and emptied is not None else ""
    with tempfile.TemporaryDirectory() as folder:
        job = {"do": "together", "folder": folder, "url": url, "processes": _PROCESSES, "each": effort.each}
        done = drivers.run(column, job, _OURS_LIMIT if column.ours else effort.limit)
    words = _words(done)
    total = _PROCESSES * effort.each
    yield Figure(f"{_PROCESSES} processes record", "runs/s", "", total, column.name, done.get("rate"), words)


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
