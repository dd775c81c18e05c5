"""SQL conditions on one column, for what is wanted of its value.

SQLite compares what it holds natively exactly as ``filters.meaning`` says: numbers by value, text by its bytes, which
is code point order; values of other types are BLOBs of JSON, which are greater than all text. Of those only True, False
and nan are looked for as they are. The others are read and compared in Python: where a key has any, SQL alone cannot
tell, and a ``Clause`` has two texts, between which the truth lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphtracker.model.encoding import dumps
from graphtracker.model.equality import is_nan, is_number
from graphtracker.model.limits import LARGEST_INT
from graphtracker.stores.filters.conditions import Operator, Wanted

Parameter = Callable[[object], str]
"""Returns the name of a new parameter with this value."""


class Clause(NamedTuple):
    """What holds for at least the runs that match, and what for at most those; one text where SQL alone can tell."""

    may: str
    must: str


ALL, NONE = Clause("1", "1"), Clause("0", "0")


def native(
    value: str, operator: Operator, wanted: tuple[Wanted, ...], parameter: Parameter, *, odd: bool = False
) -> Clause:
    """The clause for a column; ``odd`` where it may hold what SQL alone cannot compare."""
    if operator in ("has", "is None", "is not None"):
        return certain({"has": "1", "is None": f"{value} IS NULL"}.get(operator, f"{value} NOT NULL"))
    positive = _POSITIVE.get(operator, operator)
    clause = _native(value, positive, wanted, parameter)
    if odd:
        is_odd = ODD.replace("m.value", value)
        clause = Clause(joined("OR", [clause.may, is_odd]), joined("AND", [clause.must, f"NOT {is_odd}"]))
    if positive == operator:
        return clause
    return Clause(negated(clause.must), negated(clause.may))


def _native(value: str, operator: Operator, wanted: tuple[Wanted, ...], parameter: Parameter) -> Clause:
    if operator not in ("==", "in"):
        return _ordered(value, operator, wanted[0].value, parameter)
    values = [each.value for each in wanted]
    same = [parameter(each) for each in values if isinstance(each, str) or is_native_number(each)]
    texts = [f"{value} IN ({', '.join(same)})"] if same else []
    texts += [f"{value} IS {_constant(each)}" for each in values if _constant(each)]
    around = [_around(value, "==", each, parameter) for each in values if _is_odd_number(each)]
    return Clause(joined("OR", [*texts, *around]), joined("OR", texts))


def _ordered(value: str, operator: Operator, wanted: object, parameter: Parameter) -> Clause:
    """The clause for what a value that SQLite holds natively must be more or less than, or hold."""
    if operator == "holds":
        holds = f"(typeof({value}) = 'text' AND instr({value}, {parameter(wanted)}))"
        return certain(holds) if isinstance(wanted, str) else NONE
    if isinstance(wanted, str) or is_native_number(wanted):
        return certain(within(value, [(operator, wanted)], parameter))
    return Clause(_around(value, operator, wanted, parameter), "0") if _is_odd_number(wanted) else NONE


def _around(value: str, operator: Operator, wanted: Any, parameter: Parameter) -> str:
    """What numbers that SQLite holds must be to stand so to one that it does not hold: to a float beside it."""
    try:
        near = float(wanted)
    except OverflowError:
        near = math.inf if wanted > 0 else -math.inf
    below, above = math.nextafter(near, -math.inf), math.nextafter(near, math.inf)
    bounds: list[tuple[Operator, object]] = [] if operator in (">", ">=") else [("<=", above)]
    if operator not in ("<", "<="):
        bounds.append((">=", below))
    return within(value, bounds, parameter)


def within(value: str, bounds: Sequence[tuple[Operator, object]], parameter: Parameter) -> str:
    """The condition of bounds that are all text, or all numbers that SQLite holds.

    Of each side there is one bound where one will do: SQLite looks up an index by the first of them.
    """
    least, most = _ENDS[type(bounds[0][1]) is str]
    lower = [f"{value} {sign} {parameter(bound)}" for sign, bound in bounds if sign in (">", ">=")]
    upper = [f"{value} {sign} {parameter(bound)}" for sign, bound in bounds if sign in ("<", "<=")]
    return joined("AND", [*(lower or [f"{value} {each}" for each in least]), *(upper or [f"{value} {most}"])])


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


def negated(text: str) -> str:
    """The condition that holds where this one does not, or is NULL."""
    return {"0": "1", "1": "0"}.get(text, f"NOT ifnull({text}, 0)")


def is_native_number(wanted: object) -> bool:
    """Whether SQLite holds it as a number."""
    if type(wanted) is int:
        return -LARGEST_INT <= wanted <= LARGEST_INT
    return type(wanted) is float and wanted == wanted


def _is_odd_number(wanted: object) -> bool:
    return is_number(wanted) and not is_nan(wanted) and not is_native_number(wanted)


def _constant(wanted: object) -> str | None:
    """How SQLite holds what is one of few values."""
    if wanted is None:
        return "NULL"
    return _CONSTANTS[dumps(wanted)] if type(wanted) is bool or (type(wanted) is float and wanted != wanted) else None


def certain(text: str) -> Clause:
    """The clause of what SQL alone can tell."""
    return Clause(text, text)


_CONSTANTS = {dumps(value): f"x'{dumps(value).encode().hex()}'" for value in (True, False, float("nan"))}

NAN_COLUMN = _CONSTANTS[dumps(float("nan"))]
"""How SQLite holds nan."""

ODD = f"(m.value >= x'' AND m.value NOT IN ({', '.join(_CONSTANTS.values())}))"
"""Whether a value is one that SQL alone cannot compare."""

_POSITIVE: dict[str, Operator] = {"!=": "==", "not in": "in", "lacks": "holds"}
BOUNDS: tuple[Operator, ...] = ("<", "<=", ">", ">=")
OF_NUMBERS: tuple[Operator, ...] = ("==", "in", *BOUNDS)
"""Comparisons that only a number passes, where a number is wanted."""

# What comes before all, and behind all: numbers come before text, text before BLOBs, and NULL is in no order.
_ENDS: dict[bool, tuple[list[str], str]] = {False: ([], "< ''"), True: ([">= ''"], "< x''")}
