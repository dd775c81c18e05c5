"""What Neo4j holds of runs, as the events that make it again, stamps kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphtracker.model.events import ArtifactLogged, ContextSet, Event, MetadataSet, SourceNamed, least_stamp
from graphtracker.stores.neo4j.ask import Ask
from graphtracker.stores.neo4j.properties import (
    CONTEXT,
    FORGOTTEN,
    FORGOTTEN_RUN,
    from_key,
    from_property,
    stamps_of,
    to_stamp,
)
from graphtracker.stores.neo4j.rows import to_context
from graphtracker.stores.replay import forgotten as forgotten_event
from graphtracker.stores.replay import logged, mentioned, of_run

PAGE = 500
"""Runs whose events are asked for at once."""

_Pairs = list[list[Any]]
"""[Property, value] lists."""


def page_after(ask: Ask, run_id: str) -> tuple[list[Event], str | None]:
    """The events of the next runs behind this id, and the id of the last run; None where there is no more."""
    ((run_ids,),) = ask("page", after=run_id, limit=PAGE)
    return (events_of(ask, run_ids), run_ids[-1]) if run_ids else ([], None)


def events_of(ask: Ask, run_ids: Sequence[str]) -> list[Event]:
    """The events of these runs, as far as they are known."""
    return [event for row in ask("events", run_ids=list(run_ids)) for event in _of_row(*row)]


def _of_row(
    run_id: str,
    external: bool,
    created_at: int | None,
    reported_at: int | None,
    updated_at: int | None,
    scope: object,
    forgotten_at: int | None,
    *values: Any,
) -> list[Event]:
    """The events of one row of ``cypher/events.cypher``; what others made by hand has the least stamp of the run."""
    created = 0 if created_at is None else created_at * 1000
    events: list[Event] = []
    if created_at is not None:  # else nobody has spoken of it, but to forget it
        first = created if reported_at is None else reported_at * 1000
        last = first if updated_at is None else updated_at * 1000
        events += of_run(run_id, created, None if external else first, last)
    if scope in FORGOTTEN:
        at = created if forgotten_at is None else forgotten_at * 1000
        events.append(forgotten_event(run_id, scope == FORGOTTEN_RUN, at))
    return events + _of_values(run_id, external, least_stamp(created), *values)


def _of_values(
    run_id: str,
    external: bool,
    unstamped: bytes,
    started_at: int | None,
    ended_at: int | None,
    clock: object,
    properties: _Pairs,
    artifacts: list[list[Any]],
    used: list[list[Any]],
    derived: list[list[Any]],
) -> list[Event]:
    """What a run recorded; of an external one, when others spoke of its artifacts."""
    if external:
        return [event for row in artifacts for event in _of_artifact(run_id, row[0], True, *row[2:])]
    stamps = {name: to_stamp(stamp) or unstamped for name, stamp in stamps_of(clock).items()}
    events: list[Event] = [
        MetadataSet(run_id, from_key(name), from_property(value), stamps.get(name, unstamped))
        for name, value in properties
        if not name.startswith(CONTEXT)
    ]
    pairs = ((name.removeprefix(CONTEXT), value) for name, value in properties if name.startswith(CONTEXT))
    events += _of_context(run_id, to_context(pairs, started_at, ended_at), stamps, unstamped)
    events += [event for row in artifacts for event in _of_artifact(run_id, *row)]
    named: list[tuple[Any, Any, Any]] = [(source, None, time) for source, time in derived]
    named += [(source, name, time) for source, name, time in used if type(name) is str]
    return events + [
        SourceNamed(run_id, source, name, unstamped if time is None else least_stamp(time * 1000))
        for source, name, time in named
        if type(source) is str
    ]


def _of_context(
    run_id: str, context: Mapping[str, object], stamps: Mapping[str, bytes], unstamped: bytes
) -> Iterable[ContextSet]:
    by_stamp: dict[bytes, dict[str, object]] = {}
    for key, value in context.items():
        by_stamp.setdefault(stamps.get(CONTEXT + key, unstamped), {})[key] = value
    return (ContextSet(run_id, values, stamp) for stamp, values in by_stamp.items())


def _of_artifact(
    run_id: str,
    name: object,
    declared: bool,
    path: object,
    place: object,
    created_at: int,
    logged_at: int | None,
    clock: object,
    scope: object,
    properties: _Pairs,
) -> list[Event]:
    if type(name) is not str:
        return []  # a node of others
    created = created_at * 1000
    if scope in FORGOTTEN:
        path = place = ""  # so that this says nothing but when
    if declared or type(path) is not str:
        return mentioned(run_id, name, created, None)
    first = created if logged_at is None else logged_at * 1000
    values = {from_key(key): from_property(value) for key, value in properties}
    stamp = to_stamp(clock) or least_stamp(first)
    event = ArtifactLogged(run_id, name, path, place if type(place) is str else path, values or None, stamp)
    return [*mentioned(run_id, name, created, first), *logged(event, first)]
