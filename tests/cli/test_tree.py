"""Every link and every run of an answer stands in its tree."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given

from graphtracker import GraphTracker, Lineage
from graphtracker.cli.tree import tree
from tests.support.oracle import Call, tell
from tests.support.strategies import STORE_PER_EXAMPLE, histories

_BRANCH = re.compile(r"^(?:⋯ *\d+ )?(?:[│ ] {2})*(?:[├└]─ )?")


_MARKS = re.compile(r"(?: \[[a-z ,]+\])?(?: \(above\))?$")


def sections(lines: list[str]) -> dict[str, list[str]]:
    """Heading → its lines without branches and marks, one for each of the artifacts that a line names together."""
    found: dict[str, list[str]] = {}
    inside: list[str] = []
    for line in lines[1:]:
        if line in ("came from:", "made:"):
            inside = found.setdefault(line, [])
        else:
            names, *end = re.split("(?= [←→] )", _MARKS.sub("", _BRANCH.sub("", line)))
            inside += ["".join([name, *end]) for name in names.split(", ")]
    return found


def expected_sections(lineage: Lineage, start: str) -> dict[str, list[str]]:
    """Every source of the start and of its ancestors once; every product of it and of its descendants once.

    A consumer that names artifacts of a run has said which it meant: the whole run is not told beside them.
    """
    names = Counter(run.name for run in lineage.runs.values())
    word = {run_id: run.name if names[run.name] == 1 else run_id for run_id, run in lineage.runs.items()}
    above = {start, *lineage.ancestors()}
    below = {start, *lineage.descendants()}
    used = {(source.source_run_id, source.artifact_name) for source in lineage.sources}
    choosy = {(source.run_id, source.source_run_id) for source in lineage.sources if source.artifact_name is not None}
    named = {
        source: source.artifact_name or "(whole run)"
        for source in lineage.sources
        if source.artifact_name is not None or (source.run_id, source.source_run_id) not in choosy
    }
    came = [f"{name} ← {word[source.source_run_id]}" for source, name in named.items() if source.run_id in above]
    made = [f"{name} → {word[source.run_id]}" for source, name in named.items() if source.source_run_id in below]
    made += [name for run_id, name in lineage.artifacts if (run_id, name) not in used and run_id in below]
    asked = {"came from:": came if lineage.direction != "downstream" else []}
    asked["made:"] = made if lineage.direction != "upstream" else []
    return {heading: lines for heading, lines in asked.items() if lines}


@STORE_PER_EXAMPLE
@given(histories)
def test_every_link_of_the_answer_stands_in_the_tree_once(calls: list[Call]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for start in tracker.graph().runs:
            for question in ({}, {"direction": "upstream"}, {"direction": "downstream"}, {"depth": 1}, {"max_runs": 2}):
                lineage = tracker.lineage(start, **question)
                found = sections(list(tree(lineage)))
                expected = expected_sections(lineage, start)
                assert {heading: Counter(lines) for heading, lines in found.items()} == {
                    heading: Counter(lines) for heading, lines in expected.items()
                }


@STORE_PER_EXAMPLE
@given(histories)
def test_every_run_of_an_artifacts_lineage_stands_in_its_tree(calls: list[Call]) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        for run_id, name in tracker.graph().artifacts:
            lineage = tracker.lineage(run_id, artifact_name=name)
            names = Counter(item.name for item in lineage.runs.values())
            words = {item.name if names[item.name] == 1 else item.run_id for item in lineage.runs.values()}
            lines = list(tree(lineage))
            told = {line.split(arrow)[1] for line in map(_bare, lines[1:]) for arrow in "←→" if arrow in line}
            assert words <= {word.strip() for word in told} | {_bare(lines[0]).partition(" of ")[2]}


def _bare(line: str) -> str:
    return _MARKS.sub("", line)
