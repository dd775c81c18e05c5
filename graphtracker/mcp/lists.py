"""Answers in rows, within a budget: what was found, what is affected, what is stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

from graphtracker.analysis.impact import Affected, Impact
from graphtracker.analysis.stale import Stale, Staleness
from graphtracker.mcp.budget import Budget, Room, room_of
from graphtracker.mcp.pages import Item, Page, Way, by_number, by_turns, laid_out, page_of, said_of
from graphtracker.mcp.reply import SHOW, Reply, wider
from graphtracker.mcp.rows import artifact_row, node_shown, run_row
from graphtracker.mcp.texts import message_shown, shown, text_shown, value_shown
from graphtracker.model.counted import counted
from graphtracker.model.flattened import flattened
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run

_MOST_VALUES = 12  # of a run in a list
_LONGEST_VALUE = 80


class Matches(NamedTuple):
    """What a text is found in, newest first, as far as it was read."""

    found: Sequence[Run | Artifact]
    cut: bool


def found_reply(matches: Matches, page: Page, given: Mapping[str, Any]) -> Reply:
    """A page of what a text is found in, newest first."""
    found, cut = matches
    data: dict[str, Any] = {"found": []}
    laid_out(page, data)
    left = len(found) - len(page.so_far)
    left_out = _left(left, all_read=not cut) if page.after is not None else []
    return Reply(
        f"{len(page.told):,} of what has it in an id, a name or a path, newest first",
        data,
        left_out,
        wider=wider(given["max_nodes"], len(found)) if left_out else None,
        advice="give more of the text" if left_out else "",
        after=page.after,
    )


def found_items(matches: Matches) -> Iterator[Item]:
    """Each of what was found."""
    return map(_found_item, matches.found)


def _found_item(found: Run | Artifact) -> Item:
    name = None if isinstance(found, Run) else found.name
    return Item("found", ("found", (found.run_id, name)), partial(_found_row, found))


def runs_reply(found: Sequence[Run], given: Mapping[str, Any], unknown: Sequence[str] = (), *, all_read: bool) -> Reply:
    """Runs that match a filter, in their order, from behind a run that the library was asked for those after."""
    max_nodes = given["max_nodes"]
    budget, room = Budget(max_nodes), Room(room_of(max_nodes))
    rows = list(takewhile(budget.take, map(run_row, found)))
    for run, row in zip(found, rows, strict=False):
        _add_values(row, run, room)
    left_out = _left(len(found) - len(rows), all_read=all_read)
    values = sum(row.get("more_values", 0) for row in rows)
    return Reply(
        f"{counted(len(rows), 'run')}{_NAMES_NONE if unknown else ''}",
        {"found": rows, **_hints(unknown)},
        [*left_out, *([f"{counted(values, 'value')} of these runs"] if values else [])],
        wider=wider(max_nodes, len(found)) if left_out else None,
        longer=SHOW if not values else "",
        advice=SHOW if values else "",
        after=rows[-1]["run_id"] if left_out else None,
    )


_NAMES_NONE = ", since the filter names what no run has (see unknown)"


def _hints(unknown: Sequence[str]) -> dict[str, Any]:
    return {"unknown": [message_shown(sentence) for sentence in unknown]} if unknown else {}


def _left(left: int, *, all_read: bool) -> list[str]:
    """How much more matches."""
    return [f"{'' if all_read else 'at least '}{left:,} more that match"] if left or not all_read else []


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


def impact_reply(
    found: Impact, page: Page, given: Mapping[str, Any], goes_on: Mapping[str, Any], unknown: Sequence[str] = ()
) -> Reply:
    """The nearest runs that were made from a start, those of a page in an order in which they can be made again."""
    data: dict[str, Any] = {"starts": [], "runs": [], "artifacts": []}
    rows = laid_out(page, data)
    told = [(turn, row) for turn, row in enumerate(found.runs) if ("runs", row.run_id) in rows]
    data["runs"] = [rows["runs", row.run_id] for _, row in told]
    if len(told) < len(found.runs) and not is_part(found):
        for turn, row in told:
            rows["runs", row.run_id]["turn"] = turn
    left = page.left(run=len(found.runs), artifact=len(found.artifacts), start=len(found.starts))
    left_out = said_of(left, page, cut=is_part(found))
    goes_farther = [row for _, row in told if not row.ends] if left_out else []
    farthest = [max(goes_farther, key=lambda row: (row.distance, row.run_id))] if goes_farther else []
    ends = sum(row.ends for _, row in told)
    of_them = f" ({ends:,} of them {'an end' if ends == 1 else 'ends'})" if told else _NAMES_NONE if unknown else ""
    return Reply(
        f"{counted(len(told), 'run')}{of_them} and {counted(page.count('artifact'), 'artifact')} made from it",
        {**data, **_hints(unknown)},
        left_out,
        found.reasons - {"max_runs"},
        wider(given["max_nodes"], len(found.runs) + len(found.artifacts)) if left_out else None,
        [{"tool": "impact", "arguments": {"run_id": shown(row.run_id), **goes_on}} for row in farthest],
        _keep_to_some(found) if left_out else "",
        after=page.after,
    )


def _keep_to_some(found: Impact) -> str:
    turns = "; with that, or a greater max_nodes, all may be read, and each run told its turn" if is_part(found) else ""
    return f"keep to some runs with where{turns}"


def is_part(found: Impact) -> bool:
    """Whether there are more runs than were read."""
    return "max_runs" in found.reasons


def impact_items(found: Impact) -> Iterator[Item]:
    """Starts and runs, the nearest first, by turns, then artifacts."""
    starts = (Item("start", ("starts", start), partial(node_shown, start), 0) for start in found.starts)
    nearest = sorted(found.runs, key=lambda row: (row.distance, row.run_id))
    runs = (Item("run", ("runs", row.run_id), partial(_affected_row, row)) for row in nearest)
    yield from by_turns(by_number(starts), by_number(runs))
    for node in found.artifacts:
        yield Item("artifact", ("artifacts", node), partial(node_shown, node))


def _affected_row(row: Affected) -> dict[str, Any]:
    return {**run_row(row.run), "distance": row.distance, "ends": row.ends}


def stale_reply(found: Staleness, given: Mapping[str, Any]) -> Reply:
    """The uses that are out of date, the nearest first, and the runs that are stale by them, by turns."""
    page = page_of(_stale_items(found), given)
    data: dict[str, Any] = {"stale": found.stale, "compared": found.compared, "uses": [], "runs": []}
    laid_out(page, data)
    left_out = said_of(page.left(**{"use": len(found.uses), "stale run": len(found.runs)}), page, cut=False)
    verdict = {True: "something is stale", False: "nothing is stale", None: "nothing is known to be stale"}[found.stale]
    return Reply(
        f"{verdict}; {counted(page.count('use'), 'use')} out of date of {found.compared:,} compared, "
        f"{counted(page.count('stale run'), 'stale run')}",
        data,
        left_out,
        found.reasons,
        wider(given["max_nodes"], max(len(found.uses), len(found.runs))) if left_out else None,
        advice="ask about one run, by run_id" if left_out and given["run_id"] is None else "",
        after=page.after,
    )


def _stale_items(found: Staleness) -> Iterator[Item]:
    runs = (Item("stale run", ("runs", run_id), partial(shown, run_id), 0) for run_id in found.runs)
    return by_turns(by_number(_use_items(found)), by_number(runs))


def _use_items(found: Staleness) -> Iterator[Item]:
    """The uses; of two artifacts at one place, which a whole run's use is about, each has its number."""
    alike = Counter[Way]()
    for use in found.uses:
        way = ("uses", use.run_id, use.source_run_id, use.artifact_name, use.place)
        alike[way] += 1
        yield Item("use", (*way, alike[way]), partial(_use_row, use))


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
