"""Which uses are out of date: something was logged since at the place that was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from graphtracker.analysis.distances import downstream, upstream
from graphtracker.analysis.newest import newest_first, newest_of_two_runs
from graphtracker.model.counted import counted
from graphtracker.model.equality import MISSING, equal
from graphtracker.model.gc_paused import gc_paused
from graphtracker.model.html_table import html_list
from graphtracker.model.question import Answer, and_cut
from graphtracker.model.times import time_text, to_the_second
from graphtracker.model.values import Artifact, Node, Source


@dataclass(frozen=True)
class Stale:
    """A use that is out of date: a run named an artifact, or a whole run, and its place was written anew since."""

    run_id: str
    source_run_id: str
    artifact_name: str | None
    """None where the whole run was named: there is a row for each of its artifacts."""
    place: str
    used_at: datetime
    """When the run first named it, an aware UTC datetime."""
    renewed_at: datetime
    """When what is the newest there now was logged."""
    renewed_by: tuple[str, str]
    """(Run id, name) of that artifact."""
    distance: int
    """Sources from the run that was asked about to the run that used it; 0 where the whole store was asked about."""

    def to_dict(self) -> dict[str, Any]:
        """The use in plain JSON types."""
        return {
            **vars(self),
            "used_at": time_text(self.used_at),
            "renewed_at": time_text(self.renewed_at),
            "renewed_by": list(self.renewed_by),
        }


@dataclass(frozen=True, repr=False)
class Staleness:
    """The uses that are out of date, by a run and all that it came from, or in a whole store."""

    uses: tuple[Stale, ...]
    """By distance, then by the ids of the run and of its source, then by name."""
    runs: tuple[str, ...]
    """Ids, in order, of the runs that are stale: those of the uses, and all that descends from them, as far as it was
    asked about."""
    compared: int
    """How many uses could be compared: of an artifact that has a place and had been logged by then."""
    reasons: frozenset[str]
    """What left something out, as in a Lineage."""

    @property
    def complete(self) -> bool:
        """Whether all that the store held was asked about."""
        return not self.reasons

    @property
    def stale(self) -> bool | None:
        """Whether anything is out of date; None where nothing is known to be, but not all was asked about."""
        return True if self.uses else False if self.complete else None

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain JSON types, in a stable order."""
        return {
            "stale": self.stale,
            "complete": self.complete,
            "reasons": sorted(self.reasons),
            "compared": self.compared,
            "runs": list(self.runs),
            "uses": [use.to_dict() for use in self.uses],
        }

    def _repr_html_(self) -> str:
        return html_list(repr(self).strip("<>"), self.uses, lambda use: (_said(use), {}))

    def __repr__(self) -> str:
        verdict = {True: "stale", False: "not stale", None: "not known to be stale"}[self.stale]
        uses = f"{len(self.uses):,} of {counted(self.compared, 'use')} out of date"
        runs = f", {counted(len(self.runs), 'stale run')}" if self.runs else ""
        return f"<Staleness: {verdict}, {uses}{runs}{and_cut(self.reasons)}>"


def _said(use: Stale) -> dict[str, str]:
    return {
        "run_id": use.run_id,
        "source": use.source_run_id,
        "name": use.artifact_name or "",
        "place": use.place,
        "used_at": to_the_second(use.used_at),
        "renewed_at": to_the_second(use.renewed_at),
        "renewed_by": use.renewed_by[0],
    }


class _Use(NamedTuple):
    """An artifact that was logged when a run named it, or the whole run of it."""

    source: Source
    artifact: Artifact
    place: str


def places_used(answer: Answer) -> list[str]:
    """The places that ``stale`` asks about, in order."""
    return sorted({use.place for use in _uses(answer)})


