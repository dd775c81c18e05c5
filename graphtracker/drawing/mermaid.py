"""An answer as a Mermaid flowchart, which Markdown holds on GitHub or GitLab.

Nodes are called n0, n1, … in the order of ids, runs before artifacts. Labels are short; a comment before each node has
its id, and the path of an artifact, whole, as a JSON list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphtracker.drawing import style
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene, run_marks
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, printable_json, shorten
from graphtracker.model.encoding import dumps
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
_PROPERTIES = {"fill": "fillcolor", "stroke": "color", "color": "fontcolor"}
_DASHES = {"dashed": "4 3", "dotted": "1 3"}
_ARROWS = {"generated": "-->", "used": "-->", "derived": "-.->", "left_out": "-.-", "both": "-->"}
_ARROWS |= {"only_first": "-.->", "only_second": "-.->"}


def mermaid(picture: Picture) -> Iterator[str]:
    """The flowchart, left to right with the data, line by line; the same for equal pictures."""
    answer = picture.answer
    if picture.notes:
        yield f'---\ntitle: "{"; ".join(picture.notes)}"\n---\n'
    yield "flowchart LR\n"
    yield from (_class(kind, {**style.FONT, **style.NODES[kind]}) for kind in _SHAPES if kind != "cut")
    marks = {"start"}.union(*map(run_marks, answer.runs.values()))
    yield from (_class(mark, look) for mark, look in style.MARKS.items() if mark in marks)
    yield f"  classDef cut fill:none,stroke:none,color:{style.NODES['cut']['fontcolor']}\n"
    yield from Scene(picture, fold=False, told=False).spelled(_node, _edge)


def mermaid_of_pairs(paired: Paired) -> Iterator[str]:
    """The flowchart of two lineages in one; it says what the marks mean."""
    yield f'---\ntitle: "{"; ".join(paired.notes)}"\n---\nflowchart LR\n'
    yield from (_class(kind, {**style.FONT, **look}) for kind, look in style.PAIR_NODES.items())
    yield from paired.spelled(_node, _edge)


def _class(name: str, look: Style) -> str:
    given = [f"{css}:{look[own]}" for css, own in _PROPERTIES.items() if own in look]
    given += [f"stroke-width:{look['penwidth']}px"] if "penwidth" in look else []
    given += [f"stroke-dasharray:{dash}" for line, dash in _DASHES.items() if line in look.get("style", "")]
    return f"  classDef {name} {','.join(given)}\n"


def _node(node: DrawnNode) -> str:
    opening, closing = _SHAPES.get(node.kind, _SHAPES["run"])
    label = "<br/>".join(map(_label, (node.label, *node.below)))
    drawn = f'  {node.name}{opening}"{label}"{closing}:::{node.kind}\n'
    if node.value is None:
        return drawn
    whole = [node.value.run_id, *([node.value.name, node.value.path] if isinstance(node.value, Artifact) else [])]
    marked = "".join(f"  class {node.name} {mark}\n" for mark in node.marks)
    return f"  %% {node.name} {_comment(whole)}\n{drawn}{marked}"


def _edge(edge: DrawnEdge) -> str:
    label = f'|"{_label(edge.label)}"|' if edge.label is not None else ""
    return f"  {edge.begin} {_ARROWS[edge.kind]}{label} {edge.end}\n"


def _label(text: str) -> str:
    return _MARKUP.sub(lambda match: f"#{ord(match[0])};", printable(shorten(text, style.LONGEST_LABEL)))


def _comment(values: list[str | None]) -> str:
    # Mermaid looks for %%{…}%% directives and for HTML tags everywhere, also in comments.
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable_json(dumps(values)))
