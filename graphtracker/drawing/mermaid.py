"""A lineage as a Mermaid flowchart, as GitHub and GitLab draw it in Markdown.

Nodes are called n0, n1, … in the order of ids, runs before artifacts. Labels are short; a comment before each node has
its id, and the path of an artifact, whole, as a JSON list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphtracker.analysis.cuts import cut_note
from graphtracker.analysis.names import Numbers, shared_names
from graphtracker.drawing import style as look
from graphtracker.model.display import printable, printable_json, shorten
from graphtracker.model.encoding import dumps

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

# Signs of ASCII that may begin markup; https://mermaid.js.org/syntax/flowchart.html has the entity codes for them.
_MARKUP = re.compile(r"[!-&*:-<>?\[-`{-~]")
_ACTIVE = re.compile("[%<>]")

_CLASSES = {
    "run": look.RUN,
    "external": look.EXTERNAL,
    "artifact": look.ARTIFACT,
    "declared": look.DECLARED,
}
_SHAPES = {"run": ("(", ")"), "external": ("[(", ")]"), "artifact": ("[", "]"), "declared": ("[", "]")}


def mermaid(lineage: Lineage) -> Iterator[str]:
    """The flowchart, left to right with the data, line by line; the same for equal lineages."""
    numbers, shared = Numbers(lineage), shared_names(lineage)
    note = cut_note(lineage)
    if note is not None:
        yield f'---\ntitle: "{note}"\n---\n'
    yield "flowchart LR\n"
    for name, style in _CLASSES.items():
        dashed = ",stroke-dasharray:4 3" if "dashed" in style["style"] else ""
        colours = f"fill:{style['fillcolor']},stroke:{style['color']},color:{look.FONT['fontcolor']}"
        yield f"  classDef {name} {colours}{dashed}\n"
    yield f"  classDef start stroke:{look.START['color']},stroke-width:{look.START['penwidth']}px\n"
    yield f"  classDef cut fill:none,stroke:none,color:{look.CUT['fontcolor']}\n"
    for run in lineage.runs.values():
        label = run.run_id if run.name in shared else run.name
        kind = "external" if run.external else "run"
        yield _node(numbers[run.run_id], kind, label, [run.run_id], run.run_id == lineage.start)
    for key, artifact in lineage.artifacts.items():
        kind = "declared" if artifact.declared else "artifact"
        yield _node(numbers[key], kind, artifact.name, [*key, artifact.path], key == lineage.start)
        yield f"  n{numbers[key[0]]} --> n{numbers[key]}\n"
    for source in lineage.sources:
        if source.artifact_name is None:
            yield f"  n{numbers[source.source_run_id]} -.-> n{numbers[source.run_id]}\n"
        else:
            yield f"  n{numbers[source.source_run_id, source.artifact_name]} --> n{numbers[source.run_id]}\n"
    yield from _cuts(lineage, numbers)


def _node(number: int, kind: str, label: str, whole: list[str | None], is_start: bool) -> str:
    opening, closing = _SHAPES[kind]
    return f'  %% n{number} {_comment(whole)}\n  n{number}{opening}"{_label(label)}"{closing}:::{kind}\n' + (
        f"  class n{number} start\n" if is_start else ""
    )


def _cuts(lineage: Lineage, numbers: Numbers) -> Iterator[str]:
    stubs = 0
    for run_id, directions in lineage.frontier.items():
        for direction in sorted(directions):
            run = f"n{numbers[run_id]}"
            yield f'  cut{stubs}["…"]:::cut\n'
            yield f"  cut{stubs} -.- {run}\n" if direction == "upstream" else f"  {run} -.- cut{stubs}\n"
            stubs += 1


def _label(text: str) -> str:
    return _MARKUP.sub(lambda match: f"#{ord(match[0])};", printable(shorten(text, look.LONGEST_LABEL)))


def _comment(values: list[str | None]) -> str:
    # Mermaid looks for %%{…}%% directives and for HTML tags everywhere, also in comments.
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable_json(dumps(values)))
