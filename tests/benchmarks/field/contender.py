"""What each way of keeping lineage must do to be measured; it runs in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple, Protocol

from tests.benchmarks.graphs import RecordedRun


class CannotAnswer(Exception):
    """It has no way to answer; the text is what the table shows."""


class Answer(NamedTuple):
    """A lineage as plain values: the start with all its ancestors and all its descendants.

    ``runs`` are run id → metadata, ``artifacts`` (run id, name, path) and ``sources`` (run id, source run id, artifact
    name, '' for the whole run). There may be more artifacts of these runs than belong to the lineage.
    """

    runs: Mapping[str, Mapping[str, Any]]
    artifacts: list[tuple[str, str, str]]
    sources: list[tuple[str, str, str]]


class Contender(Protocol):
    """A store that is open in a folder; ``url`` is that of a server, for those that need one."""

    def __init__(self, folder: str, url: str) -> None: ...

    def call(self, run: RecordedRun) -> None:
        """The metadata of a run alone, durable when it returns."""

    def record(self, run: RecordedRun) -> None:
        """All that a run records, durable when it returns."""

    def load(self, many: Iterable[RecordedRun]) -> None:
        """Many runs, in the way that is fastest."""

    def lineage(self, run_id: str) -> Any:
        """The answer in its own form, all of it read."""

    def answer(self, found: Any) -> Answer:
        """The same in the common form, for the check."""

    def run_count(self) -> int:
        """How many runs have been recorded."""

    def close(self) -> None:
        """Ends what is open."""


class Finder(Contender, Protocol):
    """A contender that also finds runs, of ``graphs.sweep``; each question returns the ids of runs that it has read."""

    def load_sweep(self, many: Iterable[RecordedRun]) -> None:
        """Those runs, in any way."""

    def newest(self) -> list[str]:
        """The newest 20."""

    def newest_of_a_value(self) -> list[str]:
        """The newest 20 whose optimizer is adam."""

    def within(self, least: float, end: float) -> list[str]:
        """Those whose loss is at least the one and less than the other, the newest first."""

    def best(self) -> list[str]:
        """The one with the least loss."""


class Links:
    """Who was made from whom, to be walked in memory."""

    def __init__(self, sources: Iterable[tuple[str, str, str]]) -> None:
        self.up: dict[str, list[tuple[str, str, str]]] = {}
        self.down: dict[str, list[tuple[str, str, str]]] = {}
        for source in sources:
            self.up.setdefault(source[0], []).append(source)
            self.down.setdefault(source[1], []).append(source)

    def ancestors(self, start: str) -> set[str]:
        """The start and all that it came from."""
        return _walked(self.up, start, 1)

    def descendants(self, start: str) -> set[str]:
        """The start and all that was made from it."""
        return _walked(self.down, start, 0)

    def lineage(self, start: str) -> set[str]:
        """The start with its ancestors and its descendants."""
        return self.ancestors(start) | self.descendants(start)

    def among(self, runs: set[str]) -> list[tuple[str, str, str]]:
        """The sources between these runs."""
        return [source for run_id in runs for source in self.up.get(run_id, ()) if source[1] in runs]


def _walked(steps: dict[str, list[tuple[str, str, str]]], start: str, end: int) -> set[str]:
    found = {start}
    waiting = [start]
    while waiting:
        for source in steps.get(waiting.pop(), ()):
            if source[end] not in found:
                found.add(source[end])
                waiting.append(source[end])
    return found


def batches(many: Iterable[RecordedRun], size: int) -> Iterator[list[RecordedRun]]:
    """The runs, so many at a time."""
    rest = iter(many)
    while batch := list(islice(rest, size)):
        yield batch