def newest_in(answer: Answer) -> dict[str, list[Artifact]]:
    """Place → of the artifacts that lie there in this answer the newest, and the newest of another run."""
    there: dict[str, list[Artifact]] = {}
    for artifact in answer.artifacts.values():
        if artifact.place is not None:
            there.setdefault(artifact.place, []).append(artifact)
    return {place: newest_of_two_runs(newest_first(artifacts)) for place, artifacts in there.items()}


def stale(answer: Answer, newest: Mapping[str, Sequence[Artifact]]) -> Staleness:
    """The uses in an upstream lineage, or in a whole store, that are out of date.

    ``newest`` has of each place of ``places_used`` what ``newest_in`` has of a whole store. A use is superseded by the
    newest log there that is not the run's own, if it is later than the use; unless that carries the ``sha256`` which
    the artifact that was read carries since.
    """
    with gc_paused():
        return _stale(answer, newest)


def _stale(answer: Answer, newest: Mapping[str, Sequence[Artifact]]) -> Staleness:
    distances = _distances(answer)
    found: list[Stale] = []
    compared = 0
    for use in _uses(answer):
        compared += 1
        of_others = (each for each in newest.get(use.place, ()) if each.run_id != use.source.run_id)
        found += _superseded(use, next(of_others, None), distances)
    found.sort(key=lambda use: (use.distance, use.run_id, use.source_run_id, use.artifact_name or "", use.place))
    return Staleness(tuple(found), _descending(answer, found), compared, answer.reasons)


def _uses(answer: Answer) -> Iterator[_Use]:
    """Those of what had been logged by then, and has a place."""
    named = {(source.run_id, source.source_run_id) for source in answer.sources if source.artifact_name is not None}
    outputs: dict[str, list[Artifact]] = {}
    for (run_id, _), artifact in answer.artifacts.items():
        outputs.setdefault(run_id, []).append(artifact)
    for source in answer.sources:
        if source.artifact_name is not None:
            used = [answer.artifacts[source.source_run_id, source.artifact_name]]
        elif (source.run_id, source.source_run_id) in named:
            continue
        else:
            used = outputs.get(source.source_run_id, [])
        for artifact in used:
            logged_at = artifact.logged_at
            if artifact.place is not None and logged_at is not None and logged_at <= source.created_at:
                yield _Use(source, artifact, artifact.place)


def _superseded(use: _Use, newest: Artifact | None, distances: Mapping[Node, int]) -> Iterator[Stale]:
    """The row of a use that the newest log of another run supersedes."""
    source, read = use.source, use.artifact
    if newest is None or newest.updated_at is None or newest.updated_at <= source.created_at:
        return
    kept = read.updated_at is not None and read.updated_at <= source.created_at  # else what it carried is not known
    sha256 = read.metadata.get("sha256", MISSING) if kept else MISSING
    if sha256 is not MISSING and equal(sha256, newest.metadata.get("sha256", MISSING)):
        return
    yield Stale(
        source.run_id,
        source.source_run_id,
        source.artifact_name,
        use.place,
        source.created_at,
        newest.updated_at,
        (newest.run_id, newest.name),
        distances.get(source.run_id, 0),
    )


def _distances(answer: Answer) -> Mapping[Node, int]:
    """Run id → how many sources it is above the start; nothing where a whole store was asked about."""
    if answer.start_run is None:
        return {}
    sources_of: dict[Node, list[Node]] = {}
    for source in answer.sources:
        sources_of.setdefault(source.run_id, []).append(source.source_run_id)
    return upstream(sources_of, [answer.start_run])


def _descending(answer: Answer, uses: Sequence[Stale]) -> tuple[str, ...]:
    """The runs of these uses, and all that were made from them."""
    consumers_of: dict[Node, list[Node]] = {}
    for source in answer.sources if uses else ():
        consumers_of.setdefault(source.source_run_id, []).append(source.run_id)
    reached = downstream(consumers_of, dict.fromkeys(use.run_id for use in uses))
    return tuple(sorted(run_id for run_id in reached if isinstance(run_id, str)))
