"""The command: measures everything, prints the table."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import asking, recording, starting
from tests.benchmarks.measuring import Result, table


def measured(new_folder: Callable[[], Path], tenth: bool) -> Iterator[Result]:
    """Each result as it comes; with ``tenth`` the large stores have a tenth of their runs."""
    large = 10_000 if tenth else 100_000
    yield starting.importing()
    yield starting.first_run(new_folder())
    yield recording.call_by_call(new_folder())
    yield recording.run_by_run(new_folder())
    yield recording.in_bulk(new_folder(), runs=large)
    yield asking.of_a_ladder(new_folder())
    yield asking.of_a_chain(new_folder())
    yield asking.of_a_random_graph(new_folder(), runs=large)
    yield from asking.of_an_island(new_folder(), sizes=(large // 100, large // 10, large))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs in the large stores")
    tenth = parser.parse_args().quick
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        results = list(measured(lambda: Path(tempfile.mkdtemp(dir=folder)), tenth))
    print(table(results))


if __name__ == "__main__":
    main()
