"""What happens when many replicas of jobs start at once before one Neo4j: some in real processes, more simulated.

``python -m tests.benchmarks.replicas`` starts a server, then processes that each record as a TorchX replica does, with
a spool: all of one run, then each of its own. It prints what they and the server did, then what follows for more (see
``queueing.py``), and how well that predicts what was measured of a server that takes few transactions at once.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import neo4j

from tests.benchmarks.measuring import aligned
from tests.benchmarks.queueing import Costs, Outcome, simulated
from tests.support.neo4j_server import Server, running

REPLICAS = (8, 64)
SECONDS = 3.0
FEW = 8  # transactions at once of the server that is soon full

_WAIT = 120.0  # seconds for which a delivery is waited for


class Measured(NamedTuple):
    """What so many processes did: connections that each opened, the seconds after which what each recorded first was
    there (the median, the last), writes a second of all of them, refusals, and the server's processor seconds."""

    replicas: int
    one_run: bool
    connections: float
    first: float
    last: float
    writes: int
    writes_per_second: float
    refused: int
    cpu: float


def measured(url: str, replicas: int, *, one_run: bool, seconds: float = SECONDS, pid: int | None = None) -> Measured:
    """Starts the processes at once; each records a start, then writes one value after the other for so many seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["graphtracker.torchx", "graphtracker.spool.spooled", "graphtracker.stores.neo4j.store"]
    )
    with tempfile.TemporaryDirectory() as folder, neo4j.GraphDatabase.driver(url) as bare:
        _emptied(bare)
        before, cpu = _last_connection(url), _cpu(pid)
        barrier = context.Barrier(replicas + 1)
        pipes, processes = [], []
        for number in range(replicas):
            mine, theirs = context.Pipe()
            run_id = "local_cwd://torchx/train-x7k" if one_run else f"local_cwd://torchx/train-{number}"
            given = (url, os.path.join(folder, str(number)), run_id, number, seconds, barrier, theirs)
            processes.append(context.Process(target=_replica, args=given))
            processes[-1].start()
            theirs.close()
            pipes.append(mine)
        barrier.wait(_WAIT)
        told = [pipe.recv() for pipe in pipes]
        for process in processes:
            process.join(_WAIT)
        used, opened = _cpu(pid) - cpu, _last_connection(url) - before - 1
        _check(bare, replicas, one_run)
    firsts, writes = [each[0] for each in told], sum(each[1] for each in told)
    rate = sum(each[1] / each[2] for each in told)
    return Measured(
        replicas, one_run, opened / replicas, median(firsts), max(firsts), writes + replicas, rate,
        sum(each[3] for each in told), used,
    )  # fmt: skip


def _replica(
    url: str, folder: str, run_id: str, number: int, seconds: float, barrier: Barrier, told: Connection
) -> None:
    """One replica of a job, by the plug-in; tells the seconds of its first delivery, then its writes in how long."""
    os.environ.update(
        GRAPHTRACKER_SPOOL=folder, TORCHX_JOB_ID=run_id, GRAPHTRACKER_CONTEXT="off", GRAPHTRACKER_EXIT_TIMEOUT="60"
    )
    from graphtracker.stores.neo4j.pauses import Pauses
    from graphtracker.torchx import TorchXTracker

    refused = 0
    real = Pauses.next

    def counted(pauses: Pauses, *, full: bool) -> float:
        nonlocal refused
        refused += full
        return real(pauses, full=full)

    Pauses.next = counted  # type: ignore[method-assign, assignment]
    tracker = TorchXTracker(url)
    delivery: Any = tracker._recorder.store
    barrier.wait(_WAIT)
    began = time.monotonic()
    tracker.add_metadata(run_id, lr=0.001, optimizer="adam", batch_size=32)
    tracker.add_source(run_id, "local_cwd://torchx/prepare", "rows")
    tracker.add_artifact(run_id, "model", "s3://models/train")
    delivery._delivery.flush(_WAIT)
    first = time.monotonic() - began
    writes = 0
    while time.monotonic() - began < first + seconds:
        tracker.add_metadata(run_id, **{f"loss.{number}": 1 / (writes + 1)})
        delivery._delivery.flush(_WAIT)
        writes += 1
    took = time.monotonic() - began - first
    told.send((first, writes, took or 1.0, refused))
    tracker.close()


def _emptied(bare: neo4j.Driver) -> None:
    with bare.session(database="neo4j") as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()


def _check(bare: neo4j.Driver, replicas: int, one_run: bool) -> None:
    """All is there, and once."""
    with bare.session(database="neo4j") as session:
        found = session.run("MATCH (r:Run)-[u:USED]->() RETURN count(DISTINCT r), count(u)").values()
    assert found == [[1, 1] if one_run else [replicas, replicas]]


def _last_connection(url: str) -> int:
    """The number of a new connection: the server counts them."""
    with neo4j.GraphDatabase.driver(url) as bare, bare.session(database="neo4j") as session:
        names = session.run("CALL dbms.listConnections() YIELD connectionId").values()
    return max(int(name.rpartition("-")[2]) for (name,) in names)


def _cpu(pid: int | None) -> float:
    """Processor seconds that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def costs(several: Sequence[Measured], *, one_run: bool) -> Costs:
    """What one write costs the server, from those that it did when it was busiest."""
    busiest = max((each for each in several if each.one_run is one_run), key=lambda each: each.writes_per_second)
    if one_run:  # one after the other, as the run's lock has it
        return Costs(1 / busiest.writes_per_second, 1)
    cores = os.cpu_count() or 1
    return Costs(busiest.cpu / busiest.writes if busiest.cpu else cores / busiest.writes_per_second, cores)


