"""GraphTracker: every verb of the library."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphtracker.api import TrackerArtifact, TrackerBase, TrackerSource
from graphtracker.environment import absolute, chosen_folder
from graphtracker.errors import ArtifactNotFound, InvalidInput, RunNotFound, StoreError
from graphtracker.lineage import IncompleteLineage, Lineage
from graphtracker.model.display import quoted
from graphtracker.model.question import Direction, Question, checked_question
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact, Run
from graphtracker.recording import calls
from graphtracker.recording.arguments import Arguments
from graphtracker.recording.batch import Batch
from graphtracker.recording.recorder import Recorder, Recording, write_all
from graphtracker.stores.contract import browser_of
from graphtracker.stores.finding import NamedRun, find_run, named_run

if TYPE_CHECKING:
    from typing_extensions import Self

_NO_RUN: Any = ...


class GraphTracker(TrackerBase):
    """A tracker on one store: the default one, or that of a URL or path.

    ``run_id`` comes first in every verb. The ``add_*`` verbs and ``record`` merge into the store: calling them again,
    or from many processes at once, changes nothing more. When one has returned, the death of the process loses nothing
    of it. They raise InvalidInput for what cannot be stored and StoreError for a store that cannot be used, and store
    nothing of that call then. A tracker may be shared by threads, used after a fork, and pickled. With ``spool`` (or a
    folder for it) they wait for a local append only; a thread delivers, and `graphtracker sync` what is left.

    >>> with GraphTracker(":memory:") as tracker:
    ...     tracker.add_artifact("prepare", "rows", "s3://bucket/rows.parquet")
    ...     tracker.add_source("train", "prepare", "rows")
    ...     sorted(tracker.lineage("train").runs)
    ['prepare', 'train']
    """

    _arguments = Arguments()
    _artifact: type = TrackerArtifact
    _source: type = TrackerSource
    _lineage: type[Lineage] = Lineage

    def __init__(
        self, url: str | os.PathLike[str] | None = None, *, spool: bool | str | os.PathLike[str] = False
    ) -> None:
        self._recorder: Recording = Recorder(url, spool=chosen_folder(spool))

    @property
    def url(self) -> str:
        """The store's URL or path, without its password."""
        return self._recorder.url

    # -- TorchX's verbs ------------------------------------------------------------------------------------------------

    def add_artifact(self, run_id: str, name: str, path: str, metadata: Mapping[str, object] | None = None) -> None:
        """Records an artifact of a run; path and metadata replace those of an earlier call together."""
        self._recorder.write(calls.artifact_logged(self._arguments, run_id, name, path, metadata), stand=True)

    def artifacts(self, run_id: str) -> Mapping[str, TrackerArtifact]:
        """The logged artifacts of a run, by name; ``metadata`` is None where there is none. Unknown run: empty."""
        checked = self._arguments.run_id(run_id)
        found = self._recorder.read(lambda snapshot: snapshot.artifacts(checked))
        return {item.name: self._artifact(item.name, item.path, dict(item.metadata) or None) for item in found}

    def add_metadata(self, run_id: str = _NO_RUN, /, **metadata: object) -> None:
        """Records metadata of a run, key by key; without any, it reports the run.

        ``run_id=`` alone as a keyword is the run, as in TorchX; beside a positional run it is a key like any other.
        """
        if run_id is _NO_RUN:
            if "run_id" not in metadata:
                raise TypeError("add_metadata() misses its run_id")
            run_id = metadata.pop("run_id")  # type: ignore[assignment]  # checked below
        self._recorder.write(calls.recorded(self._arguments, run_id, metadata), stand=True)

    def metadata(self, run_id: str) -> Mapping[str, object]:
        """The metadata of a run, sorted by key; empty for an unknown run."""
        checked = self._arguments.run_id(run_id)
        return self._recorder.read(lambda snapshot: snapshot.metadata(checked))

    def add_source(self, run_id: str, source_id: str, artifact_name: str | None = None) -> None:
        """Records that a run was made from another, or from one artifact of it; an empty name means the whole run."""
        self._recorder.write(calls.source_named(self._arguments, run_id, source_id, artifact_name), stand=True)

    def sources(self, run_id: str, artifact_name: str | None = None) -> list[TrackerSource]:
        """The sources of a run, by id and name; a name keeps those that name this artifact. Unknown run: empty."""
        name, checked = self._arguments.optional_name(artifact_name), self._arguments.run_id(run_id)
        found = self._recorder.read(lambda snapshot: snapshot.sources(checked))
        return [
            self._source(source.source_run_id, source.artifact_name)
            for source in found
            if name is None or source.artifact_name == name
        ]

    def lineage(
        self,
        run_id: str,
        *,
        direction: Direction = "both",
        depth: int | None = None,
        artifact_name: str | None = None,
        max_runs: int | None = None,
        strict: bool = False,
    ) -> Lineage:
        """The run, or one artifact of it, with all its ancestors and all its descendants.

        ``depth`` bounds the sources walked in each direction (0 is the start alone), ``max_runs`` the distinct runs,
        the start included, the nearest kept. An answer that a bound cut says so: ``complete`` is False, with
        ``reasons`` and ``frontier``; ``strict=True`` raises IncompleteLineage instead. Raises RunNotFound,
        ArtifactNotFound.
        """
        name = self._arguments.optional_name(artifact_name)
        question = checked_question(self._arguments.run_id(run_id), name, direction, depth, max_runs)
        lineage = self._answered(question)
        if strict and not lineage.complete:
            way_out = "raise the bound" if lineage.frontier else "ask again when `graphtracker sync` has delivered it"
            raise IncompleteLineage(
                f"the lineage of {quoted(lineage.start)} is not whole, it was {lineage.cut_note()}; {way_out}, "
                "or ask without strict",
                lineage,
            )
        return lineage

    def _answered(self, question: Question) -> Lineage:
        answer = self._recorder.read(lambda snapshot: snapshot.lineage(question))
        if answer is None:
            raise self._unknown(question.run_id)
        if question.artifact_name is not None and question.start not in answer.artifacts:
            raise ArtifactNotFound(
                f"run {quoted(question.run_id)} has no artifact {quoted(question.artifact_name)}; artifacts() (or "
                "`graphtracker show`) lists those that it logged"
            )
        return self._lineage.from_answer(answer)

    def run_ids(self, /, **filters: object) -> list[str]:
        """The ids of reported runs, newest first, then by id.

        ``parent_run_id=`` keeps runs with this source; any other keyword those whose metadata has that value: text
        matches that text and, where it reads as a JSON scalar, that value; a number a number. None is no filter.
        """
        parent = self._parent(filters.pop("parent_run_id", None))
        where = self._wanted(filters)
        return self._recorder.read(lambda snapshot: snapshot.run_ids(where, parent))

    # -- beyond TorchX -------------------------------------------------------------------------------------------------

    def record(
        self,
        run_id: str,
        *,
        metadata: Mapping[str, object] | None = None,
        artifacts: Iterable[TrackerArtifact] = (),
        sources: Iterable[TrackerSource] = (),
        at: datetime | None = None,
    ) -> None:
        """Records all of it in one transaction.

        ``artifacts`` have a name, a path and metadata, ``sources`` a source_run_id and an artifact_name. ``at``, an
        aware datetime, is when it happened, for history; of two events the one that happened later stands.
        """
        time = None if at is None else nanoseconds(at)
        events = calls.recorded(self._arguments, run_id, metadata, artifacts, sources, time)
        self._recorder.write(events, stand=at is None)

    @contextmanager
    def batch(self) -> Iterator[Self]:
        """A tracker on the same store whose calls inside the block are written together, by about 5,000 events.

        The last are written on leaving the block, or before a read of it. A block that an exception leaves (also the
        end of a generator that is not used up) writes nothing more, and after it a call raises InvalidInput. Calls on
        this tracker itself are never gathered.

        >>> with GraphTracker(":memory:") as tracker, tracker.batch() as batch:
        ...     for step in range(1000):
        ...         batch.add_metadata(f"step-{step}", loss=1 / (step + 1))
        """
        gathered = Batch(self._recorder)
        tracker = copy.copy(self)
        tracker._recorder = gathered
        try:
            yield tracker
            gathered.flush()
        finally:
            gathered.end()

    def run(self, run_id: str) -> Run:
        """The run; raises RunNotFound."""
        checked = self._arguments.run_id(run_id)
        found = self._recorder.read(lambda snapshot: snapshot.run(checked))
        if found is None:
            raise self._unknown(run_id)
        return found

    def runs(
        self, *, where: Mapping[str, object] | None = None, parent_run_id: str | None = None, limit: int | None = None
    ) -> list[Run]:
        """The runs whose ids ``run_ids`` returns for the same filters, at most ``limit`` of them."""
        filters = self._wanted(where or {})
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
            raise InvalidInput(f"limit must be a whole number of at least 0, or None, not {quoted(limit)}")
        parent = self._parent(parent_run_id)
        return self._recorder.read(lambda snapshot: snapshot.runs(filters, parent, limit))

    def find_run(self, text: str) -> str:
        """The id of the one run, external ones too, that has this id, else this name, else an id that ends so.

        Raises RunNotFound, and InvalidInput that lists the ids where several runs do.
        """
        checked = self._arguments.run_id(text)
        return self._recorder.read(lambda snapshot: find_run(snapshot, checked, self.url))

    def named_run(self, text: str) -> NamedRun:
        """The run of this id, else the only one of this name, else a new one; raises InvalidInput where several are."""
        return self._recorder.read(lambda snapshot: named_run(snapshot, self._arguments.run_id(text)))

    def consumers(self, run_id: str, artifact_name: str | None = None) -> list[str]:
        """The ids of the runs that name it as a source, in order; empty for what is unknown.

        With a name: the runs that name that artifact, and those that name the whole run and none of its artifacts.
        """
        name, checked = self._arguments.optional_name(artifact_name), self._arguments.run_id(run_id)
        return self._recorder.read(lambda snapshot: snapshot.consumers(checked, name))

    def find_artifacts(self, path: str | os.PathLike[str]) -> list[Artifact]:
        """The artifacts logged at this path (of a relative one: or at its absolute one), by run id and name."""
        text = self._arguments.path(path)
        there = text if "://" in text or not text or "\0" in text else absolute(text)
        places = sorted({text, there})
        return self._recorder.read(lambda snapshot: snapshot.find_artifacts(places))

    def graph(self) -> Lineage:
        """Everything the store holds, as a lineage without a start."""
        return self._lineage.from_answer(self._recorder.read(lambda snapshot: snapshot.graph()))

    def copy_from(
        self, store: str | os.PathLike[str] | GraphTracker, *, progress: Callable[[int], None] | None = None
    ) -> int:
        """Merges every event of another store (a URL, a path, or a tracker on it) into this one, stamps kept.

        Returns the number of events that were read there; ``progress`` is called with that number as it grows. Copying
        again, or after a copy that was cut off, doubles nothing and overwrites nothing newer. Raises StoreError, also
        where there is no other store.
        """
        other = store if isinstance(store, GraphTracker) else GraphTracker(store)
        if not other.exists():
            raise StoreError(f"there is no store at {quoted(other.url)} to copy from; name another")
        copied = write_all(other._recorder.events(), self._recorder.write, progress)
        if other is not store:
            other.close()
        return copied

    def browser_url(self, run_id: str | None = None, *, browser: str | None = None) -> str:
        """The address of Neo4j Browser on this store, with a query in its editor: a run's lineage, or the recent runs.

        The server is asked where it serves Browser; ``browser`` names another. Raises StoreError on another store.
        """
        run = None if run_id is None else self._arguments.run_id(run_id)
        return browser_of(self._recorder.store).browser_url(run, browser)

    def exists(self) -> bool:
        """Whether the store is there; the first recording call makes it."""
        return self._recorder.exists()

    def health(self) -> dict[str, object]:
        """What is known of the store, in reading order; raises StoreError that says what is wrong."""
        return self._recorder.health()

    def close(self) -> None:
        """Ends connections; a later call opens them again."""
        self._recorder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.url}>"

    def _unknown(self, run_id: str) -> RunNotFound:
        way_out = "run_ids() (or `graphtracker runs`) lists those that reported"
        return RunNotFound(f"no run {quoted(run_id)} in {self.url}; {way_out}")

    def _parent(self, run_id: object) -> str | None:
        return None if run_id is None else self._arguments.source_id(run_id)

    def _wanted(self, filters: Mapping[str, object]) -> dict[str, object]:
        return self._arguments.metadata({key: value for key, value in filters.items() if value is not None})
