"""A picture as one HTML page to explore: Graphviz's drawing with what each node is, without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from graphtracker.analysis.links import links
from graphtracker.analysis.names import Numbers
from graphtracker.drawing.dot import dot_of
from graphtracker.drawing.graphviz import drawn
from graphtracker.drawing.picture import stack_label
from graphtracker.model.display import printable, printable_json
from graphtracker.model.encoding import dumps, time_text

if TYPE_CHECKING:
    from graphtracker.drawing.picture import Picture
    from graphtracker.model.values import Artifact, Run

# Large layered drawings in seconds (https://graphviz.org/doc/info/attrs.html): fewer rounds, and straight edges.
_QUICK = {"nslimit": "1", "nslimit1": "1", "mclimit": "0.2", "splines": "line"}
_QUICK_FROM = 600  # nodes and links
_PROLOG = re.compile(rb"\A.*?(?=<svg)", re.DOTALL)


def html(picture: Picture) -> Iterator[str | bytes]:
    """The page; raises MissingExtra where there is no ``dot`` on the PATH."""
    quick = _QUICK if len(picture.lineage) + len(picture.lineage.sources) > _QUICK_FROM else {}
    svg = b"".join(drawn("svg", dot_of(picture, fold=False, noted=False, **quick)))
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    before, between_and_after = page.split("<!--SVG-->")
    between, after = between_and_after.split("<!--DATA-->")
    yield before
    yield _PROLOG.sub(b"", svg)
    yield between
    yield printable_json(json.dumps(_data(picture), ensure_ascii=False, allow_nan=False)).replace("<", "\\u003c")
    yield after


def _data(picture: Picture) -> dict[str, Any]:
    lineage, numbers = picture.lineage, Numbers(picture.lineage)
    steps = links(lineage.artifacts, lineage.sources)
    nodes: dict[str, Any] = {}
    for run in lineage.runs.values():
        nodes[f"n{numbers[run.run_id]}"] = _run(run, picture.stacks.get(run.run_id, []))
    for key, artifact in lineage.artifacts.items():
        nodes[f"n{numbers[key]}"] = _artifact(artifact, len(picture.stacks.get(key[0], ())))
    for node, targets in steps.items():
        nodes[f"n{numbers[node]}"]["down"] = sorted({f"n{numbers[target]}" for target in targets})
    start = None if lineage.start is None else f"n{numbers[lineage.start]}"
    return {"nodes": nodes, "start": start, "note": "\n".join(picture.notes)}


def _run(run: Run, stacked: list[str]) -> dict[str, Any]:
    if stacked:
        members = [[f"run {number:,}", run_id] for number, run_id in enumerate(stacked, 1)]
        return _node(f"{len(stacked):,} runs alike", "\n".join(stacked), stack_label(stacked), members)
    rows = [["run_id", run.run_id], *_rows(run)]
    return _node("external run" if run.external else "run", run.run_id, run.name, rows)


def _artifact(artifact: Artifact, stacked: int) -> dict[str, Any]:
    if stacked:
        return _node(f"artifact of each of {stacked:,} runs alike", artifact.name, artifact.name, [])
    rows = [
        ["run_id", artifact.run_id],
        *([] if artifact.path is None else [["path", artifact.path]]),
        *_rows(artifact),
    ]
    return _node("declared artifact" if artifact.declared else "artifact", artifact.name, artifact.name, rows)


def _rows(node: Run | Artifact) -> list[list[str]]:
    times = [
        [name, time_text(at) or ""]
        for name, at in (("created_at", node.created_at), ("updated_at", node.updated_at))
        if at
    ]
    return times + [[key, value if isinstance(value, str) else dumps(value)] for key, value in node.metadata.items()]


def _node(kind: str, node_id: str, name: str, rows: list[list[str]]) -> dict[str, Any]:
    shown = [[printable(key), printable(value)] for key, value in rows]
    return {"kind": kind, "id": printable(node_id), "name": printable(name), "rows": shown, "down": []}
