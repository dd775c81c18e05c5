"""The events of one recording call, made of its arguments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphtracker.model.context import checked_context
from graphtracker.model.events import (
    ArtifactLogged,
    ContextSet,
    Event,
    Forgotten,
    MetadataSet,
    Reported,
    SourceNamed,
    stamps,
)
from graphtracker.model.places import place_of
from graphtracker.recording.arguments import Arguments
from graphtracker.recording.given import Artifacts, as_artifact, as_source, given_artifacts, given_sources


def artifact_logged(
    take: Arguments, run_id: object, name: object, path: object, metadata: Mapping[str, object] | None
) -> list[Event]:
    """The event of an artifact with its path and metadata."""
    (stamp,) = stamps(1)
    checked, called, there = take.run_id(run_id), take.name(name), take.path(path)
    return [ArtifactLogged(checked, called, there, place_of(there, os.getcwd), take.metadata(metadata), stamp)]


def source_named(take: Arguments, run_id: object, source_id: object, artifact_name: object) -> list[Event]:
    """The event of a source: a whole run, or an artifact of it."""
    (stamp,) = stamps(1)
    return [SourceNamed(take.run_id(run_id), take.source_id(source_id), take.optional_name(artifact_name), stamp)]


def recorded(
    take: Arguments,
    run_id: object,
    metadata: Mapping[str, object] | None,
    artifacts: Artifacts = (),
    sources: Iterable[Any] = (),
    at: int | None = None,
) -> list[Event]:
    """The events of all of it (that the run reported, where there is nothing else); ``at`` is their time in ns."""
    checked = take.run_id(run_id)
    values = take.metadata(metadata)
    if values and artifacts == () and sources == ():  # add_metadata(), the most frequent call, needs no more
        given = iter(stamps(len(values), at))
        return [MetadataSet(checked, key, value, next(given)) for key, value in values.items()]
    logged = [
        (take.name(name), take.path(path), take.metadata(more))
        for name, path, more in map(as_artifact, given_artifacts(artifacts))
    ]
    named = [
        (take.source_id(source), take.optional_name(name)) for source, name in map(as_source, given_sources(sources))
    ]
    given = iter(stamps(len(values) + len(logged) + len(named) or 1, at))
    events: list[Event] = [MetadataSet(checked, key, value, next(given)) for key, value in values.items()]
    events += [
        ArtifactLogged(checked, name, path, place_of(path, os.getcwd), more, next(given)) for name, path, more in logged
    ]
    events += [SourceNamed(checked, source_id, name, next(given)) for source_id, name in named]
    return events or [Reported(checked, next(given))]


def context_set(take: Arguments, run_id: object, values: Mapping[str, object], at: int | None = None) -> list[Event]:
    """The event of what a run is remembered by; ``at`` is its time in ns."""
    (stamp,) = stamps(1, at)
    return [ContextSet(take.run_id(run_id), checked_context(values), stamp)]


def forgotten(run_ids: Iterable[str], *, links: bool) -> Iterator[list[Event]]:
    """The events that forget these runs, or their values alone, one by one."""
    for run_id in run_ids:
        yield [Forgotten(run_id, links, stamps(1)[0])]
