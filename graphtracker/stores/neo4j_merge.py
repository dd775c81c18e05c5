"""A batch of events, folded to the rows that ``cypher/write.cypher`` merges into Neo4j."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphtracker.events import ArtifactLogged, Event, MetadataSet, SourceNamed, stamp_time
from graphtracker.stores.neo4j_values import CLOCK, LONG_PATH, Times, indexed_path, to_key, to_property
from graphtracker.values import run_name

Parameters = dict[str, list[dict[str, Any]]]


def write_parameters(events: Iterable[Event]) -> Parameters:
    """The parameters of ``write``: one row a run, an artifact and a link, each list sorted by key."""
    fold = _Fold()
    for event in events:
        fold.add(event)
    return fold.parameters()


class _Fold:
    def __init__(self) -> None:
        self._times = Times()
        self._reported: dict[str, dict[str, Any]] = {}
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
            row = self._reported[event.run_id] = {"first": time, "last": time, "stamps": {}, "metadata": {}}
        else:
            row["first"], row["last"] = min(row["first"], time), max(row["last"], time)
        if isinstance(event, MetadataSet):
            key, stamp = to_key(event.key), event.stamp.hex()
            if stamp > row["stamps"].get(key, ""):
                row["stamps"][key], row["metadata"][key] = stamp, to_property(event.value)
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
        at = self._times
        return {
            "reported": [
                {
                    "run_id": run_id,
                    "name": run_name(run_id),
                    "created_at": at[row["first"]],
                    "updated_at": at[row["last"]],
                    "stamps": row["stamps"],
                    "metadata": row["metadata"],
                }
                for run_id, row in sorted(self._reported.items())
            ],
            "mentioned": [
                {"run_id": run_id, "name": run_name(run_id), "created_at": at[time]}
                for run_id, time in sorted(self._mentioned.items())
                if time < self._reported.get(run_id, {"first": time + 1})["first"]
            ],
            "logged": [self._logged_row(event) for _, event in sorted(self._logged.items())],
            "declared": self._rows(("run_id", "name"), self._declared),
            "used": self._rows(("run_id", "source_run_id", "name"), self._used),
            "derived": self._rows(("run_id", "source_run_id"), self._derived),
        }

    def _logged_row(self, event: ArtifactLogged) -> dict[str, Any]:
        stamp, path = event.stamp.hex(), indexed_path(event.path)
        properties = {
            **{to_key(key): to_property(value) for key, value in (event.metadata or {}).items()},
            "run_id": event.run_id,
            "name": event.name,
            "path": path,
            "updated_at": self._times[stamp_time(event.stamp) // 1000],
            CLOCK: stamp,
        }
        if path != event.path:
            properties[LONG_PATH] = event.path
        created_at = self._times[self._first_logged[event.run_id, event.name]]
        return {
            "run_id": event.run_id,
            "name": event.name,
            "stamp": stamp,
            "created_at": created_at,
            "properties": properties,
        }

    def _rows(self, names: Sequence[str], times: Mapping[Any, int]) -> list[dict[str, Any]]:
        return [
            {**dict(zip(names, key, strict=True)), "created_at": self._times[time]}
            for key, time in sorted(times.items())
        ]


def _earliest(times: dict[Any, int], key: Any, time: int) -> None:
    times[key] = min(time, times.get(key, time))
