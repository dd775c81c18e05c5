"""What a store remembers of events, as events again.

Of some events a store keeps only their times: they are given the least stamp of that time, which merges to the same.
"""

from __future__ import annotations

from graphtracker.model.events import ArtifactLogged, Event, Reported, least_stamp, stamp_time


def reported(run_id: str, created_at: int, updated_at: int) -> list[Event]:
    """That a run reported at these times, in ns since 1970 UTC."""
    times = [created_at] if created_at == updated_at else [created_at, updated_at]
    return [Reported(run_id, least_stamp(time)) for time in times]


def logged(event: ArtifactLogged, created_at: int) -> list[Event]:
    """That an artifact was logged so, and that something had spoken of it at ``created_at``."""
    if created_at >= stamp_time(event.stamp):
        return [event]
    return [event._replace(stamp=least_stamp(created_at)), event]
