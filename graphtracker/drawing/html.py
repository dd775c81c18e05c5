"""A picture as one HTML page to explore: Graphviz's drawing with what each node is, without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

from graphtracker.analysis.links import links
from graphtracker.drawing.dot import dot_of
from graphtracker.drawing.graphviz import drawn
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnNode, Scene
from graphtracker.model.context_rows import context_rows
from graphtracker.model.display import printable, printable_json
from graphtracker.model.values import Artifact, Run, times
from graphtracker.model.written import written

# Large layered drawings in seconds (https://graphviz.org/doc/info/attrs.html): fewer rounds, and straight edges.
_QUICK = {"nslimit": "1", "nslimit1": "1", "mclimit": "0.2", "splines": "line"}
_QUICK_FROM = 600  # nodes and links
_PROLOG = re.compile(rb"\A.*?(?=<svg)", re.DOTALL)


def html(picture: Picture) -> Iterator[str | bytes]:
    """The page; raises MissingExtra where there is no Graphviz."""
    quick = _QUICK if _size(picture) > _QUICK_FROM else {}
    svg = b"".join(drawn("svg", dot_of(picture, (), fold=False, told=False, **quick)))
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    before, between_and_after = page.split("<!--SVG-->")
    between, after = between_and_after.split("<!--DATA-->")
    yield before
    yield _PROLOG.sub(b"", svg)
    yield between
    yield printable_json(json.dumps(_data(picture), ensure_ascii=False, allow_nan=False)).replace("<", "\\u003c")
    yield after


def _size(picture: Picture) -> int:
    answer = picture.answer
    return len(answer.runs) + len(answer.artifacts) + len(answer.sources)


def _data(picture: Picture) -> dict[str, Any]:
    answer, scene = picture.answer, Scene(picture, fold=False, told=False)
    nodes: dict[str, Any] = {}
    for node in scene.nodes():
        if node.value is not None:
            stacked = [picture.stacked[run_id] for run_id in picture.stacks.get(node.value.run_id, ())]
            nodes[node.name] = (_stacked(node, stacked) if stacked else _alone(node.value)) | {"down": []}
    for begin, targets in links(answer).items():
        nodes[scene.names[begin]]["down"] = sorted({scene.names[target] for target in targets})
    start = None if answer.start is None else scene.names[answer.start]
    return {"nodes": nodes, "start": start if start in nodes else None, "note": "\n".join(picture.notes)}


_Rows = Iterable[tuple[str, str]]


def _stacked(node: DrawnNode, runs: list[Run]) -> dict[str, Any]:
    if isinstance(node.value, Artifact):
        return _node(f"artifact of each of {len(runs):,} runs alike", node.label, node.label, [])
    each = "".join(f" · each {mark}" for mark in ("failed", "forgotten") if mark in node.marks)
    members = [(f"run {number:,}", run.run_id) for number, run in enumerate(runs, 1)]
    ids = "\n".join(run.run_id for run in runs)
    return _node(f"{len(runs):,} runs alike{each}", ids, node.label, members, _joined(runs))


def _joined(runs: list[Run]) -> _Rows:
    """The contexts of these runs as one: of each key all that it is."""
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for key, text in context_rows(run.context):
            found.setdefault(key, {})[text] = None
    return [(key, ", ".join(texts)) for key, texts in found.items()]


def _alone(value: Run | Artifact) -> dict[str, Any]:
    metadata = [(key, written(item)) for key, item in value.metadata.items()]
    rows = [("run_id", value.run_id), *times(value)]
    if isinstance(value, Artifact):
        rows[1:1] = [(key, text) for key, text in (("path", value.path), ("place", value.place)) if text is not None]
        return _node(value.described, value.name, value.name, rows, metadata=metadata)
    status = value.context.get("status")
    kind = value.described if status is None else f"{value.described} · {status}"
    return _node(kind, value.run_id, value.name, rows, context_rows(value.context), metadata)


def _node(kind: str, node_id: str, name: str, rows: _Rows, context: _Rows = (), metadata: _Rows = ()) -> dict[str, Any]:
    tables = {"rows": rows, "context": context, "metadata": metadata}
    shown = {title: [[printable(key), printable(text)] for key, text in table] for title, table in tables.items()}
    return {"kind": printable(kind), "id": printable(node_id), "name": printable(name)} | shown
