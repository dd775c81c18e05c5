"""What Neo4j holds of runs, as the events that make it again, stamps kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphtracker.model.events import STAMP, ArtifactLogged, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.rows import from_key, from_property
from graphtracker.stores.replay import logged, reported

PAGE = 500
"""Runs whose events are asked for at once."""

_STAMP = 2 * STAMP  # characters


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
    updated_at: int | None,
    clock: object,
    metadata: list[list[Any]],
    artifacts: list[list[Any]],
    used: list[list[Any]],
    derived: list[list[Any]],
) -> list[Event]:
    """The events of one row of ``cypher/events.cypher``; what others made by hand has the least stamp of the run."""
    stamps = _stamps(clock)
    unstamped = least_stamp(created_at * 1000)
    events: list[Event] = reported(run_id, created_at * 1000, (created_at if updated_at is None else updated_at) * 1000)
    events += [
        MetadataSet(run_id, from_key(key), from_property(value), stamps.get(key, unstamped)) for key, value in metadata
    ]
    for name, path, first, stamp, pairs in artifacts:
        if type(name) is not str or type(path) is not str:
            continue  # a node of others, or declared at best
        values = {from_key(key): from_property(value) for key, value in pairs}
        last = _stamp(stamp) or least_stamp(first * 1000)
        events += logged(ArtifactLogged(run_id, name, path, values, last), first * 1000)
    named: list[tuple[Any, Any, Any]] = [(source, None, time) for source, time in derived]
    named += [(source, name, time) for source, name, time in used if type(name) is str]
    events += [
        SourceNamed(run_id, source, name, unstamped if time is None else least_stamp(time * 1000))
        for source, name, time in named
        if type(source) is str
    ]
    return events


def _stamps(clock: object) -> dict[str, bytes]:
    """The stamp of each key of a run's clock."""
    entries = clock if isinstance(clock, list) else ()
    stamps = {entry[_STAMP + 1 :]: _stamp(entry[:_STAMP]) for entry in entries if isinstance(entry, str)}
    return {key: stamp for key, stamp in stamps.items() if stamp is not None}


def _stamp(text: object) -> bytes | None:
    """The stamp that the text is; None where it is none."""
    try:
        stamp = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return stamp if len(stamp) == STAMP else None
