"""Two ways of doing the same, timed in turn, and the table of what came out."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple


class Result(NamedTuple):
    """One line of the table; times in ms."""

    name: str
    ours: float
    floor: float
    compared: str
    target: str


def taken(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The ms that it takes, with the garbage of whatever ran before out of the way; by ``time.process_time`` those of
    the processor alone, for what waits for nothing else."""
    gc.collect()
    gc.freeze()  # what the benchmark itself keeps in memory must not be searched for garbage on anyone's time
    began = clock()
    work()
    ended = clock()
    gc.unfreeze()
    return (ended - began) * 1000


_TELLING_ITS_PEAK = """
import atexit, sys

def tell():  # ru_maxrss would count the parent's share of before the exec
    lines = open("/proc/self/status").read().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM:")), file=sys.stderr)

atexit.register(tell)
"""


def peak(program: str) -> float:
    """MiB that a process which runs this needs at most."""
    done = subprocess.run(
        [sys.executable, "-c", f"{_TELLING_ITS_PEAK}\n{program}"], capture_output=True, check=True, text=True
    )
    return int(done.stderr.split()[-1]) / 1024


_share = 1  # of the rounds that are asked for


def hurry() -> None:
    """From here on a fifth of the rounds, but three."""
    global _share
    _share = 5


def in_turn(rounds: int, ours: Callable[[int], float], floor: Callable[[int], float]) -> tuple[float, float]:
    """The medians of both, measured in the same rounds; who begins changes with each."""
    mine, theirs = [], []
    for number in range(rounds if _share == 1 else min(rounds, max(3, rounds // _share))):
        if number % 2:
            theirs.append(floor(number))
            mine.append(ours(number))
        else:
            mine.append(ours(number))
            theirs.append(floor(number))
    return median(mine), median(theirs)


def ratio(name: str, times: tuple[float, float], target: str = "", *, each: int = 1) -> Result:
    """A line that says how many times the floor's time it takes; ``each`` divides both times."""
    ours, floor = times
    return Result(name, ours / each, floor / each, f"{ours / floor:.2f} x", target)


def difference(name: str, times: tuple[float, float], target: str = "") -> Result:
    """A line that says how many ms more than the floor it takes."""
    ours, floor = times
    return Result(name, ours, floor, f"{ours - floor:+.1f} ms", target)


def table(results: Iterable[Result]) -> str:
    """The results as aligned plain text."""
    lines = [("", "ours, ms", "floor, ms", "ratio", "target")]
    lines += [(row.name, f"{row.ours:,.3f}", f"{row.floor:,.3f}", row.compared, row.target) for row in results]
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines of as many cells each: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        ).rstrip()
        for line in lines
    )
