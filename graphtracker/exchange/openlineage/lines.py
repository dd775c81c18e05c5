"""What stands in a line of a file of OpenLineage events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import BEFORE_ALL, place, storable
from graphtracker.exchange.openlineage.facet import FACET
from graphtracker.exchange.openlineage.naming import path_of
from graphtracker.exchange.report import Report
from graphtracker.model.display import printable, quoted
from graphtracker.model.limits import LONGEST, checked_name, checked_path
from graphtracker.model.times import holds, nanoseconds_from_text

START, GOES_ON, END = range(3)
"""What an event says of its run, in the order in which events of one time follow each other."""

_STATES = {"START": START, "COMPLETE": END, "FAIL": END, "ABORT": END}

Output = tuple[tuple[str, str, str], dict[str, object]]
"""The name, the path and the place of a dataset, none of them with a password, and its metadata."""


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


def parsed(line: bytes) -> Any:
    """The JSON object of a line; raises Broken."""
    try:
        event = _read(line)
    except RecursionError as error:
        raise NoJson("it nests too deep") from error
    except ValueError as error:
        raise NoJson(
            f"it is no JSON ({printable(str(error))}); each event is one line, as jq -c . writes it"
        ) from error
    if type(event) is not dict:
        raise Broken(f"it is a JSON {type(event).__name__}, no object")
    return event


def _read(line: bytes) -> Any:
    """As ``json.loads``, which takes a quarter more time for what most lines are."""
    text = line.decode("utf-8", "surrogatepass").rstrip("\r\n")
    try:
        event, end = _decode(text)
    except ValueError:
        return json.loads(line)
    return event if end == len(text) else json.loads(line)


_decode = json.JSONDecoder().raw_decode


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
    return RunEvent(
        f"{_text(job, 'namespace')}/{_text(job, 'name')}/{_text(run, 'runId')}",
        _time(event, report),
        _STATES.get(kind, GOES_ON) if type(kind) is str else GOES_ON,
        str(kind),
        metadata,
        _inputs(event, metadata, report),
        _outputs(event, report),
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
    """The facets that are not deleted, by name."""
    if not owner.get(name):
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


def _of_dataset(item: dict[str, Any], of_use: str, report: Report) -> dict[str, object]:
    """The facets of a dataset that are mapped, as metadata."""
    if len(item) == 2 or ("facets" not in item and of_use not in item):  # it is named, and nothing is said of it
        return _NONE
    found: dict[str, object] = {}
    for name, facet in {**_facets(item), **_facets(item, of_use)}.items():
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

_Dataset = tuple[str | None, str | None, str]  # its name, path and place; None for what cannot be stored
_OBJECTS = frozenset([dict])
_NONE: dict[str, object] = {}  # of most datasets


def _inputs(event: dict[str, Any], metadata: dict[str, object], report: Report) -> list[str]:
    """Their places; adds to the metadata of the run what is said of them."""
    found = []
    for item in _items(event, "inputs"):
        dataset = _dataset(item, report)
        values = _of_dataset(item, "inputFacets", report)
        if dataset is not None:
            found.append(dataset[2])
            for key, value in values.items():
                metadata[f"inputs.{item['name']}.{key}"] = value
    return found


def _outputs(event: dict[str, Any], report: Report) -> list[Output]:
    found: list[Output] = []
    for item in _items(event, "outputs"):
        dataset = _dataset(item, report)
        values = _of_dataset(item, "outputFacets", report)
        if dataset is not None:
            name, path, there = dataset
            if name is None or path is None:
                report.leave_out("artifacts whose name or path cannot be stored")
            else:
                found.append(((name, path, there), values))
    return found


def _items(event: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = event.get(name)
    if not items:
        return []
    if type(items) is not list or not _OBJECTS.issuperset(map(type, items)):
        raise Broken(f"its {name} are no list of objects")
    return items


def _dataset(item: dict[str, Any], report: Report) -> _Dataset | None:
    """The dataset that an event names so; None where it has no namespace or no name. Raises Broken."""
    namespace, name = item.get("namespace"), item.get("name")
    if type(namespace) is not str or type(name) is not str:
        _text(item, "namespace")
        _text(item, "name")
    if not namespace or not name:
        report.leave_out("datasets without a namespace or a name")
        return None
    dataset = _known.get((namespace, name))
    if dataset is None:
        dataset = _found(namespace, name)
        if len(namespace) + len(name) <= LONGEST:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[namespace, name] = dataset
    return dataset


def _found(namespace: str, name: str) -> _Dataset:
    path = path_of(namespace, name)
    stored = _or_none(path, checked_path)
    return _or_none(name, checked_name), stored, place(path if stored is None else stored)


def _or_none(text: str, checked: Callable[[str], str]) -> str | None:
    try:
        return storable(text, checked)
    except InvalidInput:
        return None


_known: dict[tuple[str, str], _Dataset] = {}  # what one event of a run names others do, and other runs
_MOST_KNOWN = 10_000
