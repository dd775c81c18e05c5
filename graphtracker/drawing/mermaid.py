"""An answer as a Mermaid flowchart, which Markdown holds on GitHub or GitLab.

Nodes are called n0, n1, … in the order of ids, runs before artifacts. Labels are short; comments at the end have the id
of each, and the path of an artifact, whole, as a JSON list: the longest give way where there is no room for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, chain

from graphtracker.analysis.names import Names
from graphtracker.drawing import style
from graphtracker.drawing.caption import bare_caption, caption
from graphtracker.drawing.layout.fit import direction
from graphtracker.drawing.layout.shape import Elements, elements
from graphtracker.drawing.paired import Paired
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, printable_json, shorten
from graphtracker.model.encoding import dumps
from graphtracker.model.question import Answer

# What Mermaid draws unless a page sets maxEdges and maxTextSize, which a diagram cannot
# (https://mermaid.js.org/config/schema-docs/config.html). Newer ones do not count title and comments; we do.
MOST_EDGES = 500
MOST_CHARACTERS = 50_000
"""As JavaScript counts them: UTF-16 code units."""

# Signs of ASCII that may begin markup; https://mermaid.js.org/syntax/flowchart.html has the entity codes for them.
_MARKUP = re.compile(r"[!-&*:-<>?\[-`{-~]")
_ACTIVE = re.compile("[%<>]")
_NO_TAGS = str.maketrans("<>", "\u2039\u203a")  # Mermaid takes tags out of a title, in which no entity stands for them
_LONGEST_TITLE = 100  # characters of what was asked, which has names in it; a title is one line

_SHAPES = {
    "run": ("(", ")"),
    "external": ("[(", ")]"),
    "artifact": ("[", "]"),
    "declared": ("[", "]"),
    "cut": ("[", "]"),
}
_STACK = ("[[", "]]")
_PROPERTIES = {"fill": "fillcolor", "stroke": "color", "color": "fontcolor"}
_ARROWS = {"generated": "-->", "used": "-->", "derived": "-.->", "left_out": "-.-", "both": "-->"}
_ARROWS |= {"only_first": "-.->", "only_second": "-.->"}


def mermaid(picture: Picture) -> Iterator[str]:
    """The flowchart, with the data, line by line; the same for equal pictures.

    Its title says what was asked, unless ``options.bare``, and always what is not drawn. It has no legend: a subgraph
    of samples would be laid out among the nodes, and look like some of them.
    """
    return _Flowchart.of(picture).lines()


def mermaid_of_pairs(paired: Paired) -> Iterator[str]:
    """The flowchart of two lineages in one; its title says what the marks mean."""
    return _Flowchart.of_pairs(paired).lines()


def beyond(picture: Picture | Paired) -> str | None:
    """What of a picture is more than Mermaid draws by default, for people; None where nothing is."""
    chart = _Flowchart.of_pairs(picture) if isinstance(picture, Paired) else _Flowchart.of(picture)
    edges, characters = len(chart.edges), _length(chart.lines())
    if edges <= MOST_EDGES and characters <= MOST_CHARACTERS:
        return None
    return (
        f"{edges:,} edges in {characters:,} characters; unless its page raises maxEdges and maxTextSize, Mermaid draws "
        f"only up to {MOST_EDGES} in {MOST_CHARACTERS:,}"
    )


@dataclass(frozen=True)
class _Flowchart:
    """The lines of a diagram, by what they are."""

    head: list[str]
    nodes: list[str]
    edges: list[str]
    comments: list[str]

    @classmethod
    def of(cls, picture: Picture) -> _Flowchart:
        scene, options = Scene(picture, on_edges=True, told=False), picture.options
        drawn = elements(scene)
        marks = {mark for node in drawn.nodes for mark in node.marks}
        looks = {**_readable(style.NODES), **{mark: look for mark, look in style.MARKS.items() if mark in marks}}
        chart = cls(list(_head(picture, drawn, looks)), [*map(_node, drawn.nodes)], [*map(_edge, drawn.edges)], [])
        comments = list(_comments(picture.answer, scene.names))
        room = MOST_CHARACTERS - _length(chart.lines())
        return replace(chart, comments=comments if options.everything else _fitting(comments, room))

    @classmethod
    def of_pairs(cls, paired: Paired) -> _Flowchart:
        drawn = elements(paired)
        head = list(_head(paired, drawn, _readable(style.PAIR_NODES)))
        return cls(head, [*map(_node, drawn.nodes)], [*map(_edge, drawn.edges)], [])

    def lines(self) -> Iterator[str]:
        return chain(self.head, self.nodes, self.edges, self.comments)


def _head(picture: Picture | Paired, drawn: Elements, looks: Mapping[str, Style]) -> Iterator[str]:
    options = picture.options
    said = bare_caption(picture).facts if options.bare else (_asked(picture), *picture.notes)
    title = printable("; ".join(said))
    set_up = [f"title: {_json(title.translate(_NO_TAGS))}\n"] if said else []
    set_up += ["config:\n  theme: dark\n"] if options.dark else []
    if set_up:
        yield f"---\n{''.join(set_up)}---\n"
    yield f"flowchart {direction(drawn, options)}\n"
    yield from (_class(name, style.dark(look) if options.dark else look) for name, look in looks.items())


def _asked(picture: Picture | Paired) -> str:
    return shorten(caption(picture, (), ()).title, _LONGEST_TITLE)


def _readable(looks: Mapping[str, Style]) -> dict[str, Style]:
    """The looks, each with a colour of its text and of what is behind it, which else are Mermaid's own."""
    return {kind: {**style.FONT, "fillcolor": "none", **look} for kind, look in looks.items()}


