"""The reference model of a store: what the whole of it must be, by one pass over the set of its events a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from graphtracker import Artifact, Run, Source
from graphtracker.model.context import KEYS
from graphtracker.model.events import (
    ArtifactLogged,
    ContextSet,
    Event,
    Forgotten,
    Mentioned,
    MetadataSet,
    Reported,
    SourceNamed,
)
from graphtracker.model.question import Answer
from tests.support.oracle import Call, Logs, Model, Reports
from tests.support.sameness import same

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

ArtifactKey = tuple[str, str]
SourceKey = tuple[str, str, str | None]


class Whole(NamedTuple):
    """Everything that a store holds, and the runs and artifacts of which a value may have been overwritten."""

    runs: dict[str, Run]
    artifacts: dict[ArtifactKey, Artifact]
    sources: dict[SourceKey, Source]
    overwritten: frozenset[Any]


def time_of(event: Event) -> int:
    """The event time, in ns since 1970 UTC."""
    return int.from_bytes(event.stamp[:8], "big") - 2**63


def at(time: int) -> datetime:
    """An event time as the datetime that answers have."""
    return EPOCH + timedelta(microseconds=time // 1000)


def whole(events: Iterable[Event], until: int | None = None) -> Whole:
    """What a store must hold that these events were merged into, as of an event time (None: now).

    What is forgotten is so at every time; all other events count up to that time.
    """
    events = list(events)
    scopes: dict[str, bool] = {}
    for event in events:
        if isinstance(event, Forgotten):
            scopes[event.run_id] = scopes.get(event.run_id, False) or event.links
    then: list[Event] = [
        event for event in events if not isinstance(event, Forgotten) and (until is None or time_of(event) <= until)
    ]
    model = _Model(scopes, events, then)
    named: dict[SourceKey, list[Event]] = {}
    for event in then:
        if isinstance(event, SourceNamed) and not scopes.get(event.run_id):
            named.setdefault((event.run_id, event.source_run_id, event.artifact_name), []).append(event)
    sources = {key: Source(*key, created_at=least(of)) for key, of in named.items()}
    reported = {event.run_id for event in then if type(event) is not Mentioned and not scopes.get(event.run_id)}
    runs = {run_id: model.run(run_id) for run_id in reported | {source for _, source, _ in sources}}
    logged = {(event.run_id, event.name) for event in then if isinstance(event, ArtifactLogged)}
    keys = {key for key in logged if not scopes.get(key[0])} | {
        (source, name) for _, source, name in sources if name is not None
    }
    artifacts = {key: model.artifact(key) for key in keys}
    return Whole(runs, artifacts, sources, frozenset(model.overwritten))


class _Model:
    """Makes one run or artifact at a time; notes where a value stands later than the events ``then``."""

    def __init__(self, scopes: dict[str, bool], events: list[Event], then: list[Event]) -> None:
        self._scopes, self._events, self._then = scopes, events, then
        self.overwritten: set[Any] = set()

    def run(self, run_id: str) -> Run:
        void = self._scopes.get(run_id, False)  # the run itself is forgotten
        own = [event for event in self._then if event.run_id == run_id and type(event) is not Mentioned and not void]
        about = [event for event in self._then if run_id in runs_of(event)]
        metadata = self._standing(run_id, _metadata_of)
        context = self._standing(run_id, _context_of)
        return Run(
            run_id,
            name_of(run_id),
            not own,
            run_id in self._scopes,
            dict(sorted(metadata.items())) if own else {},
            {key: context[key] for key in KEYS if key in context} if own else {},
            least(about),
            least(own) if own else None,
            self._updated(run_id) if own else None,
        )

    def _updated(self, run_id: str) -> datetime | None:
        """The time of the last call of its own, whenever that was; None where that is later than the question."""
        own = [
            event for event in self._events if event.run_id == run_id and not isinstance(event, (Mentioned, Forgotten))
        ]
        last = max(own, key=time_of)
        return at(time_of(last)) if last in self._then else None

    def _standing(self, run_id: str, values_of: Any) -> dict[str, Any]:
        """Of each key the value of the greatest stamp of all events, if that is one of ``then``."""
        if run_id in self._scopes:
            return {}
        latest: dict[str, tuple[Event, Any]] = {}
        for event in sorted(self._events, key=lambda event: event.stamp):
            if event.run_id == run_id:
                latest.update({key: (event, value) for key, value in values_of(event).items()})
        reported = any(event.run_id == run_id and type(event) is not Mentioned for event in self._then)
        if reported and any(event not in self._then for event, _ in latest.values()):
            self.overwritten.add(run_id)
        return {key: value for key, (event, value) in latest.items() if event in self._then}

    def artifact(self, key: ArtifactKey) -> Artifact:
        void = self._scopes.get(key[0], False)
        about = [event for event in self._then if artifact_of(event) == key]
        logged = [event for event in about if isinstance(event, ArtifactLogged) and not void]
        if not logged:
            return Artifact(*key, None, None, True, {}, least(about), None, None)
        logs = [event for event in self._events if isinstance(event, ArtifactLogged) and event[:2] == key]
        last = max(logs, key=lambda event: event.stamp)
        first = least(logged)
        updated = at(time_of(last)) if last in self._then else None
        if key[0] in self._scopes:
            return Artifact(*key, None, None, False, {}, least(about), first, updated)
        if updated is None:
            self.overwritten.add(key)
            return Artifact(*key, None, None, False, {}, least(about), first, None)
        metadata = dict(sorted((last.metadata or {}).items()))
        return Artifact(*key, last.path, last.place, False, metadata, least(about), first, updated)


def _metadata_of(event: Event) -> dict[str, object]:
    return {event.key: event.value} if isinstance(event, MetadataSet) else {}


def _context_of(event: Event) -> dict[str, object]:
    return event.values if isinstance(event, ContextSet) else {}


def runs_of(event: Event) -> set[str]:
    """The runs that an event mentions."""
    if isinstance(event, Forgotten):
        return set()
    return {event.run_id, event.source_run_id} if isinstance(event, SourceNamed) else {event.run_id}


def artifact_of(event: Event) -> ArtifactKey | None:
    """The artifact that an event mentions."""
    if isinstance(event, ArtifactLogged):
        return event.run_id, event.name
    if isinstance(event, SourceNamed) and event.artifact_name is not None:
        return event.source_run_id, event.artifact_name
    if isinstance(event, Mentioned) and event.artifact_name is not None:
        return event.run_id, event.artifact_name
    return None


def name_of(run_id: str) -> str:
    """The name of a run of the strategies' alphabet."""
    return "a" if run_id == "s3://x/a" else run_id  # the only id in it that is a path


