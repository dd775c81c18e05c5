"""A store together with facts that are still on their way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from graphtracker.model.events import Event, SourceNamed
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.contract import Store
from graphtracker.stores.opening import memory_store

_Node = TypeVar("_Node", Run, Artifact)

UNSYNCED = frozenset({"unsynced"})


class UnsyncedStore(Store):
    """What a store holds with these facts merged in, for the reads of one moment.

    Its answers about lineage are never complete: they say ``unsynced``. Of the store only what the question touches is
    asked for; where that cannot be read (``store`` is None), the answers are made of the facts alone.
    """

    def __init__(self, store: Store | None, url: str, facts: Iterable[Sequence[Event]]) -> None:
        self.url = url
        self._store = store
        self._merged = memory_store()
        self._ours: set[str] = set()  # runs that reported one of the facts
        self._named: set[str] = set()  # and runs that one names
        self._artifacts: set[tuple[str, str | None]] = set()  # what some source that has been merged names
        for events in facts:
            self._merge(events)
            self._ours.update(event[0] for event in events)
            self._named.update(event.source_run_id for event in events if isinstance(event, SourceNamed))
        self._loaded: set[str] = set()
        self._load(self._ours)

    def _load(self, run_ids: Iterable[str]) -> None:
        """Merges all that these runs reported to the store."""
        wanted = sorted(set(run_ids) - self._loaded)
        self._loaded.update(wanted)
        if self._store is not None and wanted:
            for events in self._store.events(wanted):
                self._merge(events)

    def _merge(self, events: Sequence[Event]) -> None:
        self._merged.write(events)
        self._artifacts.update(event[1:3] for event in events if isinstance(event, SourceNamed))

    def _load_around(self, run_id: str, store: Store) -> None:
        """Merges what the store holds of the lineage of a run; an artifact that nobody logged is known by its users."""
        theirs = store.lineage(Question(run_id))
        if theirs is None:
            return
        self._load(theirs.runs)
        for (owner, name), artifact in theirs.artifacts.items():
            users = iter(store.consumers(owner, name) if artifact.declared else ())
            while (owner, name) not in self._artifacts and (user := next(users, None)) is not None:
                self._load([user])

    def write(self, events: Sequence[Event]) -> None:
        """Merges the events into this view of the store; nothing else sees them."""
        self._merged.write(events)

    def exists(self) -> bool:
        """Always: there is something to read."""
        return True

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        theirs = None if self._store is None else self._store.run(run_id)
        ours = self._merged.run(run_id)
        if ours is None or theirs is None:
            return ours or theirs
        return _since(theirs if ours.external else ours, ours if ours.external else theirs)

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs that match, newest first, then by id."""
        more = None if limit is None else limit + len(self._ours)
        theirs = [] if self._store is None else self._store.runs(where, parent_run_id, more)
        found = [run for run in theirs if run.run_id not in self._ours]
        ours = [run for run in self._merged.runs(where, parent_run_id, None) if run.run_id in self._ours]
        found += [self.run(run.run_id) or run for run in ours]
        found.sort(key=lambda run: run.run_id)
        found.sort(key=lambda run: run.created_at, reverse=True)
        return found[:limit]

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of ``runs(where, parent_run_id, None)``."""
        return [run.run_id for run in self.runs(where, parent_run_id, None)]

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs that contain the text and match, in order."""
        theirs = [] if self._store is None else self._store.ids_containing(text, matches, limit)
        return sorted({*theirs, *self._merged.ids_containing(text, matches, limit)})[:limit]

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        return self._of(run_id).metadata(run_id)

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        found = self._of(run_id).artifacts(run_id)
        if self._store is None or run_id not in self._ours:
            return found
        theirs = {item.name: item for item in self._store.artifacts(run_id)}
        return [_since(item, theirs.get(item.name)) for item in found]

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return self._of(run_id).sources(run_id)

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        self._load([run_id])
        theirs = [] if self._store is None else self._store.consumers(run_id, artifact_name)
        kept = {consumer for consumer in theirs if consumer not in self._ours}
        return sorted(kept.union(self._merged.consumers(run_id, artifact_name)))

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts at these paths, by run id and name."""
        theirs = [] if self._store is None else self._store.find_artifacts(paths)
        found = [item for item in theirs if item.run_id not in self._ours]
        found += [item for item in self._merged.find_artifacts(paths) if item.run_id in self._ours]
        return sorted(found, key=lambda item: (item.run_id, item.name))

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None.

        The store is asked for what lies around the start, and around each run of the facts that the walk comes to.
        """
        unbounded = Question(question.run_id)  # in both directions: others may have declared artifacts of its runs
        asked: set[str] = set()
        reached = {question.run_id}
        while self._store is not None and not reached <= asked:
            for run_id in sorted(reached - asked):
                self._load_around(run_id, self._store)
            asked |= reached
            answer = self._merged.lineage(unbounded)
            reached |= set() if answer is None else (self._ours | self._named).intersection(answer.runs)
        return _unsynced(self._merged.lineage(question))

    def graph(self) -> Answer:
        """Everything."""
        if self._store is not None:
            for events in self._store.events():
                self._merged.write(events)
        answer = _unsynced(self._merged.graph())
        return Answer() if answer is None else answer

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every fact (of these runs), the store's first."""
        if self._store is not None:
            yield from self._store.events(run_ids)
        yield from self._merged.events(run_ids)

    def health(self) -> dict[str, object]:
        """The store's facts."""
        return {} if self._store is None else self._store.health()

    def close(self) -> None:
        """Ends the view; the store stays open."""
        self._merged.close()

    def _of(self, run_id: str) -> Store:
        """Who knows all of what this run reported."""
        return self._merged if self._store is None or run_id in self._ours else self._store


def _unsynced(answer: Answer | None) -> Answer | None:
    return None if answer is None else replace(answer, reasons=answer.reasons | UNSYNCED)


def _since(node: _Node, other: _Node | None) -> _Node:
    """The run or artifact, created when the first of both was."""
    return node if other is None or node.created_at <= other.created_at else replace(node, created_at=other.created_at)
