"""How long it takes to draw a picture: against Graphviz alone doing the same, against ``dot`` on the DOT text."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple
from unittest.mock import patch

from graphtracker import GraphTracker, Lineage
from graphtracker.drawing.graphviz import process, pygraphviz
from graphtracker.export import export
from tests.benchmarks.graphs import RecordedRun, chain, ladder, projects
from tests.benchmarks.measuring import Result, in_turn, ratio, taken

_ROUNDS = 9


class Sizes(NamedTuple):
    """Of what is drawn."""

    chain: int = 30
    """Runs; it is drawn in parts, which ``dot`` does not do."""
    random: int = 100
    """Runs."""
    rungs: int = 20
    """Of a ladder."""


SIZES = Sizes()


class _Asked(NamedTuple):
    """What Graphviz was asked for."""

    command: Sequence[str]
    text: bytes


def of_pictures(
    *, kinds: Sequence[str] = ("svg", "png"), sizes: Sizes = SIZES, rounds: int = _ROUNDS
) -> Iterator[Result]:
    """Pictures by each Graphviz that is here."""
    drawn = {
        f"a chain of {sizes.chain} runs": _lineage(list(chain(sizes.chain))),
        f"a random graph of {sizes.random} runs": _lineage(list(projects(sizes.random, size=sizes.random))),
        f"a ladder of {sizes.rungs} rungs": _lineage(list(ladder(sizes.rungs))),
    }
    for name, lineage in drawn.items():
        for kind in kinds:
            yield from _by_each(f"{kind} of {name}", lineage, kind, rounds)


def _by_each(name: str, lineage: Lineage, kind: str, rounds: int) -> Iterator[Result]:
    program = shutil.which("dot")
    engines: dict[str, AbstractContextManager[object]] = {}
    if program is not None:
        engines["dot"] = patch.object(pygraphviz, "command", lambda kind: None)
    if pygraphviz.command(kind) is not None:
        engines["pygraphviz"] = nullcontext()
    for engine, chosen in engines.items():
        with chosen:
            asked = _asked(lineage, kind)
            times = in_turn(rounds, partial(_ours, lineage, kind), partial(_again, asked))
            yield ratio(f"{name} by {engine}, to the same by Graphviz alone", times, "<= 1.20 x")
            if program is not None:
                strip = [_Asked([program, f"-T{kind}"], lineage.to_dot().encode())]
                times = in_turn(rounds, partial(_ours, lineage, kind), partial(_again, strip))
                yield ratio(f"{name} by {engine}, to dot on the DOT text", times)


def _lineage(many: list[RecordedRun]) -> Lineage:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for run in many:
                batch.record(run.run_id, metadata=run.metadata, artifacts=dict(run.artifacts), sources=run.sources)
        return tracker.lineage(many[len(many) // 2].run_id)


def _asked(lineage: Lineage, kind: str) -> list[_Asked]:
    """What a picture asks of Graphviz, the first first."""
    asked: list[_Asked] = []
    run = process.run

    def keep(command: Sequence[str], text: Iterator[str]) -> subprocess.CompletedProcess[bytes]:
        whole = "".join(text)
        asked.append(_Asked(command, whole.encode()))
        return run(command, iter([whole]))

    with patch.object(process, "run", keep):
        b"".join(export(lineage, kind))
    return asked


def _ours(lineage: Lineage, kind: str, _: int) -> float:
    return taken(lambda: sum(map(len, export(lineage, kind))))


def _again(asked: Sequence[_Asked], _: int) -> float:
    return taken(lambda: [subprocess.run(each.command, input=each.text, capture_output=True) for each in asked])
