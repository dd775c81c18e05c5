"""The TorchX plug-in: the entry point ``graphtracker`` of the group ``torchx.tracker``.

Releases after 0.7.0 find it by ``torchx_plugins.tracker.graphtracker``, too.

In ``.torchxconfig``, with a store URL or path as the configuration (none: the default store)::

    [torchx:tracker]
    graphtracker =

    [tracker:graphtracker]
    config = /data/lineage.db
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from graphtracker import api, environment, logs
from graphtracker.errors import InvalidInput, NotFound, StoreError, reason_of
from graphtracker.jobs.guard import JobRecorder
from graphtracker.jobs.repair import RepairedArguments
from graphtracker.jobs.started_run import StartedRun
from graphtracker.lineage import IncompleteLineage, Lineage
from graphtracker.model.signals import pass_on
from graphtracker.model.times import nanoseconds
from graphtracker.model.values import Run
from graphtracker.recording.forgetting import Forgetting
from graphtracker.recording.given import Artifacts, as_artifact, as_source, given_artifacts, given_sources
from graphtracker.tracker import GraphTracker

try:
    from torchx.tracker import api as contract
except ImportError:
    contract = api


TorchXLineage: type[Lineage] = Lineage
if contract.Lineage is not Lineage:
    # A lineage that passes for TorchX's own, which is an empty class.
    TorchXLineage = type(
        "TorchXLineage", (Lineage, contract.Lineage), {"__module__": __name__, "__doc__": Lineage.__doc__}
    )


def _recording(verb: Callable[..., object]) -> Any:
    """The verb, which raises nothing: a call that cannot be recorded at all is dropped with a warning, and is None."""

    @functools.wraps(verb)
    def record(self: TorchXTracker, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return verb(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  # nothing raises into a job; the recorder has caught what the store raises
            pass_on(error)
            self._tell("graphtracker drops a call that it cannot record", reason_of(error))
            return None

    return record


def _reading(verb: Callable[..., Any], empty: Callable[[], Any], unread: Callable[[], Any] | None = None) -> Any:
    """The verb; inside a job a bad question has an empty answer; a store that cannot be read has ``unread``."""
    unread = unread or empty

    @functools.wraps(verb)
    def read(self: TorchXTracker, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return verb(self, *args, **kwargs)
        except Exception as error:
            pass_on(error)
            if not environment.inside_job():
                raise
            if isinstance(error, StoreError):
                self._tell("graphtracker cannot read its store and returns an empty answer", reason_of(error))
                return unread()
            self._tell("graphtracker returns an empty answer to a question that it cannot take", reason_of(error))
            return empty()

    return read


def _unread() -> Lineage:
    return TorchXLineage().unsynced()


def _nothing_forgotten() -> Forgetting:
    return Forgetting((), (), (), (), links=True, dry_run=True)


class TorchXTracker(GraphTracker):
    """A GraphTracker that never hurts a job.

    Nothing that it does raises into a job, but ``run``, ``find_run``, ``named_run``, ``browser_url`` and ``health``,
    which have no empty answer. What GraphTracker refuses of a value is stored as its text, with one warning; what the
    store cannot take waits in a spool, as one line of log says. Answers are of TorchX's own classes where torchx is
    installed, and ``<UNDEFINED>`` is this launch.
    """

    _artifact = contract.TrackerArtifact
    _source = contract.TrackerSource
    _lineage = TorchXLineage

    def __init__(self, url: str | os.PathLike[str] | None = None) -> None:
        self._recorder = self._job = JobRecorder(url)
        self._arguments = RepairedArguments(self._warn)
        self._told: set[str] = set()

    def _warn(self, message: str) -> None:
        self._tell("graphtracker stores as text what it cannot store as it is", message)

    def _tell(self, what: str, message: str) -> None:
        """Logs the first message of each sort."""
        if what not in self._told:
            self._told.add(what)
            logs.warning("%s (told once): %s", what, message)

    add_artifact = _recording(GraphTracker.add_artifact)
    add_metadata = _recording(GraphTracker.add_metadata)
    add_source = _recording(GraphTracker.add_source)
    add_source_at = _recording(GraphTracker.add_source_at)
    artifacts = _reading(GraphTracker.artifacts, dict)
    metadata = _reading(GraphTracker.metadata, dict)
    sources = _reading(GraphTracker.sources, list)
    run_ids = _reading(GraphTracker.run_ids, list)
    runs = _reading(GraphTracker.runs, list)
    consumers = _reading(GraphTracker.consumers, list)
    find_artifacts = _reading(GraphTracker.find_artifacts, list)
    copy_from = _reading(GraphTracker.copy_from, int)
    forget = _reading(GraphTracker.forget, _nothing_forgotten)
    prune = _reading(GraphTracker.prune, _nothing_forgotten)
    exists = _reading(GraphTracker.exists, bool)

    def start_run(self, /, *args: Any, run_id: str | None = None, **metadata: Any) -> StartedRun:
        """As GraphTracker's; a name or an id that it refuses is left out."""
        try:
            return super().start_run(*args, run_id=run_id, **metadata)
        except Exception as error:  # noqa: BLE001  # as above
            pass_on(error)
            self._tell("graphtracker leaves out a part of a call that it cannot record", reason_of(error))
            return super().start_run("run", **metadata)

    @_recording
    @functools.wraps(GraphTracker.record)
    def record(
        self,
        run_id: str | Run,
        *,
        metadata: Mapping[str, object] | None = None,
        artifacts: Artifacts = (),
        sources: Iterable[Any] = (),
        at: datetime | None = None,
    ) -> None:
        """As GraphTracker's; an artifact, a source or a time that it refuses is left out, and the rest recorded."""
        super().record(
            run_id,
            metadata=metadata,
            artifacts=self._fit(
                lambda: given_artifacts(artifacts), lambda item: self._arguments.name(as_artifact(item)[0])
            ),
            sources=self._fit(
                lambda: given_sources(sources), lambda item: self._arguments.source_id(as_source(item)[0])
            ),
            at=next(iter(self._fit(lambda: [at], lambda at: at is None or nanoseconds(at))), None),
        )

    def _fit(self, given: Callable[[], Iterable[Any]], check: Callable[[Any], object]) -> list[Any]:
        """The items that pass the check."""
        fit = []
        try:
            for item in given():
                try:
                    check(item)
                    fit.append(item)
                except InvalidInput as error:
                    self._tell("graphtracker leaves out a part of a call that it cannot record", reason_of(error))
        except (InvalidInput, TypeError) as error:
            self._tell("graphtracker leaves out a part of a call that it cannot record", reason_of(error))
        return fit

    @functools.partial(_reading, empty=TorchXLineage, unread=_unread)
    @functools.wraps(GraphTracker.lineage)
    def lineage(self, /, *args: Any, **kwargs: Any) -> Lineage:
        """As GraphTracker's; inside a job an unknown run has an empty one, and lost events are ``unsynced``."""
        try:
            lineage = super().lineage(*args, **kwargs)
        except NotFound:
            if not environment.inside_job():
                raise
            lineage = self._lineage()
        except IncompleteLineage as error:
            if not environment.inside_job():
                raise
            lineage = error.lineage
        return self._honest(lineage)

    @functools.partial(_reading, empty=TorchXLineage, unread=_unread)
    @functools.wraps(GraphTracker.graph)
    def graph(self, as_of: datetime | None = None) -> Lineage:
        """As GraphTracker's; lost events are ``unsynced``."""
        return self._honest(super().graph(as_of))

    def _honest(self, lineage: Lineage) -> Lineage:
        return lineage.unsynced() if self._job.lost else lineage


contract.TrackerBase.register(TorchXTracker)


def create(config: str | None = None) -> TorchXTracker:
    """The tracker on the store that this URL or path names; without one, on the default store.

    Inside a job what is recorded for a configuration that names no store waits in a spool, as the log says; elsewhere
    it raises InvalidInput.
    """
    return TorchXTracker(config or None)
