"""The ``doctor`` command: what it examines."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import NamedTuple

from graphtracker import GraphTracker
from graphtracker.errors import StoreError
from graphtracker.spool.reader import SpoolReader
from graphtracker.spool.sync import default_spools


class Finding(NamedTuple):
    """One thing looked at: well (True), ailing (False), or a plain fact (None)."""

    subject: str
    fact: object
    ok: bool | None


def examine(tracker: GraphTracker) -> tuple[list[Finding], int]:
    """What was found, and the exit code: 3 where the store cannot be used."""
    findings = [Finding("graphtracker", f"{version('graphtracker')} on Python {platform.python_version()}", None)]
    findings += [_dot(), _torchx()]
    findings += _store(tracker)
    findings += _spools()
    return findings, 3 if any(finding.ok is False for finding in findings) else 0


def _store(tracker: GraphTracker) -> list[Finding]:
    try:
        facts = tracker.health()
    except StoreError as error:
        return [Finding("store", str(error), False)]
    url, default = facts.pop("url"), facts.pop("default store")
    if facts.pop("exists"):
        found = Finding("store", f"{facts.pop('store')} at {url}", True)
        return [found, *(_fact(subject, fact) for subject, fact in facts.items())]
    if default:
        return [Finding("store", f"none yet; the first recording call makes {url}", None)]
    return [Finding("store", f"there is none at {url}; name another, or record into it (its folder must exist)", False)]


def _spools() -> Iterator[Finding]:
    for spool in default_spools():
        if isinstance(spool, StoreError):
            yield Finding("spool", str(spool), False)
            continue
        try:
            yield _spool(spool)
        except FileNotFoundError:
            continue  # delivered meanwhile


def _spool(spool: SpoolReader) -> Finding:
    with spool.left_behind() as ended:
        waits = "wait" if ended else "at most wait, its process runs"
    facts, store = spool.counted(), spool.header.store or "no store"
    what = f"{spool.path}: {facts:,} facts {waits} for {store}, {spool.size:,} bytes, {_age(spool.age)} old"
    wrong = [f"line {item.number} is damaged: {item.reason}" for item in spool.damage]
    if spool.header.lost:
        wrong.append(f"its process lost {spool.header.lost:,} facts: {spool.header.reason}")
    advice = "; run `graphtracker sync`" if ended else ""
    return Finding("spool", "; ".join([what, *wrong]) + advice, False if wrong else None)


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _fact(subject: str, fact: object) -> Finding:
    return Finding(subject, fact, False if subject == "writable" and fact is not True else None)


def _dot() -> Finding:
    if shutil.which("dot"):
        return Finding("Graphviz", "dot is on the PATH", True)
    return Finding(
        "Graphviz", "dot is not on the PATH, so pictures are DOT text only; install graphviz to draw them", None
    )


def _torchx() -> Finding:
    try:
        installed = version("torchx")
    except PackageNotFoundError:
        return Finding("TorchX", "not installed; `pip install graphtracker[torchx]` to record what it launches", None)
    if any(entry.name == "graphtracker" for entry in entry_points(group="torchx.tracker")):
        return Finding("TorchX", f"{installed}, which finds graphtracker", True)
    return Finding("TorchX", f"{installed}, which does not find graphtracker; install both into one environment", None)
