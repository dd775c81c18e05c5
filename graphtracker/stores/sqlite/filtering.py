"""SQL conditions from filters, about ``run AS r``; those on a value alone are made by ``native``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from graphtracker.model.context import KEYS
from graphtracker.model.encoding import dumps
from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.times import nanoseconds
from graphtracker.stores.filters.conditions import (
    TIMES,
    ArtifactKey,
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
    keys_of,
)
from graphtracker.stores.filters.meaning import passes
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.native import (
    ALL,
    BOUNDS,
    NONE,
    ODD,
    OF_NUMBERS,
    Clause,
    certain,
    is_native_number,
    joined,
    native,
    negated,
    within,
)

Ask = Callable[[str, dict[str, Any]], Any]
"""Runs a statement; returns the first column of its only row."""


class Part(NamedTuple):
    """One of the conditions that must all hold: as a clause, and as the ways to the runs for which it may, by an index.

    ``ways`` are statements that return their integers, all of them together; there are none where no index leads there.
    They do not look at stamps, and lead to others, too, unless they are ``straight``.
    """

    may: str
    must: str
    ways: tuple[str, ...]
    straight: bool = True


class Filter:
    """A filter as SQL: its parts with their parameters."""

    def __init__(self, condition: Condition | None, ask: Ask, at: int) -> None:
        self.parameters: dict[str, Any] = {"t": at, "later": stamp_after(at)}
        self._ask = ask
        self._stamped = "" if at == NOW else " AND m.stamp < :later"
        self._odd: dict[str, bool] = {}
        self._keys: dict[str, str] = {}
        self.parts = [] if condition is None else list(self._parts(condition))

    @property
    def exact(self) -> bool:
        """Whether SQL alone can tell what matches."""
        return all(part.may == part.must for part in self.parts)

    def parameter(self, value: object) -> str:
        """The name of a new parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _key(self, key: str) -> str:
        """The name of the parameter of a metadata key: one, so that equal conditions have equal texts."""
        if key not in self._keys:
            self._keys[key] = self.parameter(key)
        return self._keys[key]

    def _clause(self, condition: Condition) -> Clause:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, Not):
            may, must = self._clause(condition.condition)
            return Clause(negated(must), negated(may))
        parts = [self._clause(part) for part in condition.conditions]
        word = "AND" if isinstance(condition, Every) else "OR"
        return Clause(joined(word, [part.may for part in parts]), joined(word, [part.must for part in parts]))

    def _comparison(self, comparison: Comparison) -> Clause:
        field, operator, wanted = comparison
        if isinstance(field, MetadataKey):
            return self._of_metadata(field.places, operator, wanted)
        if isinstance(field, Own):
            return self._of_run(field, operator, wanted)
        if isinstance(field, ContextKey):
            return self._of_context(field.key, operator, wanted)
        if isinstance(field, HasArtifact):
            return self._artifact(field, ALL if passes(operator, wanted, True) else NONE)
        if isinstance(field, ArtifactPath):
            clause = native("ifnull(a.path, a.place)", operator, wanted, self.parameter)
            may, must = (joined("AND", ["a.place NOT NULL", holds]) for holds in clause)
            return self._artifact(field, Clause(may, must))
        keys = {dumps(place.key)[1:-1] for place in field.places}  # text of JSON, as it stands in the column
        there = joined("OR", [f"instr(a.metadata, {self.parameter(key)})" for key in sorted(keys)])
        return self._artifact(field, Clause(there, "0"))

    def _artifact(self, field: HasArtifact | ArtifactPath | ArtifactKey, clause: Clause) -> Clause:
        named = self.parameter(field.artifact_name)
        # Of a log of a later time it is not known what it replaced, but that there was one.
        logged = "a.logged_at <= :t" + (
            " AND a.stamp < :later" if self._stamped and field.__class__ is not HasArtifact else ""
        )
        return Clause(*(sql.HAS_LOGGED.format(name=named, logged=logged, holds=holds) for holds in clause))

    # -- what the run is itself ----------------------------------------------------------------------------------------

    def _of_run(self, field: Own, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        if field.name in TIMES:
            return self._of_time(f"r.{field.name}_at", operator, wanted)
        if field.name in ("id", "name") and operator in ("has", "is None", "is not None"):
            return NONE if operator == "is None" else ALL  # SQLite has no plan by an index for what is never so
        if field.name == "id":
            return native("r.run_id", operator, wanted, self.parameter)
        if field.name == "name":
            return native("ifnull(r.name, r.run_id)", operator, wanted, self.parameter)
        if field.name == "external":
            return ALL if passes(operator, wanted, False) else NONE
        texts = [text for text, is_so in _FORGOTTEN if passes(operator, wanted, is_so)]
        return certain(joined("OR", texts) if len(texts) < 2 else "1")

    def _of_time(self, column: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        there = f"{column} <= :t"  # as of an earlier time, later ones are not there
        if operator in ("has", "is not None", "lacks"):
            return certain(there)
        at = [self.parameter(nanoseconds(each.value)) for each in wanted if isinstance(each.value, datetime)]
        if operator in ("!=", "not in"):
            return certain(joined("AND", [there, *(f"{column} <> {each}" for each in at)]))
        if not at or operator in ("is None", "holds"):
            return NONE
        sign = f"{operator} {at[0]}" if operator in BOUNDS else f"IN ({', '.join(at)})"
        return certain(f"({there} AND {column} {sign})")

    def _of_context(self, key: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """The context is one text of JSON: what stands under a key is told by JSON's own functions where it is text."""
        later = " AND c.key < lower(hex(:later))" if self._stamped else ""
        named = self.parameter(key) + later
        clause = native("v.value", operator, wanted, self.parameter)
        if KEYS[key] is str:
            return certain(sql.HAS_CONTEXT.format(key=named, holds=clause.must))
        return Clause(sql.HAS_CONTEXT.format(key=named, holds="1"), "0")

    # -- metadata ------------------------------------------------------------------------------------------------------

    def _of_metadata(self, places: Sequence[Place], operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        may, must = [], []
        for place in places:
            if place.path:
                if self.has_odd(place.key):
                    may.append(self._value(place.key, ODD))
                continue
            clause = native("m.value", operator, wanted, self.parameter, odd=self.has_odd(place.key))
            may.append(self._value(place.key, clause.may))
            must.append(self._value(place.key, clause.must))
        return Clause(joined("OR", may), joined("OR", must))

    def _value(self, key: str, condition: str) -> str:
        if condition == "0":
            return condition
        return sql.HAS_VALUE.format(key=self._key(key), stamped=self._stamped, holds=condition)

    def has_odd(self, key: str) -> bool:
        """Whether any run has a value of this key that SQL alone cannot compare."""
        if key not in self._odd:
            self._odd[key] = bool(self._ask(sql.HAS_ODD, {"key": key}))
        return self._odd[key]

    # -- ways to it ----------------------------------------------------------------------------------------------------

    def _parts(self, condition: Condition) -> Iterator[Part]:
        conditions = _flat(condition)
        bounds: dict[tuple[MetadataKey, bool], list[Comparison]] = {}
        for each in conditions:
            if isinstance(each, Comparison) and isinstance(each.field, MetadataKey) and self._is_bound(each):
                bounds.setdefault((each.field, isinstance(each.wanted[0].value, str)), []).append(each)
        together = [several for several in bounds.values() if len(several) > 1]
        for several in together:
            yield self._range(several)
        taken = {id(each) for several in together for each in several}
        for each in conditions:
            if id(each) not in taken:
                yield Part(*self._clause(each), self._ways_to(each), isinstance(each, Comparison))

    def _is_bound(self, comparison: Comparison) -> bool:
        """Whether it is a bound of values of one key that SQL alone can compare."""
        field, operator, wanted = comparison
        if operator not in BOUNDS or not isinstance(field, MetadataKey) or any(map(self.has_odd, keys_of(field))):
            return False
        return not field.places[0].path and (isinstance(wanted[0].value, str) or is_native_number(wanted[0].value))

    def _range(self, bounds: Sequence[Comparison]) -> Part:
        """Several bounds of one key: an index finds what lies between them."""
        key = keys_of(bounds[0].field)[0]
        holds = within("m.value", [(each.operator, each.wanted[0].value) for each in bounds], self.parameter)
        ways = [sql.BY_VALUE.format(key=self._key(key), holds=holds)]
        if isinstance(bounds[0].wanted[0].value, str):
            ways.append(sql.BY_LONG_VALUE.format(key=self._key(key), holds=holds))
        clause = self._value(key, holds)
        return Part(clause, clause, tuple(ways))

    def _ways_to(self, condition: Condition) -> tuple[str, ...]:
        if isinstance(condition, Every):
            return next(filter(None, map(self._ways_to, condition.conditions)), ())
        if isinstance(condition, Some):
            each = list(map(self._ways_to, condition.conditions))
            together = tuple(way for ways in each for way in ways)
            return together if all(each) and len(together) <= _MOST_WAYS else ()
        if not isinstance(condition, Comparison) or not isinstance(condition.field, MetadataKey):
            return ()
        _, operator, wanted = condition
        ways = []
        for place in condition.field.places:
            odd = self.has_odd(place.key)
            holds = ODD if place.path else native("m.value", operator, wanted, self.parameter, odd=odd).may
            if holds == "0" or (place.path and not odd):
                continue
            key = self._key(place.key)
            ways.append(sql.BY_VALUE.format(key=key, holds=holds))
            if odd or operator not in OF_NUMBERS or not all(is_native_number(each.value) for each in wanted):
                ways.append(sql.BY_LONG_VALUE.format(key=key, holds=holds))
        return tuple(ways) or (sql.NO_RUNS,)


def _flat(condition: Condition) -> list[Condition]:
    """The conditions that must all hold."""
    if not isinstance(condition, Every):
        return [condition]
    return [each for part in condition.conditions for each in _flat(part)]


_MOST_WAYS = 200
"""Statements that are joined to one: SQLite takes 500."""

_FORGOTTEN = (("r.forgotten IS NULL", False), ("r.forgotten NOT NULL", True))
