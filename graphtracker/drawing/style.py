"""How the pictures look: a table for every kind of node or edge.

Colours are those of Okabe and Ito's palette for the colour-blind (https://jfly.uni-koeln.de/color/), tinted as fills;
each kind has a shape or a line style of its own too, so that nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable

Style = dict[str, str]

GRAPH: Style = {
    "bgcolor": "white",
    "ranksep": "0.55",
    "nodesep": "0.22",
    "pad": "0.2",
    "fontsize": "11",
}
FONT: Style = {"fontname": "Helvetica,Arial,sans-serif", "fontcolor": "#1a1a1a"}
NODE: Style = {**FONT, "fontsize": "12", "height": "0.42", "margin": "0.16,0.07", "penwidth": "1.4"}
EDGE: Style = {**FONT, "fontsize": "10", "arrowsize": "0.7", "penwidth": "1.2"}

NODES: dict[str, Style] = {
    "run": {"shape": "box", "style": "rounded,filled", "fillcolor": "#d9ebf7", "color": "#0072b2"},
    "external": {"shape": "cylinder", "style": "filled", "fillcolor": "#eeeeee", "color": "#5f5f5f"},
    "artifact": {"shape": "note", "style": "filled", "fillcolor": "#fdf0d5", "color": "#c98500"},
    "declared": {"shape": "note", "style": "dashed,filled", "fillcolor": "white", "color": "#c98500"},
    "cut": {"shape": "plaintext", "fontsize": "18", "fontcolor": "#5f5f5f", "width": "0.2", "margin": "0.02"},
}
"""By the kinds of runs and artifacts; ``cut`` is where something was left out."""

_PAIR: Style = {"shape": "box", "style": "rounded,filled", "fillcolor": "white", "color": "#9a9a9a"}
_ALONE: Style = {"shape": "box", "style": "rounded,dashed", "color": "#5f5f5f"}

PAIR_NODES: dict[str, Style] = {
    "first_difference": {**_PAIR, "fillcolor": "#fbdcc4", "color": "#d55e00", "penwidth": "4"},
    "differs": {**_PAIR, "fillcolor": "#d9ebf7", "color": "#0072b2", "penwidth": "2"},
    "follows": {**_PAIR, "style": "rounded,dotted,filled", "fontcolor": "#5f5f5f"},
    "same": {**_PAIR, "fontcolor": "#5f5f5f"},
    "in_both": {**_PAIR, "fillcolor": "#eeeeee", "fontcolor": "#5f5f5f"},
    "only_first": _ALONE,
    "only_second": {**_ALONE, "color": "#cc79a7"},
}
"""By what a pair is, where two lineages are drawn as one, and of a run that stands beside none."""

PAIRS_IN_WORDS: dict[str, str] = {
    "first_difference": "first differences",
    "differs": "also differ, below these",
    "follows": "only follow",
    "same": "the same",
    "in_both": "in both, in different roles",
    "only_first": "only in the first",
    "only_second": "only in the second",
}
"""What these mean, for people."""

PAIRS_BY_LOOK: dict[str, str] = {
    "first_difference": "orange",
    "differs": "blue",
    "follows": "dotted",
    "same": "grey",
    "in_both": "filled grey",
    "only_first": "dashed grey",
    "only_second": "dashed purple",
}
"""How these are told apart where a legend is text alone."""

DIFFERENT_SIGN = "\u2260"
"""Before the names of a pair that differs, for those who see no colours."""

MARKS: dict[str, Style] = {
    "stack": {"shape": "box3d", "margin": "0.2,0.12"},
    "failed": {"fillcolor": "#f7e4ee", "color": "#cc79a7", "penwidth": "2"},
    "running": {"style": "rounded,dashed,filled"},
    "forgotten": {"style": "dotted,filled", "fillcolor": "white", "color": "#5f5f5f", "fontcolor": "#5f5f5f"},
    "start": {"color": "#d55e00", "penwidth": "4"},
    "compared": {"peripheries": "2"},
}
"""What a node may be besides its kind, in the order in which they are laid over it."""

SIGNS = {"failed": "\u2717", "running": "\u25b7"}
"""Before the label of a run that is so marked: a cross or a triangle, for those who see no colours."""

EDGES: dict[str, Style] = {
    "generated": {"color": "#c98500"},
    "used": {"color": "#0072b2"},
    "derived": {"color": "#5f5f5f", "style": "dashed", "arrowhead": "empty"},
    "left_out": {"color": "#5f5f5f", "style": "dotted", "arrowhead": "none"},
}
"""By the keys of ``Lineage.graph``; ``left_out`` leads to a cut."""

PAIR_EDGES: dict[str, Style] = {
    "both": {"color": "#5f5f5f"},
    "only_first": {"color": "#5f5f5f", "style": "dashed"},
    "only_second": {"color": "#cc79a7", "style": "dashed"},
    "left_out": {"color": "#5f5f5f", "style": "dotted", "arrowhead": "none"},
}
"""By which of two lineages have the source; ``left_out`` leads through what is not drawn."""

DARK = {
    "white": "#15181c",
    "#1a1a1a": "#e9e9e9",
    "#5f5f5f": "#b4b4b4",
    "#9a9a9a": "#8c8c8c",
    "#eeeeee": "#33373c",
    "#d9ebf7": "#123450",
    "#0072b2": "#56b4e9",
    "#fdf0d5": "#46340f",
    "#c98500": "#e69f00",
    "#f7e4ee": "#4b2139",
    "#cc79a7": "#e497c1",
    "#fbdcc4": "#55290e",
    "#d55e00": "#ff8a3c",
}
"""Every colour of these tables → the one that stands for it where light is drawn on dark."""

NODES_IN_WORDS = {
    "run": "run",
    "external": "external run",
    "artifact": "artifact",
    "declared": "artifact that nobody logged",
    "cut": "more, left out",
}
MARKS_IN_WORDS = {
    "start": "what was asked about",
    "stack": "several alike",
    "failed": "failed",
    "running": "running, or killed",
    "forgotten": "forgotten",
}
EDGES_IN_WORDS = {"generated": "generated", "used": "used", "derived": "derived from the whole run"}
"""What kinds and marks mean, for people, in the order of a legend."""

CUT_LABEL = "…"
LONGEST_LABEL = 32
"""Characters; longer names lose their middle, the tooltip has them whole."""

FONTS: dict[str, Style] = {
    "tail": {"point-size": "8", "color": "#5f5f5f"},
    "below": {"point-size": "10"},
    "title": {"point-size": "14"},
    "facts": {"point-size": "10", "color": "#5f5f5f"},
    "legend": {"point-size": "9"},
}
"""Of what is larger or smaller than the first line of a node: the random end of its name, the lines below it, and the
parts of a caption."""


DASHES = {"dashed": "4 3", "dotted": "1 3"}
"""The styles of lines that are not whole, as SVG and CSS have them."""


def node_looks(kind: str, marks: Iterable[str] = ()) -> Style:
    """Of a node of this kind with these marks laid over it."""
    looks = NODES.get(kind) or PAIR_NODES[kind]
    for mark in marks:
        looks = {**looks, **MARKS[mark]}
    return looks


def edge_looks(kind: str) -> Style:
    """Of an edge of this kind."""
    return EDGES.get(kind) or PAIR_EDGES[kind]


def dark(looks: Style) -> Style:
    """The same looks, light on dark."""
    return {name: DARK.get(value, value) for name, value in looks.items()}
