"""Runs of an answer that differ in nothing but what they are called, which people are shown as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from graphtracker.analysis.names import beginning
from graphtracker.analysis.torchx_names import split_name
from graphtracker.model.context_rows import has_failed, is_running
from graphtracker.model.question import Answer
from graphtracker.model.values import run_name

SMALLEST_STACK = 3
"""Runs, or names, that are alike."""

_OWN = re.compile("-(?=[a-z]*[0-9]|[^aeiou]{8})[a-z0-9]+$|[0-9]+")  # of a name: its random end, or its numbers

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

    Runs of one stack have the same sources, the same consumers and the same artifact names. Those whose sources the
    answer leaves out have the same consumers and artifact names, and are called alike. Those that failed, run, or are
    forgotten, stand by themselves, and so does the start.
    """
    alike: dict[object, list[str]] = {}
    for run_id, run in answer.runs.items():
        cut = answer.frontier.get(run_id)
        sources: object = _set(links.sources[run_id])
        if not sources and cut and "upstream" in cut and links.consumers[run_id]:
            sources = _OWN.sub("…", run.name)  # all that is known of where it came from
        if sources and run_id != answer.start_run:
            ends = (sources, _set(links.consumers[run_id]), _set(links.artifacts[run_id]))
            status = (has_failed(run.context), is_running(run.context)) if run.context else (False, False)
            key = (ends, run.external, run.forgotten, status, cut)
            alike.setdefault(key, []).append(run_id)
    return {members[0]: members for members in alike.values() if len(members) >= SMALLEST_STACK}


def _set(items: Sequence[tuple[str, Any]]) -> tuple[object, ...]:
    return tuple(items if len(items) == 1 else sorted(items))  # most have one, or none


def stack_label(run_ids: Sequence[str]) -> str:
    """What a stack is called: what the names of its runs begin with, without what TorchX made unique in them, and how
    many they are."""
    names = {split_name(run_name(run_id))[0] for run_id in run_ids}
    alike = beginning(names)
    return f"{alike if len(names) == 1 else alike + '…'} \u00d7 {len(run_ids):,}"
