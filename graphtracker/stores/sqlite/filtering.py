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
    Wanted,
)
from graphtracker.stores.filters.meaning import passes
from graphtracker.stores.sqlite import sql
from graphtracker.stores.sqlite.native import (
    ALL,
    NONE,
    ODD,
    OF_NUMBERS,
    Clause,
    certain,
    is_native_number,
    joined,
    native,
    negated,
)

Ask = Callable[[str, dict[str, Any]], Any]
"""Runs a statement; returns the first column of its only row."""


class Part(NamedTuple):
    """One of the conditions that must all hold: as a clause, and as the way to the runs for which it may, by an index.

    ``driver`` is a statement that returns their integers; None where there is no such way. It does not look at stamps.
    """

    may: str
    must: str
    driver: str | None


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
        sign = f"{operator} {at[0]}" if operator in _BOUNDS else f"IN ({', '.join(at)})"
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
        if isinstance(condition, Every):
            for part in condition.conditions:
                yield from self._parts(part)
        else:
            yield Part(*self._clause(condition), self._way_to(condition))

    def _way_to(self, condition: Condition) -> str | None:
        if not isinstance(condition, Comparison) or not isinstance(condition.field, MetadataKey):
            return None
        return self._driver(condition.field, condition.operator, condition.wanted)

    def _driver(self, field: MetadataKey, operator: Operator, wanted: tuple[Wanted, ...]) -> str:
        ways = []
        for place in field.places:
            odd = self.has_odd(place.key)
            holds = ODD if place.path else native("m.value", operator, wanted, self.parameter, odd=odd).may
            if holds == "0" or (place.path and not odd):
                continue
            key = self._key(place.key)
            ways.append(sql.BY_VALUE.format(key=key, holds=holds))
            if odd or operator not in OF_NUMBERS or not all(is_native_number(each.value) for each in wanted):
                ways.append(sql.BY_LONG_VALUE.format(key=key, holds=holds))
        return " UNION ALL ".join(ways) or sql.NO_RUNS


_FORGOTTEN = (("r.forgotten IS NULL", False), ("r.forgotten NOT NULL", True))
_BOUNDS = ("<", "<=", ">", ">=")
