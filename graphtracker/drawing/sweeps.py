"""In which metadata a run differs from those that were tried beside it."""

from __future__ import annotations

from collections.abc import Set

from graphtracker.analysis.stacks import Links
from graphtracker.analysis.varying import varying
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.question import Answer
from graphtracker.model.values import Run

_Names = frozenset[tuple[str, bool]]


def sweep_keys(answer: Answer, asked: Set[str]) -> dict[str, tuple[str, ...]]:
    """Of the runs that are asked about: id → the keys in which the runs of its sweep differ, the most telling first.

    Runs of a sweep have the same sources and the same artifact names, whoever used them since; one that failed, or
    runs, has not made all of its artifacts.
    """
    links = Links(answer)
    alike: dict[object, list[Run]] = {}
    for run_id, run in answer.runs.items():
        if run.metadata and links.sources[run_id]:
            alike.setdefault(tuple(sorted(links.sources[run_id])), []).append(run)
    found = {}
    for sweep in (sweep for runs in alike.values() if len(runs) > 1 for sweep in _sweeps(runs, links)):
        if there := asked & {run.run_id for run in sweep}:
            keys = tuple(each.key for each in varying(sweep))
            found.update(dict.fromkeys(there, keys))
    return found


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
