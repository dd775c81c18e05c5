"""The command: measures the ratios to the floors, then graphtracker beside its peers, and prints what came out.

It writes ``results.json`` and ``chart.svg`` (with the extra ``benchmark``) into a folder, ``.benchmarks/`` by default.
"""

from __future__ import annotations

import argparse
import compileall
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

import neo4j

from tests.benchmarks import (
    asking,
    chart,
    drawing,
    exploring,
    exporting,
    finding,
    finding_on_neo4j,
    importing_ml_metadata,
    importing_mlflow,
    importing_openlineage,
    importing_torchx,
    on_neo4j,
    questions,
    recording,
    remembering,
    report,
    serving,
    spooling,
    starting,
)
from tests.benchmarks.field.environments import COLUMNS, KEPT, ON_NEO4J, ROOT
from tests.benchmarks.field.side_by_side import FULL, QUICK, Drivers, Effort, Figure, measured
from tests.benchmarks.graphs import SHAPES
from tests.benchmarks.growth import growths
from tests.benchmarks.measuring import Result, hurry, table
from tests.support.chromium import NoBrowser
from tests.support.neo4j_server import NoServer, running
from tests.support.peers import NotInstalled

_QUICK_RUNS = 3000  # runs of the large stores of a quick run
_FULL_RUNS = 100_000
_FOUND_AMONG = {_QUICK_RUNS: 10_000, _FULL_RUNS: 1_000_000}  # runs of the stores in which some are found

_ASKED_ABOUT = {_QUICK_RUNS: questions.Sizes(10_000, 400, 80, 400), _FULL_RUNS: questions.Sizes()}


