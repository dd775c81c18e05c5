"""The legend of a page, in HTML: of each kind a small drawing with its words."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from graphtracker.drawing import style
from graphtracker.drawing.caption import Entry
from graphtracker.drawing.style import Style

_ROUNDED = "M4,1H22Q25,1 25,4V12Q25,15 22,15H4Q1,15 1,12V4Q1,1 4,1Z"
_SHAPES = {
    "box3d": "M1,4H22V15H1ZM1,4L4,1H25V12L22,15M22,4L25,1",
    "cylinder": "M4,3Q13,-1 22,3V13Q13,17 4,13ZM4,3Q13,7 22,3",
    "note": "M3,1H19L23,5V15H3ZM19,1V5H23",
    "plaintext": "M7,8h2M12,8h2M17,8h2",
}
"""By Graphviz's names of the shapes that look like no rounded box, in 26 x 16."""
_LINE = "M1,8H19M19,4L25,8L19,12Z"


def legend(entries: Iterable[Entry]) -> str:
    """The items of a list."""
    return "".join(f"<li>{_drawn(entry)}{escape(entry.words)}</li>" for entry in entries)


def _drawn(entry: Entry) -> str:
    if entry.of == "edge":
        looks = {"fillcolor": "none", **style.edge_looks(entry.key)}
        return _svg(_LINE, looks, looks["color"] if looks.get("arrowhead") != "empty" else "none")
    looks = style.node_looks(entry.key) if entry.of == "node" else style.node_looks("run", (entry.key,))
    return _svg(_SHAPES.get(looks["shape"], _ROUNDED), looks, looks.get("fillcolor", "none"))


def _svg(path: str, looks: Style, fill: str) -> str:
    words = looks.get("style", "").split(",")
    dashes = "".join(f' stroke-dasharray="{style.DASHES[word]}"' for word in words if word in style.DASHES)
    color, width = looks.get("color", looks.get("fontcolor", "")), min(float(looks.get("penwidth", "1.4")), 3)
    return (
        f'<svg viewBox="0 0 26 16" aria-hidden="true">'
        f'<path d="{path}" fill="{fill}" stroke="{color}" stroke-width="{width:g}"{dashes}/></svg>'
    )
