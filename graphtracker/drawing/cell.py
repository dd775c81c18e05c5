"""What stands in the cell of a notebook: a picture that fits it, or a page in a frame of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

_ROOT = re.compile(r'<svg(?P<before>[^>]*) width="(?P<width>[0-9.]+)pt"\s+height="[0-9.]+pt"')
_WIDE = 675  # points: 900 pixels, about the width of a cell
_FRAME = "width: 100%; height: 600px; resize: vertical; overflow: hidden; border: 1px solid #8888"


def fitted(svg: str) -> str:
    """The SVG element, never wider than what it stands in."""
    element = svg[svg.index("<svg") :]
    root = _ROOT.match(element)
    if root is None or float(root["width"]) < _WIDE:
        return element.replace("<svg", '<svg style="max-width: 100%; height: auto"', 1)
    # JupyterLab shows it as an image without any style around it, which is as wide as the cell only where the picture
    # itself does not say how wide it is.
    looks = f'width="100%" style="max-width: min(100%, {root["width"]}pt); height: auto"'
    return f"<svg{root['before']} {looks}{element[root.end() :]}"


@dataclass(frozen=True)
class PageInCell:
    """A page, which a notebook shows in its cell. It can be made higher, and reaches nothing of the notebook."""

    html: str
    """All of the page."""

    def _repr_html_(self) -> str:
        # Without allow-same-origin a page is of an origin of its own, as if it came from a stranger.
        page = f'sandbox="allow-scripts" srcdoc="{escape(self.html)}" style="width: 100%; height: 100%; border: 0"'
        return f'<div style="{_FRAME}"><iframe title="lineage" {page}></iframe></div>'

    def __repr__(self) -> str:
        return f"<PageInCell of {len(self.html):,} characters>"
