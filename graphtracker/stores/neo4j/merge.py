"""A batch of events, folded to the rows that ``cypher/write.cypher`` merges into Neo4j."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, stamp_time
from graphtracker.model.values import run_name
from graphtracker.stores.neo4j.rows import LONG_PATH, indexed_path, to_key, to_property

Parameters = dict[str, list[list[Any]]]


def write_parameters(events: Iterable[Event]) -> Parameters:
    """The parameters of ``write``: one row a run, an artifact and a link, each list sorted by key."""
    fold = _Fold()
    for event in events:
        fold.add(event)
    return fold.parameters()


@dataclass
class _Reported:
    """Least and greatest time in us of a run's own calls; property key → (stamp, value)."""

    first: int
    last: int
    metadata: dict[str, tuple[str, object]]


class _Fold:
    def __init__(self) -> None:
        self._reported: dict[str, _Reported] = {}
        self._mentioned: dict[str, int] = {}
        self._logged: dict[tuple[str, str], ArtifactLogged] = {}
        self._first_logged: dict[tuple[str, str], int] = {}
        self._declared: dict[tuple[str, str], int] = {}
        self._used: dict[tuple[str, str, str], int] = {}
        self._derived: dict[tuple[str, str], int] = {}

    def add(self, event: Event) -> None:
        time = stamp_time(event.stamp) // 1000
        row = self._reported.get(event.run_id)
        if row is None:
            row = self._reported[event.run_id] = _Reported(time, time, {})
        else:
            row.first, row.last = min(row.first, time), max(row.last, time)
        if isinstance(event, MetadataSet):
            key, stamp = to_key(event.key), event.stamp.hex()
            before = row.metadata.get(key)
            if before is None or stamp > before[0]:
                row.metadata[key] = stamp, to_property(event.value)
        elif isinstance(event, ArtifactLogged):
            self._log((event.run_id, event.name), event, time)
        elif isinstance(event, SourceNamed):
            self._name(event, time)

    def _log(self, key: tuple[str, str], event: ArtifactLogged, time: int) -> None:
        before = self._logged.get(key)
        if before is None or event.stamp > before.stamp:
            self._logged[key] = event
        _earliest(self._first_logged, key, time)

    def _name(self, event: SourceNamed, time: int) -> None:
        _earliest(self._mentioned, event.source_run_id, time)
        if event.artifact_name is None:
            _earliest(self._derived, (event.run_id, event.source_run_id), time)
        else:
            _earliest(self._declared, (event.source_run_id, event.artifact_name), time)
            _earliest(self._used, (event.run_id, event.source_run_id, event.artifact_name), time)

    def parameters(self) -> Parameters:
        return {
            "reported": [
                [run_id, run_name(run_id), row.first, row.last, [[key, *value] for key, value in row.metadata.items()]]
                for run_id, row in sorted(self._reported.items())
            ],
            "mentioned": [
                [run_id, run_name(run_id), time]
                for run_id, time in sorted(self._mentioned.items())
                if run_id not in self._reported or time < self._reported[run_id].first
            ],
            "logged": [self._logged_row(event) for _, event in sorted(self._logged.items())],
            "declared": _rows(self._declared),
            "used": _rows(self._used),
            "derived": _rows(self._derived),
        }

    def _logged_row(self, event: ArtifactLogged) -> list[Any]:
        path = indexed_path(event.path)
        properties = {to_key(key): to_property(value) for key, value in (event.metadata or {}).items()}
        if path != event.path:
            properties[LONG_PATH] = event.path
        first = self._first_logged[event.run_id, event.name]
        last = stamp_time(event.stamp) // 1000
        return [event.run_id, event.name, first, event.stamp.hex(), last, path, properties]


def _rows(times: Mapping[Any, int]) -> list[list[Any]]:
    return [[*key, time] for key, time in sorted(times.items())]


def _earliest(times: dict[Any, int], key: Any, time: int) -> None:
    times[key] = min(time, times.get(key, time))
