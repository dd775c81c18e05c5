"""What a job waits for: a call by way of a spool, against the bare write of its line and against TorchX's tracker."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import fsspec
from torchx.tracker.backend.fsspec import FsspecTracker

from graphtracker import GraphTracker
from graphtracker.spool.spooled import Spooled
from graphtracker.spool.sync import sync
from graphtracker.torchx import TorchXTracker
from tests.benchmarks.graphs import projects
from tests.benchmarks.measuring import Result, ratio, taken
from tests.benchmarks.recording import fill_tracker, record_all

AWAY = "bolt://127.0.0.1:1?connection_timeout=1"
RUN = "local_cwd://torchx/train-x7k"


def one_call(folder: Path, *, calls: int = 20_000) -> Iterator[Result]:
    """The medians and the slowest hundredths of single calls, taken in turn; the store is away all the time."""
    os.environ["GRAPHTRACKER_SPOOL"] = str(folder / "plugin")
    (folder / "fsspec").mkdir()
    ours = GraphTracker(AWAY, spool=folder / "spool")
    plugin = TorchXTracker(AWAY)
    theirs = FsspecTracker(fsspec.filesystem("file"), str(folder / "fsspec"))
    bare = os.open(folder / "bare.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line = [{"run": RUN, "key": "lr", "value": 0.1, "stamp": "80" * 20}]
    took: dict[str, list[float]] = {"ours": [], "plugin": [], "bare": [], "fsspec": []}
    for number in range(calls):
        _time(took["ours"], lambda: ours.add_metadata(RUN, lr=0.1))
        _time(took["plugin"], lambda: plugin.add_metadata(RUN, lr=0.1))
        _time(took["bare"], lambda: os.write(bare, (json.dumps(line) + "\n").encode()))
        if number % 20 == 0:  # which makes a file a call
            _time(took["fsspec"], lambda: theirs.add_metadata(RUN, lr=0.1))
    os.close(bare)
    for tracker in (ours, plugin):
        _leave(tracker)
    del os.environ["GRAPHTRACKER_SPOOL"]
    cuts = {name: quantiles(times, n=100) for name, times in took.items()}
    for place, word in ((49, "p50"), (98, "p99")):
        floor = cuts["bare"][place]
        yield ratio(f"a spooled call, {word}, to json.dumps and write", (cuts["ours"][place], floor), "<= 2.00 x")
        yield ratio(f"the same by the plug-in, {word}", (cuts["plugin"][place], floor), "<= 2.00 x")
        yield ratio(f"a spooled call, {word}, to FsspecTracker", (cuts["ours"][place], cuts["fsspec"][place]), "<= 1 x")


def of_a_large_spool(folder: Path, *, runs: int = 100_000) -> Result:
    """The delivery of a spool of some ten events a run, against the store's bulk copy of as many."""
    recorded = list(projects(runs, size=2500))
    spooled = GraphTracker(AWAY, spool=folder / "spool")
    record_all(spooled, recorded)
    _leave(spooled)
    fill_tracker(folder / "filled.db", recorded)
    delivered = taken(lambda: list(sync(str(folder / "spool"), to=str(folder / "ours.db"))))
    with GraphTracker(folder / "copy.db") as copy:
        copied = taken(lambda: copy.copy_from(folder / "filled.db"))
        with GraphTracker(folder / "ours.db") as ours:
            assert len(ours.run_ids()) == len(copy.run_ids())
    return ratio(f"sync of a spool of {runs:,} runs, to a copy of them", (delivered, copied), "<= 2.00 x")


def _leave(tracker: GraphTracker) -> None:
    """Ends it without waiting for a store that is away, and without its warning."""
    logging.disable()
    spooled = tracker._recorder.store
    assert isinstance(spooled, Spooled)
    spooled.finish(0)
    logging.disable(logging.NOTSET)


def _time(took: list[float], call: Callable[[], object]) -> None:
    began = time.perf_counter()
    call()
    took.append((time.perf_counter() - began) * 1000)
