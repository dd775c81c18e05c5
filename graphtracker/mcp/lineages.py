"""A lineage within a budget: the nearest nodes, the links between them, where it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from graphtracker.analysis.distances import downstream, upstream
from graphtracker.analysis.links import links, turned
from graphtracker.lineage import Lineage
from graphtracker.mcp.pages import Item, Page, Way, laid_out, said_of
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.rows import artifact_row, node_shown, run_row, source_row
from graphtracker.mcp.texts import shown
from graphtracker.model.counted import counted
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Node, Run, Source, run_of

_FIRST = 5
"""Artifacts of a run that come with it."""
_MOST_CALLS = 3

Side = Callable[[str], str | None]
Call = Callable[[str, str], Mapping[str, Any]]
"""The call that goes on from a run in a direction."""


def lineage_reply(lineage: Lineage, page: Page, given: Mapping[str, Any], call: Call) -> Reply:
    """The answer with a page of its nodes, and calls from where it goes on."""
    data: dict[str, Any] = {**_asked(lineage), "runs": []}
    rows = laid_out(page, data, _row_before)
    frontier = _frontier(lineage, page)
    for run_id, directions in frontier.items():
        if ("runs", run_id) in rows:
            rows["runs", run_id]["left_out"] = directions
    left_out = _left_out(lineage, page)
    return Reply(
        f"{counted(page.count('run'), 'run')} and {counted(page.count('artifact'), 'artifact')}"
        f"{', the nearest to the start' if left_out else ''}",
        data,
        left_out,
        lineage.reasons - {"max_runs"},
        wider(given["max_nodes"], len(lineage)) if left_out else None,
        _calls(lineage, frontier, call),
        after=page.after,
    )


def is_cut(lineage: Lineage) -> bool:
    """Whether there are more runs than were read."""
    return "max_runs" in lineage.reasons


def _row_before(way: Way) -> dict[str, Any]:
    return {"run_id": shown(way[1])}


def lineage_items(lineage: Lineage) -> Iterator[Item]:
    """Runs by distance, each with the first of its artifacts (used ones before others) and its links to those before.

    The artifacts that it has beyond these come last: a run with very many does not keep its neighbours out.
    """
    distances, side = _distances(lineage), _sides(lineage)
    runs = sorted(lineage.runs, key=lambda run_id: (distances.get(run_id, 0), run_id))
    artifacts, sources = _of_runs(lineage), _at_the_later_end(lineage, runs)
    for run_id in runs:
        yield Item("run", ("runs", run_id), partial(_run_row, lineage.runs[run_id], distances.get(run_id, 0), side))
        yield from map(_artifact_item, artifacts.get(run_id, ())[:_FIRST])
        yield from (_link_item(source, run_id) for source in sources.get(run_id, ()))
    for run_id in runs:
        yield from map(_artifact_item, artifacts.get(run_id, ())[_FIRST:])


def _distances(lineage: Lineage) -> dict[Node, int]:
    """Node → sources walked to it, in the direction that was asked about: the order in which a bound keeps runs."""
    start = lineage.start
    if start is None or start not in lineage:
        return {}
    if lineage.direction == "both":
        return {**lineage.distances(), run_of(start): 0}
    if lineage.direction == "upstream":
        return upstream(turned(links(lineage)), [start])
    return {**downstream(links(lineage), [start]), run_of(start): 0}


def _of_runs(lineage: Lineage) -> dict[str, list[Artifact]]:
    """Run id → its artifacts, used ones before others, then by name."""
    used = {source.node for source in lineage.sources} | {lineage.start}
    found: dict[str, list[Artifact]] = {}
    for node in sorted(lineage.artifacts, key=lambda node: node not in used):
        found.setdefault(node[0], []).append(lineage.artifacts[node])
    return found


def _at_the_later_end(lineage: Lineage, runs: Sequence[str]) -> dict[str, list[Source]]:
    """Run id → the sources between it and those that come before it, or itself."""
    places = {run_id: place for place, run_id in enumerate(runs)}
    found: dict[str, list[Source]] = {}
    for source in lineage.sources:
        later = max(source.run_id, source.source_run_id, key=places.__getitem__)
        found.setdefault(later, []).append(source)
    return found


def _artifact_item(artifact: Artifact) -> Item:
    way = ("artifacts", artifact.run_id, artifact.name)
    return Item("artifact", way, partial(artifact_row, artifact), row=("runs", artifact.run_id), inside=("artifacts",))


def _link_item(source: Source, later: str) -> Item:
    """A link, in the row of its later end: one of the sources of that run, or of its consumers."""
    kind, other = ("sources", source.source_run_id) if later == source.run_id else ("consumers", source.run_id)
    way = ("links", source.run_id, source.source_run_id, source.artifact_name)
    return Item("source", way, partial(source_row, other, source.artifact_name), 0, ("runs", later), (kind,))


def _sides(lineage: Lineage) -> Side:
    """What tells of a run on which side of the start it is."""
    if lineage.start is None or lineage.start not in lineage:
        return lambda run_id: None
    above = lineage.ancestors() if lineage.direction != "downstream" else frozenset()
    below = lineage.descendants() if lineage.direction != "upstream" else frozenset()
    words = {(True, False): "upstream", (False, True): "downstream", (True, True): "both"}
    return lambda run_id: "start" if run_id == lineage.start_run else words.get((run_id in above, run_id in below))


def _run_row(run: Run, distance: int, side_of: Side) -> dict[str, Any]:
    side = side_of(run.run_id)
    return {**run_row(run), "distance": distance, **({} if side is None else {"side": side})}


def _frontier(lineage: Lineage, page: Page) -> dict[str, list[str]]:
    """Run told so far → the directions, away from the start, in which a run beside it is not; the nearest first."""
    side = _sides(lineage)
    told = [item.way[1] for item in page.so_far if item.thing == "run"]
    found = {run_id: set(lineage.frontier.get(run_id, ())) for run_id in told}
    for source in lineage.sources:
        if source.run_id in found and source.source_run_id not in found:
            found[source.run_id].add("upstream")
        elif source.source_run_id in found and source.run_id not in found:
            found[source.source_run_id].add("downstream")
    away = {run_id: sorted(found[run_id] - _BACK.get(side(run_id) or "", frozenset())) for run_id in found}
    return {run_id: directions for run_id, directions in away.items() if directions}


_BACK = {"upstream": frozenset({"downstream"}), "downstream": frozenset({"upstream"})}
"""Side → the direction in which the way leads back to the start."""


def _left_out(lineage: Lineage, page: Page) -> list[str]:
    """What comes on later pages, in words; at least so much where the store was not asked for all."""
    left = page.left(run=len(lineage.runs), artifact=len(lineage.artifacts), source=len(lineage.sources))
    return said_of(left, page, cut=is_cut(lineage))


def _asked(lineage: Lineage) -> dict[str, Any]:
    question = lineage.question
    if question is None:
        return {}
    begin = {} if question.begin is None else {"from": node_shown(question.begin)}
    then = {} if lineage.as_of is None else {"as_of": to_the_second(lineage.as_of)}
    return {"start": node_shown(question.start), **begin, "direction": lineage.direction, **then}


def _calls(lineage: Lineage, frontier: Mapping[str, Iterable[str]], call: Call) -> Sequence[Mapping[str, Any]]:
    """Calls from where the answer goes on, the nearest first; those from the start itself would tell the same again."""
    start = None if lineage.start is None else run_of(lineage.start)
    ends = ((run_id, direction) for run_id, directions in frontier.items() for direction in directions)
    return [call(run_id, direction) for run_id, direction in islice((e for e in ends if e[0] != start), _MOST_CALLS)]
