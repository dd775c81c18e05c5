"""How the pictures look: a table for every kind of node or edge.

Colours are those of Okabe and Ito's palette for the colour-blind (https://jfly.uni-koeln.de/color/), tinted as fills;
each kind has a shape or a line style of its own too, so that nothing is told by colour alone.
"""

from __future__ import annotations

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

PAIRS: dict[str, str] = {
    "first_difference": "orange: first differences",
    "differs": "blue: also differ, below these",
    "follows": "dotted: only follow",
    "same": "grey: the same",
    "in_both": "filled grey: in both, in different roles",
    "only_first": "dashed grey: only in the first",
    "only_second": "dashed purple: only in the second",
}
"""What these mean, for people."""

DIFFERENT_SIGN = "\u2260"
"""Before the names of a pair that differs, for those who see no colours."""

MARKS: dict[str, Style] = {
    "stack": {"shape": "box3d", "style": "filled"},
    "failed": {"fillcolor": "#f7e4ee", "color": "#cc79a7", "penwidth": "2"},
    "forgotten": {"style": "dotted,filled", "fillcolor": "white", "color": "#5f5f5f", "fontcolor": "#5f5f5f"},
    "start": {"color": "#d55e00", "penwidth": "4"},
    "compared": {"peripheries": "2"},
}
"""What a node may be besides its kind, in the order in which they are laid over it."""

FAILED_SIGN = "\u2717"
"""Before the label of a run that failed: a cross, for those who see no colours."""

EDGES: dict[str, Style] = {
    "generated": {"color": "#c98500", "tooltip": "generated"},
    "used": {"color": "#0072b2", "tooltip": "used"},
    "derived": {"color": "#5f5f5f", "style": "dashed", "arrowhead": "empty", "tooltip": "derived from the whole run"},
    "left_out": {"color": "#5f5f5f", "style": "dotted", "arrowhead": "none", "tooltip": "more, left out"},
}
"""By the keys of ``Lineage.graph``; ``left_out`` leads to a cut."""

PAIR_EDGES: dict[str, Style] = {
    "both": {"color": "#5f5f5f"},
    "only_first": {"color": "#5f5f5f", "style": "dashed"},
    "only_second": {"color": "#cc79a7", "style": "dashed"},
    "left_out": {"color": "#5f5f5f", "style": "dotted", "arrowhead": "none"},
}
"""By which of two lineages have the source; ``left_out`` leads through what is not drawn."""

NODES_IN_WORDS = {
    "run": "run",
    "external": "external run",
    "artifact": "artifact",
    "declared": "artifact that nobody logged",
    "cut": "more, left out",
}
MARKS_IN_WORDS = {
    "start": "what was asked about",
    "stack": "runs alike",
    "failed": "failed",
    "forgotten": "forgotten",
}
EDGES_IN_WORDS = {"generated": "generated", "used": "used", "derived": "derived from the whole run"}
"""What kinds and marks mean, for people, in the order of a legend."""

CUT_LABEL = "…"
LONGEST_LABEL = 32
"""Characters; longer names lose their middle, the tooltip has them whole."""
