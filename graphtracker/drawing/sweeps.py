"""In which metadata a run differs from those that were tried beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from graphtracker.analysis.stacks import Links
from graphtracker.analysis.telling import columns_of, telling_keys
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.flattened import flattened
from graphtracker.model.question import Answer
from graphtracker.model.values import Run

_Made = tuple[frozenset[tuple[str, str]], frozenset[tuple[str, bool]]]
"""What a run has used, and its artifacts."""


class Sweeps:
    """The runs of an answer that were tried beside each other.

    They have the same sources and the same artifact names, whoever used them since. One that failed, or runs, may yet
    have only some of these: it belongs to the largest sweep that has all of them; where it lacks sources, its metadata
    keys must be of the sweep, too.
    """

    def __init__(self, answer: Answer, links: Links | None = None) -> None:
        self._answer, self._links = answer, links
        self._keys: dict[int, tuple[str, ...]] = {}

    def beside(self, members: Sequence[str]) -> list[Run]:
        """The other runs of the sweep to which the runs of a stack belong."""
        there = set(members)
        return [run for run in self._of.get(members[0], ()) if run.run_id not in there]

    def keys(self, run_id: str) -> tuple[str, ...]:
        """The keys in which the runs of its sweep differ, the most telling first; none without a sweep."""
        sweep = self._of.get(run_id)
        if sweep is None:
            return ()
        found = self._keys.get(id(sweep))
        if found is None:
            found = self._keys[id(sweep)] = _differing(sweep)
        return found

    @cached_property
    def _of(self) -> Mapping[str, list[Run]]:
        """Run → its sweep."""
        sweeps = (sweep for sweep in _sweeps(self._answer, self._links or Links(self._answer)) if len(sweep) > 1)
        return {run.run_id: sweep for sweep in sweeps for run in sweep}


def _differing(sweep: Sequence[Run]) -> tuple[str, ...]:
    """Without those that only unfinished runs lack."""
    columns = columns_of(flattened(run.metadata) for run in sweep)
    ended = [flattened(run.metadata) for run in sweep if not _is_unfinished(run)]
    having = columns_of(ended)
    return tuple(
        key
        for key in telling_keys(columns, len(sweep))
        if len(columns[key].values) > 1 or (key in having and having[key].differs(len(ended)))
    )


def _sweeps(answer: Answer, links: Links) -> list[list[Run]]:
    found: dict[_Made, list[Run]] = {}
    unfinished: list[tuple[_Made, Run]] = []
    for run_id, run in answer.runs.items():
        if run.metadata and links.sources[run_id]:
            made = frozenset(links.sources[run_id]), frozenset(links.artifacts[run_id])
            if _is_unfinished(run):
                unfinished.append((made, run))
            else:
                found.setdefault(made, []).append(run)
    if unfinished:
        _add_unfinished(found, unfinished)
    return list(found.values())


def _add_unfinished(found: dict[_Made, list[Run]], unfinished: Sequence[tuple[_Made, Run]]) -> None:
    """Each to the largest sweep that it may yet belong to."""
    keys = {made: {key for run in runs for key in run.metadata} for made, runs in found.items()}
    users: dict[tuple[str, str], list[_Made]] = {}
    for made in sorted(found, key=lambda made: len(found[made]), reverse=True):
        for source in made[0]:
            users.setdefault(source, []).append(made)
    for so_far, run in unfinished:
        sources, artifacts = so_far
        belongs = (
            made
            for made in users.get(min(sources), ())
            if sources <= made[0] and artifacts <= made[1] and (sources == made[0] or run.metadata.keys() <= keys[made])
        )
        found.setdefault(next(belongs, so_far), []).append(run)


def _is_unfinished(run: Run) -> bool:
    return has_failed(run.context) or is_running(run.context)
