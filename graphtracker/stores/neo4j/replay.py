"""What Neo4j holds of runs, as the events that make it again, stamps kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.rows import from_key, from_property
from graphtracker.stores.replay import logged, reported

PAGE = 500
"""Runs whose events are asked for at once."""

_STAMP = 40  # characters


def page_after(ask: Ask, run_id: str) -> tuple[list[Event], str | None]:
    """The events of the next runs behind this id, and the id of the last run; None where there is no more."""
    ((run_ids,),) = ask("page", after=run_id, limit=PAGE)
    return (events_of(ask, run_ids), run_ids[-1]) if run_ids else ([], None)


def events_of(ask: Ask, run_ids: Sequence[str]) -> list[Event]:
    """The events of those of these runs that reported."""
    return [event for row in ask("events", run_ids=list(run_ids)) for event in _of_run(*row)]


def _of_run(
    run_id: str,
    created_at: int,
    updated_at: int,
    clock: list[str],
    metadata: list[list[Any]],
    artifacts: list[list[Any]],
    used: list[list[Any]],
    derived: list[list[Any]],
) -> list[Event]:
    """The events of one row of ``cypher/events.cypher``."""
    stamps = {entry[_STAMP + 1 :]: bytes.fromhex(entry[:_STAMP]) for entry in clock}
    unstamped = least_stamp(created_at * 1000)  # what others have put there by hand
    events: list[Event] = reported(run_id, created_at * 1000, updated_at * 1000)
    events += [
        MetadataSet(run_id, from_key(key), from_property(value), stamps.get(key, unstamped)) for key, value in metadata
    ]
    for name, path, first, stamp, pairs in artifacts:
        values = {from_key(key): from_property(value) for key, value in pairs}
        events += logged(ArtifactLogged(run_id, name, path, values, bytes.fromhex(stamp)), first * 1000)
    events += [SourceNamed(run_id, source, name, least_stamp(time * 1000)) for source, name, time in used]
    events += [SourceNamed(run_id, source, None, least_stamp(time * 1000)) for source, time in derived]
    return events
