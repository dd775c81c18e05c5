"""The command: measures everything, prints the table."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import neo4j

from tests.benchmarks import asking, exploring, exporting, on_neo4j, recording, spooling, starting
from tests.benchmarks.measuring import Result, table
from tests.chromium import NoBrowser
from tests.neo4j_server import NoServer, running


def measured(new_folder: Callable[[], Path], tenth: bool) -> Iterator[Result]:
    """Each result as it comes; with ``tenth`` the large stores have a tenth of their runs."""
    large = 10_000 if tenth else 100_000
    yield starting.importing()
    yield starting.first_run(new_folder())
    yield recording.call_by_call(new_folder())
    yield recording.run_by_run(new_folder())
    yield recording.in_bulk(new_folder(), runs=large)
    yield from spooling.one_call(new_folder())
    yield spooling.of_a_large_spool(new_folder(), runs=large)
    yield asking.of_a_ladder(new_folder())
    yield asking.of_a_chain(new_folder())
    yield asking.of_a_random_graph(new_folder(), runs=large)
    yield from asking.of_an_island(new_folder(), sizes=(large // 100, large // 10, large))
    yield from exporting.of_a_large_answer(new_folder(), runs=large)
    yield exporting.from_the_shell(new_folder())
    try:
        yield from exploring.of_a_large_page(new_folder())
    except NoBrowser as error:
        print(error)


def measured_on_neo4j(tenth: bool) -> Iterator[Result]:
    """The same on a Neo4j of its own."""
    large = 10_000 if tenth else 100_000
    with running() as server:

        def emptied() -> str:
            with neo4j.GraphDatabase.driver(server.url) as bare, bare.session(database="neo4j") as session:
                session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()
            return server.url

        yield from on_neo4j.one_call(emptied)
        yield on_neo4j.in_bulk(emptied, runs=large)
        yield from on_neo4j.lineages(emptied, runs=large)
        yield from on_neo4j.bounded(emptied, runs=large)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs in the large stores")
    parser.add_argument("--only", choices=["sqlite", "neo4j"], help="one of the two stores")
    asked = parser.parse_args()
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, neo4j {neo4j.__version__} "
        f"{'with' if find_spec('neo4j._rust') else 'without'} neo4j-rust-ext, {platform.platform()}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        results = (
            [] if asked.only == "neo4j" else list(measured(lambda: Path(tempfile.mkdtemp(dir=folder)), asked.quick))
        )
    if asked.only != "sqlite":
        try:
            results += measured_on_neo4j(asked.quick)
        except NoServer as error:
            print(error)
    print(table(results))


if __name__ == "__main__":
    main()
