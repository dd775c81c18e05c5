"""The events that make the values of an answer again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import count

from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores import replay


def events_of_values(
    runs: Iterable[Run], artifacts: Iterable[Artifact], sources: Iterable[Source], writer: bytes
) -> list[Event]:
    """The events that make these in an empty store, stamped by this writer: 8 bytes that are made of what holds them.

    What a run's calls said is of the time of the last of them, what an artifact holds of that of the log that stands:
    in the store that answered, nothing older may stand.
    """
    stamps = _Stamps(writer)
    events: list[Event] = []
    for run in runs:
        events += _of_run(run, stamps)
    for artifact in artifacts:
        events += _of_artifact(artifact, stamps)
    for source in sources:
        stamp = least_stamp(_time(source.created_at))
        events.append(SourceNamed(source.run_id, source.source_run_id, source.artifact_name, stamp))
    return events


class _Stamps:
    """The stamps of a writer, one after the other."""

    def __init__(self, writer: bytes) -> None:
        self._writer = writer
        self._numbers = count()

    def at(self, time: int) -> bytes:
        """The next one, of this time in ns."""
        return least_stamp(time)[:8] + self._writer + next(self._numbers).to_bytes(4, "big")


def _of_run(run: Run, stamps: _Stamps) -> list[Event]:
    run_id, created_at = run.run_id, _time(run.created_at)
    reported_at, updated_at = _time_or_none(run.reported_at), _time_or_none(run.updated_at)
    events = replay.of_run(run_id, created_at, reported_at, updated_at)
    at = next(at for at in (updated_at, reported_at, created_at) if at is not None)  # 1970 is a time, too
    events += [MetadataSet(run_id, key, value, stamps.at(at)) for key, value in run.metadata.items()]
    if run.context:
        events.append(ContextSet(run_id, dict(run.context), stamps.at(at)))
    if run.forgotten:
        events.append(replay.forgotten(run_id, False, at))
    return events


def _of_artifact(artifact: Artifact, stamps: _Stamps) -> list[Event]:
    run_id, name, logged_at = artifact.run_id, artifact.name, _time_or_none(artifact.logged_at)
    known = replay.mentioned(run_id, name, _time(artifact.created_at), logged_at)
    if logged_at is None:
        return known
    place, values = artifact.place or "", dict(artifact.metadata) or None  # no place: forgotten, as in replay
    path = place if artifact.path is None else artifact.path
    at = logged_at if artifact.updated_at is None else _time(artifact.updated_at)
    return [*known, *replay.logged(ArtifactLogged(run_id, name, path, place, values, stamps.at(at)), logged_at)]


_time = lru_cache(maxsize=1024)(nanoseconds)  # which the events of a run share


def _time_or_none(at: datetime | None) -> int | None:
    return None if at is None else _time(at)
