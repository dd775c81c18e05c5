"""What stands in a line of a file of OpenLineage events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from graphtracker.exchange.history import BEFORE_ALL, place
from graphtracker.exchange.openlineage.facet import FACET
from graphtracker.exchange.openlineage.naming import path_of
from graphtracker.exchange.report import Report
from graphtracker.model.display import printable, quoted
from graphtracker.model.times import holds, nanoseconds_from_text

START, GOES_ON, END = range(3)
"""What an event says of its run, in the order in which events of one time follow each other."""

_STATES = {"START": START, "COMPLETE": END, "FAIL": END, "ABORT": END}

Facets = dict[str, dict[str, Any]]


class Dataset(NamedTuple):
    """What a run read or wrote."""

    name: str
    path: str
    place: str
    facets: Facets


class RunEvent(NamedTuple):
    """An event of a run; ``time`` is in ns since 1970 UTC."""

    run_id: str
    time: int
    state: int
    event: dict[str, Any]

    @property
    def kind(self) -> str:
        """What it calls its state."""
        return str(self.event.get("eventType"))

    def facets(self, name: str) -> Facets:
        """Those of the run or of the job; raises Broken."""
        return _facets(_dict(self.event, name))

    def datasets(self, name: str, report: Report | None = None) -> list[Dataset]:
        """Its inputs or its outputs; raises Broken."""
        return _datasets(self.event, name, report)


class Line(NamedTuple):
    """A line as it stands in the file: where it begins, its number from 1 on, its bytes."""

    offset: int
    number: int
    text: bytes


class Broken(ValueError):
    """What is wrong with a line."""


class NoJson(Broken):
    """It cannot be read at all."""


def lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file that are not blank."""
    offset = 0
    for number, text in enumerate(file, 1):
        if not text.isspace():
            yield Line(offset, number, text)
        offset += len(text)


def parsed(text: bytes) -> Any:
    """The JSON object of a line; raises Broken."""
    try:
        event = json.loads(text)
    except RecursionError as error:
        raise NoJson("it nests too deep") from error
    except ValueError as error:
        raise NoJson(f"it is no JSON ({printable(str(error))})") from error
    if type(event) is not dict:
        raise Broken(f"it is a JSON {type(event).__name__}, no object")
    return event


def other_kind(event: dict[str, Any]) -> str | None:
    """What an event is called that is about no run; None for one about a run."""
    if event.get("run") is not None:
        return None
    if event.get("dataset") is not None:
        return "dataset events"
    if event.get("job") is not None:
        return "job events"
    raise Broken("it has no run, job or dataset")


def own_facet(event: dict[str, Any]) -> Any:
    """Our own facet, where it is one of ours; else None."""
    facets = _dict(event, "run").get("facets")
    return facets.get(FACET) if type(facets) is dict else None


def run_event(event: dict[str, Any], report: Report | None = None) -> RunEvent:
    """An event about a run; raises Broken for what is none. The report counts a time that no store holds."""
    run, job, kind = _dict(event, "run"), _dict(event, "job"), event.get("eventType")
    run_id = f"{_text(job, 'namespace')}/{_text(job, 'name')}/{_text(run, 'runId')}"
    time = nanoseconds_from_text(_text(event, "eventTime"))
    if time is None:
        raise Broken(f"it has eventTime {quoted(event['eventTime'])}, which is no time such as 2026-03-01T09:30:00Z")
    state = _STATES.get(kind, GOES_ON) if type(kind) is str else GOES_ON
    if not holds(time):
        time = BEFORE_ALL
        if report is not None:
            report.leave_out("times outside the years 1678 to 2261")
    return RunEvent(run_id, time, state, event)


def _text(owner: dict[str, Any], name: str) -> str:
    text = owner.get(name)
    if type(text) is not str:
        raise Broken(f"it has {name} {quoted(text)}, which is no text")
    return text


def _dict(owner: dict[str, Any], name: str) -> dict[str, Any]:
    found = owner.get(name)
    if found is None:
        return {}
    if type(found) is not dict:
        raise Broken(f"it has {name} {quoted(found)}, which is no object")
    return found


def _facets(owner: dict[str, Any], name: str = "facets") -> Facets:
    """The facets that are not deleted."""
    found = owner.get(name)
    if not found:
        return {}
    items = _dict(owner, name).items()
    return {key: facet for key, facet in items if type(facet) is dict and facet.get("_deleted") is not True}


_OF_USE = {"inputs": "inputFacets", "outputs": "outputFacets"}
"""What a list of datasets is called → the facets of a dataset that are about this use of it."""


def _datasets(event: dict[str, Any], name: str, report: Report | None) -> list[Dataset]:
    items = event.get(name) or []
    if type(items) is not list or any(type(item) is not dict for item in items):
        raise Broken(f"its {name} are no list of objects")
    found = []
    for item in items:
        namespace, called = _text(item, "namespace"), _text(item, "name")
        if namespace and called:
            facets = _facets(item)
            facets.update(_facets(item, _OF_USE[name]))
            found.append(Dataset(called, *_where(namespace, called), facets))
        elif report is not None:
            report.leave_out("datasets without a namespace or a name")
    return found


@lru_cache(maxsize=10_000)  # what one event of a run names others do, and other runs
def _where(namespace: str, name: str) -> tuple[str, str]:
    """The path of a dataset and its place."""
    path = path_of(namespace, name)
    return path, place(path)
