"""What a picture is to fit, beside its caption."""

from __future__ import annotations

from typing import NamedTuple

from graphtracker.drawing.options import Size


class Frame(NamedTuple):
    """Width is along the data's way, height across it."""

    size: Size
    caption: Size
    """What a caption takes of either, which is scaled with the picture."""

    def room(self, scale: float) -> Size:
        """What is left for nodes and edges that are scaled so, as large as they are unscaled; it may be less than
        nothing."""
        width, height = self.size
        return Size(width / scale - self.caption.width, height / scale - self.caption.height)
