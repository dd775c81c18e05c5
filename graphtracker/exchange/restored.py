"""The events that make the values of an answer again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from graphtracker.exchange.history import stamp_of
from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores import replay


def events_of_values(runs: Iterable[Run], artifacts: Iterable[Artifact], sources: Iterable[Source]) -> list[Event]:
    """The events that make these in an empty store, the same for the same values.

    What a run's calls said is stamped with the time of the last of them, what an artifact holds with that of the log
    that stands: of the store that answered, nothing older may stand.
    """
    events: list[Event] = []
    for run in runs:
        events += _of_run(run)
    for artifact in artifacts:
        events += _of_artifact(artifact)
    for source in sources:
        stamp = least_stamp(_time(source.created_at))
        events.append(SourceNamed(source.run_id, source.source_run_id, source.artifact_name, stamp))
    return events


def _of_run(run: Run) -> list[Event]:
    run_id, created_at = run.run_id, _time(run.created_at)
    reported_at, updated_at = _time_or_none(run.reported_at), _time_or_none(run.updated_at)
    events = replay.of_run(run_id, created_at, reported_at, updated_at)
    at = updated_at or reported_at or created_at
    events += [MetadataSet(run_id, key, value, stamp_of(value, at)) for key, value in run.metadata.items()]
    if run.context:
        context = dict(run.context)
        events.append(ContextSet(run_id, context, stamp_of(context, at, len(context))))
    if run.forgotten:
        events.append(replay.forgotten(run_id, False, at))
    return events


def _of_artifact(artifact: Artifact) -> list[Event]:
    run_id, name, logged_at = artifact.run_id, artifact.name, _time_or_none(artifact.logged_at)
    known = replay.mentioned(run_id, name, _time(artifact.created_at), logged_at)
    if logged_at is None:
        return known
    place, values = artifact.place or "", dict(artifact.metadata)  # no place: forgotten, as in replay
    path = place if artifact.path is None else artifact.path
    at = logged_at if artifact.updated_at is None else _time(artifact.updated_at)
    stamp = stamp_of([path, place, values], at, len(values))
    return [*known, *replay.logged(ArtifactLogged(run_id, name, path, place, values or None, stamp), logged_at)]


_time = lru_cache(maxsize=1024)(nanoseconds)  # which the events of a run share


def _time_or_none(at: datetime | None) -> int | None:
    return None if at is None else _time(at)
