"""One run with all that is known of it, within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.lineage import Lineage
from graphtracker.mcp.budget import Budget, Room
from graphtracker.mcp.lineages import artifact_row, run_row, source_row
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.texts import LONGEST_TEXT, shown, value_shown
from graphtracker.model.context_rows import context_rows
from graphtracker.model.counted import counted
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Run, Source


def card_reply(lineage: Lineage, max_nodes: int) -> Reply:
    """The start of a lineage of depth 1: the run, its artifacts, sources and consumers."""
    run = lineage.runs[str(lineage.start)]
    budget, values = Budget(max_nodes), _Values(max_nodes)
    row = _head(run)
    budget.take(row)
    row |= {"context": values.of(dict(context_rows(run.context))), "metadata": values.of(run.metadata)}
    lists = {
        "sources": [_link(each.source_run_id, each) for each in lineage.sources if each.run_id == run.run_id],
        "artifacts": [_artifact(each, values) for key, each in lineage.artifacts.items() if key[0] == run.run_id],
        "consumers": [_link(each.run_id, each) for each in lineage.sources if each.source_run_id == run.run_id],
    }
    kept = _by_turns(lists, budget)
    least = "at least " if "max_runs" in lineage.reasons else ""
    missing = {name.removesuffix("s"): len(rows) - len(kept[name]) for name, rows in lists.items()}
    left_out = [f"{least}{counted(count, thing)}" for thing, count in missing.items() if count]
    left_out += ["sources or consumers"] if least and not left_out else []
    left_out += values.left_out()
    return Reply(
        f"1 run with {', '.join(counted(len(rows), name.removesuffix('s')) for name, rows in kept.items())}",
        {"run": row, **kept},
        left_out,
        lineage.reasons - {"max_runs", "depth"},
        wider(max_nodes, 1 + sum(map(len, lists.values()))),
        longer="",
    )


class _Values:
    """The values that have room, with a count of what had none; ``longest`` is how many characters one may have."""

    def __init__(self, max_nodes: int) -> None:
        self._room = Room(max_nodes)
        self.longest = max(LONGEST_TEXT, 20 * max_nodes)
        self._missing = 0

    def of(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Key → value, in their order."""
        kept = {}
        for key, value in values.items():
            safe = value_shown(value, self.longest)
            if self._room.take([key, safe]):
                kept[shown(key)] = safe
            else:
                self._missing += 1
        return kept

    def left_out(self) -> list[str]:
        """What was, in words."""
        return [counted(self._missing, "value")] if self._missing else []


def _by_turns(lists: Mapping[str, list[Any]], budget: Budget) -> dict[str, list[Any]]:
    """The first of each, as many as have room: none keeps the others out."""
    kept: dict[str, list[Any]] = {name: [] for name in lists}
    for turn in range(max(map(len, lists.values()))):
        for name, rows in lists.items():
            if turn < len(rows):
                if not budget.take(rows[turn]):
                    return kept
                kept[name].append(rows[turn])
    return kept


def _head(run: Run) -> dict[str, Any]:
    known = {"created_at": run.created_at, "reported_at": run.reported_at, "updated_at": run.updated_at}
    times = {key: to_the_second(at) for key, at in known.items() if at is not None}
    return {**run_row(run), "name": shown(run.name), "external": run.external, **times}


def _link(run_id: str, source: Source) -> dict[str, Any]:
    return {**source_row(run_id, source.artifact_name), "named_at": to_the_second(source.created_at)}


def _artifact(artifact: Artifact, values: _Values) -> dict[str, Any]:
    at = {} if artifact.updated_at is None else {"updated_at": to_the_second(artifact.updated_at)}
    metadata = values.of(artifact.metadata)
    return {**artifact_row(artifact, values.longest), **at, **({"metadata": metadata} if metadata else {})}
