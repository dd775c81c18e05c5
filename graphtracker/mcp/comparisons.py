"""Answers about runs beside runs, within a budget: what differs, what bad ones share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.analysis.contrast import Contrast, Explanation
from graphtracker.analysis.difference import Pair
from graphtracker.difference import Difference
from graphtracker.mcp.budget import Budget, Room
from graphtracker.mcp.lineages import node_shown, source_row
from graphtracker.mcp.lists import taken
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.texts import shown, text_shown, value_shown
from graphtracker.model.counted import counted
from graphtracker.model.equality import MISSING

_LONGEST_ROLE = 12  # labels
_LONGEST_VALUE = 200


def difference_reply(found: Difference, max_nodes: int) -> Reply:
    """The pairs that differ, first differences first, each with what differs as far as there is room."""
    budget, room = Budget(max_nodes), Room(2 * max_nodes)
    differing = sorted(found.changed, key=lambda pair: pair.follows)
    rows: list[dict[str, Any]] = []
    details = _Details(room, max_nodes)
    for pair in differing:
        row = _pair_row(pair)
        if not budget.take(row, 1):
            break
        rows.append(row | details.of(pair))
    left = len(differing) - len(rows)
    left_out = [f"{counted(left, 'pair')} that differ"] if left else []
    left_out += [counted(details.missing, "difference")] if details.missing else []
    verdict = {True: "nothing differs", False: "they differ", None: "no difference was found"}[found.same]
    return Reply(
        f"{verdict}; of {counted(len(found.pairs), 'pair')} of runs {len(found.changed):,} differ, "
        f"{len(found.origins):,} of them first differences; {counted(len(rows), 'pair')} shown",
        {"start": node_shown(found.start), "other": node_shown(found.other), "same": found.same, "pairs": rows},
        left_out,
        found.reasons,
        wider(max_nodes, len(differing)) if left_out else None,
        advice="leave out keys with ignore, or bound it with depth" if left_out else "",
    )


def _pair_row(pair: Pair) -> dict[str, Any]:
    return {
        "run_id": shown(pair.run_id),
        "other_run_id": shown(pair.other_run_id),
        "first_difference": not pair.follows,
        "distance": pair.distance,
        "role": [None if label is None else shown(label) for label in pair.end_of_role(_LONGEST_ROLE)],
        **({"external": True} if pair.external else {}),
    }


class _Details:
    """What the pairs differ in, as far as there is room."""

    def __init__(self, room: Room, most: int) -> None:
        self._room = room
        self._most = most
        self.missing = 0

    def of(self, pair: Pair) -> dict[str, Any]:
        """Metadata, artifacts and sources in which they differ; the kinds in which they do not are not there."""
        links = {
            "only": [source_row(run_id, label) for label, run_id in pair.only],
            "other_only": [source_row(run_id, label) for label, run_id in pair.other_only],
            "crossed": [
                {**source_row(run_id, label), "other_run_id": shown(other)} for label, run_id, other in pair.crossed
            ],
        }
        artifacts = {shown(name): self._changes(changes) for name, changes in pair.artifacts.items()}
        found: dict[str, Any] = {"metadata": self._changes(pair.metadata), "artifacts": artifacts}
        found |= {kind: self._some(rows) for kind, rows in links.items()}
        return {kind: what for kind, what in found.items() if what}

    def _changes(self, changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
        sides = ("value", "other")
        rows = [
            (shown(key), {side: _value(of) for side, of in zip(sides, both, strict=True) if of is not MISSING})
            for key, both in changes.items()
        ]
        return dict(self._some(rows))

    def _some(self, rows: list[Any]) -> list[Any]:
        kept: list[Any] = []
        for row in rows:
            if len(kept) == self._most or not self._room.take(row):
                break
            kept.append(row)
        self.missing += len(rows) - len(kept)
        return kept


def _value(value: Any) -> Any:
    return value_shown(value, _LONGEST_VALUE)


def contrast_reply(found: Contrast, max_nodes: int) -> Reply:
    """The best explanations, each with the first of what it lists."""
    budget = Budget(max_nodes)
    rows = taken(found.explanations, budget, lambda each: _explanation_row(each, _most_of_a_kind(max_nodes)))
    listed = [row.pop("left_out") for row in rows if "left_out" in row]
    left = found.compared - len(rows)
    left_out = [f"{counted(left, 'explanation')}, no better"] if left else []
    left_out += [f"{sum(listed):,} of what the explanations list"] if listed else []
    asked = {side: [shown(run_id) for run_id in runs[:max_nodes]] for side, runs in _sides(found).items()}
    left_out += [
        counted(len(runs) - max_nodes, f"{side} run") for side, runs in _sides(found).items() if runs[max_nodes:]
    ]
    best = found.explanations[0] if found.explanations else None
    said = (
        "they share nothing"
        if best is None
        else (
            f"the best explanation holds for {best.bad:,} of {len(found.bad):,} bad and {best.good:,} of "
            f"{len(found.good):,} good runs"
        )
    )
    return Reply(
        f"{said}; {counted(len(rows), 'explanation')} shown of {found.compared:,} compared, for which p is not "
        "corrected",
        {
            "explanations": rows,
            **asked,
        },
        left_out,
        found.reasons,
        wider(max_nodes, found.compared) if left_out else None,
        advice="leave out keys with ignore, or bound it with depth" if left_out else "",
    )


def _most_of_a_kind(max_nodes: int) -> int:
    """How many nodes, values and paths an explanation lists: few, but with twice the budget more."""
    return max(4 + max_nodes.bit_length(), max_nodes // 4)


def _sides(found: Contrast) -> dict[str, tuple[str, ...]]:
    return {"bad": found.bad, "good": found.good}


def _explanation_row(each: Explanation, most: int) -> dict[str, Any]:
    kinds: dict[str, list[Any]] = {
        "nodes": [node_shown(node) for node in each.nodes[:most]],
        "values": [
            {
                "of": value.of,
                **({} if value.artifact_name is None else {"artifact_name": shown(value.artifact_name)}),
                "key": shown(value.key),
                "value": _value(value.value),
            }
            for value in each.values[:most]
        ],
        "paths": [text_shown(path) for path in each.paths[:most]],
    }
    left = len(each.nodes) + len(each.values) + len(each.paths) - sum(map(len, kinds.values()))
    numbers = {"bad": each.bad, "good": each.good, "p": each.p, "distance": each.distance, "explains": each.explains}
    return {**numbers, **{kind: what for kind, what in kinds.items() if what}, **({"left_out": left} if left else {})}
