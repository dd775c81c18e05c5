"""Frozen values from rows of Neo4j."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from graphtracker.model.context import KEYS, in_order
from graphtracker.model.events import stamp_after
from graphtracker.model.question import moment
from graphtracker.model.times import Times
from graphtracker.model.values import Artifact, Node, Run, Source, run_name
from graphtracker.stores.neo4j.properties import CONTEXT, FORGOTTEN, from_key, from_property, stamps_of

Links = tuple[dict[str, int], dict[tuple[str, str], int]]
"""The whole runs, and the artifacts, that a run names as its sources, each with the first time of that."""


_NONE_OF_FOUR, _NONE_OF_FIVE = (None,) * 4, (None,) * 5


class Rows:
    """Rows of one answer as values, as of a time: they come grouped by their sets of keys, so that each set is sent
    once. Times in rows are us since 1970 UTC."""

    def __init__(self, as_of: datetime | None = None) -> None:
        self.runs: dict[str, Run] = {}
        self.artifacts: dict[tuple[str, str], Artifact] = {}
        self.links: dict[str, Links] = {}
        """Run id → its sources."""
        self.named: set[tuple[str, str]] = set()
        """Artifacts that are there, though nobody may have logged them: a source names them."""
        self.overwritten: set[Node] = set()
        """Of what a value was left out that is later than what may have stood then."""
        self._times = Times()
        self._at = moment(as_of) // 1000
        self._later = None if as_of is None else stamp_after(moment(as_of)).hex()

    def add_walk(self, records: Iterable[list[Any]]) -> None:
        """Adds what a walk met: runs with their links, and artifacts."""
        for is_run, keys, rows in records:
            (self.add_runs if is_run else self.add_artifacts)([[keys, rows]])

    def add_runs(self, records: Iterable[list[Any]]) -> None:
        """Adds runs, and their links where the rows have them."""
        times, runs, at = self._times, self.runs, self._at
        for keys, rows in records:
            read = _Reader(keys)
            for run_id, external, created_at, updated_at, values, derived, used, *few in rows:
                if run_id in runs or type(run_id) is not str or created_at is None:  # met on the way back; of others
                    continue
                reported_at, forgotten, started_at, ended_at, clock = few or _NONE_OF_FIVE
                if reported_at is None:
                    reported_at = created_at
                created = times[created_at * 1000]
                metadata = read.metadata(values)
                context = read.context(values, started_at, ended_at)
                if external or reported_at > at:
                    first = last = None
                else:
                    first = times[reported_at * 1000]
                    last = None if updated_at is None or updated_at > at else times[updated_at * 1000]
                if self._later is not None and _later_left_out(clock, self._later, metadata, context) and first:
                    self.overwritten.add(run_id)
                external, gone = first is None, forgotten in FORGOTTEN
                runs[run_id] = Run(run_id, run_name(run_id), external, gone, metadata, context, created, first, last)
                self.add_links(run_id, created_at, derived, used)

    def add_links(self, run_id: str, created_at: int, derived: list[Any], used: list[list[Any]]) -> None:
        """Adds what a run names; a link without a time of its own has that of the run."""
        whole: dict[str, int] = {}
        for source in derived:
            source, time = source if type(source) is list else (source, created_at)
            if type(source) is str and whole.get(source, time) >= time:  # links of others may stand twice
                whole[source] = time
        named: dict[tuple[str, str], int] = {}
        for source, name, *times in used:
            if type(source) is str and type(name) is str:
                time = times[0] if times else created_at
                if named.get(key := (source, name), time) >= time:
                    named[key] = time
        if self._later is not None:
            whole = {source: time for source, time in whole.items() if time <= self._at}
            named = {key: time for key, time in named.items() if time <= self._at}
        self.links[run_id] = whole, named
        self.named.update(named)

    def add_artifacts(self, records: Iterable[list[Any]], *, there: bool = False) -> None:
        """Adds artifacts; ``there``: those that nobody has logged are named."""
        times, artifacts, at = self._times, self.artifacts, self._at
        for keys, rows in records:
            read = _Reader(keys)
            for run_id, declared, created_at, updated_at, values, name, path, *few in rows:
                if type(run_id) is not str or type(name) is not str:  # a node of others
                    continue
                place, logged_at, forgotten, clock = few or _NONE_OF_FOUR
                if logged_at is None:
                    logged_at = created_at
                created, logged = times[created_at * 1000], times[logged_at * 1000]
                key = (run_id, name)
                if there:
                    self.named.add(key)
                gone = forgotten in FORGOTTEN
                if declared or (type(path) is not str and not gone) or logged_at > at:
                    artifacts[key] = Artifact(run_id, name, None, None, True, {}, created, None, None)
                elif self._later is not None and isinstance(clock, str) and clock >= self._later:
                    artifacts[key] = Artifact(run_id, name, None, None, False, {}, created, logged, None)
                    if not gone:  # what is forgotten is so at every time
                        self.overwritten.add(key)
                else:
                    updated = logged if updated_at is None else times[updated_at * 1000]
                    place = path if type(place) is not str else place
                    metadata = read.metadata(values)
                    artifacts[key] = Artifact(run_id, name, path, place, False, metadata, created, logged, updated)

    def known_artifacts(self) -> Iterator[tuple[str, str]]:
        """Those that are there: logged, or named."""
        return (key for key, artifact in self.artifacts.items() if not artifact.declared or key in self.named)

    def reasons(self, runs: Mapping[str, Run], artifacts: Mapping[tuple[str, str], Artifact]) -> frozenset[str]:
        """Why an answer with these is not whole, as far as rows tell."""
        met = any(node in runs or node in artifacts for node in self.overwritten)
        return frozenset({"overwritten"} if met else ())

    def source(self, run_id: str, source_run_id: str, name: str, time: int) -> Source:
        """A Source, of the whole run where the name is empty."""
        return Source(run_id, source_run_id, name or None, self._times[time * 1000])


class _Reader:
    """Makes metadata and context of values, in the order of these properties."""

    def __init__(self, names: list[str]) -> None:
        self._metadata = sorted(
            (from_key(name), place) for place, name in enumerate(names) if not name.startswith(CONTEXT)
        )
        self._context = [
            (name.removeprefix(CONTEXT), place) for place, name in enumerate(names) if name.startswith(CONTEXT)
        ]

    def metadata(self, values: list[Any]) -> dict[str, object]:
        """Sorted by key."""
        return {key: from_property(values[place]) for key, place in self._metadata}

    def context(self, values: list[Any], started_at: int | None, ended_at: int | None) -> dict[str, object]:
        """In the order of KEYS."""
        if not self._context and started_at is None and ended_at is None:
            return {}
        return to_context([(key, values[place]) for key, place in self._context], started_at, ended_at)


def to_context(pairs: Iterable[tuple[str, object]], started_at: int | None, ended_at: int | None) -> dict[str, object]:
    """The context that the properties of a run tell, without what others have put there, in the order of KEYS."""
    found = {key: from_property(value) for key, value in pairs if key in KEYS}
    found = {key: value for key, value in found.items() if type(value) is KEYS[key]}
    times = Times()
    for key, time in (("started_at", started_at), ("ended_at", ended_at)):
        if time is not None:
            found[key] = times[time * 1000]
    return in_order(found)


def _later_left_out(clock: object, later: str, metadata: dict[str, object], context: dict[str, object]) -> bool:
    """Takes out what has a stamp that is not less than ``later``; whether that was anything."""
    nothing = object()
    left_out = False
    for name, stamp in stamps_of(clock).items():
        if stamp >= later:
            values, key = (
                (context, name.removeprefix(CONTEXT)) if name.startswith(CONTEXT) else (metadata, from_key(name))
            )
            left_out |= values.pop(key, nothing) is not nothing
    return left_out
