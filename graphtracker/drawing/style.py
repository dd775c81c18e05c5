"""How the pictures look: one table for every kind of node and edge.

Colours are those of Okabe and Ito's palette for the colour-blind (https://jfly.uni-koeln.de/color/), tinted as fills;
each kind has a shape or a line style of its own too, so that nothing is told by colour alone.
"""

from __future__ import annotations

Look = dict[str, str]

GRAPH: Look = {
    "rankdir": "LR",
    "bgcolor": "white",
    "ranksep": "0.55",
    "nodesep": "0.22",
    "pad": "0.2",
    "fontsize": "11",
}
FONT: Look = {"fontname": "Helvetica,Arial,sans-serif", "fontcolor": "#1a1a1a"}
NODE: Look = {**FONT, "fontsize": "12", "height": "0.42", "margin": "0.16,0.07", "penwidth": "1.4"}
EDGE: Look = {**FONT, "fontsize": "10", "arrowsize": "0.7", "penwidth": "1.2"}

RUN: Look = {"shape": "box", "style": "rounded,filled", "fillcolor": "#d9ebf7", "color": "#0072b2"}
EXTERNAL: Look = {"shape": "cylinder", "style": "filled", "fillcolor": "#eeeeee", "color": "#5f5f5f"}
ARTIFACT: Look = {"shape": "note", "style": "filled", "fillcolor": "#fdf0d5", "color": "#c98500"}
DECLARED: Look = {"shape": "note", "style": "dashed,filled", "fillcolor": "white", "color": "#c98500"}
STACK: Look = {"shape": "box3d", "style": "filled"}
START: Look = {"color": "#d55e00", "penwidth": "4"}
CUT_LABEL = "…"
CUT: Look = {
    "shape": "plaintext",
    "fontsize": "18",
    "fontcolor": "#5f5f5f",
    "width": "0.2",
    "margin": "0.02",
}

GENERATED: Look = {"color": "#c98500", "tooltip": "generated"}
USED: Look = {"color": "#0072b2", "tooltip": "used"}
DERIVED: Look = {"color": "#5f5f5f", "style": "dashed", "arrowhead": "empty", "tooltip": "derived from the whole run"}
LEFT_OUT: Look = {"color": "#5f5f5f", "style": "dotted", "arrowhead": "none", "tooltip": "more, left out"}

LONGEST_LABEL = 32
"""Characters; longer names lose their middle, the tooltip has them whole."""
