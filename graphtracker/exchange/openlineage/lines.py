"""What stands in a line of a file of OpenLineage events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from graphtracker.exchange.history import BEFORE_ALL, place
from graphtracker.exchange.openlineage.facet import FACET
from graphtracker.exchange.openlineage.naming import path_of
from graphtracker.exchange.report import Report
from graphtracker.model.display import printable, quoted
from graphtracker.model.limits import LONGEST
from graphtracker.model.times import holds, nanoseconds_from_text

START, GOES_ON, END = range(3)
"""What an event says of its run, in the order in which events of one time follow each other."""

_STATES = {"START": START, "COMPLETE": END, "FAIL": END, "ABORT": END}

Output = tuple[str, str, str, dict[str, object]]
"""The name of a dataset, its path, its place, its metadata."""


class RunEvent(NamedTuple):
    """What an event says of its run, in builtin types; ``time`` is in ns since 1970 UTC, ``inputs`` are places."""

    run_id: str
    time: int
    state: int
    kind: str
    metadata: dict[str, object]
    inputs: list[str]
    outputs: list[Output]


class Broken(ValueError):
    """What is wrong with a line."""


class NoJson(Broken):
    """It cannot be read at all."""


def parsed(text: bytes) -> Any:
    """The JSON object of a line; raises Broken."""
    try:
        event = json.loads(text)
    except RecursionError as error:
        raise NoJson("it nests too deep") from error
    except ValueError as error:
        raise NoJson(
            f"it is no JSON ({printable(str(error))}); each event is one line, as jq -c . writes it"
        ) from error
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


def run_event(event: dict[str, Any], report: Report) -> RunEvent:
    """An event about a run; raises Broken for what is none. The report counts what of it is not mapped."""
    run, job, kind = _dict(event, "run"), _dict(event, "job"), event.get("eventType")
    metadata: dict[str, object] = {}
    _add_by_field(metadata, job, report, _PREFIXES)
    _add_by_field(metadata, run, report, {})
    inputs = []
    for name, _, there, values in _datasets(event, "inputs", report):
        inputs.append(there)
        for key, value in values.items():
            metadata[f"inputs.{name}.{key}"] = value
    return RunEvent(
        f"{_text(job, 'namespace')}/{_text(job, 'name')}/{_text(run, 'runId')}",
        _time(event, report),
        _STATES.get(kind, GOES_ON) if type(kind) is str else GOES_ON,
        str(kind),
        metadata,
        inputs,
        _datasets(event, "outputs", report),
    )


def _time(event: dict[str, Any], report: Report) -> int:
    time = nanoseconds_from_text(_text(event, "eventTime"))
    if time is None:
        raise Broken(f"it has eventTime {quoted(event['eventTime'])}, which is no time such as 2026-03-01T09:30:00Z")
    if holds(time):
        return time
    report.leave_out("times outside the years 1678 to 2261")
    return BEFORE_ALL


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


# -- facets ------------------------------------------------------------------------------------------------------------

_SAYS_ITSELF = frozenset({"_producer", "_schemaURL", "_deleted"})
_OF_DATASETS = frozenset({"version", "storage", "outputStatistics", "inputStatistics"})
_COUNTED = {"schema": "schemas", "columnLineage": "column lineages"}
_PREFIXES = {"tags": "job."}  # of a job's facets that are called like one of a run
_LINEAGE = "lineage"  # says of inputs and outputs, once more, what flowed from which to which


def _facets(owner: dict[str, Any], name: str = "facets") -> dict[str, dict[str, Any]]:
    """The facets that are not deleted."""
    found = owner.get(name)
    if not found:
        return {}
    items = _dict(owner, name).items()
    return {key: facet for key, facet in items if type(facet) is dict and facet.get("_deleted") is not True}


def _add_by_field(
    metadata: dict[str, object], owner: dict[str, Any], report: Report, prefixes: Mapping[str, str]
) -> None:
    """Adds the facets of a run or a job to its metadata."""
    for name, facet in _facets(owner).items():
        if name == _LINEAGE:
            report.leave_out("lineage facets")
        else:
            _add_fields(metadata, f"{prefixes.get(name, '')}{name}.", facet)


def _of_dataset(facets: dict[str, dict[str, Any]], report: Report) -> dict[str, object]:
    """The facets of a dataset that are mapped, as metadata."""
    found: dict[str, object] = {}
    for name, facet in facets.items():
        if name in _OF_DATASETS:
            _add_fields(found, f"{name}.", facet)
        else:
            report.leave_out(_COUNTED.get(name, "other facets of datasets"))
    return found


def _add_fields(values: dict[str, object], prefix: str, facet: dict[str, Any]) -> None:
    for field, value in facet.items():
        if field not in _SAYS_ITSELF:
            values[prefix + field] = value


# -- datasets ----------------------------------------------------------------------------------------------------------

_OBJECTS = frozenset([dict])
_NONE: dict[str, object] = {}  # of most datasets
_OF_USE = {"inputs": "inputFacets", "outputs": "outputFacets"}
"""What a list of datasets is called → the facets of a dataset that are about this use of it."""


def _datasets(event: dict[str, Any], name: str, report: Report) -> list[Output]:
    items = event.get(name) or []
    if type(items) is not list or not _OBJECTS.issuperset(map(type, items)):
        raise Broken(f"its {name} are no list of objects")
    of_use = _OF_USE[name]
    found: list[Output] = []
    for item in items:
        namespace, called = _text(item, "namespace"), _text(item, "name")
        values = _NONE
        if len(item) > 2 and ("facets" in item or of_use in item):  # else it is named, and nothing is said of it
            values = _of_dataset({**_facets(item), **_facets(item, of_use)}, report)
        if namespace and called:
            path, there = _where(namespace, called)
            found.append((called, path, there, values))
        else:
            report.leave_out("datasets without a namespace or a name")
    return found


def _where(namespace: str, name: str) -> tuple[str, str]:
    """The path of a dataset and its place."""
    return _known_where(namespace, name) if len(namespace) + len(name) <= LONGEST else _found_where(namespace, name)


def _found_where(namespace: str, name: str) -> tuple[str, str]:
    path = path_of(namespace, name)
    return path, place(path)


_known_where = lru_cache(10_000)(_found_where)  # what one event of a run names others do, and other runs
