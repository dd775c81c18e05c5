"""The verbs that ask what follows from lineage: what differs, what depends, what is out of date."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from graphtracker.contrast_verb import ContrastVerb, run_and_name
from graphtracker.errors import ArtifactNotFound, InvalidInput
from graphtracker.finding_verbs import stood
from graphtracker.lineage import Lineage
from graphtracker.model.display import quoted
from graphtracker.model.question import Answer, JointQuestion, Question, checked_as_of
from graphtracker.model.times import time_text
from graphtracker.model.values import Artifact, Node
from graphtracker.stores.filters.given import Where
from graphtracker.stores.filters.meaning import matches
from graphtracker.stores.snapshot import Snapshot
from graphtracker.torchx_verbs import AnyRun

if TYPE_CHECKING:
    from graphtracker.analysis.impact import Impact
    from graphtracker.analysis.stale import Staleness
    from graphtracker.difference import Difference

AnyNode = AnyRun | tuple[str, str]
"""A run, by its id or itself, or an artifact as (run id, name)."""


class QuestionVerbs(ContrastVerb):
    """A tracker on one store, with the questions about what is stored; each is asked of one view of the store."""

    def diff(
        self,
        run_id: AnyRun,
        other_run_id: AnyRun | None = None,
        *,
        artifact_name: str | None = None,
        depth: int | None = None,
        ignore: Iterable[str] = (),
        paths: bool = False,
        as_of: datetime | None = None,
        strict: bool = False,
    ) -> Difference:
        """What differs between the lineages of two runs (or of an artifact of each), and where that begins.

        Runs stand beside each other by their roles, not by their ids: the sources of two runs that stand so match by
        the artifacts that are named. ``ignore`` are patterns of metadata keys (as in ``fnmatch``), ``KEY`` and, of
        artifacts, ``NAME.KEY`` too; ``paths`` compares their places as well; ``depth`` bounds the sources walked.
        Both are as of a time (an aware datetime), if one is given; without ``other_run_id`` the other side is the run
        itself as it was then. ``strict`` raises IncompleteLineage where one side is not whole. Raises RunNotFound,
        ArtifactNotFound.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     for name, dedupe in {"a": True, "b": False}.items():
        ...         tracker.record(f"clean-{name}", metadata={"dedupe": dedupe}, artifacts={"rows": f"/{name}.parquet"})
        ...         tracker.record(f"train-{name}", sources=[(f"clean-{name}", "rows")])
        ...     difference = tracker.diff("train-a", "train-b")
        ...     [(pair.run_id, dict(pair.metadata)) for pair in difference.origins]
        [('clean-a', {'dedupe': (True, False)})]
        """
        if other_run_id is None and as_of is None:
            raise InvalidInput("diff() wants another run, or as_of= to compare the run with itself as it was then")
        first = None if other_run_id is None else as_of
        asked = self._upstream(run_id, artifact_name, depth, first)
        other = self._upstream(run_id if other_run_id is None else other_run_id, artifact_name, depth, as_of)
        one, another = self._recorder.read(
            lambda snapshot: (self._answered(snapshot, asked), self._answered(snapshot, other))
        )
        if strict:
            self._check_whole(one)
            self._check_whole(another)
        return one.diff(another, ignore=ignore, paths=paths)

    def impact(
        self,
        run_id: AnyRun | None = None,
        *,
        artifact_name: str | None = None,
        path: str | os.PathLike[str] | None = None,
        where: Where | None = None,
        depth: int | None = None,
        max_runs: int | None = None,
        as_of: datetime | None = None,
        strict: bool = False,
    ) -> Impact:
        """What was made from a run, from an artifact of it, or from every artifact that was logged at a path.

        Rows come in an order in which the runs can be made again. ``where``, as in ``runs``, keeps rows; it never cuts
        the walk. The bounds, ``as_of`` and ``strict`` are those of ``lineage``. Raises RunNotFound, ArtifactNotFound.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.record("clean", artifacts={"rows": "/rows.parquet"})
        ...     tracker.record("train", artifacts={"model": "/m.pt"}, sources=[("clean", "rows")])
        ...     tracker.record("deploy", sources=[("train", "model")])
        ...     [(row.run_id, row.distance, row.ends) for row in tracker.impact(path="/rows.parquet").runs]
        [('train', 1, False), ('deploy', 2, True)]
        """
        from graphtracker.analysis.impact import doubtful, impact  # for those who ask

        if (run_id is None) == (path is None):
            raise InvalidInput("impact() is about a run, or about what lies at a path; give one of run_id and path")
        condition = self._where(where)
        then = checked_as_of(as_of)
        question = None
        if run_id is not None:
            question = self._question(run_id, artifact_name, "downstream", depth, max_runs, then)
        elif artifact_name is not None:
            raise InvalidInput("a path names the artifact itself; leave artifact_name out, or give run_id in its place")

        def read(snapshot: Snapshot) -> tuple[tuple[Node, ...], Lineage, Answer | None]:
            starts: tuple[Node, ...]
            if question is not None:
                starts, lineage = (question.start,), self._answered(snapshot, question)
            else:
                starts, hidden = self._all_at(snapshot, path or "", then)
                joint = JointQuestion(starts, "downstream", depth, max_runs, then)
                lineage = self._lineage.from_answer(snapshot.lineages(joint))
                if hidden:
                    lineage = replace(lineage, reasons=lineage.reasons | {"overwritten"})
            unsure = doubtful(lineage, starts)
            beside = snapshot.lineages(JointQuestion(unsure, "upstream", 1, None, then)) if unsure else None
            return starts, lineage, beside

        starts, lineage, beside = self._recorder.read(read)
        if strict:
            self._check_whole(lineage)
        keeps = None if condition is None else lambda run, artifacts: matches(condition, run, artifacts)
        return impact(lineage, starts, keeps, beside)

    def stale(self, run_id: AnyRun | None = None, *, depth: int | None = None, strict: bool = False) -> Staleness:
        """The uses, by a run and all it came from (or, without a run, in the whole store), that are out of date.

        A use is so when the artifact at the place that was read was last logged after the run named it, by a run other
        than itself, unless both carry an equal ``sha256`` in their metadata. A use counts from when the run first named
        it; a run that is recorded again under the same id keeps that time, so give each run its own id. What names its
        source only after reading it can be missed; the clocks of machines are compared as they are. Raises RunNotFound.

        >>> from graphtracker import GraphTracker
        >>> with GraphTracker(":memory:") as tracker:
        ...     tracker.add_artifact("monday", "rows", "/rows.parquet")
        ...     tracker.add_source("train", "monday", "rows")
        ...     tracker.add_artifact("tuesday", "rows", "/rows.parquet")
        ...     [(use.run_id, use.source_run_id, use.renewed_by) for use in tracker.stale("train").uses]
        [('train', 'monday', ('tuesday', 'rows'))]
        """
        from graphtracker.analysis.stale import newest_in, places_used, stale  # for those who ask

        question = None if run_id is None else self._upstream(run_id, None, depth, None)
        if question is None and depth is not None:
            raise InvalidInput("depth is counted from a run; name one, or leave it out to ask about the whole store")

        def read(snapshot: Snapshot) -> tuple[Lineage, Mapping[str, Sequence[Artifact]]]:
            if question is None:
                everything = self._lineage.from_answer(snapshot.graph())
                return everything, newest_in(everything)
            lineage = self._answered(snapshot, question)
            return lineage, snapshot.newest_at(places_used(lineage))

        lineage, newest = self._recorder.read(read)
        if strict:
            self._check_whole(lineage)
        return stale(lineage, newest)

    def between(
        self,
        source: AnyNode,
        target: AnyNode,
        *,
        depth: int | None = None,
        as_of: datetime | None = None,
        strict: bool = False,
    ) -> Lineage:
        """Every path from a run or an artifact to another, ``(run id, name)``, as a lineage of what lies on them.

        It is the upstream lineage of the target without what does not descend from the source, and is empty where
        the target does not; artifacts have their own runs beside them. ``depth`` bounds the sources walked from the
        target. Raises RunNotFound, ArtifactNotFound.
        """
        from graphtracker.analysis.paths import between  # for those who ask

        begin = self._node(source)
        end = self._node(target)
        question = self._question(*run_and_name(end), "upstream", depth, None, checked_as_of(as_of))
        beginning = Question(*run_and_name(begin), direction="downstream", depth=0, as_of=question.as_of)

        def read(snapshot: Snapshot) -> Lineage:
            lineage = self._answered(snapshot, question)
            if begin not in lineage:
                self._answered(snapshot, beginning)  # it is to be there all the same
            return lineage

        lineage = self._recorder.read(read)
        if strict:
            self._check_whole(lineage)
        return self._lineage.from_answer(between(lineage, begin, end))

    # -- what is asked for, and what a view of the store answers -------------------------------------------------------

    def _upstream(
        self, run_id: AnyRun, artifact_name: str | None, depth: int | None, then: datetime | None
    ) -> Question:
        return self._question(run_id, artifact_name, "upstream", depth, None, then)

    def _all_at(
        self, snapshot: Snapshot, path: str | os.PathLike[str], then: datetime | None
    ) -> tuple[tuple[Node, ...], bool]:
        """Every artifact at the place of this path, with whether others may have lain there, of which it is not known
        since they were logged anew; raises ArtifactNotFound."""
        place = self._place(path)
        there = snapshot.find_artifacts(place)
        found = tuple((item.run_id, item.name) for item in there if stood(item, then))
        hidden = any(
            then is not None and item.logged_at is not None and item.logged_at <= then < (item.updated_at or then)
            for item in there
        )
        if not found:
            until = "" if then is None else f" by {time_text(then)}{', and not anew since' if hidden else ''}"
            raise ArtifactNotFound(
                f"no artifact was logged at {quoted(place)}{until}; find() looks for a part of a path"
            )
        return found, hidden

    def _node(self, node: AnyNode) -> Node:
        if not isinstance(node, tuple):
            return self._arguments.run_id(node)
        if len(node) != 2:
            raise InvalidInput(f"an artifact is given by (run id, name), not by {quoted(node)}")
        run_id, name = self._arguments.run_id(node[0]), self._arguments.optional_name(node[1])
        return run_id if name is None else (run_id, name)
