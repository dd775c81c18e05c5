"""What can be asked of a store together with events that are still on their way to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, get_args

from graphtracker.analysis.newest import newest_first
from graphtracker.model.events import Event, Forgotten, Mentioned, SourceNamed, stamp_time
from graphtracker.model.question import Answer, JointQuestion, Question, moment
from graphtracker.model.values import Artifact, Node, Run, Source, run_of
from graphtracker.stores.contract import Answered
from graphtracker.stores.filters.conditions import Condition
from graphtracker.stores.filters.selection import Ranked, Selection, page_of, ranked
from graphtracker.stores.opening import memory_store
from graphtracker.stores.snapshot import (
    Belongings,
    EmptySnapshot,
    Known,
    LooseEnds,
    Snapshot,
    latest_first,
    newest_found_first,
)

Way = Literal["upstream", "downstream"]
WAYS: tuple[Way, ...] = get_args(Way)
_EVERY = 1 << 62  # of what is found


class UnsyncedSnapshot(Snapshot):
    """What a view of a store shows with these events merged in, for the reads of one moment.

    Its answers about lineage are never complete: they say ``unsynced``. Of the store only what a question touches is
    asked for.
    """

    def __init__(self, stored: Snapshot, events: Iterable[Sequence[Event]]) -> None:
        self._stored = stored
        self._merged = memory_store()
        self._ours: set[str] = set()  # runs that recorded one of the events
        self._named: set[str] = set()  # runs that one of them names as a source
        self._users: dict[str | tuple[str, str | None], int] = {}  # what merged sources name → when one did so first
        forgetting = False
        for batch in events:
            self._add(batch)
            forgetting = forgetting or any(isinstance(event, Forgotten) for event in batch)
        self._loaded: set[str] = set()
        if forgetting:  # which may take out what any run of the store is known by
            for batch in stored.events():
                self._add(batch)
            self._stored = EmptySnapshot()
        self._touched = self._ours | self._named  # of all others the store knows the values and the times
        self._load(self._ours)

    def _add(self, events: Sequence[Event]) -> None:
        self._merge(events)
        self._ours.update(event.run_id for event in events if type(event) is not Mentioned)
        self._named.update(event.source_run_id for event in events if isinstance(event, SourceNamed))
        self._named.update(event.run_id for event in events if type(event) is Mentioned)

    def _merge(self, events: Sequence[Event]) -> None:
        self._merged.write(events)
        for event in events:
            if isinstance(event, SourceNamed):
                time = stamp_time(event.stamp)
                for node in (event.source_run_id, event[1:3]):
                    self._users[node] = min(time, self._users.get(node, time))

    def _load(self, run_ids: Iterable[str]) -> None:
        """Merges all that the store tells of these runs."""
        wanted = sorted(set(run_ids) - self._loaded)
        self._loaded.update(wanted)
        for events in self._stored.events(wanted):
            self._merge(events)

    def _load_lineages(self, starts: Iterable[str], ways: Collection[Way], as_of: datetime | None) -> None:
        """Merges what the store holds of the lineages of these runs, and of those to which the events lead from there.

        The store is asked for what lies around the starts, and around each run of the events that the walk comes to.
        """
        asked: set[str] = set()
        reached = set(starts)
        first = tuple(sorted(reached))  # runs, though artifacts may be asked about: the rest does no harm
        while not reached <= asked:
            self._load_around(sorted(reached - asked), ways, as_of)
            asked |= reached
            for way in ways if not self._ours | self._named <= asked else ():
                found = self._joint(JointQuestion(first, way, as_of=as_of))
                reached |= (self._ours | self._named).intersection(found.runs)

    def _load_around(self, run_ids: Sequence[str], ways: Collection[Way], as_of: datetime | None) -> None:
        """Merges what the store holds of the lineages of these runs; what nobody reported or logged is known by its
        users, of which one that named it by then has to be merged, too."""
        self._load(run_ids)  # that one is forgotten may be all that the store knows
        named: set[Node] = set()
        for way in WAYS:
            if way in ways or way == "downstream":  # of its own artifacts, too, that others may have declared
                theirs = self._stored.lineages(
                    JointQuestion(tuple(run_ids), way, None if way in ways else 0, as_of=as_of)
                )
                self._load(theirs.runs)
                named.update(key for key, artifact in theirs.artifacts.items() if artifact.declared)
                named.update(run_id for run_id, run in theirs.runs.items() if run.external)
        then = moment(as_of)
        if lacking := sorted((node for node in named if self._users.get(node, then + 1) > then), key=str):
            users = self._stored.lineages(JointQuestion(tuple(lacking), "downstream", 1, as_of=as_of))
            by = {node: item.run_id for item in users.sources for node in (item.source_run_id, item.node)}
            self._load(by[node] for node in lacking if node in by)

    def _load_user(self, run_id: str, name: str, consumers: Iterable[str]) -> None:
        """Merges consumers of an artifact until one of them names it: so is known what nobody logged."""
        for consumer in consumers:
            if (run_id, name) in self._users:
                return
            self._load([consumer])

    def run(self, run_id: str) -> Run | None:
        """The run, or None."""
        if run_id not in self._touched:
            return self._stored.run(run_id)
        self._load([run_id])
        return self._merged_run(run_id) or self._run_by_its_users(run_id)

    def _merged_run(self, run_id: str) -> Run | None:
        return self._merged.read(lambda merged: merged.run(run_id))

    def _run_by_its_users(self, run_id: str) -> Run | None:
        """A run that the store knows because others name it, whatever the events say of it: one that is forgotten."""
        if self._stored.run(run_id) is not None:
            self._load(self._stored.consumers(run_id, None)[:1])
        return self._merged_run(run_id)

    def runs(self, selection: Selection) -> list[Run]:
        """The runs that are asked for, in order."""
        more = None if selection.limit is None else selection.limit + len(self._touched)
        self._load(self._named)  # what is older now may come in by a filter, an order, or behind another run
        if selection.after is not None and selection.order_by is not None:
            self._rank(selection.after, selection)  # as both sides are to know it
        theirs = self._stored.runs(replace(selection, limit=more))
        ours = self._merged.read(lambda merged: merged.runs(replace(selection, limit=None)))
        found = [run for run in theirs if run.run_id not in self._touched]
        found += [run for run in ours if run.run_id in self._touched]
        return [each.run for each in page_of([self._rank(run, selection) for run in found], selection, None)]

    def _rank(self, run: Run, selection: Selection) -> Ranked:
        def artifacts() -> Mapping[str, Artifact]:
            alone = Question(run.run_id, direction="downstream", depth=0, as_of=selection.as_of)
            touched = run.run_id in self._touched
            found = self._merged.read(lambda merged: (merged if touched else self._stored).lineage(alone))
            return {} if found is None else {artifact.name: artifact for artifact in found.artifacts.values()}

        order = selection.order_by
        value = None if order is None else ranked(run, order.field, artifacts)
        return Ranked(value, run.created_at, run.run_id, run)

    def run_ids(self, selection: Selection) -> list[str]:
        """Their ids."""
        return [run.run_id for run in self.runs(selection)]

    def named(self, text: str, *, beginning: bool, limit: int) -> list[Known]:
        """Runs of this name, or of one that begins so, the latest first."""
        return self._known(lambda view, most: view.named(text, beginning=beginning, limit=most), limit)

    def containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
        """Runs whose ids contain the text and match, the latest first."""
        return self._known(lambda view, most: view.containing(text, matches, most), limit)

    def _known(self, ask: Callable[[Snapshot, int], list[Known]], limit: int) -> list[Known]:
        theirs = ask(self._stored, limit + len(self._touched))
        ours = self._merged.read(lambda merged: ask(merged, _EVERY))
        found = [known for known in theirs if known.run_id not in self._touched]
        runs = map(self.run, {known.run_id for known in (*theirs, *ours)} & self._touched)
        found += [Known(run.run_id, run.created_at, run.external) for run in runs if run is not None]
        return latest_first(found)[:limit]

    def find(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
        """Runs and artifacts that contain the text and match, the newest first."""
        for run_id in self._touched:
            self.run(run_id)  # merges by what it is known
        ours = self._merged.read(lambda merged: merged.find(text, matches, _EVERY))
        known = {(each.run_id, each.name) for each in ours if isinstance(each, Artifact)}
        most = limit
        while True:
            theirs = self._stored.find(text, matches, most)
            kept = [each for each in theirs if not self._is_told(each, known)]
            if len(kept) >= limit or len(theirs) < most:
                return newest_found_first([*kept, *(each for each in ours if each.run_id in self._touched)])[:limit]
            most = 2 * most + 1

    def _is_told(self, found: Run | Artifact, known: set[tuple[str, str]]) -> bool:
        """Whether the merged events tell of it, too; what only consumers of the store named, they may not."""
        if found.run_id not in self._touched:
            return False
        return isinstance(found, Run) or not found.declared or (found.run_id, found.name) in known

    def keys(self, beginning: str, limit: int) -> list[str]:
        """Metadata keys that begin so, in order."""
        ours = self._merged.read(lambda merged: merged.keys(beginning, limit))
        return sorted({*self._stored.keys(beginning, limit), *ours})[:limit]

    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""
        return self._of(run_id, lambda known: known.metadata(run_id))

    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""
        if run_id not in self._touched:
            return self._stored.artifacts(run_id)
        self._load([run_id])
        return self._merged.read(lambda merged: merged.artifacts(run_id))

    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""
        return self._of(run_id, lambda known: known.sources(run_id))

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream, in order."""
        theirs = self._stored.consumers(run_id, artifact_name)
        if artifact_name is not None:
            self._load_artifact(run_id, artifact_name, theirs)
        ours = self._merged.read(lambda merged: merged.consumers(run_id, artifact_name))
        return sorted({consumer for consumer in theirs if consumer not in self._ours}.union(ours))

    def _load_artifact(self, run_id: str, name: str, consumers: Sequence[str]) -> None:
        """Merges what tells whether there is such an artifact, and its consumers where only an event declares it."""
        self._load([run_id])
        logged = self._merged.read(lambda merged: merged.artifacts(run_id))
        if name not in [item.name for item in logged]:
            self._load_user(run_id, name, consumers)
        if not consumers:
            self._load(self._stored.consumers(run_id, None))

    def find_artifacts(self, place: str) -> list[Artifact]:
        """The logged artifacts at this place, the newest log first."""
        theirs = self._stored.find_artifacts(place)
        ours = self._merged.read(lambda merged: merged.find_artifacts(place))
        found = [item for item in theirs if item.run_id not in self._touched]
        for run_id in {item.run_id for item in (*theirs, *ours)} & self._touched:
            found += [item for item in self.artifacts(run_id) if item.place == place]
        return newest_first(found)

    def lineage(self, question: Question) -> Answer | None:
        """The answer, or None."""
        ways = [way for way in WAYS if question.direction in (way, "both")]
        self._load_lineages([question.run_id], ways, question.as_of)
        found = self._merged.read(lambda merged: merged.lineage(question))
        return None if found is None else found.unsynced()

    def lineages(self, question: JointQuestion) -> Answer:
        """What is in the lineage of any of the starts."""
        self._load_lineages(map(run_of, question.starts), [question.direction], question.as_of)
        return self._joint(question).unsynced()

    def _joint(self, question: JointQuestion) -> Answer:
        return self._merged.read(lambda merged: merged.lineages(question))

    def graph(self, as_of: datetime | None = None) -> Answer:
        """Everything."""
        self._load_all()
        return self._merged.read(lambda merged: merged.graph(as_of)).unsynced()

    def belongings(self, run_ids: Sequence[str]) -> Belongings:
        """What these runs have, and which others use it."""
        return Belongings(
            [run_id for run_id in run_ids if self.run(run_id) is not None],
            [artifact for run_id in sorted(set(run_ids)) for artifact in self.artifacts(run_id)],
            sorted({user for run_id in run_ids for user in self.consumers(run_id, None)}.difference(run_ids)),
        )

    def outdated(self, before: datetime, where: Condition | None) -> list[str]:
        """Ids of reported runs that match, last updated before then, and from which nothing younger descends."""
        self._load_all()
        return self._merged.read(lambda merged: merged.outdated(before, where))

    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """What leads nowhere."""
        self._load_all()
        return self._merged.read(lambda merged: merged.loose_ends(place, limit))

    def _load_all(self) -> None:
        for events in self._stored.events():
            self._merged.write(events)

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs, the store's first."""
        yield from self._stored.events(run_ids)
        self._load(self._touched.intersection(run_ids or ()))
        yield from self._merged.read(lambda merged: list(merged.events(run_ids)))

    def _of(self, run_id: str, work: Callable[[Snapshot], Answered]) -> Answered:
        """Returns what ``work`` makes of the view that knows all of what this run reported."""
        return self._merged.read(work) if run_id in self._ours else work(self._stored)
