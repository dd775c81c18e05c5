"""What a page tells of the nodes that are drawn, in plain JSON types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice, product
from typing import Any

from graphtracker.analysis.links import links
from graphtracker.analysis.varying import varying
from graphtracker.drawing.picture import Picture
from graphtracker.drawing.scene import DrawnNode, Scene
from graphtracker.drawing.sweeps import Sweeps
from graphtracker.model.context_rows import context_rows
from graphtracker.model.display import printable
from graphtracker.model.flattened import flattened
from graphtracker.model.values import Artifact, Run, run_name, times
from graphtracker.model.written import written

Entry = list[Any]
"""A key with its text, safe to show; of a number or a truth value with itself, too."""

_MOST_MEMBERS = 1000
"""Of a stack: with all of their metadata 20,000 would make the page as large as ten pictures of what is drawn."""
_EXACT = 1 << 53  # up to which a JavaScript number is any int


def page_data(picture: Picture, scene: Scene, nodes: Iterable[DrawnNode]) -> dict[str, Any]:
    """Name of each node → what it is, with the nodes one step downstream; and the one at which a page opens."""
    sweeps = Sweeps(picture.whole)
    found = {
        node.name: _thing_of(picture, sweeps, node, node.value) | {"down": []}
        for node in nodes
        if node.value is not None
    }
    for begin, targets in links(picture.answer).items():
        found[scene.names[begin]]["down"] = sorted({scene.names[target] for target in targets})
    return {"nodes": found, "start": _start(picture, scene)}


def _start(picture: Picture, scene: Scene) -> str | None:
    """The start; of a whole store the run that reported last."""
    answer = picture.answer
    if answer.start is not None:
        return scene.names[answer.start] if answer.start in answer.runs or answer.start in answer.artifacts else None
    last = max(answer.runs.values(), key=_reported, default=None)
    return None if last is None else scene.names[last.run_id]


def _reported(run: Run) -> tuple[bool, datetime, str]:
    return run.reported_at is not None, run.reported_at or run.created_at, run.run_id


def _thing_of(picture: Picture, sweeps: Sweeps, node: DrawnNode, value: Run | Artifact) -> dict[str, Any]:
    if isinstance(value, Artifact):
        return _artifact(picture, node, value)
    stack = picture.stacks.get(value.run_id)
    if stack is None:
        return _alone(value)
    each = "".join(f" · each {mark}" for mark in ("failed", "forgotten") if mark in node.marks)
    runs = [picture.stacked[run_id] for run_id in stack]
    telling = [printable(each.key) for each in varying(runs, sweeps.beside(stack))]
    members = [_alone(run) for run in runs[:_MOST_MEMBERS]]
    thing = _thing({"stack": value.run_id}, f"{len(stack):,} runs alike{each}", node.label)
    return thing | _stacked(members, len(runs), telling)


def _stacked(members: Sequence[Mapping[str, Any]], count: int, telling: Sequence[str] = ()) -> dict[str, Any]:
    """The first members, how many more there are, and the metadata keys that stand first in their table."""
    return {"members": members, "more": count - len(members), "telling": telling}


def _artifact(picture: Picture, node: DrawnNode, artifact: Artifact) -> dict[str, Any]:
    """Alone, or as many as the runs and the names that it stands for."""
    stack = picture.stacks.get(artifact.run_id, ())
    keys = picture.artifact_stacks.get((artifact.run_id, artifact.name), ())
    if not stack and not keys:
        return _alone(artifact)
    names = [name for _, name in keys] or [artifact.name]
    what = "artifact" if not keys else f"{len(names):,} artifacts that nobody used"
    of = f" of each of {len(stack):,} runs alike" if stack else ""
    runs = stack or [artifact.run_id]
    members = []
    for run_id, name in islice(product(runs, names), _MOST_MEMBERS):
        member = _alone(picture.whole.artifacts[run_id, name])
        members.append(member | {"name": printable(f"{name} of {run_name(run_id)}")} if stack else member)
    thing = _thing({"stack": artifact.run_id, "artifact": artifact.name}, what + of, node.label)
    return thing | _stacked(members, len(runs) * len(names))


def _alone(value: Run | Artifact) -> dict[str, Any]:
    rows = [("run_id", value.run_id), *times(value)]
    if isinstance(value, Artifact):
        rows[1:1] = [(key, text) for key, text in (("path", value.path), ("place", value.place)) if text is not None]
        return _thing(
            {"run": value.run_id, "artifact": value.name}, value.described, value.name, rows, metadata=value.metadata
        )
    status = value.context.get("status")
    kind = value.described if status is None else f"{value.described} · {status}"
    return _thing({"run": value.run_id}, kind, value.name, rows, context_rows(value.context), value.metadata)


def _thing(
    key: Mapping[str, str],
    kind: str,
    name: str,
    rows: Iterable[tuple[str, str]] = (),
    context: Iterable[tuple[str, str]] = (),
    metadata: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """``key`` is its identity, as it was recorded; all else is safe to show."""
    return {
        "key": key,
        "kind": printable(kind),
        "name": printable(name),
        "rows": [_entry(*row) for row in rows],
        "context": [_entry(*row) for row in context],
        "metadata": [_entry(*item) for item in flattened(metadata or {}).items()],
    }


def _entry(key: str, value: object) -> Entry:
    entry = [printable(key), printable(written(value))]
    # By itself a number is sorted, and 1 is 1.0 but not "1"; NaN and infinity are not in JSON.
    if isinstance(value, bool) or (isinstance(value, (int, float)) and abs(value) <= _EXACT):
        entry.append(value)  # type: ignore[arg-type]
    return entry