def _class(name: str, look: Style) -> str:
    return f"  classDef {name} {','.join(css)}\n" if (css := _css(look)) else ""


def _css(look: Style) -> list[str]:
    given = ["stroke:none"] if look.get("shape") == "plaintext" else []
    given += [f"{css}:{look[own]}" for css, own in _PROPERTIES.items() if own in look]
    given += [f"stroke-width:{look['penwidth']}px"] if "penwidth" in look else []
    return given + [f"stroke-dasharray:{dash}" for line, dash in style.DASHES.items() if line in look.get("style", "")]


def _node(node: DrawnNode) -> str:
    opening, closing = _STACK if "stack" in node.marks else _SHAPES.get(node.kind, _SHAPES["run"])
    label = "<br/>".join(map(_label, filter(None, (node.label, node.tail, *node.below))))
    marked = "".join(f"  class {node.name} {mark}\n" for mark in node.marks if _css(style.MARKS[mark]))
    return f'  {node.name}{opening}"{label}"{closing}:::{node.kind}\n{marked}'


def _edge(edge: DrawnEdge) -> str:
    label = f'|"{_label(edge.label)}"|' if edge.label is not None else ""
    return f"  {edge.begin} {_ARROWS[edge.kind]}{label} {edge.end}\n"


def _label(text: str) -> str:
    return _MARKUP.sub(lambda match: f"#{ord(match[0])};", printable(shorten(text, style.LONGEST_LABEL)))


def _comments(answer: Answer, names: Names) -> Iterator[str]:
    """What is behind each name, artifacts on edges too."""
    for name, run_id in names.runs():
        yield f"  %% {name} {_json([run_id])}\n"
    for name, _, key in names.artifacts():
        yield f"  %% {name} {_json([*key, answer.artifacts[key].path])}\n"


def _json(value: str | list[str | None]) -> str:
    """JSON, which is YAML, too; without what Mermaid looks for everywhere: %%{…}%% directives, and HTML tags."""
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable_json(dumps(value)))


def _fitting(comments: list[str], room: int) -> list[str]:
    """The comments for which there is room, in order; the longest give way."""
    lengths = [_length([comment]) for comment in comments]
    shortest_first = sorted(range(len(comments)), key=lengths.__getitem__)
    ends = accumulate(lengths[place] for place in shortest_first)
    kept = {place for place, end in zip(shortest_first, ends, strict=True) if end <= room}
    return [comment for place, comment in enumerate(comments) if place in kept]


def _length(lines: Iterable[str]) -> int:
    """Of all lines, as JavaScript counts it."""
    return sum(len(line) if line.isascii() else len(line.encode("utf-16-le")) // 2 for line in lines)