@contextmanager
def _server(settings: dict[str, str] | None = None) -> Iterator[tuple[str, int | None]]:
    with running("5", settings) as server:
        yield server.url, _pid(server)


def _pid(server: Server) -> int | None:
    return server._process.pid if server._process else None


def table_of(several: Sequence[Measured]) -> str:
    """What was measured, a line for each."""
    lines = [
        ("replicas", "connections each", "first there, s", "last, s", "writes/s", "refused", "server CPU ms a write")
    ]
    lines += [
        (
            f"{each.replicas} of {'one run' if each.one_run else 'as many runs'}", f"{each.connections:.2f}",
            f"{each.first:.2f}", f"{each.last:.2f}", f"{each.writes_per_second:,.0f}", f"{each.refused:,}",
            f"{1000 * each.cpu / each.writes:.1f}",
        )
        for each in several
    ]  # fmt: skip
    return aligned(lines)


def table_of_many(of_one: Costs, of_own: Costs, sizes: Sequence[int] = (1_000, 10_000)) -> str:
    """What follows for so many that start within one minute, or within one second."""
    lines: list[tuple[str, ...]] = [("simulated", "connections", "refused", "writes/s at most", "all there after, s")]
    for each, name in ((of_one, "one run"), (of_own, "as many runs")):
        for replicas in sizes:
            for seconds in (60.0, 1.0):
                lines.append(_line(f"{replicas:,} of {name} in {seconds:.0f} s", simulated(replicas, seconds, each)))
    return aligned(lines)


def _line(name: str, outcome: Outcome) -> tuple[str, ...]:
    return (
        name,
        f"{outcome.connections:,}",
        f"{outcome.refused:,}",
        f"{outcome.busiest:,}",
        f"{outcome.all_there:.0f}",
    )


def full(each: Costs) -> str:
    """At which figure a server is full."""
    rate = each.writes_per_second
    return (
        f"{rate:,.0f} writes a second, so {60 * rate:,.0f} starts a minute, "
        f"or {10 * rate:,.0f} replicas that write every 10 s"
    )


def main() -> None:
    with _server() as (url, pid):
        measured(url, 4, one_run=False, seconds=2.0, pid=pid)  # a server is slow at first
        several = [measured(url, count, one_run=kind, pid=pid) for kind in (True, False) for count in REPLICAS]
    of_own = costs(several, one_run=False)
    with _server({"server.bolt.thread_pool_min_size": "2", "server.bolt.thread_pool_max_size": str(FEW)}) as (url, pid):
        measured(url, 4, one_run=False, seconds=2.0, pid=pid)
        crowded = measured(url, max(REPLICAS), one_run=False, seconds=0.0, pid=pid)
    of_one = costs(several, one_run=True)
    print(table_of([*several, crowded]))
    client = crowded.replicas / max(each.writes_per_second for each in several)  # they share this machine's cores
    predicted = simulated(crowded.replicas, 0.0, of_own._replace(at_once=FEW, client=client))
    print(f"\nat once on a server of {FEW} transactions: all there after {crowded.last:.1f} s measured, "
          f"{predicted.all_there:.1f} s simulated; refused {crowded.refused} and {predicted.refused}")  # fmt: skip
    print(f"\n{table_of_many(of_one, of_own)}")
    print(f"\nfull, all replicas of one run: {full(of_one)}\nfull, each of its own: {full(of_own)}")


if __name__ == "__main__":
    main()
