"""A lineage within a budget: the nearest nodes, the links between them, where it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from graphtracker.lineage import Lineage
from graphtracker.mcp.budget import Budget, Room
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.texts import LONGEST_TEXT, shown, text_shown
from graphtracker.model.counted import counted
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Node, Run, Source, run_of

_FIRST = 5
"""Artifacts of a run that come with it."""
_MOST_CALLS = 3


@dataclass
class _Shown:
    """What has room so far."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    artifacts: set[tuple[str, str]] = field(default_factory=set)
    sources: int = 0


Side = Callable[[str], str | None]
Call = Callable[[str, str], Mapping[str, Any]]
"""The call that goes on from a run in a direction."""


def lineage_reply(lineage: Lineage, max_nodes: int, call: Call) -> Reply:
    """The answer with its nearest nodes, and calls from where it goes on."""
    side = _sides(lineage)
    chosen = _chosen(lineage, max_nodes, side)
    _add_sources(lineage, chosen, Room(max_nodes), most=4 * max_nodes)
    frontier = _frontier(lineage, chosen.rows, side)
    for run_id, directions in frontier.items():
        chosen.rows[run_id]["left_out"] = directions
    left_out = _left_out(lineage, chosen)
    return Reply(
        f"{counted(len(chosen.rows), 'run')} and {counted(len(chosen.artifacts), 'artifact')}"
        f"{', the nearest to the start' if left_out else ''}",
        {**_asked(lineage), "runs": list(chosen.rows.values())},
        left_out,
        lineage.reasons - {"max_runs"},
        wider(max_nodes, len(lineage)) if left_out else None,
        _calls(lineage, frontier, call),
    )


def _chosen(lineage: Lineage, max_nodes: int, side: Side) -> _Shown:
    """The nodes that have room, the nearest first."""
    budget, chosen = Budget(max_nodes), _Shown()
    distances = lineage.distances() if lineage.start is not None and len(lineage) else {}
    for node in _in_order(lineage, distances):
        if isinstance(node, str):
            row = _run_row(lineage.runs[node], distances.get(node, 0), side(node))
            if not budget.take(row):
                break
            chosen.rows[node] = row
        elif node[0] in chosen.rows:
            row = artifact_row(lineage.artifacts[node])
            if not budget.take(row):
                break
            chosen.rows[node[0]].setdefault("artifacts", []).append(row)
            chosen.artifacts.add(node)
    return chosen


def _in_order(lineage: Lineage, distances: Mapping[Node, int]) -> list[Node]:
    """All nodes by the distance of their run, each with the first of its artifacts beside it, used ones before others.

    The artifacts that it has beyond these come last: a run with very many does not keep its neighbours out.
    """
    used = {source.node for source in lineage.sources} | {lineage.start}
    of_run: dict[str, list[tuple[str, str]]] = {}
    for node in lineage.artifacts:
        of_run.setdefault(node[0], []).append(node)
    runs = sorted(lineage.runs, key=lambda run_id: (distances.get(run_id, 0), run_id))
    first: list[Node] = []
    last: list[Node] = []
    for run_id in runs:
        artifacts = sorted(of_run.get(run_id, ()), key=lambda node: (node not in used, node[1]))
        first += [run_id, *artifacts[:_FIRST]]
        last += artifacts[_FIRST:]
    return [*first, *last]


def _sides(lineage: Lineage) -> Side:
    """What tells of a run on which side of the start it is."""
    if lineage.start is None or lineage.start not in lineage:
        return lambda run_id: None
    above = lineage.ancestors() if lineage.direction != "downstream" else frozenset()
    below = lineage.descendants() if lineage.direction != "upstream" else frozenset()
    words = {(True, False): "upstream", (False, True): "downstream", (True, True): "both"}
    return lambda run_id: "start" if run_id == lineage.start_run else words.get((run_id in above, run_id in below))


def _run_row(run: Run, distance: int, side: str | None) -> dict[str, Any]:
    return {**run_row(run), "distance": distance, **({} if side is None else {"side": side})}


