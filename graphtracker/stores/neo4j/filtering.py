"""Cypher conditions from filters, about ``(r:Run)``.

What Neo4j does not hold natively, or compares in another way than ``filters.meaning`` says, is compared in Python: a
``Clause`` has two texts, of which the truth lies in between. What is null in one is so until the next NOT, which takes
it for false. A property stands in a condition by its name, so that an index of the user's own is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from graphtracker.model.context import KEYS
from graphtracker.model.limits import LONGEST
from graphtracker.stores.filters.conditions import (
    TIMES,
    ArtifactPath,
    Comparison,
    Condition,
    ContextKey,
    Every,
    HasArtifact,
    MetadataKey,
    Not,
    Operator,
    Own,
    Place,
    Some,
    Wanted,
    comparisons_of,
)
from graphtracker.stores.filters.meaning import passes
from graphtracker.stores.neo4j.comparing import (
    ALL,
    IS_JSON,
    IS_ODD,
    NONE,
    Clause,
    Comparing,
    certain,
    is_encodable,
    is_native_number,
    joined,
    negated,
)
from graphtracker.stores.neo4j.properties import CONTEXT, to_key


def property_of(owner: str, name: str) -> str:
    """Cypher for a property of the node ``owner`` by any name that a property can have.

    Neo4j reads ``\\u0060`` as a backtick, in quoted names, too, before it reads anything else: so no backslash stands
    for itself.
    """
    escaped = name.replace("\\", "\\u005C").replace("`", "``")
    return f"{owner}.`{escaped}`"


def can_be_recorded(key: str) -> bool:
    """Whether anything can be recorded under this key: Neo4j refuses other names of properties."""
    return is_encodable(key) and 0 < len(key.encode()) <= LONGEST and "\0" not in key


class Filter:
    """A filter as Cypher: its clause, its parameters, and what ``filters.meaning`` needs where Cypher cannot tell."""

    def __init__(self, condition: Condition | None, as_of: datetime | None = None) -> None:
        self._compare = Comparing()
        self.parameters = self._compare.parameters
        self.parameter = self._compare.parameter
        self._as_of = as_of
        self.clause = ALL if condition is None else self._clause(condition)
        fields = [] if condition is None else [each.field for each in comparisons_of(condition)]
        self.properties = [name for field in fields for name in properties_of(field)]
        """Those of runs that it is about."""

    @property
    def exact(self) -> bool:
        """Whether Cypher alone can tell what matches."""
        return self.clause.may == self.clause.must

    def _clause(self, condition: Condition) -> Clause:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, Not):
            may, must = self._clause(condition.condition)
            return Clause(negated(must), negated(may))
        parts = self._parts(condition)
        word = "AND" if isinstance(condition, Every) else "OR"
        return Clause(joined(word, [part.may for part in parts]), joined(word, [part.must for part in parts]))

    def _parts(self, condition: Every | Some) -> list[Clause]:
        """The clauses of its parts; bounds of one key that must all hold are one: an index finds their range."""
        bounds: dict[MetadataKey, list[Comparison]] = {}
        for each in condition.conditions if isinstance(condition, Every) else ():
            if isinstance(each, Comparison) and isinstance(each.field, MetadataKey) and _is_bound(each):
                bounds.setdefault(each.field, []).append(each)
        together = {id(each): several for several in bounds.values() if len(several) > 1 for each in several}
        ranges = [self._range(field, several) for field, several in bounds.items() if len(several) > 1]
        return [*ranges, *(self._clause(each) for each in condition.conditions if id(each) not in together)]

    def _range(self, field: MetadataKey, bounds: Sequence[Comparison]) -> Clause:
        value = property_of("r", to_key(field.places[0].key))
        numbers = [self._compare.number(value, each.operator, each.wanted[0].value) for each in bounds]
        between = _chained(value, [each.may for each in numbers])
        may = joined("OR", [between, IS_JSON.format(value=value)])
        return self._then(Clause(may, joined("AND", [each.must for each in numbers])))

    def _comparison(self, comparison: Comparison) -> Clause:
        field, operator, wanted = comparison
        if isinstance(field, Own):
            return self._of_run(field, operator, wanted)
        if isinstance(field, MetadataKey):
            return self._then(self._of_places("r", field.places, operator, wanted))
        if isinstance(field, ContextKey):
            return self._of_context(field.key, operator, wanted)
        if isinstance(field, HasArtifact):
            clause = ALL if passes(operator, wanted, True) else NONE
        elif isinstance(field, ArtifactPath):
            clause = self._compare.about("a.path", operator, wanted, self._compare.text)
        else:
            clause = self._of_places("a", field.places, operator, wanted)
        return self._then(self._artifact(field.artifact_name, clause))

    def _then(self, clause: Clause) -> Clause:
        """The clause about a run as it was then: what it has now it may not have had."""
        return clause if self._as_of is None else Clause(clause.may, "false")

    def _artifact(self, name: str, clause: Clause) -> Clause:
        if not can_be_recorded(name):
            return NONE
        named = self.parameter(name)
        return Clause(*(_LOGGED.format(name=named, holds=holds) if holds != "false" else holds for holds in clause))

    # -- what the run is itself ----------------------------------------------------------------------------------------

    def _of_run(self, field: Own, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        if field.name in TIMES:
            clause = self._compare.about(OWN_TIMES[field.name], operator, wanted, self._compare.own_time)
            return self._then(clause) if field.name == "updated" else clause
        if field.name in ("id", "name"):
            return self._compare.about(
                "r.run_id" if field.name == "id" else "r.name", operator, wanted, self._compare.text
            )
        if field.name == "external":
            return ALL if passes(operator, wanted, False) else NONE
        texts = [text for text, is_so in _FORGOTTEN if passes(operator, wanted, is_so)]
        return certain(joined("OR", texts) if len(texts) < 2 else "true")

    def _of_context(self, key: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """What others have put there is no context unless it has the right type, which Python tells."""
        value = property_of("r", CONTEXT + key)
        if KEYS[key] is not str or operator in ("has", "is None", "is not None"):
            return Clause(f"{value} IS NOT NULL", "false")
        return Clause(self._compare.about(value, operator, wanted, self._compare.value).may, "false")

    # -- metadata ------------------------------------------------------------------------------------------------------

    def _of_places(self, owner: str, places: Sequence[Place], operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        may, must = [], []
        for place in places:
            if not can_be_recorded(place.key):
                continue
            value = property_of(owner, to_key(place.key))
            if place.path:
                may.append(IS_ODD.format(value=value))
                continue
            clause = self._compare.about(value, operator, wanted, self._compare.value)
            may.append(clause.may)
            must.append(clause.must)
        return Clause(joined("OR", may), joined("OR", must))


def _chained(value: str, bounds: Sequence[str]) -> str:
    """The bounds, of each side one in the form ``low <= value < high``.

    Only that is a range to Neo4j's planner where an OR stands beside it.
    """
    lower = [bound for bound in bounds if bound.startswith(f"{value} >")]
    upper = [bound for bound in bounds if bound.startswith(f"{value} <")]
    if not lower or not upper or len(lower) + len(upper) < len(bounds):
        return joined("AND", bounds)
    sign, low = lower[0].removeprefix(f"{value} ").split(" ")
    return joined("AND", [f"{low} {sign.replace('>', '<')} {upper[0]}", *lower[1:], *upper[1:]])


def _is_bound(comparison: Comparison) -> bool:
    """Whether it is a bound of a number under one key."""
    field, operator, wanted = comparison
    if operator not in ("<", "<=", ">", ">=") or not isinstance(field, MetadataKey) or len(field.places) > 1:
        return False
    place = field.places[0]
    return not place.path and can_be_recorded(place.key) and is_native_number(wanted[0].value)


def properties_of(field: object) -> list[str]:
    """The properties of a run, beside those that every answer has, that a field is about."""
    if isinstance(field, MetadataKey):
        return [to_key(place.key) for place in field.places if can_be_recorded(place.key)]
    return [CONTEXT + field.key] if isinstance(field, ContextKey) and KEYS[field.key] is not datetime else []


_LOGGED = """EXISTS {{
    MATCH (a:Artifact {{run_id: r.run_id, name: {name}}})-[:GENERATED_BY]->(r)
    WHERE NOT 'Declared' IN labels(a) AND datetime('1678') <= a.created_at < datetime('2262')
      AND (a.path IS :: STRING NOT NULL OR a.`graphtracker.forgotten` IN ['values', 'run']) AND {holds}
  }}"""
_IS_FORGOTTEN = "coalesce(r.`graphtracker.forgotten` IN ['values', 'run'], false)"
_FORGOTTEN = ((f"NOT {_IS_FORGOTTEN}", False), (_IS_FORGOTTEN, True))
OWN_TIMES = {  # of a run that reported
    "created": "r.created_at",
    "reported": "CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') "
    "THEN r.reported_at ELSE r.created_at END",
    "updated": "CASE WHEN datetime('1678') <= r.updated_at < datetime('2262') THEN r.updated_at END",
}
