"""Labels with text of several sizes, in the HTML-like language of Graphviz's labels.

Every text in them is data: it is read as XML, after which Graphviz obeys backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from textwrap import wrap

from graphtracker.drawing import style
from graphtracker.drawing.caption import Caption, Entry
from graphtracker.drawing.layout.shape import POINTS_AN_INCH, text_size
from graphtracker.drawing.options import Size
from graphtracker.drawing.scene import DrawnNode
from graphtracker.drawing.style import Style
from graphtracker.model.display import printable, shorten

_PLAIN = re.compile(r"[ !#-%'-;=?-Z^-~]*")
_OBEYED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\\": "\\\\", "]": "&#93;"}
"""Graphviz 2.43 takes a bracket before a tag for the end of a CDATA section."""

_WIDTHS = {4: 34, 12: 52}
"""Nodes of a picture → characters of a line of its caption, which is not to be wider than it."""
_WIDEST = 84
_SMALLER = 1.4
"""How many more characters of facts and legend, which are smaller than the title, find room in such a line."""
_LONGEST_TITLE = 200

_SIGNS = {"stack": "\u00d7", "cut": style.CUT_LABEL}
_ARROWS = {"solid": "\u2192", "dashed": "\u21e2"}
_CELL = {"bgcolor": "fillcolor", "color": "color"}
_GAP = '<td width="5" cellpadding="0"></td>'
_REST = f'<td colspan="{_WIDEST}" cellpadding="0"></td>'
"""Graphviz stretches every row to the widest, each of its columns alike: these are empty."""
_PADDING, _CELL_PADDING, _SPACE_BELOW = 1, 3, 8  # points
_BELOW = f'<tr><td height="{_SPACE_BELOW}"></td></tr>'
_THICKEST = 3
_AROUND = 4  # characters that an entry takes besides its words
_SIZES = {kind: float(looks["point-size"]) for kind, looks in style.FONTS.items()}
_CELL_STYLES = ("rounded", "dashed", "dotted")

_NODE = re.compile(rb'<g id="[^"]*" class="node">.*?\n</g>\n', re.DOTALL)
_SHAPE = rb'<(?:polygon|path) [^>]*(?:points|d)="([^"]*)"[^>]*>'
_FIRST = re.compile(_SHAPE)
_BEGINS = rb'(<text [^>]*?)text-anchor="start" x="[^"]*"'
_LINES = re.compile(_BEGINS)
_SWATCH = re.compile(rb"(?<!</title>\n)(" + _SHAPE + rb"\n)" + _BEGINS)  # not the title, which is after the background
_NUMBER = re.compile(rb"-?[0-9.]+")


def sized_label(node: DrawnNode, dark: bool) -> str:
    """The lines of a node, each in its size."""
    lines = [_text(shorten(node.label, style.LONGEST_LABEL))]
    if node.tail:
        lines.append(f"{_font('tail', dark)}{_text(node.tail)}</font>")
    if node.below:
        below = "<br/>".join([_text(shorten(line, style.LONGEST_LABEL)) for line in node.below])
        lines.append(f"{_font('below', dark)}{below}</font>")
    return f"<{'<br/>'.join(lines)}>"


def centred(svg: bytes) -> bytes:
    """The picture that Graphviz drew, with each line of a node or of its legend's boxes around the middle of these.

    Graphviz writes where lines begin, as wide as they are in its own font; the reader's may be wider.
    """
    boxed = _SWATCH.sub(lambda found: found[1] + found[3] + _middle(found[2]), svg)
    return _NODE.sub(lambda node: _centred_node(node[0]), boxed)


def _centred_node(node: bytes) -> bytes:
    shape = _FIRST.search(node)
    return node if shape is None else _LINES.sub(rb"\1" + _middle(shape[1]), node)


def _middle(points: bytes) -> bytes:
    across = [float(number) for number in _NUMBER.findall(points)[::2]]
    return b'text-anchor="middle" x="%.2f"' % ((min(across) + max(across)) / 2)


def caption_label(said: Caption, nodes: int, dark: bool) -> str:
    """Title, facts, legend, below each other at the left of a picture of so many nodes; empty where there are none."""
    rows = [_written(kind, line, dark) for kind, line in _lines(said, nodes)]
    rows += [_legend_row(entries, dark) for entries in _legend(said, nodes)]
    if not rows:
        return ""
    return f'<<table border="0" cellspacing="0" cellpadding="{_PADDING}">{"".join(map(_row, rows))}{_BELOW}</table>>'


def caption_size(said: Caption, nodes: int) -> Size:
    """How large that is, as estimated."""
    rows = [text_size(line, _SIZES[kind]) for kind, line in _lines(said, nodes)]
    rows += [_legend_size(entries) for entries in _legend(said, nodes)]
    if not rows:
        return Size(0.0, 0.0)
    paddings = (len(rows) + 1) * 2 * _PADDING + _SPACE_BELOW
    height = sum(row.height for row in rows) + paddings / POINTS_AN_INCH
    return Size(max(row.width for row in rows), height)


def _lines(said: Caption, nodes: int) -> Iterator[tuple[str, str]]:
    """Those of the title and the facts, each with its key in ``style.FONTS``."""
    width = _width(nodes)
    for line in wrap(printable(shorten(said.title, _LONGEST_TITLE)), width, break_on_hyphens=False):
        yield "title", line
    for fact in said.facts:
        for line in wrap(printable(fact), round(_SMALLER * width), break_on_hyphens=False):
            yield "facts", line


def _width(nodes: int) -> int:
    return next((width for most, width in _WIDTHS.items() if nodes <= most), _WIDEST)


def _written(kind: str, line: str, dark: bool) -> str:
    text = f"<b>{_text(line)}</b>" if kind == "title" else _text(line)
    return f"{_font(kind, dark)}{text}</font>"


def _row(content: str) -> str:
    return f'<tr><td align="left">{content}</td></tr>'


def _legend(said: Caption, nodes: int) -> Iterator[list[Entry]]:
    """Rows of the legend, of which the edges are in one."""
    rows: list[list[Entry]] = [[]]
    width = room = round(_SMALLER * _width(nodes))  # characters
    lines = [entry for entry in said.legend if entry.of == "edge"]
    for together in (*([entry] for entry in said.legend if entry.of != "edge"), lines):
        needed = _needed(together)
        if room < needed - _AROUND:
            rows.append([])
            room = width
        rows[-1] += together
        room -= needed
    return filter(None, rows)


def _needed(entries: Sequence[Entry]) -> int:
    """Characters that they take."""
    return sum(len(entry.words) + _AROUND for entry in entries)


def _legend_size(entries: Sequence[Entry]) -> Size:
    width, height = text_size(" " * _needed(entries), _SIZES["legend"])
    return Size(width, height + 2 * (_CELL_PADDING + _THICKEST) / POINTS_AN_INCH)


def _legend_row(entries: Sequence[Entry], dark: bool) -> str:
    """What looks like a node, or an edge, and says what that means."""
    cells = _GAP.join(_swatch(entry, dark) for entry in entries)
    table = f'<table border="0" cellspacing="0" cellpadding="{_CELL_PADDING}">'
    return f"{table}<tr>{cells}{_REST}</tr></table>"


def _swatch(entry: Entry, dark: bool) -> str:
    words = _text(entry.words)
    if entry.of == "edge":
        looks = _themed(style.edge_looks(entry.key), dark)
        arrow = f'<font color="{looks["color"]}">{_ARROWS[looks.get("style", "solid")]}</font>'
        return f"<td>{arrow} {_font('legend', dark)}{words}</font></td>"
    looks = _themed(_looks(entry), dark)
    sign = style.SIGNS.get(entry.key, _SIGNS.get(entry.key, ""))
    said = f'<font color="{looks["fontcolor"]}">{f"{sign} {words}" if sign else words}</font>'
    return f"<td {_attributes(_cell(looks))}>{_font('legend', dark)}{said}</font></td>"


def _looks(entry: Entry) -> Style:
    """How a node of this kind, or a run that is so marked, looks."""
    looks = style.node_looks("run", (entry.key,)) if entry.of == "mark" else style.node_looks(entry.key)
    return {**style.FONT, **looks}


def _cell(looks: Style) -> Style:
    """Looks of a node as those of a cell of a table."""
    lines = [word for word in looks.get("style", "").split(",") if word in _CELL_STYLES]
    border = min(_THICKEST, round(float(looks.get("penwidth", "1")))) if "color" in looks else 0
    cell = {"border": str(border), "cellpadding": str(_THICKEST - border + 1)}
    cell.update({own: looks[of_node] for own, of_node in _CELL.items() if of_node in looks})
    return {**cell, **({"style": ",".join(lines)} if lines else {})}


def _themed(looks: Style, dark: bool) -> Style:
    return style.dark(looks) if dark else looks


@cache
def _font(name: str, dark: bool) -> str:
    return f"<font {_attributes(_themed(style.FONTS[name], dark))}>"


def _attributes(looks: Style) -> str:
    return " ".join(f'{name}="{value}"' for name, value in looks.items())


def _text(words: str) -> str:
    if _PLAIN.fullmatch(words):
        return words
    return "".join(_OBEYED.get(character, character) for character in printable(words))
