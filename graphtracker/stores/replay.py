"""What a store remembers of events, as events again.

Of some events a store keeps only their times: they are given the least stamp of that time, which merges to the same.
"""

from __future__ import annotations

from graphtracker.model.events import ArtifactLogged, Event, Forgotten, Mentioned, Reported, least_stamp, stamp_time


def of_run(run_id: str, created_at: int, reported_at: int | None, updated_at: int | None) -> list[Event]:
    """That a run was spoken of, reported first and reported last at these times, in ns since 1970 UTC."""
    times = [] if reported_at is None else sorted({reported_at, reported_at if updated_at is None else updated_at})
    events: list[Event] = [Reported(run_id, least_stamp(time)) for time in times]
    return [*mentioned(run_id, None, created_at, reported_at), *events]


def mentioned(run_id: str, name: str | None, created_at: int, known_at: int | None) -> list[Event]:
    """That something had spoken of the run, or an artifact of it, before it reported, or was logged, itself."""
    if known_at is not None and known_at <= created_at:
        return []
    return [Mentioned(run_id, name, least_stamp(created_at))]


def forgotten(run_id: str, links: bool, time: int) -> Event:
    """That a run was forgotten."""
    return Forgotten(run_id, links, least_stamp(time))


def logged(event: ArtifactLogged, logged_at: int) -> list[Event]:
    """That an artifact was logged so, and first at ``logged_at``."""
    if logged_at >= stamp_time(event.stamp):
        return [event]
    return [event._replace(stamp=least_stamp(logged_at)), event]
