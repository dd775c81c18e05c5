"""One measurement of one contender, as a process in that contender's environment: a job as JSON in, JSON out.

python -m tests.benchmarks.field.driver '{"do": "load", "contender": "bare_sql", "folder": ..., ...}'
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks.field.checking import digest
from tests.benchmarks.field.contender import CannotAnswer, Contender, Finder
from tests.benchmarks.graphs import SHAPES, RecordedRun, run_id_of, run_of, sweep

_WARMING = 5  # calls before those that count: a server plans its statements anew


def imported(job: dict[str, Any]) -> Any:
    """The module of the contender of a job."""
    return importlib.import_module(f"tests.benchmarks.field.{job['contender']}")


def opened(job: dict[str, Any]) -> Contender:
    """The contender of a job."""
    store: Contender = imported(job).Contender(job["folder"], job["url"])
    return store


def load(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds to load all runs, until all is closed; making the runs and importing the package do not count."""
    many = list(SHAPES[job["shape"]].runs(job["runs"]))
    imported(job)
    _settle()
    before = _peak()
    began = time.perf_counter()
    store = opened(job)
    store.load(many)
    store.close()
    return {"seconds": time.perf_counter() - began, "peak": _peak() - before, "disk": _disk(job["folder"])}


def ask(job: dict[str, Any]) -> dict[str, Any]:
    """The lineage of each start: ms of the first question, with opening the store, and of the later ones.

    Each answer is compared with what it must be before its time counts.
    """
    imported(job)
    _settle()
    before = _peak()
    began = time.perf_counter()
    store = opened(job)
    found = store.lineage(job["starts"][0])
    result: dict[str, Any] = {"first": (time.perf_counter() - began) * 1000, "peak": _peak() - before}
    starts = list(zip(job["starts"], job["expected"], strict=True))
    times: list[float] = []
    try:
        sizes = [_checked(store, found, *starts[0])]
        end = time.monotonic() + job["limit"]
        for start, expected in starts * 2 if len(starts) > 1 else starts * 15:
            found = _timed(store, start, times)
            sizes.append(_checked(store, found, start, expected))
            if time.monotonic() > end:
                break
    except AnswersShort as short:
        return {"short": str(short)}
    result |= {"times": times, "sizes": sizes[1:]}
    if hasattr(store, "view"):
        result |= _pictures(store, job["starts"][0])
    store.close()
    return result


class AnswersShort(Exception):
    """An answer is not what it must be; the text says how much of it there is."""


def _checked(store: Contender, found: Any, start: str, expected: list[Any]) -> int:
    """How many runs the answer has, if it is right."""
    said = digest(start, store.answer(found))
    if list(said[:2]) == expected[:2] and said.said != expected[2]:
        raise AnswersShort(f"as many as there are of {said.runs:,} runs and {said.sources:,} sources, but not the same")
    if list(said) != expected:
        raise AnswersShort(f"{said.runs:,} of {expected[0]:,} runs, {said.sources:,} of {expected[1]:,} sources")
    return said.runs


def _timed(store: Contender, start: str, times: list[float]) -> Any:
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    found = store.lineage(start)
    times.append((time.perf_counter() - began) * 1000)
    gc.unfreeze()
    return found


def _pictures(store: Any, start: str) -> dict[str, float]:
    """ms for the graph view and for the DOT text of one answer."""
    store.ready_to_draw()
    times = {}
    for name, make in (("graph", store.view), ("dot", store.drawn)):
        found = store.lineage(start)
        gc.collect()
        began = time.perf_counter()
        make(found)
        times[name] = (time.perf_counter() - began) * 1000
    return times


def find(job: dict[str, Any]) -> dict[str, Any]:
    """ms of each question for runs of a sweep, once its answer has been compared with what it must be."""
    store: Any = opened(job)
    many = list(sweep(0, job["runs"], job["runs"]))
    store.load_sweep(many)
    times: dict[str, list[float]] = {}
    for name, (ask, expected) in _sought(store, many).items():
        if ask() != expected:
            return {"short": f"{name} is not what it must be"}
        times[name] = _asked_again(ask, job["limit"])
    store.close()
    return {"times": times}


def _sought(store: Finder, many: list[RecordedRun]) -> dict[str, tuple[Callable[[], list[str]], list[str]]]:
    """The questions, each with its answer."""
    newest, end = many[::-1], 0.5 + 100 / len(many)
    of_adam = [run.run_id for run in newest if run.metadata["optimizer"] == "adam"]
    within = [run.run_id for run in newest if 0.5 <= _loss(run) < end]
    return {
        "newest 20": (store.newest, [run.run_id for run in newest[:20]]),
        "newest 20 of a value": (store.newest_of_a_value, of_adam[:20]),
        "range of 100": (lambda: store.within(0.5, end), within),
        "best": (store.best, [min(many, key=_loss).run_id]),
    }


