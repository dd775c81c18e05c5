"""The history that a file of OpenLineage events tells."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from hashlib import blake2b
from typing import BinaryIO

from graphtracker.errors import InvalidInput, StoreError
from graphtracker.exchange import restored
from graphtracker.exchange.given import FILE, naming
from graphtracker.exchange.history import History, storable
from graphtracker.exchange.openlineage.index import Index
from graphtracker.exchange.openlineage.lines import (
    Broken,
    NoJson,
    other_kind,
    own_facet,
    parsed,
    run_event,
)
from graphtracker.exchange.openlineage.own_events import OwnEvents
from graphtracker.exchange.report import Report
from graphtracker.model.display import printable, quoted
from graphtracker.model.events import Event
from graphtracker.model.limits import checked_run_id

_STDIN = "-"
_LONGEST = 1 << 28  # bytes of a line, which is in memory as a whole: a device has no end of it


def events(source: str | os.PathLike[str], report: Report | None = None) -> Iterator[list[Event]]:
    """The events of a file, or of stdin where it is called ``-``, a run at a time.

    Runs that graphtracker exported come as their lines do, the others when all lines are read. Raises InvalidInput for
    a file that cannot be read, and for a line that is no event, which it names; StoreError where no temporary file can
    be kept.
    """
    report = report or Report()
    name = _name(source)
    with ExitStack() as stack:
        stack.enter_context(_naming_trouble(name))
        file = stack.enter_context(_opened(name))
        index = stack.enter_context(closing(Index(report)))
        yield from _indexed(file, name, index, report)
        index.sort()
        for run_id, merged in index.runs():
            history = History(run_id, report)
            report.add("runs")
            merged.tell(history, index.newest, report)
            yield history.events()


def _indexed(file: BinaryIO, name: str, index: Index, report: Report) -> Iterator[list[Event]]:
    """Fills the index; the events of lines with our own facet, which need none."""
    own = OwnEvents(report)
    for number, text in enumerate(iter(partial(file.readline, _LONGEST + 1), b""), 1):
        if text.isspace():
            continue
        try:
            if len(text) > _LONGEST:
                raise Broken(f"it is longer than {_LONGEST >> 20} MiB")
            known = _index(text, own, index, report)
        except (Broken, InvalidInput) as error:
            if isinstance(error, NoJson) and not text.endswith(b"\n") and _begins_an_event(text):
                report.leave_out("cut-off last lines")
                return
            raise InvalidInput(
                f"line {number:,} of {quoted(name)} is no OpenLineage event: {error}; mend or remove it, then "
                "import again"
            ) from error
        if known:
            yield known


def _begins_an_event(text: bytes) -> bool:
    """Whether more of it could make it one: a file of another kind is no log that is being written."""
    return text.removeprefix(BOM_UTF8).lstrip().startswith(b"{")


def _index(text: bytes, own: OwnEvents, index: Index, report: Report) -> list[Event]:
    event = parsed(text)
    other = other_kind(event)
    if other is not None:
        report.leave_out(other)
        return []
    facet = own_facet(event)
    if facet is not None:
        found = own.of_facet(facet, blake2b(text.strip(), digest_size=restored.WRITER).digest())
        index.add_logged(found)
        return found
    said = run_event(event, report)
    try:
        run_id = storable(said.run_id, checked_run_id)
    except InvalidInput:
        report.leave_out("events of runs whose id cannot be stored")
    else:
        index.add(run_id, said, len(text))
    return []


def _name(source: str | os.PathLike[str]) -> str:
    try:
        return os.fsdecode(source)
    except TypeError as error:
        raise InvalidInput(f"{quoted(source)} names no file; give its path, or - for stdin") from error


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    with naming(name, FILE, "name a file of events"):
        if name != _STDIN:
            file: BinaryIO = open(name, "rb")  # noqa: SIM115  # closed below
        elif sys.stdin is not None:
            file = sys.stdin.buffer
        else:
            raise OSError("there is no stdin")
    with nullcontext(file) if name == _STDIN else file:
        yield file


@contextmanager
def _naming_trouble(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{quoted(name)} cannot be imported ({printable(str(error))}); it takes about its size in a "
            f"temporary file in {quoted(tempfile.gettempdir())}: make room there, or name another folder by TMPDIR"
        ) from error
