"""Cypher conditions from filters, about ``(r:Run)``.

Neo4j compares the numbers, the text, the times that it holds natively; what it holds as JSON, and whatever else it
compares in another way than ``filters.meaning`` says, is compared in Python. So a ``Clause`` has two texts, of which the
truth lies in between. Parts that are null are so at most until the next NOT, which takes null for false. A property
stands in a condition by its name, so that an index of the user's own is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from graphtracker.model.context import KEYS
from graphtracker.model.limits import LARGEST_INT, LONGEST
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
    Wanted,
    comparisons_of,
)
from graphtracker.stores.filters.meaning import asks_for_artifacts, is_nan, is_number, passes
from graphtracker.stores.neo4j.properties import CONTEXT, JSON, to_key, to_property


class Clause(NamedTuple):
    """What holds for at least the runs that match, and what for at most those; one text where Cypher alone can tell."""

    may: str
    must: str


ALL, NONE = Clause("true", "true"), Clause("false", "false")


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


def is_encodable(text: str) -> bool:
    """Whether text can be sent, and so can be in a store: it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Filter:
    """A filter as Cypher: its clause, its parameters, and what ``filters.meaning`` needs where Cypher cannot tell."""

    def __init__(self, condition: Condition | None, as_of: datetime | None) -> None:
        self.parameters: dict[str, Any] = {}
        self._as_of = as_of
        self.clause = ALL if condition is None else self._clause(condition)
        fields = [] if condition is None else [each.field for each in comparisons_of(condition)]
        self.properties = [name for field in fields for name in properties_of(field)]
        """Those of runs that it is about."""
        self.asks_for_artifacts = any(map(asks_for_artifacts, fields))

    @property
    def exact(self) -> bool:
        """Whether Cypher alone can tell what matches."""
        return self.clause.may == self.clause.must

    def parameter(self, value: object) -> str:
        """The name of a new parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _clause(self, condition: Condition) -> Clause:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, Not):
            may, must = self._clause(condition.condition)
            return Clause(_negated(must), _negated(may))
        parts = [self._clause(part) for part in condition.conditions]
        word = "AND" if isinstance(condition, Every) else "OR"
        return Clause(joined(word, [part.may for part in parts]), joined(word, [part.must for part in parts]))

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
            clause = self._about("a.path", operator, wanted, self._text)
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
            clause = self._about(OWN_TIMES[field.name], operator, wanted, self._own_time)
            return self._then(clause) if field.name == "updated" else clause
        if field.name in ("id", "name"):
            return self._about("r.run_id" if field.name == "id" else "r.name", operator, wanted, self._text)
        if field.name == "external":
            return ALL if passes(operator, wanted, False) else NONE
        texts = [text for text, is_so in _FORGOTTEN if passes(operator, wanted, is_so)]
        return _certain(joined("OR", texts) if len(texts) < 2 else "true")

    def _own_time(self, time: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """Times of the store may be finer than those of filters, which mean the whole microsecond."""
        bounds = [_utc(each.value) for each in wanted if isinstance(each.value, datetime)]
        if operator in ("==", "in"):
            return _certain(joined("OR", [self._between(time, bound, bound) for bound in bounds]))
        if operator == "holds" or not bounds:
            return NONE
        sign, later = _BOUNDS[operator]
        return _certain(f"{time} {sign} {self.parameter(moved(bounds[0], later))}")

    def _between(self, time: str, first: datetime, last: datetime) -> str:
        return f"{self.parameter(first)} <= {time} < {self.parameter(moved(last, 1))}"

    def _of_context(self, key: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """What others have put there is no context unless it has the right type, which Python tells."""
        value = property_of("r", CONTEXT + key)
        if KEYS[key] is not str or operator in ("has", "is None", "is not None"):
            return Clause(f"{value} IS NOT NULL", "false")
        return Clause(self._about(value, operator, wanted, self._value).may, "false")

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
            clause = self._about(value, operator, wanted, self._value)
            may.append(clause.may)
            must.append(clause.must)
        return Clause(joined("OR", may), joined("OR", must))

    def _about(self, value: str, operator: Operator, wanted: tuple[Wanted, ...], compared: Any) -> Clause:
        """The clause for a property that may be missing; ``compared`` is about one that is there."""
        there = f"{value} IS NOT NULL"
        if operator in ("has", "is None", "is not None"):
            null = f"{value} = '{JSON}null'" if compared == self._value else "false"
            not_null = f"({there} AND {value} <> '{JSON}null')" if compared == self._value else there
            return _certain({"has": there, "is None": null}.get(operator, not_null))
        positive = _POSITIVE.get(operator)
        if positive is None:
            return compared(value, operator, wanted)  # type: ignore[no-any-return]
        clause = compared(value, positive, wanted)
        return Clause(joined("AND", [there, _negated(clause.must)]), joined("AND", [there, _negated(clause.may)]))

    def _value(self, value: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """The clause for what a metadata value that is there must be, or be more or less than, or hold."""
        if operator in ("==", "in"):
            return self._one_of(value, wanted)
        if operator == "holds":
            odd = IS_ODD.format(value=value)
            text = self._native_text(value, operator, wanted[0].value)
            return Clause(joined("OR", [text.may, odd]), text.must)
        return self._ordered(value, operator, wanted[0])

    def _one_of(self, value: str, wanted: tuple[Wanted, ...]) -> Clause:
        same: list[object] = []
        may: list[str] = []
        for each in wanted:
            if isinstance(each.value, str) and each.time is not None:
                may.append(self._time_as_text(value, "==", each.time))
            if is_native_number(each.value) and not is_compared_exactly(each.value):
                least, most = map(self.parameter, bounds_of(each.value))
                may.append(f"({least} <= {value} AND {value} <= {most})")
            elif is_native_number(each.value):
                same += in_all_forms(each.value)
            elif isinstance(each.value, str):
                same += [to_property(each.value)] if is_encodable(each.value) else []
            elif each.value is None or isinstance(each.value, bool):
                same.append(to_property(each.value))
            elif is_number(each.value):
                may.append(f"{value} <> {value}" if is_nan(each.value) else f"{value} <= {self.parameter(math.inf)}")
            else:
                may.append(IS_ODD.format(value=value))
        if any(is_number(each.value) or each.time is not None for each in wanted):
            may.append(IS_JSON.format(value=value))
        certain = f"{value} IN {self.parameter(same)}" if same else "false"
        return Clause(joined("OR", [certain, *may]), certain)

    def _ordered(self, value: str, operator: Operator, wanted: Wanted) -> Clause:
        other = wanted.value
        if isinstance(other, str):
            text = self._native_text(value, operator, other)
            times = [] if wanted.time is None else [self._time_as_text(value, operator, wanted.time)]
            return Clause(joined("OR", [text.may, IS_JSON.format(value=value), *times]), text.must)
        if is_native_number(other):
            may, must = self._number(value, operator, other)
            return Clause(joined("OR", [may, IS_JSON.format(value=value)]), must)
        if not is_number(other) or is_nan(other):
            return NONE
        return Clause(f"({value} <= {self.parameter(math.inf)} OR {IS_JSON.format(value=value)})", "false")

    def _number(self, value: str, operator: Operator, wanted: Any) -> Clause:
        """Near 2**63 Neo4j compares ints with floats by less than all of their digits."""
        least, most = bounds_of(wanted)
        surely, perhaps, strict = _NUMBER[operator]
        near, far = (least, most) if operator in ("<", "<=") else (most, least)
        if not is_compared_exactly(wanted):
            return Clause(f"{value} {perhaps} {self.parameter(far)}", f"{value} {strict} {self.parameter(near)}")
        return _certain(f"{value} {surely} {self.parameter(near if surely == strict else far)}")

    def _native_text(self, value: str, operator: Operator, wanted: object) -> Clause:
        """The clause for text of metadata, where text that begins as JSON does is no text."""
        if not isinstance(wanted, str):
            return NONE
        may, must = self._text(value, operator, (Wanted(wanted),))
        return Clause(may, joined("AND", [must, f"NOT {IS_JSON.format(value=value)}"]))

    def _text(self, value: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """The clause for text. Neo4j compares it by UTF-16 unit, or where it has an index by code point: that is the
        same up to the first character that is not among the first 0xD800."""
        texts = [each.value for each in wanted if isinstance(each.value, str)]
        if operator in ("==", "in"):
            known = [text for text in texts if is_encodable(text)]
            return _certain(f"{value} IN {self.parameter(known)}" if known else "false")
        if not texts:
            return NONE
        if operator == "holds":
            return _certain(f"{value} CONTAINS {self.parameter(texts[0])}") if is_encodable(texts[0]) else NONE
        plain = plain_beginning(texts[0])
        beginning = self.parameter(plain)
        if plain == texts[0]:
            return _certain(f"{value} {operator} {beginning}")
        if operator in ("<", "<="):
            begins = f"{value} STARTS WITH {beginning}"
            return Clause(f"({value} < {beginning} OR {begins})", f"{value} < {beginning}")
        return Clause(f"{value} >= {beginning}", f"({value} > {beginning} AND NOT {value} STARTS WITH {beginning})")

    def _time_as_text(self, value: str, operator: Operator, wanted: datetime) -> str:
        """What holds for at least the times, of each of Neo4j's types, that stand so to this one."""
        utc = _utc(wanted)
        texts = []
        for least, most in (
            (utc.date(), utc.date()),
            (moved(utc.replace(tzinfo=None), -1), moved(utc.replace(tzinfo=None), 1)),
            (moved(utc, -1), moved(utc, 1)),
        ):
            above, below = f"{value} >= {self.parameter(least)}", f"{value} <= {self.parameter(most)}"
            texts.append({"=": f"({above} AND {below})", "<": below, ">": above}[operator[0]])
        return joined("OR", texts)