def _loss(run: RecordedRun) -> Any:
    return run.metadata["loss"]


def _asked_again(ask: Callable[[], object], limit: float) -> list[float]:
    _settle()
    times: list[float] = []
    end = time.monotonic() + limit
    while len(times) < 3 or (len(times) < 100 and time.monotonic() < end):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return times


def record(job: dict[str, Any]) -> dict[str, Any]:
    """ms of each call, and of each whole run, in a store that holds others; it stops when the time is up."""
    store = opened(job)
    if store.run_count() < job["runs"]:
        return {"short": f"{store.run_count():,} of {job['runs']:,} runs"}
    result = {}
    for kind, each in (("call", store.call), ("run", store.record)):
        many = [_measured(number, kind) for number in range(500)]
        for number in range(_WARMING):
            each(_measured(1000 + number, kind))
        result[kind] = _times(each, many, job["limit"])
    store.close()
    return result


def _times(each: Callable[[RecordedRun], None], many: Iterable[RecordedRun], limit: float) -> list[float]:
    times: list[float] = []
    end = time.monotonic() + limit
    _settle()
    for run in many:
        began = time.perf_counter()
        each(run)
        times.append((time.perf_counter() - began) * 1000)
        if time.monotonic() > end:
            break
    return times


def _measured(number: int, kind: str) -> RecordedRun:
    mine = f"-{kind}-measured-{os.getpid()}"  # beside the runs that are asked about, in no lineage of theirs
    sources = [(f"{run_id_of(before)}{mine}", "model") for before in (number - 1, number - 2) if before >= 0]
    return run_of(f"{run_id_of(number)}{mine}", number, sources)


def together(job: dict[str, Any]) -> dict[str, Any]:
    """Runs a second of as many processes into one new store, each once it has recorded a first one; or what is lost."""
    opened(job).close()
    go = os.pipe()
    ready = [os.pipe() for _ in range(job["processes"])]
    children = []
    for number, (_, done) in enumerate(ready):
        child = os.fork()
        if child == 0:
            _record_some(job, number, go[0], done)
        children.append(child)
    for begin, _ in ready:
        os.read(begin, 1)
    began = time.perf_counter()
    os.write(go[1], b"g" * len(children))
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    seconds = time.perf_counter() - began
    store = opened(job)
    count, wanted = store.run_count(), job["processes"] * (job["each"] + 1)
    if count != wanted or any(codes):
        return {"short": f"{count:,} of {wanted:,} runs are there, {sum(map(bool, codes))} processes failed"}
    return {"rate": job["processes"] * job["each"] / seconds}


def _record_some(job: dict[str, Any], number: int, go: int, ready: int) -> None:
    code = 1
    with suppress(Exception):
        store = opened(job)
        store.record(run_of(f"{run_id_of(number)}-first", number, []))
        os.write(ready, b"r")
        os.read(go, 1)
        for mine in range(job["each"]):
            store.record(run_of(f"{run_id_of(mine)}-{number}", mine, []))
        store.close()
        code = 0
    os._exit(code)


def version(job: dict[str, Any]) -> dict[str, Any]:
    """That it can be imported, how it is used, as it says itself, and of which version it is."""
    module = imported(job)
    versions = {name: metadata.version(name) for name in job["packages"]}
    return {"how": str(module.__doc__).split("\n\n")[0].replace("\n", " ").strip(), "versions": versions}


def _settle() -> None:
    gc.collect()
    gc.freeze()


def _peak() -> float:
    """MB that this program has needed at most; ``ru_maxrss`` would count the parent's share of before the exec."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _disk(folder: str) -> float:
    """MB that the files of a folder take, in whole blocks."""
    blocks = [os.stat(os.path.join(root, name)).st_blocks for root, _, names in os.walk(folder) for name in names]
    return sum(blocks) * 512 / 2**20


def main() -> None:
    job = json.loads(sys.argv[1]) if len(sys.argv) > 1 else json.load(sys.stdin)
    try:
        done = {each.__name__: each for each in (load, ask, find, record, together, version)}[job["do"]](job)
    except CannotAnswer as error:
        done = {"failed": str(error)}
    print(json.dumps(done))


if __name__ == "__main__":
    main()
