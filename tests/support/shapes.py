"""Lineages of the shapes that pictures have trouble with."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from graphtracker import GraphTracker, Lineage, TrackerArtifact, TrackerSource


def record_links(
    tracker: GraphTracker, links: dict[str, list[str]], *, named: bool = True, at: datetime | None = None
) -> None:
    """Runs with their source runs; ``named``: through an artifact of each."""
    with tracker.batch() as batch:
        for run_id, sources in links.items():
            used = [TrackerSource(source, "out" if named else None) for source in sources]
            made = [TrackerArtifact("out", f"/{run_id}")] if named else []
            batch.record(run_id, artifacts=made, sources=used, at=at)


def lineage_of(links: dict[str, list[str]], *, named: bool = True) -> Lineage:
    """The whole store of such runs."""
    with GraphTracker(":memory:") as tracker:
        record_links(tracker, links, named=named)
        return tracker.graph()


def links_of_chain(runs: int, called: str = "r{:04}") -> dict[str, list[str]]:
    """One run after another."""
    ids = [called.format(number) for number in range(runs)]
    return {run_id: ids[max(number - 1, 0) : number] for number, run_id in enumerate(ids)}


def chain(runs: int, *, named: bool = True, called: str = "r{:04}", start: int | None = None) -> Lineage:
    """A store of one run after another, or the lineage of the one with this number."""
    with GraphTracker(":memory:") as tracker:
        record_links(tracker, links_of_chain(runs, called), named=named)
        return tracker.graph() if start is None else tracker.lineage(called.format(start))


def ladder(rungs: int) -> Lineage:
    """Two chains, each run of the second with a source in the first."""
    links = {}
    for number in range(rungs):
        before = number - 1
        links[f"a{number:03}"] = [f"a{before:03}"] if number else []
        links[f"b{number:03}"] = [f"a{number:03}", *([f"b{before:03}"] if number else [])]
    return lineage_of(links)


def record_hub(
    tracker: GraphTracker,
    consumers: int,
    *,
    alike: bool = False,
    own_source: bool = False,
    called: str = "c{:03}",
    at: datetime | None = None,
) -> None:
    """A run with many consumers, no two of which are alike unless that is asked for; each with a source of its own
    where that is."""
    with tracker.batch() as batch:
        batch.record("hub", artifacts={"rows": "/rows"}, at=at)
        for number in range(consumers):
            own = [TrackerSource(f"config{number:03}")] if own_source else []
            made = {} if alike else {f"out{number}": f"/{number}"}
            batch.record(called.format(number), artifacts=made, sources=[TrackerSource("hub", "rows"), *own], at=at)


def hub(consumers: int, *, alike: bool = False, own_source: bool = False) -> Lineage:
    """The lineage of such a run."""
    with GraphTracker(":memory:") as tracker:
        record_hub(tracker, consumers, alike=alike, own_source=own_source)
        return tracker.lineage("hub") if alike else tracker.graph()


def many_sources(count: int, *, named: bool = True) -> Lineage:
    """A run made from many external ones."""
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(count):
                batch.add_source("merge", f"s3://part/{number:03}", f"rows{number}" if named else None)
            batch.add_artifact("merge", "out", "/out")
            batch.add_source("train", "merge", "out")
        return tracker.graph()


def cycle(runs: int) -> Lineage:
    """A ring of runs, some of which are made from themselves."""
    links = {f"r{number:03}": [f"r{(number - 1) % runs:03}"] for number in range(runs)}
    for number in range(0, runs, 7):
        links[f"r{number:03}"].append(f"r{number:03}")
    return lineage_of(links, named=False)


def tree(depth: int, children: int) -> Lineage:
    """Each run with as many consumers."""
    names = [""]
    links = {"t": list[str]()}
    for _ in range(depth):
        names = [name + str(child) for name in names for child in range(children)]
        links |= {f"t{name}": [f"t{name[:-1]}"] for name in names}
    return lineage_of(links)


def apart(count: int, runs: int) -> Lineage:
    """Chains that nothing joins."""
    links = {}
    for line in range(count):
        for number in range(runs):
            links[f"x{line:02}-{number:03}"] = [f"x{line:02}-{number - 1:03}"] if number else []
    return lineage_of(links)


def tangle(runs: int, seed: int, *, reach: int = 12) -> Lineage:
    """A chain with links between near ones at random, and a few that lead far."""
    source = random.Random(seed)
    links = {"r000": list[str]()}
    for number in range(1, runs):
        near = number - source.randint(1, min(reach, number))
        far = source.randrange(number)
        links[f"r{number:03}"] = [f"r{other:03}" for other in {number - 1, near, *([far] if number % 11 == 0 else [])}]
    return lineage_of(links, named=seed % 2 == 0)


def sweeps(seed: int) -> Lineage:
    """Sweeps one after another, at random: a driver, trials made from its whole run or from rows, some of which failed,
    artifacts nobody used, external runs; the best of a sweep is evaluated, deployed, and the next one's beginning."""
    source = random.Random(seed)
    with GraphTracker(":memory:") as tracker:
        before: list[str] = []
        for number in range(source.randint(1, 5)):
            before = _sweep(tracker, str(number), before, source)
        return tracker.graph()


