"""SQL conditions from filters, about ``run AS r``.

SQLite compares what it holds natively exactly as ``filters.meaning`` says: numbers by value, text by its bytes, which is
code point order; values of other types are BLOBs of JSON, which are greater than all text. Of those only True, False
and nan are looked for as they are. The others are read and compared in Python: where a key has any, SQL alone cannot
tell, and a ``Clause`` has two texts, of which the truth lies in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphtracker.model.context import KEYS
from graphtracker.model.encoding import dumps
from graphtracker.model.events import NOW, stamp_after
from graphtracker.model.limits import LARGEST_INT
from graphtracker.model.times import nanoseconds
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
)
from graphtracker.stores.filters.meaning import is_nan, is_number, passes
from graphtracker.stores.sqlite import sql

Ask = Callable[[str, dict[str, Any]], Any]
"""Runs a statement; returns the first column of its only row."""


class Clause(NamedTuple):
    """What holds for at least the runs that match, and what for at most those; one text where SQL alone can tell."""

    may: str
    must: str


ALL, NONE = Clause("1", "1"), Clause("0", "0")


class Filter:
    """A filter as SQL: its clause, its parameters, and the ways to what matches that indexes offer."""

    def __init__(self, condition: Condition | None, ask: Ask, at: int) -> None:
        self.parameters: dict[str, Any] = {"t": at, "later": stamp_after(at)}
        self._ask = ask
        self._stamped = "" if at == NOW else " AND m.stamp < :later"
        self._logged = "a.logged_at <= :t" if at == NOW else "a.logged_at <= :t AND a.stamp < :later"
        self._odd: dict[str, bool] = {}
        self.clause = ALL if condition is None else self._clause(condition)
        self.drivers = [] if condition is None else list(self._drivers(condition))

    @property
    def exact(self) -> bool:
        """Whether SQL alone can tell what matches."""
        return self.clause.may == self.clause.must

    def parameter(self, value: object) -> str:
        """The name of a new parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

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
        if isinstance(field, MetadataKey):
            return self._of_metadata(field.places, operator, wanted)
        if isinstance(field, Own):
            return self._of_run(field, operator, wanted)
        if isinstance(field, ContextKey):
            return self._of_context(field.key, operator, wanted)
        if isinstance(field, HasArtifact):
            clause = ALL if passes(operator, wanted, True) else NONE
            return self._artifact(field.artifact_name, clause, "a.logged_at <= :t")
        if isinstance(field, ArtifactPath):
            native = self.native("ifnull(a.path, a.place)", operator, wanted)
            there = [joined("AND", ["a.place NOT NULL", text]) for text in native]
            return self._artifact(field.artifact_name, Clause(*there), self._logged)
        keys = {dumps(place.key)[1:-1] for place in field.places}  # text of JSON, as it stands in the column
        may = joined("OR", [f"instr(a.metadata, {self.parameter(key)})" for key in sorted(keys)])
        return self._artifact(field.artifact_name, Clause(may, "0"), self._logged)

    def _artifact(self, name: str, clause: Clause, logged: str) -> Clause:
        named = self.parameter(name)
        return Clause(*(sql.HAS_LOGGED.format(name=named, logged=logged, holds=holds) for holds in clause))

    # -- what the run is itself ----------------------------------------------------------------------------------------

    def _of_run(self, field: Own, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        if field.name in TIMES:
            return self._of_time(f"r.{field.name}_at", operator, wanted)
        if field.name == "id":
            return self.native("r.run_id", operator, wanted)
        if field.name == "name":
            return self.native("ifnull(r.name, r.run_id)", operator, wanted)
        if field.name == "external":
            return ALL if passes(operator, wanted, False) else NONE
        texts = [text for text, is_so in _FORGOTTEN if passes(operator, wanted, is_so)]
        return _certain(joined("OR", texts) if len(texts) < 2 else "1")

    def _of_time(self, column: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """Times of the store are finer than those of filters, which mean the whole microsecond."""
        there = f"{column} <= :t"  # as of an earlier time, later ones are not there
        if operator in ("has", "is not None"):
            return _certain(there)
        if operator in ("is None", "holds"):
            return NONE
        if operator == "lacks":
            return _certain(there)
        bounds = [nanoseconds(each.value) for each in wanted if each.value is not None]  # type: ignore[arg-type]
        if operator in _BOUNDS:
            offset, sign = _BOUNDS[operator]
            return _certain(f"({there} AND {column} {sign} {self.parameter(bounds[0] + offset)})") if bounds else NONE
        within = [f"{column} BETWEEN {self.parameter(at)} AND {self.parameter(at + 999)}" for at in bounds]
        same = joined("OR", within)
        return _certain(joined("AND", [there, same if operator in ("==", "in") else _negated(same)]))

    def _of_context(self, key: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """The context is one text of JSON: what stands under a key is told by JSON's own functions where it is text."""
        later = " AND c.key < lower(hex(:later))" if self._stamped else ""
        named = self.parameter(key) + later
        native = self.native("v.value", operator, wanted)
        if KEYS[key] is str:
            return _certain(sql.HAS_CONTEXT.format(key=named, holds=native.must))
        return Clause(sql.HAS_CONTEXT.format(key=named, holds="1"), "0")

    # -- metadata ------------------------------------------------------------------------------------------------------

    def _of_metadata(self, places: Sequence[Place], operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        may, must = [], []
        for place in places:
            if place.path:
                if self.has_odd(place.key):
                    may.append(self._value(place.key, ODD))
                continue
            native = self.native("m.value", operator, wanted, odd=self.has_odd(place.key))
            may.append(self._value(place.key, native.may))
            must.append(self._value(place.key, native.must))
        return Clause(joined("OR", may), joined("OR", must))

    def _value(self, key: str, condition: str) -> str:
        if condition == "0":
            return condition
        return sql.HAS_VALUE.format(key=self.parameter(key), stamped=self._stamped, holds=condition)

    def has_odd(self, key: str) -> bool:
        """Whether any run has a value of this key that SQL alone cannot compare."""
        if key not in self._odd:
            self._odd[key] = bool(self._ask(sql.HAS_ODD, {"key": key}))
        return self._odd[key]

    def native(self, value: str, operator: Operator, wanted: tuple[Wanted, ...], *, odd: bool = False) -> Clause:
        """The clause for a column; ``odd`` where it may hold what SQL alone cannot compare."""
        if operator in ("has", "is None", "is not None"):
            return _certain({"has": "1", "is None": f"{value} IS NULL"}.get(operator, f"{value} NOT NULL"))
        positive = _POSITIVE.get(operator, operator)
        clause = self._native(value, positive, wanted)
        if odd:
            is_odd = ODD.replace("m.value", value)
            clause = Clause(joined("OR", [clause.may, is_odd]), joined("AND", [clause.must, f"NOT {is_odd}"]))
        if positive == operator:
            return clause
        return Clause(_negated(clause.must), _negated(clause.may))

    def _native(self, value: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        if operator not in ("==", "in"):
            return self._ordered(value, operator, wanted[0].value)
        values = [each.value for each in wanted]
        same = [self.parameter(each) for each in values if isinstance(each, str) or _is_native_number(each)]
        texts = [f"{value} IN ({', '.join(same)})"] if same else []
        texts += [f"{value} IS {_constant(each)}" for each in values if _constant(each)]
        certain = joined("OR", texts)
        return Clause(joined("OR", [*texts, f"{value} < ''"]) if any(map(_is_odd_number, values)) else certain, certain)

    def _ordered(self, value: str, operator: Operator, wanted: object) -> Clause:
        """The clause for what a value that SQLite holds natively must be more or less than, or hold."""
        if isinstance(wanted, str):
            return _certain(_TEXT[operator].format(value=value, wanted=self.parameter(wanted)))
        if operator in _NUMBER and _is_native_number(wanted):
            return _certain(_NUMBER[operator].format(value=value, wanted=self.parameter(wanted)))
        return Clause(f"{value} < ''", "0") if _is_odd_number(wanted) else NONE

    # -- ways to it ----------------------------------------------------------------------------------------------------

    def _drivers(self, condition: Condition) -> list[str]:
        """Statements each of which returns the integers of at least the runs that match."""
        if isinstance(condition, Comparison):
            field, operator, wanted = condition
            return [self._driver(field, operator, wanted)] if isinstance(field, MetadataKey) else []
        if isinstance(condition, Every):
            return [driver for part in condition.conditions for driver in self._drivers(part)]
        return []

    def _driver(self, field: MetadataKey, operator: Operator, wanted: tuple[Wanted, ...]) -> str:
        ways = []
        for place in field.places:
            odd = self.has_odd(place.key)
            holds = ODD if place.path else self.native("m.value", operator, wanted, odd=odd).may
            if holds == "0" or (place.path and not odd):
                continue
            key = self.parameter(place.key)
            ways.append(sql.BY_VALUE.format(key=key, holds=holds))
            if odd or not all(_is_native_number(each.value) for each in wanted) or not wanted:
                ways.append(sql.BY_LONG_VALUE.format(key=key, holds=holds))
        return " UNION ALL ".join(ways) or sql.NO_RUNS


def joined(word: str, texts: Sequence[str]) -> str:
    """Conditions joined by AND or OR: SQLite takes trees of 1,000 levels, and no index for what never holds ("0")."""
    nothing, all_of_it = ("1", "0") if word == "AND" else ("0", "1")
    if all_of_it in texts:
        return all_of_it
    return _joined(f" {word} ", [text for text in texts if text != nothing]) or nothing


def _joined(word: str, texts: Sequence[str]) -> str:
    if len(texts) <= 2:
        return f"({word.join(texts)})" if len(texts) == 2 else "".join(texts)
    middle = len(texts) // 2
    return f"({_joined(word, texts[:middle])}{word}{_joined(word, texts[middle:])})"


def _negated(text: str) -> str:
    return {"0": "1", "1": "0"}.get(text, f"NOT ifnull({text}, 0)")


def _is_native_number(wanted: object) -> bool:
    if type(wanted) is int:
        return -LARGEST_INT <= wanted <= LARGEST_INT
    return type(wanted) is float and wanted == wanted


def _is_odd_number(wanted: object) -> bool:
    return is_number(wanted) and not is_nan(wanted) and not _is_native_number(wanted)


def _constant(wanted: object) -> str | None:
    """How SQLite holds what is one of few values."""
    if wanted is None:
        return "NULL"
    return _CONSTANTS[dumps(wanted)] if type(wanted) is bool or (type(wanted) is float and wanted != wanted) else None


def _certain(text: str) -> Clause:
    return Clause(text, text)


_CONSTANTS = {dumps(value): f"x'{dumps(value).encode().hex()}'" for value in (True, False, float("nan"))}

NAN_COLUMN = _CONSTANTS[dumps(float("nan"))]
"""How SQLite holds nan."""

ODD = f"(m.value >= x'' AND m.value NOT IN ({', '.join(_CONSTANTS.values())}))"
"""Whether a value is one that SQL alone cannot compare."""

_POSITIVE: dict[str, Operator] = {"!=": "==", "not in": "in", "lacks": "holds"}
_FORGOTTEN = (("r.forgotten IS NULL", False), ("r.forgotten NOT NULL", True))
_BOUNDS = {"<": (0, "<"), "<=": (999, "<="), ">": (999, ">"), ">=": (0, ">=")}
_TEXT = {
    "holds": "(typeof({value}) = 'text' AND instr({value}, {wanted}))",
    "<": "({value} >= '' AND {value} < {wanted})",
    "<=": "({value} >= '' AND {value} <= {wanted})",
    ">": "({value} > {wanted} AND {value} < x'')",
    ">=": "({value} >= {wanted} AND {value} < x'')",
}
_NUMBER = {
    "<": "{value} < {wanted}",
    "<=": "{value} <= {wanted}",
    ">": "({value} > {wanted} AND {value} < '')",
    ">=": "({value} >= {wanted} AND {value} < '')",
}
