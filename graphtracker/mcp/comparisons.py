"""Answers about runs beside runs, within a budget: what differs, what bad ones share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from graphtracker.analysis.contrast import Contrast, Explanation, SharedValue
from graphtracker.analysis.difference import Pair
from graphtracker.difference import Difference
from graphtracker.errors import InvalidInput
from graphtracker.mcp.pages import Item, Way, by_number, by_turns, laid_out, page_of, said_of
from graphtracker.mcp.reply import Reply, wider
from graphtracker.mcp.rows import node_shown, source_row
from graphtracker.mcp.texts import shown, text_shown, value_shown
from graphtracker.model.counted import counted
from graphtracker.model.display import quoted
from graphtracker.model.equality import MISSING
from graphtracker.model.values import Node

_FIRST = 10
"""Differences of a pair, and things of a kind of an explanation, that come with it."""
_LONGEST_ROLE = 12  # labels
_LONGEST_VALUE = 200


def difference_reply(found: Difference, given: Mapping[str, Any]) -> Reply:
    """The pairs that differ, first differences first, each with the first of what differs."""
    differing = sorted(found.changed, key=lambda pair: pair.follows)
    details = {pair.run_id: list(_details(pair)) for pair in differing}
    data = {"start": node_shown(found.start), "other": node_shown(found.other), "same": found.same, "pairs": []}
    page = page_of(_difference_items(differing, details), given)
    laid_out(page, data, _pair_before)
    left = page.left(**{"differing pair": len(differing), "difference": sum(map(len, details.values()))})
    left_out = said_of(left, page, cut=False)
    verdict = {True: "nothing differs", False: "they differ", None: "no difference was found"}[found.same]
    return Reply(
        f"{verdict}; of {counted(len(found.pairs), 'pair')} of runs {len(found.changed):,} differ, "
        f"{len(found.origins):,} of them first differences; {counted(page.count('differing pair'), 'pair')} shown",
        data,
        left_out,
        found.reasons,
        wider(given["max_nodes"], len(differing)) if left_out else None,
        advice="leave out keys with ignore, or bound it with depth" if left_out else "",
        after=page.after,
    )


def _difference_items(differing: Sequence[Pair], details: Mapping[str, list[Item]]) -> Iterator[Item]:
    """Each pair with the first of what differs in it; the rest at the end: no pair keeps the others out."""
    for pair in differing:
        yield Item("differing pair", _way(pair), partial(_pair_row, pair))
        yield from details[pair.run_id][:_FIRST]
    for pair in differing:
        yield from details[pair.run_id][_FIRST:]


def _way(pair: Pair) -> Way:
    return "pairs", (pair.run_id, pair.other_run_id)


def _pair_before(way: Way) -> dict[str, Any]:
    return {"run_id": shown(way[1][0]), "other_run_id": shown(way[1][1])}


def _pair_row(pair: Pair) -> dict[str, Any]:
    return {
        "run_id": shown(pair.run_id),
        "other_run_id": shown(pair.other_run_id),
        "first_difference": not pair.follows,
        "distance": pair.distance,
        "role": [None if label is None else shown(label) for label in pair.end_of_role(_LONGEST_ROLE)],
        **({"external": True} if pair.external else {}),
    }


def _details(pair: Pair) -> Iterator[Item]:
    """What differs in a pair, one thing after the other."""
    row = _way(pair)
    for key, both in pair.metadata.items():
        yield _change_item(row, ("metadata", key), both)
    for name, changes in pair.artifacts.items():
        for key, both in changes.items():
            yield _change_item(row, ("artifacts", name, key), both)
    for kind, links in (("only", pair.only), ("other_only", pair.other_only)):
        for label, run_id in links:
            way = (*row, kind, label, run_id)
            yield Item("difference", way, partial(source_row, run_id, label), 0, row, (kind,))
    for crossed in pair.crossed:
        way = (*row, "crossed", *crossed)
        yield Item("difference", way, partial(_crossed_row, *crossed), 0, row, ("crossed",))


def _change_item(row: Way, way: Way, both: tuple[Any, Any]) -> Item:
    inside = (way[0], *map(shown, way[1:]))
    return Item("difference", (*row, *way), partial(_sides, both), 0, row, inside, listed=False)


def _sides(both: tuple[Any, Any]) -> dict[str, Any]:
    return {
        side: value_shown(of, _LONGEST_VALUE)
        for side, of in zip(("value", "other"), both, strict=True)
        if of is not MISSING
    }


def _crossed_row(label: str | None, run_id: str, other: str) -> dict[str, Any]:
    return {**source_row(run_id, label), "other_run_id": shown(other)}


def contrast_reply(found: Contrast, given: Mapping[str, Any]) -> Reply:
    """The best explanations, each with the first of what it lists, and the runs that were asked about."""
    data: dict[str, Any] = {"explanations": [], "bad": [], "good": []}
    page = page_of(_contrast_items(found), given)
    laid_out(page, data, lambda way: {"number": way[1]})
    listed = sum(len(each.nodes) + len(each.values) + len(each.paths) for each in found.explanations)
    totals = {"bad run": len(found.bad), "good run": len(found.good), "thing that explanations list": listed}
    left = page.left(explanation=found.compared, **totals)
    left_out = said_of(left, page, cut=False)
    return Reply(
        f"{_best(found)}; {counted(page.count('explanation'), 'explanation')} shown of {found.compared:,} compared, "
        "for which p is not corrected",
        data,
        left_out,
        found.reasons,
        wider(given["max_nodes"], found.compared) if left_out else None,
        advice="leave out keys with ignore, or bound it with depth" if left_out else "",
        longer='ask again with the same arguments and the "value" that stands beside a beginning, for all of it',
        after=page.after,
    )


def _best(found: Contrast) -> str:
    if not found.explanations:
        return "they share nothing"
    best = found.explanations[0]
    return (
        f"the best explanation holds for {best.bad:,} of {len(found.bad):,} bad and {best.good:,} of "
        f"{len(found.good):,} good runs"
    )


def _contrast_items(found: Contrast) -> Iterator[Item]:
    """Explanations, each with the first of what it lists, and the runs, by turns; at the end the rest of the lists."""
    lists = [list(_listed(number, each)) for number, each in enumerate(found.explanations)]
    explanations = (
        [
            Item("explanation", ("explanations", number), partial(_explanation_row, number, each)),
            *(item for kind in lists[number] for item in kind[:_FIRST]),
        ]
        for number, each in enumerate(found.explanations)
    )
    sides = (by_number(_side_items(side, runs)) for side, runs in (("bad", found.bad), ("good", found.good)))
    yield from by_turns(explanations, *sides)
    for kinds in lists:
        for kind in kinds:
            yield from kind[_FIRST:]


def _side_items(side: str, runs: Sequence[str]) -> Iterator[Item]:
    return (Item(f"{side} run", (side, run_id), partial(shown, run_id), 0) for run_id in runs)


def _explanation_row(number: int, each: Explanation) -> dict[str, Any]:
    numbers = {"bad": each.bad, "good": each.good, "p": each.p, "distance": each.distance, "explains": each.explains}
    return {"number": number, **numbers}


def _listed(number: int, each: Explanation) -> Iterator[list[Item]]:
    """Of each kind what an explanation lists."""
    for kind, tell in (("nodes", _node), ("values", _shared_value), ("paths", text_shown)):
        whats: Sequence[Any] = getattr(each, kind)
        yield [_listed_item(number, kind, place, partial(tell, what)) for place, what in enumerate(whats)]


def _listed_item(number: int, kind: str, place: int, tell: Callable[..., Any]) -> Item:
    row = ("explanations", number)
    way = [str(number), kind, str(place)]
    thing = "thing that explanations list"
    return Item(thing, (*row, kind, place), partial(tell, _LONGEST_VALUE, way), 0, row, (kind,))


def _node(node: Node, longest: int, way: Sequence[str]) -> Any:
    return node_shown(node)


def _shared_value(value: SharedValue, longest: int, way: Sequence[str]) -> dict[str, Any]:
    name = {} if value.artifact_name is None else {"artifact_name": shown(value.artifact_name)}
    return {"of": value.of, **name, "key": shown(value.key), "value": value_shown(value.value, longest, way)}


def listed_value(found: Contrast, way: Sequence[str]) -> object:
    """The value or path of an explanation that an answer calls so; raises InvalidInput."""
    match [int(part) if part.isascii() and part.isdigit() else part for part in way]:
        case [int(number), "values" | "paths" as kind, int(place)] if number < len(found.explanations):
            whats: Sequence[Any] = getattr(found.explanations[number], kind)
            if place < len(whats):
                return whats[place].value if kind == "values" else whats[place]
    raise InvalidInput(
        f"no explanation has the value {quoted(list(way))}; one is given as it stands beside a beginning, with the "
        "same other arguments"
    )
