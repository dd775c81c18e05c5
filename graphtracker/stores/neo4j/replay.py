"""The facts of a run in Neo4j as the events that make them again, stamps kept."""

from __future__ import annotations

from typing import Any

from graphtracker.model.events import ArtifactLogged, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.neo4j.rows import from_key, from_property
from graphtracker.stores.replay import logged, reported

_STAMP = 40  # characters


def events_of(
    run_id: str,
    created_at: int,
    updated_at: int,
    clock: list[str],
    metadata: list[list[Any]],
    artifacts: list[list[Any]],
    used: list[list[Any]],
    derived: list[list[Any]],
) -> list[Event]:
    """The events of one row of ``cypher/facts.cypher``."""
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
