"""The events that make the values of an answer again, in a store where nothing older stands.

What a run's calls said is of the time of the last of them, what an artifact holds of that of the log that stands: that
it stood then is what an answer says. What was forgotten is forgotten in the store that reads it, too.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from graphtracker.exchange.report import Report
from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores import replay

WRITER = 8
"""Bytes of a writer, which are to be made of what holds the values."""


def of_run(run: Run, writer: bytes, report: Report) -> list[Event]:
    """That a run was there, and reported, with its values."""
    report.add("runs", not run.external)
    run_id, created_at = run.run_id, _time(run.created_at)
    reported_at, updated_at = _time_or_none(run.reported_at), _time_or_none(run.updated_at)
    events = replay.of_run(run_id, created_at, reported_at, updated_at)
    at = next(at for at in (updated_at, reported_at, created_at) if at is not None)  # 1970 is a time, too
    stamp = _stamp(at, writer)
    events += [MetadataSet(run_id, key, value, stamp) for key, value in run.metadata.items()]
    if run.context:
        events.append(ContextSet(run_id, dict(run.context), stamp))
    if run.forgotten:  # with its links where that made it external
        events.append(replay.forgotten(run_id, run.external, at))
    return events


def of_artifact(artifact: Artifact, forgotten: bool, writer: bytes, report: Report) -> list[Event]:
    """That an artifact was spoken of, or logged; ``forgotten`` is whether its run is, with which its path is void."""
    run_id, name, logged_at = artifact.run_id, artifact.name, _time_or_none(artifact.logged_at)
    created_at, path, place = _time(artifact.created_at), artifact.path, artifact.place
    if path is None and forgotten:
        path = place = ""  # as stores keep it
    if logged_at is not None and path is None:
        report.leave_out("artifacts whose path had been overwritten")
    if logged_at is None or path is None or place is None:
        return replay.mentioned(run_id, name, created_at, None)
    report.add("artifacts")
    stamp = _stamp(logged_at if artifact.updated_at is None else _time(artifact.updated_at), writer)
    event = ArtifactLogged(run_id, name, path, place, dict(artifact.metadata) or None, stamp)
    return [*replay.mentioned(run_id, name, created_at, logged_at), *replay.logged(event, logged_at)]


def of_source(source: Source, report: Report) -> Event:
    """That a run named a source."""
    report.add("sources")
    stamp = least_stamp(_time(source.created_at))
    return SourceNamed(source.run_id, source.source_run_id, source.artifact_name, stamp)


def _stamp(at: int, writer: bytes) -> bytes:
    return least_stamp(at)[:8] + writer + bytes(4)


_time = lru_cache(maxsize=1024)(nanoseconds)  # which the events of a run share


def _time_or_none(at: datetime | None) -> int | None:
    return None if at is None else _time(at)