def properties_of(field: object) -> list[str]:
    """The properties of a run, beside those that every answer has, that a field is about."""
    if isinstance(field, MetadataKey):
        return [to_key(place.key) for place in field.places if can_be_recorded(place.key)]
    return [CONTEXT + field.key] if isinstance(field, ContextKey) and KEYS[field.key] is not datetime else []


def joined(word: str, texts: Sequence[str]) -> str:
    """Conditions joined by AND or OR."""
    nothing, all_of_it = ("true", "false") if word == "AND" else ("false", "true")
    if all_of_it in texts:
        return all_of_it
    parts = [text for text in texts if text != nothing]
    return f"({f' {word} '.join(parts)})" if len(parts) > 1 else "".join(parts) or nothing


def plain_beginning(text: str) -> str:
    """As much of the text as is in the same order by UTF-16 unit as by code point."""
    return text[: next((place for place, each in enumerate(text) if each >= "\ud800"), len(text))]


def is_compared_exactly(number: Any) -> bool:
    """Whether Neo4j compares a number that it holds by all of its digits, with ints as with floats."""
    return abs(number) < 2**62 or number in (math.inf, -math.inf)


def bounds_of(number: Any) -> tuple[Any, Any]:
    """The least and the greatest of all that Neo4j may hold as equal: for it, -0.0 is less than 0."""
    if number == 0:
        return -0.0, 0
    if is_compared_exactly(number):
        return number, number
    near = sorted([float(number) * (1 - 2.0**-40), float(number) * (1 + 2.0**-40)])
    return near[0], near[1]