def run_row(run: Run) -> dict[str, Any]:
    """A run in short: what it is known by, since when, how it ended."""
    row: dict[str, Any] = {"run_id": shown(run.run_id)}
    row |= {key: True for key in ("external", "forgotten") if getattr(run, key)}
    row["created_at"] = to_the_second(run.created_at)
    return row | ({"status": text_shown(str(run.context["status"]))} if "status" in run.context else {})


def artifact_row(artifact: Artifact, longest: int = LONGEST_TEXT) -> dict[str, Any]:
    """An artifact in short, below its run, with so many characters of its path."""
    row: dict[str, Any] = {"name": shown(artifact.name)}
    row |= {"declared": True} if artifact.declared else {}
    return row | ({} if artifact.path is None else {"path": text_shown(artifact.path, longest)})


def source_row(run_id: str, artifact_name: str | None) -> dict[str, Any]:
    """A source, or a consumer, in short."""
    return {"run_id": shown(run_id), "artifact_name": None if artifact_name is None else shown(artifact_name)}


def _add_sources(lineage: Lineage, chosen: _Shown, room: Room, most: int) -> None:
    """Beside each run its sources of which the runs are shown, as far as there is room, the nearest runs first."""
    of_run: dict[str, list[Source]] = {}
    for source in lineage.sources:
        if source.run_id in chosen.rows and source.source_run_id in chosen.rows:
            of_run.setdefault(source.run_id, []).append(source)
    for run_id, row in chosen.rows.items():
        for source in of_run.get(run_id, ()):
            link = source_row(source.source_run_id, source.artifact_name)
            if chosen.sources == most or not (room.take(link) or not chosen.sources):
                return
            row.setdefault("sources", []).append(link)
            chosen.sources += 1


def _frontier(lineage: Lineage, shown_runs: Mapping[str, Any], side: Side) -> dict[str, list[str]]:
    """Shown run → the directions, away from the start, in which a run beside it is not shown; the nearest first."""
    found = {run_id: set(lineage.frontier.get(run_id, ())) for run_id in shown_runs}
    for source in lineage.sources:
        if source.run_id in found and source.source_run_id not in found:
            found[source.run_id].add("upstream")
        elif source.source_run_id in found and source.run_id not in found:
            found[source.source_run_id].add("downstream")
    away = {run_id: sorted(found[run_id] - _BACK.get(side(run_id) or "", frozenset())) for run_id in found}
    return {run_id: directions for run_id, directions in away.items() if directions}


_BACK = {"upstream": frozenset({"downstream"}), "downstream": frozenset({"upstream"})}
"""Side → the direction in which the way leads back to the start."""


def _left_out(lineage: Lineage, chosen: _Shown) -> list[str]:
    """What the budget left out, in words; at least so much where the store was not asked for all."""
    counts = [
        (len(lineage.runs) - len(chosen.rows), "run"),
        (len(lineage.artifacts) - len(chosen.artifacts), "artifact"),
        (len(lineage.sources) - chosen.sources, "source"),
    ]
    least = "at least " if "max_runs" in lineage.reasons else ""
    found = [f"{least}{counted(count, thing)}" for count, thing in counts if count]
    return found or (["runs farther away"] if least else [])


def _asked(lineage: Lineage) -> dict[str, Any]:
    question = lineage.question
    if question is None:
        return {}
    begin = {} if question.begin is None else {"from": node_shown(question.begin)}
    then = {} if lineage.as_of is None else {"as_of": to_the_second(lineage.as_of)}
    return {"start": node_shown(question.start), **begin, "direction": lineage.direction, **then}


def node_shown(node: Node) -> str | list[str]:
    """A run id, or the run id and the name of an artifact, safe to show."""
    return shown(node) if isinstance(node, str) else [shown(part) for part in node]


def _calls(lineage: Lineage, frontier: Mapping[str, Iterable[str]], call: Call) -> Sequence[Mapping[str, Any]]:
    """Calls from where the answer goes on, the nearest first; those from the start itself would tell the same again."""
    start = None if lineage.start is None else run_of(lineage.start)
    ends = ((run_id, direction) for run_id, directions in frontier.items() for direction in directions)
    return [call(run_id, direction) for run_id, direction in islice((e for e in ends if e[0] != start), _MOST_CALLS)]
