"""The events that make what an answer holds again, in a store where nothing older stands.

What a run's calls said is of the time of the last of them, what an artifact holds of that of the log that stands: that
it stood then is what an answer says. What was forgotten is forgotten in the store that reads it, too. All of it comes
as an answer's values hold it, but that times are ns since 1970 UTC: histories are long, and values take time to make.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphtracker.exchange.report import Report
from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores import replay

WRITER = 8
"""Bytes of a writer, which are to be made of what holds the values."""

_SEQUENCE = bytes(4)


def of_run(
    run_id: str,
    metadata: Mapping[str, object],
    context: Mapping[str, object],
    created_at: int,
    reported_at: int | None,
    updated_at: int | None,
    *,
    forgotten: bool,
    writer: bytes,
    report: Report,
) -> list[Event]:
    """That a run was there, and reported, with its values."""
    report.add("runs", reported_at is not None)
    events = replay.of_run(run_id, created_at, reported_at, updated_at)
    at = next(at for at in (updated_at, reported_at, created_at) if at is not None)  # 1970 is a time, too
    stamp = _stamp(at, writer)
    events += [MetadataSet(run_id, key, value, stamp) for key, value in metadata.items()]
    if context:
        events.append(ContextSet(run_id, dict(context), stamp))
    if forgotten:  # with its links where that made it external
        events.append(replay.forgotten(run_id, reported_at is None, at))
    return events


def of_artifact(
    run_id: str,
    name: str,
    path: str | None,
    place: str | None,
    metadata: Mapping[str, object],
    created_at: int,
    logged_at: int | None,
    updated_at: int | None,
    *,
    forgotten: bool,
    writer: bytes,
    report: Report,
) -> list[Event]:
    """That an artifact was spoken of, or logged; ``forgotten`` is whether its run is, with which its path is void."""
    if path is None and forgotten:
        path = place = ""  # as stores keep it
    if logged_at is not None and path is None:
        report.leave_out("artifacts whose path had been overwritten")
    if logged_at is None or path is None or place is None:
        return replay.mentioned(run_id, name, created_at, None)
    report.add("artifacts")
    stamp = _stamp(logged_at if updated_at is None else updated_at, writer)
    logged = replay.logged(ArtifactLogged(run_id, name, path, place, dict(metadata) or None, stamp), logged_at)
    return logged if logged_at <= created_at else [*replay.mentioned(run_id, name, created_at, logged_at), *logged]


def of_source(
    run_id: str, source_run_id: str, artifact_name: str | None, created_at: int, report: Report
) -> SourceNamed:
    """That a run named a source."""
    report.add("sources")
    return SourceNamed(run_id, source_run_id, artifact_name, least_stamp(created_at))


def _stamp(at: int, writer: bytes) -> bytes:
    return least_stamp(at)[:8] + writer + _SEQUENCE
