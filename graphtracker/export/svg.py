"""A lineage as SVG, drawn by the system's Graphviz."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import graphviz

from graphtracker.errors import GraphTrackerError, MissingExtra
from graphtracker.export.dot import dot

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage


def svg(lineage: Lineage) -> str:
    """The SVG text; raises MissingExtra where there is no ``dot`` on the PATH."""
    try:
        drawn: bytes = graphviz.pipe("dot", "svg", dot(lineage).encode(), quiet=True)
        return drawn.decode()
    except graphviz.ExecutableNotFound as error:
        raise MissingExtra(
            "drawing needs Graphviz, whose program dot is not on the PATH; install it (apt-get install graphviz, "
            "brew install graphviz), or export the DOT text and draw it elsewhere"
        ) from error
    except subprocess.CalledProcessError as error:
        raise GraphTrackerError(f"Graphviz could not draw this lineage: {error.stderr or error}") from error
