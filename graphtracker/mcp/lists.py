"""Answers in rows, within a budget: what was found, what is affected, what is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from graphtracker.analysis.impact import Impact
from graphtracker.analysis.stale import Stale, Staleness
from graphtracker.mcp.budget import Budget, Room
from graphtracker.mcp.lineages import artifact_row, node_shown, run_row
from graphtracker.mcp.reply import SHOW, Reply, wider
from graphtracker.mcp.texts import message_shown, shown, text_shown, value_shown
from graphtracker.model.counted import counted
from graphtracker.model.flattened import flattened
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run

Item = TypeVar("Item")
_MOST_VALUES = 12  # of a run in a list
_LONGEST_VALUE = 80


def taken(items: Iterable[Item], budget: Budget, row_of: Callable[[Item], Any]) -> list[Any]:
    """The rows of the first items, as many as have room."""
    rows: list[Any] = []
    for item in items:
        row = row_of(item)
        if not budget.take(row):
            break
        rows.append(row)
    return rows


def found_reply(found: Sequence[Run | Artifact], max_nodes: int, *, all_read: bool) -> Reply:
    """What a text is found in, newest first."""
    rows = taken(found, Budget(max_nodes), _found_row)
    left_out = _left(len(found) - len(rows), all_read=all_read)
    return Reply(
        f"{len(rows):,} of what has it in an id, a name or a path, newest first",
        {"found": rows},
        left_out,
        wider=wider(max_nodes, len(found)) if left_out else None,
        advice="give more of the text" if left_out else "",
    )


def runs_reply(
    found: Sequence[Run],
    max_nodes: int,
    again: Mapping[str, Any],
    unknown: Sequence[str] = (),
    *,
    all_read: bool,
    reasons: frozenset[str],
) -> Reply:
    """Runs that match a filter, in their order; ``again`` are the arguments that ask for the next page."""
    room = Room(max_nodes)
    rows = taken(found, Budget(max_nodes), run_row)
    for run, row in zip(found, rows, strict=False):
        _add_values(row, run, room)
    left_out = _left(len(found) - len(rows), all_read=all_read)
    page = {"tool": "find", "arguments": {**again, "after": rows[-1]["run_id"]}} if rows else {}
    values = sum(row.get("more_values", 0) for row in rows)
    return Reply(
        f"{counted(len(rows), 'run')}{_NAMES_NONE if unknown else ''}",
        {"found": rows, **_hints(unknown)},
        [*left_out, *([f"{counted(values, 'value')} of these runs"] if values else [])],
        reasons,
        wider(max_nodes, len(found)) if left_out else None,
        [page] if left_out else [],
        longer=SHOW if not values else "",
        advice=SHOW if values else "",
    )


_NAMES_NONE = ", since the filter names what no run has (see unknown)"


def _hints(unknown: Sequence[str]) -> dict[str, Any]:
    return {"unknown": [message_shown(sentence) for sentence in unknown]} if unknown else {}


def _left(left: int, *, all_read: bool) -> list[str]:
    """How much more matches."""
    return [f"{'' if all_read else 'at least '}{left:,} more that match"] if left else []


def _found_row(found: Run | Artifact) -> dict[str, Any]:
    if isinstance(found, Run):
        return run_row(found)
    return {"run_id": shown(found.run_id), "artifact_name": shown(found.name), **_rest(artifact_row(found))}


def _rest(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "name"}


def _add_values(row: dict[str, Any], run: Run, room: Room) -> None:
    """The first of its metadata values, as many as have room, and how many more there are."""
    values = flattened(run.metadata)
    kept = {}
    for key, value in list(values.items())[:_MOST_VALUES]:
        safe = value_shown(value, _LONGEST_VALUE)
        if room.take([key, safe]):
            kept[shown(key)] = safe
    if values:
        row["metadata"] = kept
    if len(kept) < len(values):
        row["more_values"] = len(values) - len(kept)


def impact_reply(found: Impact, max_nodes: int, goes_on: Mapping[str, Any], unknown: Sequence[str] = ()) -> Reply:
    """The nearest runs that were made from a start, in an order in which they can be made again."""
    budget = Budget(max_nodes)
    nearest = sorted(found.runs, key=lambda row: (row.distance, row.run_id))
    rows = {row.run_id: out for row, out in zip(nearest, taken(nearest, budget, _affected_row), strict=False)}
    artifacts = taken(found.artifacts, budget, node_shown) if len(rows) == len(found.runs) else []
    left_out = _not_in(found, len(rows), len(artifacts))
    farthest = [row for row in nearest[: len(rows)] if not row.ends][-1:] if left_out else []
    ends = sum(row["ends"] for row in rows.values())
    of_them = f" ({ends:,} of them {'an end' if ends == 1 else 'ends'})" if rows else _NAMES_NONE if unknown else ""
    return Reply(
        f"{counted(len(rows), 'run')}{of_them} and {counted(len(artifacts), 'artifact')} made from it",
        {
            "starts": [node_shown(start) for start in found.starts[:max_nodes]],
            "runs": [rows[row.run_id] for row in found.runs if row.run_id in rows],
            "artifacts": artifacts,
            **_hints(unknown),
        },
        [*left_out, *(["the other starts"] if found.starts[max_nodes:] else [])],
        found.reasons - {"max_runs"},
        wider(max_nodes, len(found.runs) + len(found.artifacts)) if left_out else None,
        [{"tool": "impact", "arguments": {"run_id": shown(row.run_id), **goes_on}} for row in farthest],
        "keep to some runs with where" if left_out else "",
    )


def _not_in(found: Impact, runs: int, artifacts: int) -> list[str]:
    """What an answer with so many leaves out; at least so much where the store was not asked for all."""
    least = "at least " if "max_runs" in found.reasons else ""
    counts = ((len(found.runs) - runs, "run"), (len(found.artifacts) - artifacts, "artifact"))
    left_out = [f"{least}{counted(count, thing)}" for count, thing in counts if count]
    return left_out or (["runs farther away"] if least else [])


def _affected_row(row: Any) -> dict[str, Any]:
    return {**run_row(row.run), "distance": row.distance, "ends": row.ends}


def stale_reply(found: Staleness, max_nodes: int) -> Reply:
    """The uses that are out of date, the nearest first, and the runs that are stale by them."""
    budget = Budget(max_nodes)
    uses = taken(found.uses, budget, _use_row)
    runs = taken(found.runs, Budget(max_nodes), shown)
    counts = ((len(found.uses) - len(uses), "use"), (len(found.runs) - len(runs), "stale run"))
    left_out = [counted(count, thing) for count, thing in counts if count]
    verdict = {True: "something is stale", False: "nothing is stale", None: "nothing is known to be stale"}[found.stale]
    return Reply(
        f"{verdict}; {counted(len(uses), 'use')} out of date of {found.compared:,} compared, "
        f"{counted(len(runs), 'stale run')}",
        {"stale": found.stale, "compared": found.compared, "uses": uses, "runs": runs},
        left_out,
        found.reasons,
        wider(max_nodes, max(len(found.uses), len(found.runs))) if left_out else None,
        advice="ask about one run, by run_id" if left_out else "",
    )


def _use_row(use: Stale) -> dict[str, Any]:
    return {
        "run_id": shown(use.run_id),
        "source_run_id": shown(use.source_run_id),
        "artifact_name": None if use.artifact_name is None else shown(use.artifact_name),
        "place": text_shown(use.place),
        "used_at": to_the_second(use.used_at),
        "renewed_at": to_the_second(use.renewed_at),
        "renewed_by": node_shown(use.renewed_by),
        "distance": use.distance,
    }
