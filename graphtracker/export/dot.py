"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads left to right with the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import graphviz

from graphtracker.display import printable, shorten
from graphtracker.export import look
from graphtracker.export.cuts import cut_note
from graphtracker.export.numbers import Numbers, shared_names
from graphtracker.export.picture import Picture, stack_label
from graphtracker.values import Artifact, Run, Source
from graphtracker.walk import Node

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

_LONGEST_STRING = 16_000
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(lineage: Lineage) -> Iterator[str]:
    """The DOT text of all of it, the same for equal lineages, line by line."""
    return dot_of(Picture(lineage))


def dot_of(picture: Picture, **attributes: str) -> Iterator[str]:
    """The DOT text of a picture, line by line; ``attributes`` are more of the graph's own."""
    notes = [note for note in (cut_note(picture.lineage), picture.left_out) if note is not None]
    look_of_all = {**look.GRAPH, **look.FONT, **({"label": r"\n".join(notes)} if notes else {}), **attributes}
    lines = graphviz.Digraph("lineage", graph_attr=look_of_all, node_attr=look.NODE, edge_attr=look.EDGE)
    *head, tail = lines
    yield from head
    for _ in _Drawing(picture, lines).draw():
        yield from lines.body
        lines.body.clear()
    yield tail


class _Drawing:
    """One picture being made: what stands in which line, and which artifacts are drawn as the label of edges."""

    def __init__(self, picture: Picture, lines: graphviz.Digraph) -> None:
        self._lineage = lineage = picture.lineage
        self._stacks = picture.stacks
        self._lines = lines
        self._numbers = Numbers(lineage)
        self._runs = lineage.runs
        self._shared_names = shared_names(lineage)
        self._folded = {
            (source.source_run_id, source.artifact_name)
            for source in lineage.sources
            if source.artifact_name is not None
            and self._runs[source.source_run_id].external
            and (source.source_run_id, source.artifact_name) != lineage.start
            and lineage.artifacts[source.source_run_id, source.artifact_name].declared
        }

    def draw(self) -> Iterator[None]:
        """Puts nodes and edges into the picture; gives way after each."""
        for run in self._runs.values():
            self._draw_run(run)
            yield
        for key, artifact in self._lineage.artifacts.items():
            if key not in self._folded:
                self._draw_artifact(key, artifact)
                yield
        for source in self._lineage.sources:
            self._draw_source(source)
            yield
        self._draw_cuts()
        yield

    def _name(self, node: Node) -> str:
        return f"n{self._numbers[node]}"

    def _draw_run(self, run: Run) -> None:
        label = run.run_id if run.name in self._shared_names else run.name
        style = look.EXTERNAL if run.external else look.RUN
        if run.run_id in self._stacks:
            members = self._stacks[run.run_id]
            self._draw_node(run.run_id, stack_label(members), ", ".join(members), {**style, **look.STACK})
        else:
            self._draw_node(run.run_id, label, run.run_id, style)

    def _draw_artifact(self, key: tuple[str, str], artifact: Artifact) -> None:
        tooltip = artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"
        if key[0] in self._stacks:
            tooltip = f"{artifact.name} of each of {len(self._stacks[key[0]]):,} runs"
        self._draw_node(key, artifact.name, tooltip, look.DECLARED if artifact.declared else look.ARTIFACT)
        self._lines.edge(self._name(key[0]), self._name(key), **look.GENERATED)

    def _draw_node(self, node: Node, label: str, tooltip: str, style: look.Look) -> None:
        if node == self._lineage.start:
            style = {**style, **look.START}
        self._lines.node(self._name(node), short_label(label), tooltip=_tooltip(tooltip), **style)

    def _draw_source(self, source: Source) -> None:
        run = self._name(source.run_id)
        if source.artifact_name is None:
            self._lines.edge(self._name(source.source_run_id), run, **look.DERIVED)
            return
        key = (source.source_run_id, source.artifact_name)
        if key in self._folded:
            style = {**look.USED, "tooltip": _tooltip(source.artifact_name)}
            self._lines.edge(self._name(source.source_run_id), run, short_label(source.artifact_name), **style)
        else:
            self._lines.edge(self._name(key), run, **look.USED)

    def _draw_cuts(self) -> None:
        stubs = 0
        for run_id, directions in self._lineage.frontier.items():
            for direction in sorted(directions):
                stub, run = f"cut{stubs}", self._name(run_id)
                stubs += 1
                self._lines.node(stub, tooltip=f"more {direction}, left out", **look.CUT)
                self._lines.edge(*((stub, run) if direction == "upstream" else (run, stub)), **look.LEFT_OUT)


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
