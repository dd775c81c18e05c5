"""Artifacts of one run that a picture shows as one."""

from __future__ import annotations

from graphtracker.analysis.numbered import families
from graphtracker.analysis.stacks import SMALLEST_STACK
from graphtracker.model.question import Answer

_FEW = 5  # others, each of which says something of its own

Key = tuple[str, str]
"""(Run id, name) of an artifact."""


def artifact_stacks_of(answer: Answer) -> dict[Key, list[Key]]:
    """The first artifact of each stack → all of its artifacts, in order.

    Those of one stack are of one run, are used by nobody in the answer, and are all declared, or all logged. The
    declared ones of an external are a stack of three or more. Those of a run that reported are one where their names
    differ in numbers alone, as those of checkpoints do; what else it made is one where it is more than a few. What was
    asked about stands for itself.
    """
    used = {source.node for source in answer.sources}
    unused: dict[tuple[str, bool], list[Key]] = {}
    for key, artifact in answer.artifacts.items():
        if key not in used and key != answer.start:
            unused.setdefault((artifact.run_id, artifact.declared), []).append(key)
    found = []
    for (run_id, declared), keys in unused.items():
        if len(keys) >= SMALLEST_STACK:
            found += [keys] if declared and answer.runs[run_id].external else _together(keys)
    return {members[0]: members for members in found}


def _together(keys: list[Key]) -> list[list[Key]]:
    """The stacks of artifacts of one run."""
    found = families([name for _, name in keys])
    others = sorted(name for members in found if len(members) == 1 for name in members)
    stacks = [members for members in found if len(members) > 1] + ([others] if len(others) > _FEW else [])
    return [[(keys[0][0], name) for name in members] for members in stacks]
