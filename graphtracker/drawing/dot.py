"""A lineage as a picture in Graphviz's DOT language.

Nodes are called n0, n1, … in the order of ids, runs before artifacts: ids stand only in labels and tooltips, where
every character is data. The picture reads left to right with the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import graphviz

from graphtracker.analysis.links import Node
from graphtracker.analysis.names import Numbers, shared_names
from graphtracker.drawing import style as look
from graphtracker.drawing.picture import Picture, stack_label
from graphtracker.model.display import printable, shorten
from graphtracker.model.values import Artifact, Run, Source

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

_LONGEST_STRING = 16_000
_NAMED = {name: value for name, value in look.USED.items() if name != "tooltip"}  # an edge that stands for an artifact
_PLAIN = re.compile(r"[\w ./:@=,+-]{1,4000}", re.ASCII)  # in which Graphviz finds nothing to obey
_ENTITY = re.compile(r"&(?=#?\w+;)")


def dot(lineage: Lineage) -> Iterator[str]:
    """The DOT text of all of it, the same for equal lineages, line by line."""
    return dot_of(Picture(lineage))


def dot_of(picture: Picture, *, fold: bool = True, noted: bool = True, **attributes: str) -> Iterator[str]:
    """The DOT text of a picture, line by line.

    With ``fold`` a declared artifact of an external run is drawn as the label of its edges; with ``noted`` the picture
    says what it leaves out; ``attributes`` are more of the graph's own.
    """
    notes = picture.notes if noted else []
    look_of_all = {**look.GRAPH, **look.FONT, **({"label": r"\n".join(notes)} if notes else {}), **attributes}
    *head, tail = graphviz.Digraph("lineage", graph_attr=look_of_all, node_attr=look.NODE, edge_attr=look.EDGE)
    yield from head
    yield from _Drawing(picture, fold).lines()
    yield tail


class _Drawing:
    """One picture being made: which node has which name, and which artifacts are drawn as the label of edges."""

    def __init__(self, picture: Picture, fold: bool) -> None:
        self._lineage = lineage = picture.lineage
        self._stacks = picture.stacks
        self._numbers = Numbers(lineage)
        self._runs = lineage.runs
        self._shared_names = shared_names(lineage)
        self._folded = {
            (source.source_run_id, source.artifact_name)
            for source in lineage.sources
            if fold
            and source.artifact_name is not None
            and self._runs[source.source_run_id].external
            and (source.source_run_id, source.artifact_name) != lineage.start
            and lineage.artifacts[source.source_run_id, source.artifact_name].declared
        }

    def lines(self) -> Iterator[str]:
        """Nodes and edges."""
        yield from map(self._run, self._runs.values())
        for key, artifact in self._lineage.artifacts.items():
            if key not in self._folded:
                yield self._artifact(key, artifact) + _edge(self._name(key[0]), self._name(key), look.GENERATED)
        yield from map(self._source, self._lineage.sources)
        yield from self._cuts()

    def _name(self, node: Node) -> str:
        return f"n{self._numbers[node]}"

    def _run(self, run: Run) -> str:
        style = look.EXTERNAL if run.external else look.RUN
        if run.run_id in self._stacks:
            members = self._stacks[run.run_id]
            return self._node(run.run_id, stack_label(members), ", ".join(members), {**style, **look.STACK})
        label = run.run_id if run.name in self._shared_names else run.name
        return self._node(run.run_id, label, run.run_id, style)

    def _artifact(self, key: tuple[str, str], artifact: Artifact) -> str:
        tooltip = artifact.name if artifact.path is None else f"{artifact.name}: {artifact.path}"
        if key[0] in self._stacks:
            tooltip = f"{artifact.name} of each of {len(self._stacks[key[0]]):,} runs"
        return self._node(key, artifact.name, tooltip, look.DECLARED if artifact.declared else look.ARTIFACT)

    def _node(self, node: Node, label: str, tooltip: str, style: look.Look) -> str:
        if node == self._lineage.start:
            style = {**style, **look.START}
        return _statement(self._name(node), shorten(label, look.LONGEST_LABEL), tooltip, style)

    def _source(self, source: Source) -> str:
        run = self._name(source.run_id)
        if source.artifact_name is None:
            return _edge(self._name(source.source_run_id), run, look.DERIVED)
        key = (source.source_run_id, source.artifact_name)
        if key not in self._folded:
            return _edge(self._name(key), run, look.USED)
        label = shorten(source.artifact_name, look.LONGEST_LABEL)
        return _statement(f"{self._name(source.source_run_id)} -> {run}", label, source.artifact_name, _NAMED)

    def _cuts(self) -> Iterator[str]:
        stubs = 0
        for run_id, directions in self._lineage.frontier.items():
            for direction in sorted(directions):
                stub, run = f"cut{stubs}", self._name(run_id)
                stubs += 1
                yield _statement(stub, look.CUT_LABEL, f"more {direction}, left out", look.CUT)
                yield _edge(*((stub, run) if direction == "upstream" else (run, stub)), look.LEFT_OUT)


def _edge(begin: str, end: str, style: look.Look) -> str:
    return f"\t{begin} -> {end} [{_attributes(tuple(style.items()))}]\n"


def _statement(subject: str, label: str, tooltip: str, style: look.Look) -> str:
    words = f"label={_quoted(label, _data)} tooltip={_quoted(tooltip, _tooltip)}"
    return f"\t{subject} [{_attributes(tuple(style.items()))} {words}]\n"


@cache
def _attributes(style: tuple[tuple[str, str], ...]) -> str:
    """The attributes of a look, of which there are few."""
    return _written(dict(style))


def _written(attributes: look.Look) -> str:
    """Attributes as the graphviz library writes them."""
    line = graphviz.Digraph()
    line.node("n", **attributes)
    text: str = line.body[0]
    return text.strip().removeprefix("n [").removesuffix("]")


def _quoted(text: str, escaped: Callable[[str], str]) -> str:
    """The text in quotes; the library's quoting takes ten times as long as all else, and most text needs none."""
    return f'"{text}"' if _PLAIN.fullmatch(text) else _written({"x": escaped(text)}).removeprefix("x=")


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
