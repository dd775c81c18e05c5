"""What runs have upstream, as features that each some of them bear: nodes, values, places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from graphtracker.analysis.bearers import bearers
from graphtracker.analysis.distances import in_order, upstream
from graphtracker.analysis.ignoring import Ignored
from graphtracker.analysis.links import links, turned
from graphtracker.model.encoding import dumps
from graphtracker.model.equality import canonical_bytes
from graphtracker.model.question import Answer
from graphtracker.model.values import Node


class Feature(NamedTuple):
    """What some of the runs asked about have, and which, a bit each."""

    kind: Literal["node", "value", "place"]
    item: Any
    """The node; of a value the fields of a ``SharedValue``; the place."""
    bits: int
    distance: int
    """Sources from the nearest run asked about to it, or to the nearest node that has it."""


def features(answer: Answer, asked: Sequence[str], ignored: Ignored) -> Iterator[Feature]:
    """Every feature of the runs asked about, in an answer that holds all that they came from.

    Nodes come first, then values, then places, of each kind the nearest first, then in the order of their texts.

    A node is borne by the runs that are it or descend from it; one that only itself bears is left out. A value is borne
    by the descendants of all runs (or artifacts, by their name) that carry an equal one, an own value by the run itself
    alone; a place by the descendants of all artifacts that lie there.
    """
    steps = links(answer)
    told = _Told(
        bearers((*answer.runs, *answer.artifacts), steps, asked),
        upstream(turned(steps), asked),
        {run_id: 1 << place for place, run_id in enumerate(asked)},
    )
    for found in (_nodes(told), _values(answer, told, ignored), _places(answer, told)):
        yield from sorted(found, key=attrgetter("distance"))


class _Told(NamedTuple):
    """What is known of the nodes: who bears them, how far they are, which are asked about."""

    bits: Mapping[Node, int]
    distances: Mapping[Node, int]
    own: Mapping[Node, int]


def _nodes(told: _Told) -> Iterator[Feature]:
    for node in sorted(told.bits, key=in_order):
        bits = told.bits[node]
        if bits and bits != told.own.get(node):
            yield Feature("node", node, bits, told.distances[node])


def _values(answer: Answer, told: _Told, ignored: Ignored) -> Iterable[Feature]:
    found = _Merged("value")
    for run_id, run in answer.runs.items():
        own = told.own.get(run_id, 0)
        others = told.bits[run_id] & ~own
        for key, value in ignored.of_run(run.metadata).items():
            canonical = canonical_bytes(value)
            if others:
                found.add(("run", key, canonical), ("run", None, key, value), others, told.distances[run_id])
            if own:
                found.add(("own", key, canonical), ("own", None, key, value), own, 0)
    for node, artifact in answer.artifacts.items():
        bits, name = told.bits[node], artifact.name
        if bits:
            for key, value in ignored.of_artifact(name, artifact.metadata).items():
                identity = ("artifact", name, key, canonical_bytes(value))
                found.add(identity, ("artifact", name, key, value), bits, told.distances[node])
    return sorted(found.features(), key=value_text)


def value_text(feature: Feature) -> tuple[str, str, str, str]:
    """What values are ordered by: whose they are, the runs' own first, the artifact's name, the key, the value."""
    of, name, key, value = feature.item
    plain = (type(value) is float and value - value == 0) or (type(value) is int and abs(value) < _LARGE)
    return _CARRIERS[of], name or "", key, repr(value) if plain else dumps(value)  # which are the same, but slower


_CARRIERS = {"own": "0", "run": "1", "artifact": "2"}
_LARGE = 1 << 53


def _places(answer: Answer, told: _Told) -> Iterable[Feature]:
    found = _Merged("place")
    for node, artifact in answer.artifacts.items():
        place = artifact.place
        if place is not None and told.bits[node]:
            found.add(place, place, told.bits[node], told.distances[node])
    return sorted(found.features(), key=attrgetter("item"))


class _Merged:
    """Features that several nodes may have: borne by all that bear one of these, as near as the nearest."""

    def __init__(self, kind: Literal["value", "place"]) -> None:
        self._kind = kind
        self._found: dict[object, Feature] = {}

    def add(self, identity: object, item: object, bits: int, distance: int) -> None:
        """That a node has it: what is equal is told by its identity, and shown as the first that was added."""
        before = self._found.get(identity)
        if before is None:
            self._found[identity] = Feature(self._kind, item, bits, distance)
        elif before.bits | bits != before.bits or distance < before.distance:
            item, bits, distance = before.item, before.bits | bits, min(before.distance, distance)
            self._found[identity] = Feature(self._kind, item, bits, distance)

    def features(self) -> Iterator[Feature]:
        """All of them."""
        return iter(self._found.values())
