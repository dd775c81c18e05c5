"""What can be asked of a store, in one view of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from graphtracker.analysis.newest import newest_of_two_runs
from graphtracker.model.events import Event
from graphtracker.model.question import Answer, JointQuestion, Question
from graphtracker.model.values import Artifact, Run, Source
from graphtracker.stores.filters.conditions import Condition
from graphtracker.stores.filters.selection import Selection


class Known(NamedTuple):
    """A run that is there, and what decides which of several is meant."""

    run_id: str
    created_at: datetime
    external: bool


class Belongings(NamedTuple):
    """What some runs have: their ids as far as they are known or forgotten, what they logged, which others use that."""

    run_ids: list[str]
    artifacts: list[Artifact]
    """By run id and name."""
    consumers: list[str]
    """Ids, in order."""


class LooseEnds(NamedTuple):
    """What leads nowhere: the first of each, and how many there are."""

    placed: list[str]
    """Ids, in order, of external runs that, taken as paths, are the place of a logged artifact."""
    placed_in_all: int
    declared: list[tuple[str, str]]
    """(Run id, name), in order, of artifacts that are named and that nobody logged."""
    declared_in_all: int


class Snapshot(ABC):
    """One view of a store, for as long as ``Store.read`` lends it: on SQLite a snapshot, on Neo4j a transaction.

    Text is ordered by code point. Runs, artifacts and sources that nobody recorded are None, or empty.
    """

    @abstractmethod
    def run(self, run_id: str) -> Run | None:
        """The run, or None where nothing ever named it."""

    @abstractmethod
    def runs(self, selection: Selection) -> list[Run]:
        """The runs that are asked for, in order."""

    @abstractmethod
    def run_ids(self, selection: Selection) -> list[str]:
        """The ids of ``runs(selection)``."""

    @abstractmethod
    def named(self, text: str, *, beginning: bool, limit: int) -> list[Known]:
        """Runs, external ones too, that have this name (or a name that begins so), at most so many, in the order of
        ``latest_first``."""

    @abstractmethod
    def containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
        """Runs, external ones too, whose ids contain the text and match, at most so many, in the order of
        ``latest_first``."""

    @abstractmethod
    def find(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
        """Runs (external ones too) whose ids and artifacts (declared ones too) whose names, paths or places contain the
        text and match, at most so many, in the order of ``newest_found_first``."""

    @abstractmethod
    def keys(self, beginning: str, limit: int) -> list[str]:
        """Metadata keys of runs that begin so, in order, at most so many."""

    @abstractmethod
    def metadata(self, run_id: str) -> dict[str, object]:
        """The metadata of a run, by key."""

    @abstractmethod
    def artifacts(self, run_id: str) -> list[Artifact]:
        """The logged artifacts of a run, by name."""

    @abstractmethod
    def sources(self, run_id: str) -> list[Source]:
        """The sources of a run, by source run id and artifact name."""

    @abstractmethod
    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Ids of the runs one step downstream of the run or the artifact, in order."""

    @abstractmethod
    def find_artifacts(self, place: str) -> list[Artifact]:
        """The logged artifacts that lie at this place, in the order of ``newest_first``."""

    def newest_at(self, places: Iterable[str]) -> dict[str, list[Artifact]]:
        """Place → of what ``find_artifacts`` finds there the first, and the first of another run, as far as there are
        any; no place where nothing lies."""
        found = ((place, newest_of_two_runs(self.find_artifacts(place))) for place in places)
        return {place: newest for place, newest in found if newest}

    @abstractmethod
    def lineage(self, question: Question) -> Answer | None:
        """The answer, None where the run is unknown; the artifact is left out of an answer that does not know it."""

    @abstractmethod
    def lineages(self, question: JointQuestion) -> Answer:
        """What is in the lineage of any of the starts, with every source whose two ends are in it, as one answer
        without a start; starts that are not known are not in it. Linear in the answer, however many starts there are
        and however much their lineages share."""

    @abstractmethod
    def graph(self, as_of: datetime | None = None) -> Answer:
        """Everything."""

    @abstractmethod
    def belongings(self, run_ids: Sequence[str]) -> Belongings:
        """What these runs have, and which others use it."""

    @abstractmethod
    def outdated(self, before: datetime, where: Condition | None) -> list[str]:
        """Ids, in order, of reported runs that match as in ``runs`` and were last updated before then, without those
        that have a descendant which was updated since (as git's gc keeps what something younger needs)."""

    @abstractmethod
    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """What leads nowhere, at most so many of each; ``place`` returns that of a path, as ``place_of`` does."""

    @abstractmethod
    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs (None: of all), stamps kept, those of a few runs at a time; of what others said of
        them, when it was said first."""


def latest_first(found: Iterable[Known]) -> list[Known]:
    """Those that reported first, of these the newest, then by id."""
    by_id = sorted(found, key=lambda each: each.run_id)
    return sorted(sorted(by_id, key=lambda each: each.created_at, reverse=True), key=lambda each: each.external)


def newest_found_first(found: Iterable[Run | Artifact]) -> list[Run | Artifact]:
    """The newest first: runs by when they were created, artifacts by the log that stands (else when they were first
    named), then by run id and name, runs first."""

    def node(each: Run | Artifact) -> tuple[str, str]:
        return (each.run_id, "") if isinstance(each, Run) else (each.run_id, each.name)

    return sorted(sorted(found, key=node), key=_time_of, reverse=True)


def _time_of(found: Run | Artifact) -> datetime:
    return found.created_at if isinstance(found, Run) else found.updated_at or found.created_at


class EmptySnapshot(Snapshot):
    """The view of a store that is not there."""

    def run(self, run_id: str) -> Run | None:
        """None."""
        return None

    def runs(self, selection: Selection) -> list[Run]:
        """Empty."""
        return []

    def run_ids(self, selection: Selection) -> list[str]:
        """Empty."""
        return []

    def named(self, text: str, *, beginning: bool, limit: int) -> list[Known]:
        """Empty."""
        return []

    def containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Known]:
        """Empty."""
        return []

    def find(self, text: str, matches: Callable[[str], bool], limit: int) -> list[Run | Artifact]:
        """Empty."""
        return []

    def keys(self, beginning: str, limit: int) -> list[str]:
        """Empty."""
        return []

    def metadata(self, run_id: str) -> dict[str, object]:
        """Empty."""
        return {}

    def artifacts(self, run_id: str) -> list[Artifact]:
        """Empty."""
        return []

    def sources(self, run_id: str) -> list[Source]:
        """Empty."""
        return []

    def consumers(self, run_id: str, artifact_name: str | None) -> list[str]:
        """Empty."""
        return []

    def find_artifacts(self, place: str) -> list[Artifact]:
        """Empty."""
        return []

    def lineage(self, question: Question) -> Answer | None:
        """None."""
        return None

    def lineages(self, question: JointQuestion) -> Answer:
        """The empty answer."""
        return Answer(as_of=question.as_of)

    def graph(self, as_of: datetime | None = None) -> Answer:
        """The empty answer."""
        return Answer(as_of=as_of)

    def belongings(self, run_ids: Sequence[str]) -> Belongings:
        """Nothing."""
        return Belongings([], [], [])

    def outdated(self, before: datetime, where: Condition | None) -> list[str]:
        """Empty."""
        return []

    def loose_ends(self, place: Callable[[str], str], limit: int) -> LooseEnds:
        """Nothing."""
        return LooseEnds([], 0, [], 0)

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Empty."""
        return iter(())