def least(events: Sequence[Event]) -> datetime:
    """The time of the first of these events."""
    return at(min(map(time_of, events)))


def whole_differences(want: Whole, got: Any) -> list[str]:
    """What an answer about the whole store has too much, lacks or says wrongly; empty where it is right."""
    sources = {(item.run_id, item.source_run_id, item.artifact_name): item for item in got.sources}
    found = []
    pairs: list[tuple[str, dict[Any, Any], dict[Any, Any]]] = [
        ("run", want.runs, dict(got.runs)),
        ("artifact", want.artifacts, dict(got.artifacts)),
        ("source", want.sources, sources),
    ]
    for what, expected, there in pairs:
        found += [f"{what} {key!r} is missing or too much" for key in expected.keys() ^ there.keys()]
        found += [
            f"got {there[key]}, must be {value}"
            for key, value in expected.items()
            if key in there and not same(_plain(there[key]), _plain(value))
        ]
    if got.reasons != ({"overwritten"} if want.overwritten else set()):
        found.append(f"reasons are {set(got.reasons)}, overwritten are {set(want.overwritten)}")
    return found


def model_of(there: Whole) -> Model:
    """The shape of it."""
    return Model(frozenset(there.runs), frozenset(there.artifacts), frozenset(there.sources))


def value_differences(there: Whole, answer: Answer) -> Iterator[str]:
    """What an answer about a part of the store says wrongly of the runs and artifacts that are in it."""
    answered: dict[Any, Any] = {**answer.runs, **answer.artifacts}
    overwritten = {"overwritten"} if answered.keys() & there.overwritten else set()
    if answer.reasons & {"overwritten"} != overwritten:
        yield f"reasons are {set(answer.reasons)}, overwritten are {there.overwritten & answered.keys()}"
    for node, value in answered.items():
        want = there.runs[node] if isinstance(node, str) else there.artifacts[node]
        if value != want:
            yield f"{value}, must be {want}"


def _plain(value: Any) -> dict[str, Any]:
    return dict(vars(value))


def events_of(call: Call, stamped: bytes) -> Iterator[Event]:
    """The events of one call, all with this stamp; there is a status where there is metadata."""
    if isinstance(call, Reports):
        yield Reported(call.run_id, stamped)
        for key, value in call.metadata.items():
            yield MetadataSet(call.run_id, key, value, stamped)
        if call.metadata:
            yield ContextSet(call.run_id, {"status": min(call.metadata)}, stamped)
    elif isinstance(call, Logs):
        yield ArtifactLogged(call.run_id, call.name, call.path, call.path, call.metadata, stamped)
    else:
        yield SourceNamed(*call, stamped)