def in_all_forms(number: Any) -> list[object]:
    """The number in each type that has it: an index of Neo4j tells 1 from 1.0."""
    if number == 0:
        return [0, 0.0, -0.0]
    others = [int(number)] if type(number) is float and math.isfinite(number) else [_as_float(number)]
    return [number, *(other for other in others if other == number)]


def _as_float(number: Any) -> float:
    return float(number)


def moved(time: datetime, microseconds: int) -> datetime:
    """The time so much later, or the last or first that there is."""
    try:
        return time + timedelta(microseconds=microseconds)
    except OverflowError:
        return time


def is_native_number(wanted: object) -> bool:
    """Whether it is a number that Neo4j holds, and not nan."""
    if type(wanted) is int:
        return -LARGEST_INT - 1 <= wanted <= LARGEST_INT
    return type(wanted) is float and wanted == wanted


def _utc(time: datetime) -> datetime:
    """The time as Neo4j takes it, which takes no offset of seconds; what UTC cannot write is the first or last it can."""
    try:
        return time.astimezone(timezone.utc)
    except OverflowError:
        return (datetime.min if time.year == 1 else datetime.max).replace(tzinfo=timezone.utc)


def _negated(text: str) -> str:
    return {"false": "true", "true": "false"}.get(text, f"NOT coalesce({text}, false)")


def _certain(text: str) -> Clause:
    return Clause(text, text)


IS_JSON = "{value} STARTS WITH '" + JSON + "'"
IS_ODD = "(" + IS_JSON + " OR NOT {value} IS :: BOOLEAN | INTEGER | FLOAT | STRING)"
"""Whether a value is one that Neo4j cannot compare as ``filters.meaning`` does."""

_LOGGED = """EXISTS {{
    MATCH (a:Artifact {{run_id: r.run_id, name: {name}}})-[:GENERATED_BY]->(r)
    WHERE NOT 'Declared' IN labels(a) AND datetime('1678') <= a.created_at < datetime('2262')
      AND (a.path IS :: STRING NOT NULL OR a.`graphtracker.forgotten` IN ['values', 'run']) AND {holds}
  }}"""
_POSITIVE: dict[str, Operator] = {"!=": "==", "not in": "in", "lacks": "holds"}
_IS_FORGOTTEN = "coalesce(r.`graphtracker.forgotten` IN ['values', 'run'], false)"
_FORGOTTEN = ((f"NOT {_IS_FORGOTTEN}", False), (_IS_FORGOTTEN, True))
OWN_TIMES = {
    "created": "r.created_at",
    "reported": "CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END",
    "updated": "CASE WHEN datetime('1678') <= r.updated_at < datetime('2262') THEN r.updated_at END",
}
_BOUNDS = {"<": ("<", 0), "<=": ("<", 1), ">": (">=", 1), ">=": (">=", 0)}
# How to look for a number exactly; near where Neo4j is not exact; and there for what surely stands so.
_NUMBER = {"<": ("<", "<=", "<"), "<=": ("<=", "<=", "<"), ">": (">", ">=", ">"), ">=": (">=", ">=", ">")}
