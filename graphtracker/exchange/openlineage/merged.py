"""All that the events of one run say, as one history of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphtracker.exchange.history import History
from graphtracker.exchange.openlineage.lines import END, Dataset, Facets, RunEvent
from graphtracker.exchange.report import Report
from graphtracker.model.times import utc

_SAYS_ITSELF = frozenset({"_producer", "_schemaURL", "_deleted"})
_OF_DATASETS = frozenset({"version", "storage", "outputStatistics", "inputStatistics"})
_COUNTED = {"schema": "schemas", "columnLineage": "column lineages"}
_PREFIXES = {"tags": "job."}  # of a job's facets that are called like one of a run
_LINEAGE = "lineage"  # says of inputs and outputs, once more, what flowed from which to which
_KIND_OF_ERROR = re.compile(r"([A-Za-z_][\w.$]*)(?::|\Z)")

SourceAt = Callable[[str], tuple[str, str | None]]
"""What the run found at a place: (run id, artifact name), or the external run of that place and None."""


class Merged:
    """The events of a run, which are added in the order of their times.

    Each value is of the time of the event that said it last, and what a later event leaves out stays: so events that
    another import brings merge to the same as at once.
    """

    def __init__(self, begun: int) -> None:
        self._begun = self._last = begun
        self._started_at: int | None = None
        self._ended: tuple[int, str] | None = None
        self._goes_on = False
        self._metadata: dict[str, tuple[int, object]] = {}
        self._outputs: dict[tuple[str, str], _Output] = {}
        self._inputs: dict[str, int] = {}

    def add(self, event: RunEvent, report: Report) -> None:
        """Adds an event; the report counts what of it is not mapped."""
        at = self._last = event.time
        self._add_state(event)
        self._say(_by_field(event.facets("job"), report, _PREFIXES), at)
        self._say(_by_field(event.facets("run"), report, {}), at)
        for dataset in event.datasets("inputs", report):
            self._inputs.setdefault(dataset.place, at)
            if dataset.facets:
                known = _of_dataset(dataset, report)
                self._say({f"inputs.{dataset.name}.{key}": value for key, value in known.items()}, at)
        for dataset in event.datasets("outputs", report):
            key = dataset.name, dataset.place
            output = self._outputs.get(key)
            if output is None:
                output = self._outputs[key] = _Output(dataset.path, at)
            output.last = at
            if dataset.facets:
                output.values.update(_of_dataset(dataset, report))

    def _add_state(self, event: RunEvent) -> None:
        if event.kind == "START" and self._started_at is None:
            self._started_at = event.time
        if event.state == END:
            self._ended = event.time, event.kind
        self._goes_on = self._goes_on or event.kind in ("START", "RUNNING")

    def _say(self, values: Mapping[str, object], at: int) -> None:
        for key, value in values.items():
            self._metadata[key] = at, value

    def tell(self, history: History, renamed: Mapping[tuple[str, str], str], source_at: SourceAt) -> None:
        """Tells the history of it all; ``renamed`` are the artifacts, by (name, place), that have another name."""
        history.reported(self._begun)
        history.reported(self._last)
        by_time: dict[int, dict[str, object]] = {}
        for key, (at, value) in self._metadata.items():
            by_time.setdefault(at, {})[key] = value
        for at, values in by_time.items():
            history.metadata(values, at)
        history.context(dict(self._context()), self._last)
        for (name, place), output in self._outputs.items():
            for at in {output.first, output.last}:
                history.artifact(renamed.get((name, place), name), output.path, output.values, at)
        for place, at in self._inputs.items():
            history.source(*source_at(place), at)

    def _context(self) -> Iterator[tuple[str, object]]:
        if self._started_at is not None:
            yield "started_at", utc(self._started_at)
        if self._ended is not None:
            yield "ended_at", utc(self._ended[0])
            yield "status", self._how_it_ended(self._ended[1])
        elif self._goes_on:
            yield "status", "running"

    def _how_it_ended(self, kind: str) -> str:
        if kind == "COMPLETE":
            return "succeeded"
        _, message = self._metadata.get("errorMessage.message", (0, ""))
        error = _KIND_OF_ERROR.match(str(message)) if kind == "FAIL" else None
        return f"failed: {error[1] if error else kind}"

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of what it tells of."""
        return {"artifacts": len(self._outputs), "sources": len(self._inputs)}


class _Output:
    """An artifact, with the times of the first and the last event that lists it."""

    def __init__(self, path: str, first: int) -> None:
        self.path = path
        self.first = self.last = first
        self.values: dict[str, object] = {}


def _by_field(facets: Facets, report: Report, prefixes: Mapping[str, str]) -> dict[str, object]:
    """The facets of a run or a job as metadata."""
    found: dict[str, object] = {}
    for name, facet in facets.items():
        if name == _LINEAGE:
            report.leave_out("lineage facets")
        else:
            found.update(_fields(f"{prefixes.get(name, '')}{name}", facet))
    return found


def _of_dataset(dataset: Dataset, report: Report) -> dict[str, object]:
    """The facets of a dataset that are mapped, as metadata."""
    found: dict[str, object] = {}
    for name, facet in dataset.facets.items():
        if name in _OF_DATASETS:
            found.update(_fields(name, facet))
        else:
            report.leave_out(_COUNTED.get(name, "other facets of datasets"))
    return found


def _fields(name: str, facet: dict[str, Any]) -> dict[str, object]:
    return {f"{name}.{field}": value for field, value in facet.items() if field not in _SAYS_ITSELF}
