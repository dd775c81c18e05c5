"""What a picture draws, as values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnEdge, DrawnNode, Scene

_Drawn = TypeVar("_Drawn")


def elements(picture: Picture, *, on_edges: bool = True) -> tuple[list[DrawnNode], list[DrawnEdge]]:
    """Its nodes and its edges, in order."""
    nodes: list[DrawnNode] = []
    edges: list[DrawnEdge] = []
    scene = Scene(picture, on_edges=on_edges, told=True)
    assert set(scene.spelled(_kept(nodes), _kept(edges))) <= {""}
    return nodes, edges


def _kept(found: list[_Drawn]) -> Callable[[_Drawn], str]:
    def keep(one: _Drawn) -> str:
        found.append(one)
        return ""

    return keep
