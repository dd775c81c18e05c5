"""In which metadata a run differs from those that were tried beside it."""

from __future__ import annotations

from graphtracker.analysis.stacks import Links
from graphtracker.analysis.varying import varying
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.question import Answer
from graphtracker.model.values import Run

_Names = frozenset[tuple[str, bool]]


class Sweeps:
    """Of each run of an answer the keys in which the runs of its sweep differ; each sweep is looked at once.

    Runs of a sweep have the same sources and the same artifact names, whoever used them since; one that failed, or
    runs, has not made all of its artifacts.
    """

    def __init__(self, answer: Answer, links: Links) -> None:
        alike: dict[object, list[Run]] = {}
        for run_id, run in answer.runs.items():
            if run.metadata and links.sources[run_id]:
                alike.setdefault(tuple(sorted(links.sources[run_id])), []).append(run)
        sweeps = (sweep for runs in alike.values() if len(runs) > 1 for sweep in _sweeps(runs, links))
        self._sweeps = {run.run_id: sweep for sweep in sweeps for run in sweep}
        self._keys: dict[str, tuple[str, ...]] = {}

    def keys(self, run_id: str) -> tuple[str, ...]:
        """The most telling first; none of a run that is in no sweep."""
        if run_id in self._sweeps and run_id not in self._keys:
            sweep = self._sweeps[run_id]
            keys = tuple(each.key for each in varying(sweep))
            self._keys.update((run.run_id, keys) for run in sweep)
        return self._keys.get(run_id, ())


def _sweeps(runs: list[Run], links: Links) -> list[list[Run]]:
    """Those of the same artifact names, with the unfinished ones in the largest that they may yet belong to."""
    made: dict[_Names, list[Run]] = {}
    unfinished = []
    for run in runs:
        if has_failed(run.context) or is_running(run.context):
            unfinished.append(run)
        else:
            made.setdefault(frozenset(links.artifacts[run.run_id]), []).append(run)
    by_size = sorted(made, key=lambda names: len(made[names]), reverse=True)
    for run in unfinished:
        so_far: _Names = frozenset(links.artifacts[run.run_id])
        names = next((names for names in by_size if so_far <= names), so_far)
        made.setdefault(names, []).append(run)
    return [sweep for sweep in made.values() if len(sweep) > 1]
