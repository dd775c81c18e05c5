"""An answer as a Mermaid flowchart, which Markdown holds on GitHub or GitLab.

Nodes are called n0, n1, … in the order of ids, runs before artifacts. Labels are short; a comment before each node has
its id, and the path of an artifact, whole, as a JSON list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphtracker.drawing import style
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnNode, Scene
from graphtracker.model.display import printable, printable_json, shorten
from graphtracker.model.encoding import dumps
from graphtracker.model.question import Answer
from graphtracker.model.values import Artifact

# Signs of ASCII that may begin markup; https://mermaid.js.org/syntax/flowchart.html has the entity codes for them.
_MARKUP = re.compile(r"[!-&*:-<>?\[-`{-~]")
_ACTIVE = re.compile("[%<>]")

_SHAPES = {
    "run": ("(", ")"),
    "external": ("[(", ")]"),
    "artifact": ("[", "]"),
    "declared": ("[", "]"),
    "cut": ("[", "]"),
}
_ARROWS = {"generated": "-->", "used": "-->", "derived": "-.->", "left_out": "-.-"}


def mermaid(answer: Answer) -> Iterator[str]:
    """The flowchart, left to right with the data, line by line; the same for equal answers."""
    picture = Picture(answer)
    for note in picture.notes:
        yield f'---\ntitle: "{note}"\n---\n'
    yield "flowchart LR\n"
    yield from (_class(kind) for kind in _SHAPES if kind != "cut")
    yield f"  classDef start stroke:{style.START['color']},stroke-width:{style.START['penwidth']}px\n"
    yield f"  classDef cut fill:none,stroke:none,color:{style.NODES['cut']['fontcolor']}\n"
    yield from Scene(picture, fold=False).spelled(_node, _edge)


def _class(kind: str) -> str:
    look = style.NODES[kind]
    dashed = ",stroke-dasharray:4 3" if "dashed" in look["style"] else ""
    return (
        f"  classDef {kind} fill:{look['fillcolor']},stroke:{look['color']},color:{style.FONT['fontcolor']}{dashed}\n"
    )


def _node(node: DrawnNode) -> str:
    opening, closing = _SHAPES[node.kind]
    drawn = f'  {node.name}{opening}"{_label(node.label)}"{closing}:::{node.kind}\n'
    if node.value is None:
        return drawn
    whole = [node.value.run_id, *([node.value.name, node.value.path] if isinstance(node.value, Artifact) else [])]
    return f"  %% {node.name} {_comment(whole)}\n{drawn}" + (f"  class {node.name} start\n" if node.is_start else "")


def _edge(begin: str, end: str, kind: str, artifact_name: str | None) -> str:
    return f"  {begin} {_ARROWS[kind]} {end}\n"


def _label(text: str) -> str:
    return _MARKUP.sub(lambda match: f"#{ord(match[0])};", printable(shorten(text, style.LONGEST_LABEL)))


def _comment(values: list[str | None]) -> str:
    # Mermaid looks for %%{…}%% directives and for HTML tags everywhere, also in comments.
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable_json(dumps(values)))
