"""The history that a file of OpenLineage events tells."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from hashlib import blake2b
from typing import BinaryIO

from graphtracker.errors import InvalidInput, StoreError
from graphtracker.exchange.history import History
from graphtracker.exchange.openlineage.facet import read_facet
from graphtracker.exchange.openlineage.index import Index, RunLines
from graphtracker.exchange.openlineage.lines import (
    GOES_ON,
    Broken,
    Line,
    NoJson,
    lines,
    other_kind,
    own_facet,
    parsed,
    run_event,
)
from graphtracker.exchange.openlineage.merged import Merged
from graphtracker.exchange.report import Report
from graphtracker.exchange.restored import events_of_values
from graphtracker.model.display import printable, quoted
from graphtracker.model.events import ArtifactLogged, Event, stamp_time
from graphtracker.model.limits import checked_path, checked_run_id

_STDIN = "-"


def events(source: str | os.PathLike[str], report: Report) -> Iterator[list[Event]]:
    """The events of a file, or of stdin where it is called ``-``, a run at a time.

    Runs that graphtracker exported come as their lines do, the others when all lines are read. Raises InvalidInput for
    a file that cannot be read, and for a line that is no event, which it names; StoreError where no temporary file can
    be kept.
    """
    name = _name(source)
    with ExitStack() as stack:
        stack.enter_context(_naming_trouble(name))
        file = stack.enter_context(_opened(name))
        index = stack.enter_context(closing(Index()))
        yield from _indexed(file, name, index, report)
        index.sort()
        for run in index.runs():
            yield _events_of(run, file, name, index, report)


def _indexed(file: BinaryIO, name: str, index: Index, report: Report) -> Iterator[list[Event]]:
    """Fills the index; the events of lines with our own facet, which need none."""
    for line in lines(file):
        try:
            known = _index(line, index, report)
        except (Broken, InvalidInput) as error:
            if isinstance(error, NoJson) and not line.text.endswith(b"\n"):
                report.leave_out("last lines that are cut off")
                return
            raise _refused(name, line.number, error) from error
        if known:
            yield known


def _index(line: Line, index: Index, report: Report) -> list[Event]:
    event = parsed(line.text)
    other = other_kind(event)
    if other is not None:
        report.leave_out(other)
        return []
    facet = own_facet(event)
    if facet is not None:
        return _own_events(facet, blake2b(line.text.strip(), digest_size=8).digest(), index, report)
    said = run_event(event, report)
    try:
        checked_run_id(said.run_id)
    except InvalidInput:
        report.leave_out("events of runs whose id cannot be stored")
        return []
    index.add_line(said.run_id, said.time, said.state, line.offset, line.number)
    for name, path, place, _ in said.datasets("outputs"):
        if _is_text(path):
            index.add_output(said.run_id, said.time, said.state, name, path, place)
    return []


def _is_text(text: str) -> bool:
    """Whether it has no lone surrogates, which no database takes."""
    try:
        checked_path(text)
    except InvalidInput:
        return False
    return True


def _own_events(facet: object, writer: bytes, index: Index, report: Report) -> list[Event]:
    runs, artifacts, sources = read_facet(facet)
    report.add("runs", sum(not run.external for run in runs.values()))
    report.add("artifacts", sum(not artifact.declared for artifact in artifacts.values()))
    report.add("sources", len(sources))
    found = events_of_values(runs.values(), artifacts.values(), sources, writer)
    for event in found:
        if isinstance(event, ArtifactLogged) and event.place:
            index.add_output(event.run_id, stamp_time(event.stamp), GOES_ON, event.name, None, event.place)
    return found


def _events_of(run: RunLines, file: BinaryIO, name: str, index: Index, report: Report) -> list[Event]:
    merged = Merged(run.begun)
    for offset, number in run.lines:
        file.seek(offset)
        try:
            merged.add(run_event(parsed(file.readline())), report)
        except NoJson as error:
            raise InvalidInput(
                f"{quoted(name)} changed while it was read (line {number:,}); import it again"
            ) from error
        except Broken as error:
            raise _refused(name, number, error) from error
    history = History(run.run_id, report)
    merged.tell(history, index.renamed(run.run_id), lambda place: index.newest(place, run.begun) or (place, None))
    report.add("runs")
    for kind, number in merged.counts.items():
        report.add(kind, number)
    return history.events()


def _refused(name: str, number: int, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"line {number:,} of {quoted(name)} is no OpenLineage event: {error}; mend or remove it, then import again"
    )


def _name(source: str | os.PathLike[str]) -> str:
    try:
        return os.fsdecode(source)
    except TypeError as error:
        raise InvalidInput(f"{quoted(source)} names no file; give its path, or - for stdin") from error


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """The file, or a copy of what cannot be read twice."""
    try:
        if name != _STDIN:
            stream: BinaryIO = open(name, "rb")  # noqa: SIM115  # closed below
        elif sys.stdin is not None:
            stream = sys.stdin.buffer
        else:
            raise OSError("there is no stdin")
    except (OSError, ValueError) as error:  # a NUL in its name
        raise InvalidInput(f"{quoted(name)} cannot be read ({printable(str(error))}); name a file of events") from error
    if name == _STDIN:
        with _copied(stream) as copy:
            yield copy
        return
    with stream:
        if stream.seekable():
            yield stream
        else:
            with _copied(stream) as copy:
                yield copy


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


@contextmanager
def _naming_trouble(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{quoted(name)} cannot be imported ({printable(str(error))}); beside it, it takes about its size in "
            f"temporary files in {quoted(tempfile.gettempdir())}: make room there, or name another by TMPDIR"
        ) from error
