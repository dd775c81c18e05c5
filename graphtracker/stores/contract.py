"""What every store does: one verb that writes, and the reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

from graphtracker.errors import StoreError
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.question import Answer, Question
from graphtracker.model.values import Artifact, Run, Source


class Store(ABC):
    """Where lineage is kept.

    ``write`` is a merge by stamp: idempotent (the same events again change nothing), free of order, atomic (all of its
    events or none), durable against the death of the process when it returns, and safe from many threads, forked
    children and other processes at the same time. Reads never create a store: one that is missing is empty.

    Every method raises StoreError (StoreUnavailable, AccessDenied, SchemaMismatch) that names ``url``. Ids, names and
    keys have been checked by the caller. Text is ordered by code point.
    """

    url: str
    """The URL as it may be shown: without its password."""

    @abstractmethod
    def write(self, events: Sequence[Event]) -> None:
        """Merges the events in one transaction."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is anything to read."""

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
        """Every fact (of these runs), stamps kept, those of a few runs at a time: all that was there at the call."""

    def browser(self, run_id: str | None, browser: str | None) -> str:
        """The address of Neo4j Browser on this store; raises StoreError where the store has none."""
        raise StoreError(
            f"{quoted(self.url)} has no Neo4j Browser, only a Neo4j has one; take it there with "
            "`graphtracker copy FROM TO`, or draw it with `graphtracker export -o lineage.svg`"
        )

    @abstractmethod
    def health(self) -> dict[str, object]:
        """Facts about the store for ``doctor``, in reading order; raises what ails it."""

    @abstractmethod
    def close(self) -> None:
        """Ends connections; a later call opens them again."""
