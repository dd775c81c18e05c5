"""A picture as one HTML page to explore: Graphviz's drawing with what each node is, without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from graphtracker.analysis.links import links
from graphtracker.drawing.dot import dot_of
from graphtracker.drawing.graphviz import drawn
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnNode, Scene
from graphtracker.model.display import printable, printable_json
from graphtracker.model.times import time_text
from graphtracker.model.values import Artifact, Run
from graphtracker.model.written import written

# Large layered drawings in seconds (https://graphviz.org/doc/info/attrs.html): fewer rounds, and straight edges.
_QUICK = {"nslimit": "1", "nslimit1": "1", "mclimit": "0.2", "splines": "line"}
_QUICK_FROM = 600  # nodes and links
_PROLOG = re.compile(rb"\A.*?(?=<svg)", re.DOTALL)


def html(picture: Picture) -> Iterator[str | bytes]:
    """The page; raises MissingExtra where there is no ``dot`` on the PATH."""
    quick = _QUICK if _size(picture) > _QUICK_FROM else {}
    svg = b"".join(drawn("svg", dot_of(picture, fold=False, noted=False, **quick)))
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
    answer, scene = picture.answer, Scene(picture, fold=False)
    nodes: dict[str, Any] = {}
    for node in scene.nodes():
        if node.value is not None:
            stacked = picture.stacks.get(node.value.run_id, [])
            nodes[node.name] = (_stacked(node, stacked) if stacked else _alone(node.value)) | {"down": []}
    for begin, targets in links(answer).items():
        nodes[scene.names[begin]]["down"] = sorted({scene.names[target] for target in targets})
    start = None if answer.start is None else scene.names[answer.start]
    return {"nodes": nodes, "start": start, "note": "\n".join(picture.notes)}


def _stacked(node: DrawnNode, run_ids: list[str]) -> dict[str, Any]:
    if isinstance(node.value, Artifact):
        return _node(f"artifact of each of {len(run_ids):,} runs alike", node.label, node.label, [])
    members = [[f"run {number:,}", run_id] for number, run_id in enumerate(run_ids, 1)]
    return _node(f"{len(run_ids):,} runs alike", "\n".join(run_ids), node.label, members)


def _alone(value: Run | Artifact) -> dict[str, Any]:
    path = [["path", value.path]] if isinstance(value, Artifact) and value.path is not None else []
    own_id = value.name if isinstance(value, Artifact) else value.run_id
    return _node(value.described, own_id, value.name, [["run_id", value.run_id], *path, *_rows(value)])


def _rows(node: Run | Artifact) -> list[list[str]]:
    times = [
        [name, time_text(at) or ""]
        for name, at in (("created_at", node.created_at), ("updated_at", node.updated_at))
        if at
    ]
    return times + [[key, written(value)] for key, value in node.metadata.items()]


def _node(kind: str, node_id: str, name: str, rows: list[list[str]]) -> dict[str, Any]:
    shown = [[printable(key), printable(value)] for key, value in rows]
    return {"kind": kind, "id": printable(node_id), "name": printable(name), "rows": shown}
