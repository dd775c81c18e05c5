"""Artifacts of one run that a picture shows as one."""

from __future__ import annotations

import re

from graphtracker.model.question import Answer

_SMALLEST = 3  # artifacts that are alike
_FEW = 5  # others, each of which says something of its own
_NUMBER = re.compile(r"[0-9]+")

Key = tuple[str, str]
"""(Run id, name) of an artifact."""


def artifact_stacks(answer: Answer) -> dict[Key, list[Key]]:
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
        if len(keys) >= _SMALLEST:
            found += [keys] if declared and answer.runs[run_id].external else _families(keys)
    return {members[0]: members for members in found}


def _families(keys: list[Key]) -> list[list[Key]]:
    families: dict[str, list[Key]] = {}
    for key in keys:
        families.setdefault(_NUMBER.sub("0", key[1]), []).append(key)
    alike = [members for members in families.values() if len(members) >= _SMALLEST]
    others = [key for members in families.values() if len(members) < _SMALLEST for key in members]
    return [*alike, *([sorted(others)] if len(others) > _FEW else [])]
