"""GraphTracker: every verb of the library."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from graphtracker.api import TrackerArtifact, TrackerBase, TrackerSource
from graphtracker.environment import records_context
from graphtracker.errors import InvalidInput, StoreError
from graphtracker.jobs.started_run import StartedRun, new_run_id
from graphtracker.lineage import Lineage
from graphtracker.model.display import quoted
from graphtracker.model.events import Event
from graphtracker.model.question import checked_as_of
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Artifact
from graphtracker.recording import calls
from graphtracker.recording.arguments import is_run
from graphtracker.recording.batch import Batch
from graphtracker.recording.forgetting import Forgetting, plan
from graphtracker.recording.recorder import write_all
from graphtracker.sameness_verbs import SamenessVerbs
from graphtracker.stores.contract import browser_of
from graphtracker.stores.filters.given import Where
from graphtracker.stores.snapshot import Snapshot
from graphtracker.torchx_verbs import AnyRun

if TYPE_CHECKING:
    from typing_extensions import Self


_NO_NAME: Any = ...


class GraphTracker(SamenessVerbs):
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

    def record(
        self,
        run_id: AnyRun,
        *,
        metadata: Mapping[str, object] | None = None,
        artifacts: Mapping[str, str | os.PathLike[str]] | Iterable[TrackerArtifact | Artifact] = (),
        sources: Iterable[TrackerSource | AnyRun | Artifact | tuple[str, str]] = (),
        at: datetime | None = None,
    ) -> None:
        """Records all of it in one transaction.

        ``artifacts`` are TrackerArtifact values, or a mapping of names to paths; ``sources`` are TrackerSource values,
        runs or their ids, artifacts or their ``(run id, name)``. ``at``, an aware datetime, is when it happened, for
        history; of two events the one that happened later stands.

        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.record("train", artifacts={"model": "/m.pt"}, sources=["prepare"])
        """
        time = None if at is None else nanoseconds(at)
        events = calls.recorded(self._arguments, run_id, metadata, artifacts, sources, time)
        self._recorder.write(events, said="now" if at is None else "at")

    def start_run(self, name: str = _NO_NAME, /, *, run_id: str | None = None, **metadata: object) -> StartedRun:
        """A run that begins now, as an AppRun; with it records the context and this metadata.

        ``with`` ends it (or ``run.end()``): its status is recorded, an exception as well, which goes on. Its id is
        ``local://<host>/<name>-<random>``, or ``run_id``; GRAPHTRACKER_CONTEXT=off records no context, and no status.
        ``name=`` alone as a keyword is the name; beside a positional one it is metadata like any other key.

        >>> with GraphTracker(":memory:") as tracker, tracker.start_run("train", lr=0.001) as run:
        ...     rows = run.use("/data/rows.parquet")
        ...     run.add_artifact("model", "/models/reviews.pt")
        """
        from graphtracker.jobs.context import ended, started  # for those who start runs

        if name is _NO_NAME:
            name = str(metadata.pop("name", "run"))
        events = calls.recorded(self._arguments, run_id or new_run_id(name), metadata)
        own_id = events[0].run_id
        if records_context():
            events += calls.context_set(self._arguments, own_id, started(datetime.now(timezone.utc)))
        self._recorder.write(events, said="now")

        def record_status(status: str) -> None:
            if records_context():
                self._recorder.write(calls.context_set(self._arguments, own_id, ended(status)), said="now")

        return StartedRun(own_id, [self], record_status, lambda path: self.add_source_at(own_id, path))

    def add_source_at(self, run_id: AnyRun, path: str | os.PathLike[str]) -> TrackerSource:
        """Records that a run was made from what lies at this path, and returns the source that this is.

        It is the artifact that another run logged there last; where none did, the place itself, as an external run.

        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.add_artifact("prepare", "rows", "/data/rows.parquet")
        ...     tracker.add_source_at("train", "/data/rows.parquet")
        TrackerSource(source_run_id='prepare', artifact_name='rows')
        """
        own_id = self._arguments.run_id(run_id)
        there = next((item for item in self.find_artifacts(path) if item.run_id != own_id), None)
        named = (self._place(path), None) if there is None else (there.run_id, there.name)
        source: TrackerSource = self._source(*named)
        self.add_source(own_id, source.source_run_id, source.artifact_name)
        return source

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

    def graph(self, as_of: datetime | None = None) -> Lineage:
        """Everything the store holds, or would hold as of a time (as in ``lineage``), as a lineage without a start."""
        then = checked_as_of(as_of)
        return self._lineage.from_answer(self._recorder.read(lambda snapshot: snapshot.graph(then)))

    def forget(
        self,
        run_ids: AnyRun | Iterable[AnyRun],
        *,
        links: bool = True,
        dry_run: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Forgetting:
        """Takes runs out of the store for ever: what comes of them later, from a spool or another store, is void.

        Their values go (metadata, context, paths), and with ``links`` their sources and artifacts, too; a run that
        others name is external then. Without ``links`` ids, names and links stay, so every lineage keeps its shape.
        Files are never touched: their paths are in the result. ``dry_run`` only tells; ``progress`` is called with the
        number of runs that are done. Raises RunNotFound, and forgets none, where one is unknown.
        """
        wanted: Any = [run_ids] if isinstance(run_ids, str) or is_run(run_ids) else run_ids
        checked = list(dict.fromkeys(map(self._arguments.run_id, wanted)))

        def read(snapshot: Snapshot) -> Forgetting:
            planned = plan(snapshot, checked, links=links)
            for run_id in sorted(set(checked).difference(planned.runs)):
                raise self._unknown(snapshot, run_id, ", so nothing was forgotten")
            return planned

        planned = self._recorder.read(read)
        return self._forgotten(planned, dry_run, progress)

    def prune(
        self,
        older_than: datetime,
        *,
        where: Where | None = None,
        dry_run: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Forgetting:
        """Forgets the runs that were last updated before an aware datetime and that nothing younger came from.

        That is the rule by which ``git gc`` prunes. ``where`` keeps to runs that match, as in ``runs``; the rest
        is as in ``forget``.
        """
        nanoseconds(older_than, "older_than")
        condition = self._where(where)
        planned = self._recorder.read(
            lambda snapshot: plan(snapshot, snapshot.outdated(older_than, condition), links=True)
        )
        return self._forgotten(planned, dry_run, progress)

    def _forgotten(self, planned: Forgetting, dry_run: bool, progress: Callable[[int], None] | None) -> Forgetting:
        if dry_run:
            return planned
        write_all(calls.forgotten(planned.runs, links=planned.links), self._recorder.write, progress)
        self._recorder.erase()
        return replace(planned, dry_run=False)

    def copy_from(
        self,
        store: str | os.PathLike[str] | TrackerBase | Iterable[list[Event]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Merges every event of another store (a URL, a path, or a tracker on it) into this one, stamps kept.

        Any other TorchX tracker is read through TorchX's interface (what cannot be stored of it is left out, as a line
        of log says), and what the ``events`` of a vocabulary in ``graphtracker.exchange`` gives is written as it comes.
        Returns the number of events that were read there; ``progress`` is called with that number as it grows. Copying
        again, or after a copy that was cut off, doubles nothing and overwrites nothing newer. Raises StoreError, also
        where there is no other store.
        """
        if isinstance(store, (str, os.PathLike)):
            with GraphTracker(store) as other:
                return self.copy_from(other, progress=progress)
        copied = write_all(self._events_of(store), self._recorder.write, progress)
        self._recorder.erase()
        return copied

    def _every_event(self) -> Iterator[list[Event]]:
        """Every event of the store, with its stamp; raises StoreError where there is no store."""
        if not self.exists():
            raise StoreError(f"there is no store at {quoted(self.url)} to copy from; name another")
        return self._recorder.events()

    def _events_of(self, store: TrackerBase | Iterable[list[Event]]) -> Iterable[list[Event]]:
        if isinstance(store, GraphTracker):
            return store._every_event()
        if callable(getattr(store, "run_ids", None)):
            from graphtracker.exchange import torchx  # for those who bring their history

            return torchx.events_told(store)
        if isinstance(store, Iterable) and not isinstance(store, bytes):
            return store
        raise InvalidInput(f"nothing can be copied from {quoted(store)}; give a store, a TorchX tracker or its events")

    def browser_url(self, run_id: AnyRun | None = None, *, browser: str | None = None) -> str:
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
