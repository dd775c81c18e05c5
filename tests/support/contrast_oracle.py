"""The reference model of a contrast: every rule by brute force, on networkx and plain sets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations
from typing import Any

import networkx as nx

from graphtracker import Contrast
from graphtracker.model.encoding import dumps
from tests.support.oracle import ArtifactKey, Call, Logs, Model, Node, Reports

Value = tuple[str, str | None, str, object]
"""Whose it is (own, run, artifact), the artifact's name, the flattened key, the value."""
Line = tuple[list[Node], list[Value], list[str], int, int, float, int, int]
"""Nodes, values, places, bad and good bearers, p, distance, explains."""
Feature = tuple[str, Any, frozenset[str], int]
"""Kind, what it is, who bears it, its distance."""


def same(value: object, other: object) -> bool:
    """None only None, bool only bool, nan equals nan, numbers by value, others by their type and value."""
    if value is None or other is None or isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, (int, float)) and isinstance(other, (int, float)):
        return value == other or (math.isnan(value) and math.isnan(other))
    return type(value) is type(other) and value == other


def flat(metadata: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """The dotted keys; an empty mapping is a value."""
    for key, value in metadata.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


@cache
def chance(bad_bearers: int, good_bearers: int, bad: int, good: int) -> float:
    """Over all labellings of the runs: how many have at least as many bad ones among those that bear it."""
    drawn = set(range(bad_bearers + good_bearers))
    labellings = [set(chosen) for chosen in combinations(range(bad + good), bad)]
    as_many = sum(len(drawn & labelled) >= bad_bearers for labelled in labellings)
    return float(Fraction(as_many, len(labellings)))


@dataclass(frozen=True)
class Told:
    """What calls say, in their order."""

    calls: tuple[Call, ...]

    @cached_property
    def model(self) -> Model:
        """The graph."""
        return Model.of(self.calls)

    @cached_property
    def metadata(self) -> dict[str, dict[str, object]]:
        """Run id → metadata: of each key the last value."""
        found: dict[str, dict[str, object]] = {run_id: {} for run_id in self.model.runs}
        for call in self.calls:
            if isinstance(call, Reports):
                found[call.run_id].update(call.metadata)
        return found

    @cached_property
    def logged(self) -> dict[ArtifactKey, Logs]:
        """The last log of each artifact that was logged."""
        return {(call.run_id, call.name): call for call in self.calls if isinstance(call, Logs)}

    def contrast(
        self, bad: Sequence[str], good: Sequence[str], ignore: Sequence[str] = (), depth: int | None = None
    ) -> list[Line]:
        """All lines, in order."""
        asked = [*bad, *good]
        far = {run_id: min(self.model.distances(each, "upstream").get(run_id, math.inf) for each in asked)
               for run_id in self.model.runs}  # fmt: skip
        kept = {run_id for run_id, distance in far.items() if distance <= (math.inf if depth is None else depth)}
        part = self.model.restricted({run_id for run_id in kept if far[run_id] < math.inf})
        found = list(self._features(part, asked, ignore))
        return _lines(found, bad, good)

    def _features(self, part: Model, asked: list[str], ignore: Sequence[str]) -> Iterator[Feature]:
        above: dict[str, set[Node]] = {each: nx.ancestors(part.e, each) for each in asked}
        distances = _distances(part, asked)
        for node in part.nodes:
            bearers = frozenset(each for each in asked if node == each or node in above[each])
            if bearers and bearers != {node}:
                yield "node", node, bearers, distances[node]
        yield from _merged("value", self._upstream_values(part, above, distances, ignore))
        yield from _merged("value", self._own_values(sorted(asked), ignore))
        yield from _merged("place", self._places(part, above, distances))

    def _upstream_values(
        self, part: Model, above: Mapping[str, set[Node]], distances: Mapping[Node, int], ignore: Sequence[str]
    ) -> Iterator[Feature]:
        for node in part.nodes:
            bearers = frozenset(each for each, nodes in above.items() if node in nodes)
            if isinstance(node, str):
                metadata: Mapping[str, object] = self.metadata[node]
            else:
                metadata = (self.logged[node].metadata if node in self.logged else None) or {}
            of, name = ("run", None) if isinstance(node, str) else ("artifact", node[1])
            for key, value in flat(metadata):
                names = [key] if name is None else [key, f"{name}.{key}"]
                if bearers and not _ignored(names, ignore):
                    yield "value", (of, name, key, value), bearers, distances[node]

    def _own_values(self, asked: list[str], ignore: Sequence[str]) -> Iterator[Feature]:
        for each in asked:
            for key, value in flat(self.metadata[each]):
                if not _ignored([key], ignore):
                    yield "value", ("own", None, key, value), frozenset([each]), 0

    def _places(self, part: Model, above: Mapping[str, set[Node]], distances: Mapping[Node, int]) -> Iterator[Feature]:
        for key in sorted(part.artifacts & set(self.logged)):
            bearers = frozenset(each for each, nodes in above.items() if key in nodes)
            if bearers:
                yield "place", self.logged[key].path, bearers, distances[key]


def _ignored(names: list[str], ignore: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in ignore)


def _distances(part: Model, asked: list[str]) -> dict[Node, int]:
    back = part.e.reverse()
    found: dict[Node, int] = {}
    for each in asked:
        for node, length in nx.single_source_dijkstra_path_length(back, each, weight="walked").items():
            found[node] = min(int(length), found.get(node, int(length)))
    return found


def _merged(kind: str, features: Iterable[Feature]) -> list[Feature]:
    """Those of one item as one: it is shown as it was met first, borne by all, as near as the nearest."""
    found: list[Feature] = []
    for each in features:
        at = next((place for place, known in enumerate(found) if _one_item(kind, known[1], each[1])), None)
        if at is None:
            found.append(each)
        else:
            known = found[at]
            found[at] = (kind, known[1], known[2] | each[2], min(known[3], each[3]))
    return found


def _one_item(kind: str, item: Any, other: Any) -> bool:
    return bool(item == other) if kind == "place" else item[:3] == other[:3] and same(item[3], other[3])


def _order(feature: Feature) -> tuple[Any, ...]:
    kind, item, _, distance = feature
    if kind == "node":
        return 0, distance, (item, "") if isinstance(item, str) else item
    if kind == "place":
        return 2, distance, item
    of, name, key, value = item
    return 1, distance, ["own", "run", "artifact"].index(of), name or "", key, dumps(value)


def _lines(features: list[Feature], bad: Sequence[str], good: Sequence[str]) -> list[Line]:
    found = []
    for bearers in {feature[2] for feature in features}:
        if len(bearers & set(bad)) < min(2, len(bad)):
            continue
        group = sorted((feature for feature in features if feature[2] == bearers), key=_order)
        count, others = len(bearers & set(bad)), len(bearers & set(good))
        distance = min(feature[3] for feature in group)
        first = _order(group[0])
        order = (chance(count, others, len(bad), len(good)), -count, others, distance, first[0], *first[2:])
        found.append((order, bearers, group))
    found.sort(key=lambda each: each[0])
    lines: list[Line] = []
    explained: set[str] = set()
    for order, bearers, group in found:
        of_kind = {kind: [item for each, item, _, _ in group if each == kind] for kind in ("node", "value", "place")}
        new = (bearers & set(bad)) - explained
        explained |= new
        lines.append((*of_kind.values(), -order[1], order[2], order[0], order[3], len(new)))
    return lines


def lines_of(contrast: Contrast) -> list[Line]:
    """What was answered, as the oracle has it."""
    return [
        (
            list(each.nodes),
            [(value.of, value.artifact_name, value.key, value.value) for value in each.values],
            list(each.paths),
            *(each.bad, each.good, each.p, each.distance, each.explains),
        )
        for each in contrast.explanations
    ]
