"""The ``doctor`` command."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import typer

import graphtracker
from graphtracker import GraphTracker
from graphtracker.cli.exit_codes import STORE
from graphtracker.cli.options import AsJSON, StoreOption
from graphtracker.cli.output import say, say_json, tell
from graphtracker.errors import StoreError
from graphtracker.model.display import listed, quoted
from graphtracker.stores.urls import MEMORY

if TYPE_CHECKING:
    from graphtracker.spool.waiting import WaitingSpool


_MOST_RUNS = 10


class Finding(NamedTuple):
    """One thing looked at: well (True), wrong (False), or only worth telling (None)."""

    subject: str
    fact: object
    ok: bool | None


def doctor(as_json: AsJSON = False, store: StoreOption = None) -> None:
    """Tell whether the store is well, and what to do if not.

    Exit code 3 where something is wrong.

    Example: graphtracker doctor --store lineage.db
    """
    of_store = list(_store(GraphTracker(store)))
    asked = MEMORY if any(finding.ok is False for finding in of_store) else store
    findings = [*_programs(), *_jobs(), *of_store, *_spools(asked)]
    if as_json:
        say_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            say(f"{'ok ' if finding.ok else 'BAD' if finding.ok is False else '-  '} {finding.subject}: {finding.fact}")
    if any(finding.ok is False for finding in findings):
        tell("something is wrong; each line marked BAD says what to do")
        raise typer.Exit(STORE)


def _programs() -> Iterator[Finding]:
    yield Finding("graphtracker", f"{graphtracker.__version__} on Python {platform.python_version()}", None)
    yield _graphviz()
    yield _torchx()


def _graphviz() -> Finding:
    from graphtracker.drawing.graphviz import pygraphviz

    if pygraphviz.command("svg"):
        return Finding("Graphviz", "pygraphviz, which carries it, draws pictures", True)
    if shutil.which("dot"):
        return Finding("Graphviz", "dot, which is on the PATH, draws pictures", True)
    advice = "`pip install 'graphtracker[draw]'`, or install graphviz, to draw them"
    return Finding("Graphviz", f"neither pygraphviz nor dot is there, so pictures are DOT text only; {advice}", None)


def _torchx() -> Finding:
    from importlib.metadata import distributions, entry_points

    names = ("torchx", "torchx-nightly")  # a nightly build stands in the place of a release
    installed = next((found.version for name in names for found in distributions(name=name)), None)
    if installed is None:
        return Finding("TorchX", "not installed; `pip install 'graphtracker[torchx]'` to record what it launches", None)
    if any(entry.name == "graphtracker" for entry in entry_points(group="torchx.tracker")):
        return Finding("TorchX", f"{installed}, which finds graphtracker", True)
    return Finding("TorchX", f"{installed}, which does not find graphtracker; install both into one environment", None)


def _jobs() -> Iterator[Finding]:
    from graphtracker.jobs import destinations  # loads spools, as below

    yield from (Finding("TorchX jobs started here record to", *told) for told in destinations.of_jobs())
    yield from (Finding("AppRun in a process started here records to", *told) for told in destinations.of_processes())


def _store(tracker: GraphTracker) -> Iterator[Finding]:
    try:
        told = tracker.health()
    except StoreError as error:
        yield Finding("store", str(error), False)
        return
    url, default = told.pop("url"), told.pop("default store")
    if told.pop("exists"):
        yield Finding("store", f"{told.pop('store')} at {url}", True)
        for subject, value in told.items():
            yield Finding(subject, value, False if subject == "writable" and value is not True else None)
    elif default:
        yield Finding("store", f"none yet; the first recording call makes {url}", None)
    else:
        advice = "name another, or record into it (its folder must exist)"
        yield Finding("store", f"there is none at {url}; {advice}", False)


def _spools(url: str | None) -> Iterator[Finding]:
    from graphtracker.spool.waiting import waiting_spools  # loads sockets and hashes, as sync does

    for spool in waiting_spools(url):
        if isinstance(spool, StoreError):
            yield Finding("spool", str(spool), False)
        else:
            yield Finding("spool", _spool_line(spool), False if spool.wrong or spool.forgotten else None)


def _spool_line(spool: WaitingSpool) -> str:
    most, why = ("", "") if spool.doubt is None else ("at most ", f" ({spool.doubt})")
    waiting = f"{most}{spool.events:,} events wait for {spool.store or 'no store'}{why}"
    said = [f"{spool.path}: {waiting}, {spool.size:,} bytes, {_age(spool.age)} old", *spool.wrong, *_forgotten(spool)]
    advice = f"run `graphtracker sync{'' if spool.knows_store else ' --store URL'}`"
    return "; ".join(said if spool.doubt else [*said, advice])


def _forgotten(spool: WaitingSpool) -> list[str]:
    if not spool.forgotten:
        return []
    first, more = spool.forgotten[:_MOST_RUNS], len(spool.forgotten) - _MOST_RUNS
    runs = listed([*map(quoted, first), *([f"{more:,} more"] if more > 0 else [])])
    when = "sync" if spool.doubt is None else "end its process, sync"
    return [f"it holds what the store has forgotten of {runs}: {when} it, or remove the file"]


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