def _sweep(tracker: GraphTracker, name: str, before: list[str], source: random.Random) -> list[str]:
    raw = [f"raw{name}-{number}" for number in range(source.randint(1, 4))]
    trials = [f"train{name}-{number:02}" for number in range(source.randint(3, 24))]
    failing = source.choice([0.1, 0.5])
    clean, driver, select, ends = f"clean{name}", f"driver{name}", f"select{name}", [f"eval{name}", f"int8{name}"]
    with tracker.batch() as batch:
        for run_id in raw:
            batch.record(run_id, artifacts={"rows": f"/{run_id}"}, sources=before or ["postgres://tickets"])
        batch.record(
            clean, artifacts={"train": "/t", "val": "/v", "report": "/r"}, sources=[(run, "rows") for run in raw]
        )
        batch.record(driver, sources=[(clean, "train")])
        for run_id in trials:
            failed = source.random() < failing
            sources = [TrackerSource(clean, "train"), TrackerSource(clean, "val"), TrackerSource(driver)][
                : source.randint(1, 3)
            ]
            made = {} if failed else {"model": f"/{run_id}", "log": f"/{run_id}.log"}
            batch.record(run_id, artifacts=made, sources=sources[:1] if failed else sources)
            if not failed:
                batch.add_source(select, run_id, "model")
        batch.record(select, artifacts={"best": f"/{name}"})
        for run_id in ends:
            batch.record(run_id, artifacts={"report": f"/{run_id}", "rest": "/x"}, sources=[(select, "best")])
        batch.record(f"deploy{name}", sources=[(run_id, "report") for run_id in ends])
    return [select] if source.random() < 0.3 else []


SHAPES: dict[str, Callable[[], Lineage]] = {
    "a chain": lambda: chain(30),
    "a chain of whole runs": lambda: chain(40, named=False),
    "a ladder": lambda: ladder(20),
    "a hub": lambda: hub(60),
    "a hub whose consumers have sources": lambda: hub(40, own_source=True),
    "many sources": lambda: many_sources(50),
    "many whole sources": lambda: many_sources(50, named=False),
    "a ring": lambda: cycle(25),
    "a tree": lambda: tree(3, 4),
    "two chains": lambda: apart(2, 20),
    "short chains": lambda: apart(40, 2),
    "a tangle": lambda: tangle(40, 2),
    "sweeps": lambda: sweeps(6),
    "a tangle of whole runs": lambda: tangle(50, 3, reach=5),
}
"""By what they are; each is drawn in parts."""
