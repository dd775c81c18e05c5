"""What can be asked of a store, in one view of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

from graphtracker.model.events import Event
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source


class Snapshot(ABC):
    """One view of a store, for as long as ``Store.read`` lends it: on SQLite a snapshot, on Neo4j a transaction.

    Text is ordered by code point. Runs, artifacts and sources that nobody recorded are None, or empty.
    """

    @abstractmethod
    def run(self, run_id: str) -> Run | None:
        """The run, or None where nothing ever named it."""

    @abstractmethod
    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Reported runs, newest first, then by id, that have this source and for each key a value that matches."""

    @abstractmethod
    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """The ids of ``runs(where, parent_run_id, None)``."""

    @abstractmethod
    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
        """Ids of runs, external ones too, that contain the text and match, in order, at most so many."""

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
    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """The logged artifacts that lie at one of these paths, by run id and name."""

    @abstractmethod
    def lineage(self, question: Question) -> Answer | None:
        """The answer, None where the run is unknown; the artifact is left out of an answer that does not know it."""

    @abstractmethod
    def graph(self) -> Answer:
        """Everything."""

    @abstractmethod
    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Every event of these runs (None: of all), stamps kept, those of a few runs at a time."""


class EmptySnapshot(Snapshot):
    """The view of a store that is not there."""

    def run(self, run_id: str) -> Run | None:
        """None."""
        return None

    def runs(self, where: Mapping[str, object], parent_run_id: str | None, limit: int | None) -> list[Run]:
        """Empty."""
        return []

    def run_ids(self, where: Mapping[str, object], parent_run_id: str | None) -> list[str]:
        """Empty."""
        return []

    def ids_containing(self, text: str, matches: Callable[[str], bool], limit: int) -> list[str]:
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

    def find_artifacts(self, paths: Sequence[str]) -> list[Artifact]:
        """Empty."""
        return []

    def lineage(self, question: Question) -> Answer | None:
        """None."""
        return None

    def graph(self) -> Answer:
        """The empty answer."""
        return Answer()

    def events(self, run_ids: Sequence[str] | None = None) -> Iterator[list[Event]]:
        """Empty."""
        return iter(())
