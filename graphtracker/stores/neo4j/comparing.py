"""Cypher conditions on the value of one property.

Neo4j compares the numbers, the text, the times that it holds natively, not all of them as ``filters.meaning`` says.
What it holds as JSON it does not compare at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from graphtracker.model.equality import instant, is_nan, is_number, is_time
from graphtracker.model.limits import LARGEST_INT
from graphtracker.stores.filters.conditions import Operator, Wanted
from graphtracker.stores.neo4j.properties import JSON, to_property

Compared = Callable[[str, Operator, tuple[Wanted, ...]], "Clause"]
"""The clause for a property that is there."""


class Clause(NamedTuple):
    """What holds for at least the runs that match, and what for at most those; one text where Cypher alone can tell."""

    may: str
    must: str


ALL, NONE = Clause("true", "true"), Clause("false", "false")


class Comparing:
    """Compares properties with what is wanted, whose parts are parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}

    def parameter(self, value: object) -> str:
        """The name of a new parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def own_time(self, time: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """Times of the store may be finer than those of filters, which mean the whole microsecond."""
        bounds = [_utc(each.value) for each in wanted if isinstance(each.value, datetime)]
        if operator in ("==", "in"):
            return certain(joined("OR", [self._between(time, bound, bound) for bound in bounds]))
        if operator == "holds" or not bounds:
            return NONE
        sign, later = _BOUNDS[operator]
        return certain(f"{time} {sign} {self.parameter(moved(bounds[0], later))}")

    def _between(self, time: str, first: datetime, last: datetime) -> str:
        return f"{self.parameter(first)} <= {time} < {self.parameter(moved(last, 1))}"

    def about(self, value: str, operator: Operator, wanted: tuple[Wanted, ...], compared: Compared) -> Clause:
        """The clause for a property that may be missing; ``compared`` is about one that is there."""
        there = f"{value} IS NOT NULL"
        if operator in ("has", "is None", "is not None"):
            null = f"{value} = '{JSON}null'" if compared == self.value else "false"
            not_null = f"({there} AND {value} <> '{JSON}null')" if compared == self.value else there
            return certain({"has": there, "is None": null}.get(operator, not_null))
        positive = _POSITIVE.get(operator)
        if positive is None:
            return compared(value, operator, wanted)
        clause = compared(value, positive, wanted)
        return Clause(joined("AND", [there, negated(clause.must)]), joined("AND", [there, negated(clause.may)]))

    def value(self, value: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
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
                may.append(self._time(value, "==", each.time))
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
        if any(is_number(each.value) or each.time is not None or _looks_like_json(each.value) for each in wanted):
            may.append(IS_JSON.format(value=value))
        surely = f"{value} IN {self.parameter(same)}" if same else "false"
        return Clause(joined("OR", [surely, *may]), surely)

    def _ordered(self, value: str, operator: Operator, wanted: Wanted) -> Clause:
        other: Any = wanted.value
        if isinstance(other, str):
            text = self._native_text(value, operator, other)
            times = [] if wanted.time is None else [self._time(value, operator, wanted.time)]
            return Clause(joined("OR", [text.may, IS_JSON.format(value=value), *times]), text.must)
        if is_native_number(other):
            may, must = self.number(value, operator, other)
            return Clause(joined("OR", [may, IS_JSON.format(value=value)]), must)
        if is_time(other):
            may = self._time(value, operator, instant(other))
        elif is_number(other) and not is_nan(other):
            may = f"{value} <= {self.parameter(math.inf)}"
        else:
            return NONE
        return Clause(joined("OR", [may, IS_JSON.format(value=value)]), "false")

    def number(self, value: str, operator: Operator, wanted: Any) -> Clause:
        """The clause for a number that Neo4j holds.

        Near 2**63 it compares ints with floats by less than all of their digits.
        """
        least, most = bounds_of(wanted)
        surely, perhaps, strict = _NUMBER[operator]
        near, far = (least, most) if operator in ("<", "<=") else (most, least)
        if not is_compared_exactly(wanted):
            return Clause(f"{value} {perhaps} {self.parameter(far)}", f"{value} {strict} {self.parameter(near)}")
        return certain(f"{value} {surely} {self.parameter(near if surely == strict else far)}")

    def _native_text(self, value: str, operator: Operator, wanted: object) -> Clause:
        """The clause for text of metadata, where text that begins as JSON does is no text."""
        if not isinstance(wanted, str):
            return NONE
        may, must = self.text(value, operator, (Wanted(wanted),))
        return Clause(may, joined("AND", [must, f"NOT {IS_JSON.format(value=value)}"]))

    def text(self, value: str, operator: Operator, wanted: tuple[Wanted, ...]) -> Clause:
        """The clause for text. Neo4j compares it by UTF-16 unit, or where it has an index by code point: that is the
        same up to the first character that is not among the first 0xD800."""
        texts = [each.value for each in wanted if isinstance(each.value, str)]
        if operator in ("==", "in"):
            known = [text for text in texts if is_encodable(text)]
            return certain(f"{value} IN {self.parameter(known)}" if known else "false")
        if not texts:
            return NONE
        if operator == "holds":
            return certain(f"{value} CONTAINS {self.parameter(texts[0])}") if is_encodable(texts[0]) else NONE
        plain = plain_beginning(texts[0])
        beginning = self.parameter(plain)
        if plain == texts[0]:
            return certain(f"{value} {operator} {beginning}")
        if operator in ("<", "<="):
            begins = f"{value} STARTS WITH {beginning}"
            return Clause(f"({value} < {beginning} OR {begins})", f"{value} < {beginning}")
        return Clause(f"{value} >= {beginning}", f"({value} > {beginning} AND NOT {value} STARTS WITH {beginning})")

    def _time(self, value: str, operator: Operator, wanted: datetime) -> str:
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


def is_encodable(text: str) -> bool:
    """Whether text can be sent, and so can be in a store: it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
    other = float(number) if type(number) is int else int(number) if math.isfinite(number) else None
    return [number, other] if other == number else [number]


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
    """The time as Neo4j takes it, which takes no offset of seconds; beyond what UTC can write, its first or last."""
    try:
        return time.astimezone(timezone.utc)
    except OverflowError:
        return (datetime.min if time.year == 1 else datetime.max).replace(tzinfo=timezone.utc)


def negated(text: str) -> str:
    """The contrary of a condition, which is true where that is null."""
    return {"false": "true", "true": "false"}.get(text, f"NOT coalesce({text}, false)")


def certain(text: str) -> Clause:
    """The clause of which Cypher alone can tell whether it holds."""
    return Clause(text, text)


def _looks_like_json(value: object) -> bool:
    """Whether it is text that somebody may have put into Neo4j as it is, and that we would have written otherwise."""
    return isinstance(value, str) and value.startswith(JSON)


IS_JSON = "{value} STARTS WITH '" + JSON + "'"
IS_ODD = "(" + IS_JSON + " OR NOT {value} IS :: BOOLEAN | INTEGER | FLOAT | STRING)"
"""Whether a value is one that Neo4j cannot compare as ``filters.meaning`` does."""


_POSITIVE: dict[str, Operator] = {"!=": "==", "not in": "in", "lacks": "holds"}
_BOUNDS = {"<": ("<", 0), "<=": ("<", 1), ">": (">=", 1), ">=": (">=", 0)}
# How to look for a number exactly; near where Neo4j is not exact; and there for what surely stands so.
_NUMBER = {"<": ("<", "<=", "<"), "<=": ("<=", "<=", "<"), ">": (">", ">=", ">"), ">=": (">=", ">=", ">")}
