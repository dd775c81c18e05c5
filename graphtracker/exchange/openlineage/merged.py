"""All that the events of one run say, as one history of it."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import History
from graphtracker.exchange.openlineage.lines import END, START, RunEvent
from graphtracker.exchange.report import Report
from graphtracker.model.limits import checked_name
from graphtracker.model.times import utc

_KIND_OF_ERROR = re.compile(r"([A-Za-z_][\w.$]*)(?::|\Z)")

_MESSAGE = "errorMessage.message"
_FAILED = {"FAIL": "failed", "ABORT": "failed: aborted"}
"""Type of the event that ended it without success → status, where that tells of no error."""

Newest = Callable[[str, int], "tuple[str, str] | None"]
"""From a place and a time to the (run id, artifact name) of what was logged there last before it."""

Logged = tuple[str, int, str, str]
"""A place, the time in ns when an artifact was logged there, its run id, its name."""

_EARLIEST, _LATEST = -(1 << 63), 1 << 63  # no time is earlier, or later

_When = tuple[int, int]  # the time and the state of an event, by which events of a run follow each other
_Said = dict[_When, dict[str, object]]  # the values that each event said, but for those that a later one said again
_Output = tuple[dict[_When, str], _Said]  # the path in each event that lists it, the values


class Merged:
    """The events of a run, which may be added in any order, and more than once.

    Each value is of the event that said it last, and what a later event leaves out stays: so events that another import
    brings merge to the same as at once.
    """

    __slots__ = ("_begun", "_ended", "_goes_on", "_inputs", "_last", "_metadata", "_outputs", "_started_at")

    def __init__(self) -> None:
        self._begun, self._last = _LATEST, _EARLIEST
        self._started_at: int | None = None
        self._ended: tuple[int, str] | None = None
        self._goes_on = False
        self._metadata: _Said = {}
        self._inputs: dict[str, int] = {}
        self._outputs: dict[tuple[str, str], _Output] = {}

    def add(self, event: RunEvent) -> None:
        """Adds an event."""
        _, at, state, kind, metadata, inputs, outputs = event
        self._add_times(at, at, at if kind == "START" else None, (at, kind) if state == END else None)
        self._goes_on = self._goes_on or kind in ("START", "RUNNING")
        when = at, state
        if metadata:
            _say(self._metadata, when, metadata)
        for place in inputs:
            if at < self._inputs.setdefault(place, at):
                self._inputs[place] = at
        for (name, path, place), values in outputs:
            paths, said = self._outputs.setdefault((name, place), ({}, {}))
            if path < paths.setdefault(when, path):
                paths[when] = path
            if values:
                _say(said, when, values)

    def _add_times(self, begun: int, last: int, started_at: int | None, ended: tuple[int, str] | None) -> None:
        self._begun, self._last = min(self._begun, begun), max(self._last, last)
        if started_at is not None:
            self._started_at = started_at if self._started_at is None else min(self._started_at, started_at)
        if ended is not None:
            self._ended = ended if self._ended is None else max(self._ended, ended)

    # -- by way of a file ----------------------------------------------------------------------------------------------

    def packed(self, report: Report) -> bytes:
        """All of it as bytes for ``add_packed``; what nests deeper than any store takes is left out."""
        try:
            return marshal.dumps(self._parts())
        except ValueError:
            for values in chain(self._metadata.values(), *(said.values() for _, said in self._outputs.values())):
                for key in [key for key, value in values.items() if not _bytes_of(value)]:
                    report.leave_out("values of metadata that cannot be stored")
                    del values[key]
            return marshal.dumps(self._parts())

    def _parts(self) -> Any:
        times = self._begun, self._last, self._started_at, self._ended
        return times, self._goes_on, self._metadata, self._inputs, self._outputs

    def add_packed(self, packed: bytes) -> None:
        """Adds the events of another."""
        times, goes_on, metadata, inputs, outputs = marshal.loads(packed)  # noqa: S302  # our own
        self._add_times(*times)
        self._goes_on = self._goes_on or goes_on
        for when, values in metadata.items():
            _say(self._metadata, when, values)
        for place, at in inputs.items():
            self._inputs[place] = min(at, self._inputs.get(place, at))
        for output, (paths, metadata) in outputs.items():
            known, said = self._outputs.setdefault(output, ({}, {}))
            for when, path in paths.items():
                known[when] = min(path, known.get(when, path))
            for when, values in metadata.items():
                _say(said, when, values)

    # -- what it tells -------------------------------------------------------------------------------------------------

    def logged(self, run_id: str) -> Iterator[Logged]:
        """What this run logged where, by when: what its START listed, which it was about to write, when it ended."""
        renamed = self._renamed()
        for (name, place), (paths, _) in self._outputs.items():
            called = renamed.get((name, place), name)
            for at, state in paths if called else ():
                yield place, self._ended[0] if self._ended and state == START else at, run_id, called

    def tell(self, history: History, newest: Newest, report: Report) -> None:
        """Tells the history of it all."""
        history.reported(self._begun)
        history.reported(self._last)
        for (at, _), values in _last_said(self._metadata):
            history.metadata(values, at)
        history.context(self._context(), self._last)
        renamed = self._renamed()
        for (name, place), (paths, said) in self._outputs.items():
            called = renamed.get((name, place), name)
            if not called:
                report.leave_out("artifacts whose name or path cannot be stored")
                continue
            report.add("artifacts")
            latest: dict[str, object] = {}
            for _, values in _last_said(said):
                latest.update(values)
            first = min(paths)
            for at in {first[0], max(paths)[0]}:
                history.logged(called, paths[first], place, latest, at)
        for place, at in self._inputs.items():
            found = newest(place, self._begun)
            if found:
                history.named(*found, at)
            report.add("sources", found is not None or history.source(place, None, at))

    def _renamed(self) -> dict[tuple[str, str], str]:
        """(Name, place) → how the artifact is called: where a run writes to two places that have one name, the least of
        them keeps it, and the path of another is its name ("" where none can be so long)."""
        if len({name for name, _ in self._outputs}) == len(self._outputs):
            return {}
        least: dict[str, str] = {}
        for name, place in sorted(self._outputs):
            least.setdefault(name, place)
        others = (key for key in self._outputs if least[key[0]] != key[1])
        return {key: _name(min(self._outputs[key][0].values())) for key in others}

    def _context(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self._started_at is not None:
            found["started_at"] = utc(self._started_at)
        if self._ended is not None:
            found["ended_at"] = utc(self._ended[0])
            found["status"] = self._how_it_ended(self._ended[1])
        elif self._goes_on:
            found["status"] = "running"
        return found

    def _how_it_ended(self, kind: str) -> str:
        if kind == "COMPLETE":
            return "succeeded"
        said = [values[_MESSAGE] for _, values in _last_said(self._metadata) if _MESSAGE in values]
        error = _KIND_OF_ERROR.match(str(said[0])) if said and kind == "FAIL" else None
        return f"failed: {error[1]}" if error else _FAILED[kind]


def _name(path: str) -> str:
    try:
        return checked_name(path)
    except InvalidInput:
        return ""


def _say(said: _Said, when: _When, values: dict[str, object]) -> None:
    """Adds what an event said; of two values at one time the greater one stands, as in a history."""
    known = said.get(when)
    if known is None:
        last = next(reversed(said), when)  # of most runs the one before
        if last < when and said[last].keys() <= values.keys():
            del said[last]
        said[when] = values
    else:
        for key, value in values.items():
            if key not in known or _bytes_of(known[key]) < _bytes_of(value):
                known[key] = value


def _last_said(said: _Said) -> Iterator[tuple[_When, dict[str, object]]]:
    """The values that no later event said, the latest first."""
    found: set[str] = set()
    for when in sorted(said, reverse=True):
        values = {key: value for key, value in said[when].items() if key not in found} if found else said[when]
        found.update(values)
        if values:
            yield when, values


def _bytes_of(value: Any) -> bytes:
    """A value of JSON as bytes; none, where it nests too deep for that."""
    try:
        return marshal.dumps(value, 2)  # a later version knows how many others hold the value
    except ValueError:
        return b""
