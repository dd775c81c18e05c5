"""The eight verbs of TorchX's tracker interface, on a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from graphtracker import logs
from graphtracker.api import AppRun, TrackerArtifact, TrackerBase, TrackerSource
from graphtracker.environment import chosen_folder
from graphtracker.errors import ArtifactNotFound, InvalidInput, RunNotFound
from graphtracker.lineage import IncompleteLineage, Lineage
from graphtracker.model.display import quoted
from graphtracker.model.question import Direction, Question, checked_as_of, checked_question
from graphtracker.model.times import time_text
from graphtracker.model.values import Run
from graphtracker.recording import calls
from graphtracker.recording.arguments import Arguments
from graphtracker.recording.recorder import Recorder, Recording
from graphtracker.stores.contract import Answered
from graphtracker.stores.filters.conditions import Condition, Every
from graphtracker.stores.filters.given import Where, given
from graphtracker.stores.filters.selection import Selection, order
from graphtracker.stores.snapshot import Snapshot

AnyRun = str | Run | AppRun
"""A run by its id, or itself."""

_NO_RUN: Any = ...


class TorchXVerbs(TrackerBase):
    """A tracker on one store, by TorchX's interface; ``run_id``, which may be a Run, comes first in every verb."""

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

    def add_artifact(self, run_id: AnyRun, name: str, path: str, metadata: Mapping[str, object] | None = None) -> None:
        """Records an artifact of a run; path and metadata replace those of an earlier call together."""
        self._recorder.write(calls.artifact_logged(self._arguments, run_id, name, path, metadata), said="now")

    def artifacts(self, run_id: AnyRun) -> Mapping[str, TrackerArtifact]:
        """The logged artifacts of a run, by name; ``metadata`` is None where there is none. Unknown run: empty."""
        checked = self._arguments.run_id(run_id)
        found = self._recorder.read(lambda snapshot: snapshot.artifacts(checked))
        return {item.name: self._artifact(item.name, item.path, dict(item.metadata) or None) for item in found}

    def add_metadata(self, run_id: AnyRun = _NO_RUN, /, **metadata: object) -> None:
        """Records metadata of a run, key by key; without any, it reports the run.

        ``run_id=`` alone as a keyword is the run, as in TorchX; beside a positional run it is a key like any other.
        """
        if run_id is _NO_RUN:
            if "run_id" not in metadata:
                raise TypeError("add_metadata() misses its run_id")
            run_id = metadata.pop("run_id")  # type: ignore[assignment]  # checked below
        self._recorder.write(calls.recorded(self._arguments, run_id, metadata), said="now")

    def metadata(self, run_id: AnyRun) -> Mapping[str, object]:
        """The metadata of a run, sorted by key; empty for an unknown run."""
        checked = self._arguments.run_id(run_id)
        return self._recorder.read(lambda snapshot: snapshot.metadata(checked))

    def add_source(self, run_id: AnyRun, source_id: AnyRun, artifact_name: str | None = None) -> None:
        """Records that a run was made from another, or from one artifact of it; an empty name means the whole run."""
        self._recorder.write(calls.source_named(self._arguments, run_id, source_id, artifact_name), said="now")

    def sources(self, run_id: AnyRun, artifact_name: str | None = None) -> list[TrackerSource]:
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
        run_id: AnyRun,
        *,
        direction: Direction = "both",
        depth: int | None = None,
        artifact_name: str | None = None,
        max_runs: int | None = None,
        as_of: datetime | None = None,
        strict: bool = False,
    ) -> Lineage:
        """The run, or one artifact of it, with all its ancestors and all its descendants.

        ``depth`` bounds the sources walked in each direction (0 is the start alone), ``max_runs`` the distinct runs,
        the start included, the nearest kept. ``as_of``, an aware datetime, asks the store that would hold what happened
        until then: exact, but that a value which may have been overwritten since is left out. An answer that is cut
        says so: ``complete`` is False, with ``reasons`` (and of a bound ``frontier``); ``strict=True`` raises
        IncompleteLineage instead. Raises RunNotFound, ArtifactNotFound.
        """
        question = self._question(run_id, artifact_name, direction, depth, max_runs, as_of)
        lineage = self._recorder.read(lambda snapshot: self._answered(snapshot, question))
        if strict:
            self._check_whole(lineage)
        return lineage

    def _question(
        self,
        run_id: AnyRun,
        artifact_name: str | None,
        direction: str,
        depth: int | None,
        max_runs: int | None,
        as_of: datetime | None,
    ) -> Question:
        name = self._arguments.optional_name(artifact_name)
        return checked_question(self._arguments.run_id(run_id), name, direction, depth, max_runs, as_of)

    def _answered(self, snapshot: Snapshot, question: Question) -> Lineage:
        """What a view of the store answers; raises RunNotFound, ArtifactNotFound."""
        answer = snapshot.lineage(question)
        if answer is None:
            raise self._unknown(snapshot, question.run_id, _as_of(question.as_of))
        if question.artifact_name is not None and question.start not in answer.artifacts:
            raise ArtifactNotFound(
                f"run {quoted(question.run_id)} has no artifact {quoted(question.artifact_name)}"
                f"{_as_of(question.as_of)}; artifacts() (or `graphtracker show`) lists those that it logged"
            )
        return self._lineage.from_answer(answer)

    def _check_whole(self, lineage: Lineage, way_out: str = "ask without strict") -> None:
        """Raises IncompleteLineage where it is not."""
        if not lineage.complete:
            what = "the answer" if lineage.start is None else f"the lineage of {quoted(lineage.start)}"
            message = f"{what} is not whole, {lineage.cut_note()}; {_way_out(lineage)}{way_out}"
            raise IncompleteLineage(message, lineage)

    def run_ids(
        self,
        where: Where | None = None,
        order_by: str | None = None,
        limit: int | None = None,
        after: AnyRun | None = None,
        /,
        **filters: object,
    ) -> list[str]:
        """The ids of reported runs, newest first, then by id; of ``runs`` with the same first four.

        Keywords are filters, as in TorchX: ``parent_run_id=`` keeps runs with this source, any other those whose
        metadata has that value: text matches that text and, where it reads as a JSON scalar, that value; a number a
        number. None is no filter.
        """
        parent = filters.pop("parent_run_id", None)
        options = [key for key in ("where", "order_by", "limit", "after") if filters.get(key) is not None]
        conditions = [self._where(where), self._where(filters)]
        both = Every(tuple(each for each in conditions if each is not None))
        found = self._recorder.read(
            self._selecting(both, parent, order_by, limit, after, None, lambda snapshot, asked: snapshot.run_ids(asked))
        )
        if options and not found:
            logs.warning(
                "run_ids(%s=…) looks for runs that have a metadata key of this name; an option has its place, "
                "run_ids(where, order_by, limit, after), or ask runs()", options[0],
            )  # fmt: skip
        return found

    def _selecting(
        self,
        where: Condition | None,
        parent_run_id: object,
        order_by: str | None,
        limit: int | None,
        after: AnyRun | None,
        as_of: datetime | None,
        work: Callable[[Snapshot, Selection], Answered],
    ) -> Callable[[Snapshot], Answered]:
        """What asks a snapshot for the runs of a selection."""
        then = checked_as_of(as_of)
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
            raise InvalidInput(f"limit must be a whole number of at least 0, or None, not {quoted(limit)}")
        parent = None if parent_run_id is None else self._arguments.source_id(parent_run_id)
        ordered = None if order_by is None else order(order_by)
        last = after if isinstance(after, Run) or after is None else self._arguments.run_id(after)

        def asking(snapshot: Snapshot) -> Answered:
            run = _as_of_then(snapshot, last, then) if isinstance(last, str) else last
            if run is None and last is not None:
                raise self._unknown(snapshot, str(last), ", so there is no page after it")
            return work(snapshot, Selection(where, parent, ordered, limit, run, then))

        return asking

    def _unknown(self, snapshot: Snapshot, run_id: str, more: str = "") -> RunNotFound:
        way_out = "find_run() takes names, and run_ids() (or `graphtracker runs`) lists those that reported"
        named = snapshot.named(run_id, beginning=False, limit=2)
        if named:
            others = " and of others" if len(named) > 1 else ""
            way_out = f"it is the name of {quoted(named[0].run_id)}{others}: give that id, as find_run() returns it"
        return RunNotFound(f"no run {quoted(run_id)} in {self.url}{more}; {way_out}")

    def _where(self, where: Where | None) -> Condition | None:
        return given(where, self._arguments.metadata)


def _as_of_then(snapshot: Snapshot, run_id: str, then: datetime | None) -> Run | None:
    if then is None:
        return snapshot.run(run_id)
    alone = snapshot.lineage(Question(run_id, depth=0, as_of=then))
    return None if alone is None else alone.runs.get(run_id)


def _as_of(then: datetime | None) -> str:
    return "" if then is None else f" as of {time_text(then)}"


def _way_out(lineage: Lineage) -> str:
    if lineage.frontier:
        return "raise the bound, or "
    return "ask again when `graphtracker sync` has delivered it, or " if "unsynced" in lineage.reasons else ""
