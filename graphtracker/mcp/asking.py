"""How each tool asks the library, with arguments that were checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from graphtracker.analysis.impact import Impact
from graphtracker.errors import InvalidInput
from graphtracker.lineage import Lineage
from graphtracker.mcp.budget import DEFAULT, LOOK_AHEAD
from graphtracker.mcp.cards import Card, card, card_items, card_reply, longest_of, value_at
from graphtracker.mcp.comparisons import contrast_reply, difference_reply, listed_value
from graphtracker.mcp.lineages import is_cut, lineage_items, lineage_reply
from graphtracker.mcp.lists import (
    Matches,
    found_items,
    found_reply,
    impact_items,
    impact_reply,
    is_part,
    runs_reply,
    stale_reply,
)
from graphtracker.mcp.pages import page_of, widened
from graphtracker.mcp.reply import Reply
from graphtracker.mcp.rows import node_shown
from graphtracker.mcp.texts import shown
from graphtracker.mcp.values import value_reply
from graphtracker.model.times import moment_from_text
from graphtracker.model.values import Node
from graphtracker.stores.filters.conditions import comparisons_of
from graphtracker.stores.filters.given import Where
from graphtracker.stores.filters.given import given as given_filter
from graphtracker.tracker import GraphTracker
from graphtracker.unknown_fields import unknown_fields

Given = Mapping[str, Any]


def find(tracker: GraphTracker, given: Given) -> Reply:
    """What has a text, or the runs that match."""
    if given["text"] is None:
        return _found_runs(tracker, given)
    beside = [name for name in ("where", "order_by", "as_of") if given[name] is not None]
    if beside:
        raise InvalidInput(f"find looks for text, or lists runs by {beside[0]}; leave one of the two out")

    def ask(most: int) -> Matches:
        found = tracker.find(given["text"], limit=most + 1)
        return Matches(found[:most], len(found) > most)

    return found_reply(*widened(given, ask, found_items, lambda found: found.cut), given)


def _found_runs(tracker: GraphTracker, given: Given) -> Reply:
    most = LOOK_AHEAD * given["max_nodes"]
    after = None if given["after"] is None else tracker.find_run(given["after"])
    runs = tracker.runs(
        where=given["where"], order_by=given["order_by"], limit=most + 1, after=after, as_of=_then(given)
    )
    unknown = [] if runs else _unknown(tracker, given["where"])
    return runs_reply(runs, given, unknown, all_read=len(runs) <= most)


def show(tracker: GraphTracker, given: Given) -> Reply:
    """One run, or one value of it."""
    run_id, as_of = _run(tracker, given), _then(given)
    if given["value"]:
        alone = tracker.lineage(run_id, depth=0, as_of=as_of)
        return value_reply(value_at(alone, given["value"]), given["value"], given)

    def ask(most: int) -> Card:
        read = partial(tracker.lineage, run_id, depth=1, max_runs=most, as_of=as_of)
        return card(read(direction="upstream"), read(direction="downstream"))

    longest = longest_of(given["max_nodes"])
    found, page = widened(given, ask, lambda found: card_items(found, longest), lambda found: found.cut)
    return card_reply(found, page, given)


def lineage(tracker: GraphTracker, given: Given) -> Reply:
    """What a run or artifact came from, or was made from it."""
    run_id = _run(tracker, given)

    def ask(most: int) -> Lineage:
        return tracker.lineage(
            run_id,
            direction=given["direction"],
            depth=given["depth"],
            artifact_name=given["artifact_name"],
            max_runs=most,
            as_of=_then(given),
        )

    def call(run_id: str, direction: str) -> Mapping[str, Any]:
        return {"tool": "lineage", "arguments": {"run_id": shown(run_id), "direction": direction, **_kept(given)}}

    return lineage_reply(*widened(given, ask, lineage_items, is_cut), given, call)


def between(tracker: GraphTracker, given: Given) -> Reply:
    """Every path from the source to the target."""
    source, target = (_node(tracker, given[name], given) for name in ("source", "target"))
    lineage = tracker.between(source, target, depth=given["depth"], as_of=_then(given))

    def call(run_id: str, direction: str) -> Mapping[str, Any]:
        ends = {"source": node_shown(source), "target": shown(run_id)}
        return {"tool": "between", "arguments": {**ends, **_kept(given)}}

    reply = lineage_reply(lineage, page_of(lineage_items(lineage), given), given, call)
    if lineage.runs:
        return reply
    back = tracker.between(target, source, depth=given["depth"], as_of=_then(given)).runs
    hint = "; one leads the other way round: exchange source and target" if back else ""
    return replace(reply, summary=f"no path leads from the source to the target{hint}")


def diff(tracker: GraphTracker, given: Given) -> Reply:
    """What differs between two runs."""
    other = given["other_run_id"]
    difference = tracker.diff(
        _run(tracker, given),
        None if other is None else tracker.find_run(other, latest=given["latest"]),
        artifact_name=given["artifact_name"],
        depth=given["depth"],
        ignore=given["ignore"],
        paths=given["paths"],
        as_of=_then(given),
    )
    return difference_reply(difference, given)


def impact(tracker: GraphTracker, given: Given) -> Reply:
    """What was made from a run, an artifact or a path."""
    run_id = None if given["run_id"] is None else _run(tracker, given)

    def ask(most: int) -> Impact:
        return tracker.impact(
            run_id,
            artifact_name=given["artifact_name"],
            path=given["path"],
            where=given["where"],
            depth=given["depth"],
            max_runs=most,
            as_of=_then(given),
        )

    found, page = widened(given, ask, impact_items, is_part)
    unknown = [] if found.runs else _unknown(tracker, given["where"])
    return impact_reply(found, page, given, _kept(given), unknown)


def stale(tracker: GraphTracker, given: Given) -> Reply:
    """The uses that are out of date."""
    run_id = None if given["run_id"] is None else _run(tracker, given)
    return stale_reply(tracker.stale(run_id, depth=given["depth"]), given)


def contrast(tracker: GraphTracker, given: Given) -> Reply:
    """What bad runs share that good ones lack."""
    bad, good = ([tracker.find_run(run, latest=given["latest"]) for run in given[side]] for side in ("bad", "good"))
    try:
        found = tracker.contrast(
            bad,
            good,
            bad_where=given["bad_where"],
            good_where=given["good_where"],
            depth=given["depth"],
            ignore=given["ignore"],
        )
    except InvalidInput as error:
        unknown = _unknown(tracker, given["bad_where"], given["good_where"])
        raise InvalidInput("; ".join([str(error), *unknown])) from error
    if given["value"]:
        return value_reply(listed_value(found, given["value"]), given["value"], given)
    return contrast_reply(found, given)


def _run(tracker: GraphTracker, given: Given) -> str:
    return tracker.find_run(given["run_id"], latest=given["latest"])


def _node(tracker: GraphTracker, node: Node, given: Given) -> Node:
    if isinstance(node, str):
        return tracker.find_run(node, latest=given["latest"])
    return tracker.find_run(node[0], latest=given["latest"]), node[1]


def _unknown(tracker: GraphTracker, *filters: Where | None) -> list[str]:
    """What is said of the fields of these filters that no run has."""
    asked = [condition for where in filters if (condition := given_filter(where, dict)) is not None]
    return list(unknown_fields(tracker, [each.field for condition in asked for each in comparisons_of(condition)]))


def _then(given: Given) -> datetime | None:
    return None if given["as_of"] is None else moment_from_text(given["as_of"], datetime.now(timezone.utc))


def _kept(given: Given) -> dict[str, Any]:
    """The arguments that a call from the frontier keeps, with room enough for what lies beyond it."""
    kept = {name: given[name] for name in ("where", "as_of") if given.get(name) is not None}
    return {**kept, "max_nodes": max(given["max_nodes"], DEFAULT)}