def floors(new_folder: Callable[[], Path], runs: int) -> Iterator[Result]:
    """Each ratio to a floor as it comes; the large stores have so many runs."""
    yield starting.importing()
    yield from starting.helping()
    yield starting.first_run(new_folder())
    yield recording.call_by_call(new_folder())
    yield recording.run_by_run(new_folder())
    yield recording.in_bulk(new_folder(), runs=runs)
    yield remembering.with_context(new_folder())
    yield from spooling.one_call(new_folder())
    yield spooling.of_a_large_spool(new_folder(), runs=runs)
    yield asking.of_a_ladder(new_folder())
    yield asking.of_a_chain(new_folder(), length=min(runs, 10_000))
    yield asking.of_a_random_graph(new_folder(), runs=runs)
    yield from asking.of_an_island(new_folder(), sizes=(runs // 100, runs // 10, runs))
    yield remembering.of_an_earlier_time(new_folder(), length=min(runs, 10_000))
    yield from finding.of_a_store(new_folder(), runs=_FOUND_AMONG[runs])
    yield from questions.of_a_store(new_folder(), sizes=_ASKED_ABOUT[runs])
    yield from remembering.forgetting(new_folder(), sizes=(min(runs, 10_000) // 10, min(runs, 10_000)))
    yield importing_torchx.of_a_folder(new_folder(), runs=min(runs, 3000))
    yield importing_torchx.of_a_history(new_folder(), runs=min(runs, 20_000))
    yield from exporting.of_a_large_answer(new_folder(), runs=runs)
    yield from exporting.by_libraries(new_folder(), runs=min(runs, 10_000))
    yield from exporting.memory_from_the_shell(new_folder(), runs=runs)
    yield from importing_openlineage.of_openlineage(new_folder(), runs=min(runs, 20_000))
    yield from drawing.of_pictures(kinds=["svg"] if runs == _QUICK_RUNS else ["svg", "png"])
    yield exporting.from_the_shell(new_folder(), length=min(runs, 10_000))
    yield from importing_mlflow.of_a_store(new_folder(), runs=max(600, runs // 10))
    if find_spec("mcp_types"):
        yield serving.started(new_folder())
        yield from serving.answered(new_folder(), runs=min(runs, 10_000))
    with suppress(NotInstalled):
        yield importing_ml_metadata.of_an_ml_metadata(new_folder(), runs=min(runs, 10_000))
    if runs > _QUICK_RUNS:
        with suppress(NoBrowser):
            yield from exploring.of_a_large_page(new_folder())


def floors_on_neo4j(emptied: Callable[[], str], runs: int) -> Iterator[Result]:
    """The same on a Neo4j."""
    yield from on_neo4j.one_call(emptied)
    yield on_neo4j.in_bulk(emptied, runs=runs)
    yield from on_neo4j.lineages(emptied, runs=runs)
    yield from finding_on_neo4j.of_a_store(emptied, runs=runs)
    if runs > _QUICK_RUNS:
        yield from on_neo4j.bounded(emptied, runs=runs)


def _tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


def _emptied_of(url: str) -> Callable[[], str]:
    def emptied() -> str:
        with neo4j.GraphDatabase.driver(url) as bare, bare.session(database="neo4j") as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()
        return url

    return emptied


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="small graphs, fewer rounds, and no peer that takes minutes to install"
    )
    parser.add_argument("--only", choices=["floors", "peers"], help="one of the two parts")
    parser.add_argument("--store", choices=["sqlite", "neo4j"], help="one of the two stores")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="RUNS", help="runs of the graphs shown side by side")
    parser.add_argument("--shapes", choices=SHAPES, nargs="+", help="which graphs are shown side by side")
    parser.add_argument("--output", type=Path, default=KEPT, help="the folder for results.json and chart.svg")
    return parser.parse_args()


def main() -> None:
    asked = _asked()
    for package in ("graphtracker", "cli"):  # as an installation has it
        compileall.compile_dir(ROOT / package, quiet=1)
    if asked.quick:
        hurry()
    effort: Effort = QUICK if asked.quick else FULL
    effort = effort._replace(
        sizes=asked.sizes or effort.sizes,
        shapes=asked.shapes or effort.shapes,
        on_neo4j=asked.shapes or effort.on_neo4j,
    )
    runs = _QUICK_RUNS if asked.quick else _FULL_RUNS
    results: list[Result] = []
    figures: list[Figure] = []
    versions: dict[str, str] = {}
    how: dict[str, str] = {}
    absent: dict[str, str] = {}
    emptied = None
    with ExitStack() as stack:
        if asked.store != "sqlite":
            try:
                emptied = _emptied_of(stack.enter_context(running()).url)
            except NoServer as error:
                absent["Neo4j"] = str(error)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if asked.only != "peers":
            parts = [floors(lambda: Path(tempfile.mkdtemp(dir=folder)), runs)] if asked.store != "neo4j" else []
            parts += [floors_on_neo4j(emptied, runs if runs > _QUICK_RUNS else runs // 3)] if emptied else []
            for part in parts:
                for result in part:
                    _tell(result.name)
                    results.append(result)
        if asked.only != "floors":
            columns = (COLUMNS if asked.store != "neo4j" else ()) + (ON_NEO4J if emptied else ())
            drivers = Drivers(columns, _tell, heavy_too=not asked.quick)
            versions, how = drivers.versions, drivers.how
            absent |= drivers.absent
            try:
                for figure in measured(drivers, effort, emptied, _tell):
                    figures.append(figure)
            except KeyboardInterrupt:
                _tell("stopped: what follows is what there was by then")
    grown = list(growths(figures))
    named = report.machine()
    print(", ".join(f"{name} {value}" for name, value in named.items()))
    print(f"neo4j {neo4j.__version__} {'with' if find_spec('neo4j._rust') else 'without'} neo4j-rust-ext")
    for text in (table(results) if results else "", report.side_by_side(figures), report.growth(grown)):
        if text:
            print(f"\n{text}")
    for name, line in how.items():
        print(f"{name}: {line}")
    for name, line in absent.items():
        print(f"{name}: NOT MEASURED, {line}")
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / "results.json").write_text(
        report.as_json(results, figures, grown, versions, how, absent), encoding="utf-8"
    )
    if figures:
        caption = (
            f"Medians; a line ends where loading or asking took more than {effort.limit:.0f} s. {named['processor']}, "
            f"{named['cores']} cores, {platform.system()}, Python {named['Python']}, SQLite {named['SQLite']}"
        )
        try:
            chart.draw(figures, asked.output / "chart.svg", caption)
        except ImportError:
            _tell("no chart: it needs matplotlib, from `pip install -e '.[benchmark]'`")


if __name__ == "__main__":
    main()
