"""Runs of an answer that are replicas of one thing, or too many to be taken in one by one, shown to people as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from graphtracker.analysis.stems import NOTHING, first_word, made_up, stem
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.question import Answer

SMALLEST_STACK = 3
"""Runs, or names, that are alike."""

MOST_APART = 7
"""Runs beside each other that a reader takes in by their names."""

_LEFT = "", ""

Ends = list[tuple[str, str]]
"""(Run id, artifact name or '' for the whole run) of each link of a run in one direction."""


class Links:
    """Of each run: its sources, its consumers, and the names of its artifacts with whether they are declared."""

    def __init__(self, answer: Answer) -> None:
        self.sources: dict[str, Ends] = {run_id: [] for run_id in answer.runs}
        self.consumers: dict[str, Ends] = {run_id: [] for run_id in answer.runs}
        self.artifacts: dict[str, list[tuple[str, bool]]] = {run_id: [] for run_id in answer.runs}
        for source in answer.sources:
            name = source.artifact_name or ""
            self.sources[source.run_id].append((source.source_run_id, name))
            self.consumers[source.source_run_id].append((source.run_id, name))
        for (run_id, name), artifact in answer.artifacts.items():
            self.artifacts[run_id].append((name, artifact.declared))


def stacks_of(answer: Answer, links: Links) -> dict[str, list[str]]:
    """The first run of each stack → the ids of all its runs, in order.

    Runs of one stack have the same sources, the same consumers and the same artifact names, and their names make them
    one thing. Those whose sources the answer leaves out have the same consumers, artifact names and stems of names.
    Those that failed, run, or are forgotten, stand by themselves, and so does the start.
    """
    alike: dict[object, list[str]] = {}
    for run_id, run in answer.runs.items():
        cut = answer.frontier.get(run_id)
        sources: object = _set(links.sources[run_id])
        if not sources and cut and "upstream" in cut and links.consumers[run_id]:
            sources = stem(run.name)  # all that is known of where it came from
        if sources and run_id != answer.start_run:
            ends = (sources, _set(links.consumers[run_id]), _set(links.artifacts[run_id]))
            status = (has_failed(run.context), is_running(run.context)) if run.context else (False, False)
            key = (ends, run.external, run.forgotten, status, cut)
            alike.setdefault(key, []).append(run_id)
    groups = (run_ids for run_ids in alike.values() if len(run_ids) >= SMALLEST_STACK)
    stacks = (members for run_ids in groups for members in _by_name(answer, run_ids))
    return {members[0]: members for members in stacks}


def _set(items: Sequence[tuple[str, Any]]) -> tuple[object, ...]:
    return tuple(items if len(items) == 1 else sorted(items))  # most have one, or none


def _by_name(answer: Answer, run_ids: Sequence[str]) -> Iterable[list[str]]:
    """The stacks among runs whose links are alike.

    Names that have one stem are of one thing. Of other names, those that begin with one word are where they are more
    than a reader takes in; what is left is another stack where it is.
    """
    names = [answer.runs[run_id].name for run_id in run_ids]
    ids = made_up(names)
    stems = [NOTHING if name in ids else stem(name) for name in names]
    of_stem = Counter(stems)
    words = {each: first_word(each) for each in of_stem}
    of_word: Counter[str] = Counter()
    for each, count in of_stem.items():
        of_word[words[each]] += count if words[each] else 0
    stacks: dict[tuple[str, str], list[str]] = {}
    for run_id, each in zip(run_ids, stems, strict=True):
        if of_word[words[each]] > MOST_APART:
            key = "word", words[each]
        else:
            key = ("stem", each) if of_stem[each] >= SMALLEST_STACK else _LEFT
        stacks.setdefault(key, []).append(run_id)
    return (members for key, members in stacks.items() if key != _LEFT or len(members) > MOST_APART)
