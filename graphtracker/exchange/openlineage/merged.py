"""All that the events of one run say, as one history of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from graphtracker.exchange.history import History
from graphtracker.exchange.openlineage.lines import END, RunEvent
from graphtracker.exchange.report import Report
from graphtracker.model.times import utc

_KIND_OF_ERROR = re.compile(r"([A-Za-z_][\w.$]*)(?::|\Z)")

_FAILED = {"FAIL": "failed", "ABORT": "failed: aborted"}
"""Type of the event that ended it without success → status, where that tells of no error."""

SourceAt = Callable[[str], tuple[str, str | None]]
"""What the run found at a place: (run id, artifact name), or the external run of that place and None."""


class Merged:
    """The events of a run, which are added in the order of their times.

    Each value is of the time of the event that said it last, and what a later event leaves out stays: so events that
    another import brings merge to the same as at once.
    """

    def __init__(self, begun: int) -> None:
        self.begun = self._last = begun
        self._started_at: int | None = None
        self._ended: tuple[int, str] | None = None
        self._goes_on = False
        self._metadata: dict[str, tuple[int, object]] = {}
        self._outputs: dict[tuple[str, str], _Output] = {}
        self._inputs: dict[str, int] = {}

    def add(self, event: RunEvent) -> None:
        """Adds an event."""
        at = self._last = event.time
        self._add_state(event)
        for key, value in event.metadata.items():
            self._metadata[key] = at, value
        for place in event.inputs:
            self._inputs.setdefault(place, at)
        for name, path, place, values in event.outputs:
            output = self._outputs.get((name, place))
            if output is None:
                output = self._outputs[name, place] = _Output(path, at)
            output.last = at
            output.values.update(values)

    def _add_state(self, event: RunEvent) -> None:
        if event.kind == "START" and self._started_at is None:
            self._started_at = event.time
        if event.state == END:
            self._ended = event.time, event.kind
        self._goes_on = self._goes_on or event.kind in ("START", "RUNNING")

    def tell(
        self, history: History, renamed: Mapping[tuple[str, str], str], source_at: SourceAt, report: Report
    ) -> None:
        """Tells the history of it all; ``renamed`` are the artifacts, by (name, place), that have another name."""
        history.reported(self.begun)
        history.reported(self._last)
        by_time: dict[int, dict[str, object]] = {}
        for key, (at, value) in self._metadata.items():
            by_time.setdefault(at, {})[key] = value
        for at, values in by_time.items():
            history.metadata(values, at)
        history.context(dict(self._context()), self._last)
        for (name, place), output in self._outputs.items():
            called, times = renamed.get((name, place), name), {output.first, output.last}
            kept = all(history.artifact(called, output.path, output.values, at) for at in times)
            report.add("artifacts", kept)
        for place, at in self._inputs.items():
            report.add("sources", history.source(*source_at(place), at))

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
        return f"failed: {error[1]}" if error else _FAILED[kind]


class _Output:
    """An artifact, with the times of the first and the last event that lists it."""

    def __init__(self, path: str, first: int) -> None:
        self.path = path
        self.first = self.last = first
        self.values: dict[str, object] = {}
