"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads left to right with the data.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import graphviz

from graphtracker.display import printable, shorten
from graphtracker.export import look
from graphtracker.values import Artifact, Run, Source
from graphtracker.walk import Node

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

_LONGEST_STRING = 16_000
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(lineage: Lineage) -> str:
    """The DOT text, the same for equal lineages."""
    picture = graphviz.Digraph("lineage", graph_attr=_graph_look(lineage), node_attr=look.NODE, edge_attr=look.EDGE)
    drawing = _Drawing(lineage, picture)
    drawing.draw()
    return str(picture.source)


def _graph_look(lineage: Lineage) -> look.Look:
    attributes = {**look.GRAPH, **look.FONT}
    if not lineage.complete:
        bounds = {"depth": lineage.depth, "max_runs": lineage.max_runs}
        reasons = [
            f"{reason} {bounds[reason]}" if bounds.get(reason) is not None else reason
            for reason in sorted(lineage.reasons)
        ]
        attributes["label"] = f"not the whole lineage: cut by {', '.join(reasons)}"
    return attributes


class _Drawing:
    """One picture being made: which node has which name, and which artifacts are drawn as the label of edges."""

    def __init__(self, lineage: Lineage, picture: graphviz.Digraph) -> None:
        self._lineage = lineage
        self._picture = picture
        self._run_names = Counter(run.name for run in lineage.runs.values())
        used = {(source.source_run_id, source.artifact_name) for source in lineage.sources}
        self._folded = {
            key
            for key, artifact in lineage.artifacts.items()
            if artifact.declared and lineage.runs[key[0]].external and key in used and key != lineage.start
        }
        nodes: list[Node] = [*lineage.runs, *(key for key in lineage.artifacts if key not in self._folded)]
        self._names = {node: f"n{number}" for number, node in enumerate(nodes)}

    def draw(self) -> None:
        for run in self._lineage.runs.values():
            self._draw_run(run)
        for key, artifact in self._lineage.artifacts.items():
            if key not in self._folded:
                self._draw_artifact(key, artifact)
        for source in self._lineage.sources:
            self._draw_source(source)
        self._draw_cuts()

    def _draw_run(self, run: Run) -> None:
        label = run.name if self._run_names[run.name] == 1 else run.run_id
        style = look.EXTERNAL if run.external else look.RUN
        self._draw_node(run.run_id, label, run.run_id, style)

    def _draw_artifact(self, key: tuple[str, str], artifact: Artifact) -> None:
        tooltip = artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"
        self._draw_node(key, artifact.name, tooltip, look.DECLARED if artifact.declared else look.ARTIFACT)
        self._picture.edge(self._names[key[0]], self._names[key], **look.GENERATED)

    def _draw_node(self, node: Node, label: str, tooltip: str, style: look.Look) -> None:
        if node == self._lineage.start:
            style = {**style, **look.START}
        self._picture.node(self._names[node], short_label(label), tooltip=_tooltip(tooltip), **style)

    def _draw_source(self, source: Source) -> None:
        run = self._names[source.run_id]
        if source.artifact_name is None:
            self._picture.edge(self._names[source.source_run_id], run, **look.DERIVED)
            return
        key = (source.source_run_id, source.artifact_name)
        if key in self._folded:
            style = {**look.USED, "tooltip": _tooltip(source.artifact_name)}
            self._picture.edge(self._names[source.source_run_id], run, short_label(source.artifact_name), **style)
        else:
            self._picture.edge(self._names[key], run, **look.USED)

    def _draw_cuts(self) -> None:
        stubs = 0
        for run_id, directions in self._lineage.frontier.items():
            for direction in sorted(directions):
                stub, run = f"cut{stubs}", self._names[run_id]
                stubs += 1
                self._picture.node(stub, tooltip=f"more {direction}, left out", **look.CUT)
                self._picture.edge(*((stub, run) if direction == "upstream" else (run, stub)), **look.LEFT_OUT)


def short_label(text: str) -> str:
    """The text as a label: short, and with nothing in it that Graphviz would obey."""
    return _data(shorten(text, look.LONGEST_LABEL))


def _data(text: str) -> str:
    # Graphviz reads backslash escapes, HTML entities, and labels in angle brackets. escape() doubles backslashes, and
    # gives a kind of str that the library does not take for HTML.
    escaped: str = graphviz.escape(_ENTITY.sub("&amp;", printable(text)))
    return escaped


def _tooltip(text: str) -> str:
    # Graphviz reads backslash escapes in tooltips twice, and gives up at strings of more than 16,384 bytes.
    length = len(text)
    while True:
        escaped: str = graphviz.escape(_data(shorten(text, length)))
        if len(escaped.encode()) < _LONGEST_STRING:
            return escaped
        length = length * 3 // 4
