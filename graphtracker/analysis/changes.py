"""What the two runs of a pair differ in, in the words of people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphtracker.analysis.difference import Comparison, Label, Pair
from graphtracker.model.equality import MISSING, is_number
from graphtracker.model.written import written

ARROW = " \u2192 "
WHOLE_RUN = "(whole run)"
"""What a source is called that names no artifact."""

_MOST = 10**15  # beyond it, floats have no whole numbers and integers more digits than are read


class Change(NamedTuple):
    """A value that differs: its key for people, and what the two sides have."""

    key: str
    value: Any
    other: Any


def changes(pair: Pair) -> Iterator[Change]:
    """Its metadata by key, then that of its artifacts by ``NAME.KEY``, before it the place of each where it differs."""
    for key, both in pair.metadata.items():
        yield Change(key, *both)
    for name, found in pair.artifacts.items():
        for key, both in found.items():
            yield Change(f"{name}.{key}" if key else f"place of {name}", *both)


def links(comparison: Comparison, pair: Pair) -> Iterator[str]:
    """A line for each source that has no match, or a crossed one, and one where the ids are all that is known."""
    if pair.external:
        ids = f"{pair.run_id}{ARROW}{pair.other_run_id}"
        yield "external, known by id alone" + ("" if title(comparison, pair) == ids else f": {ids}")
    for which, only in (("first", pair.only), ("second", pair.other_only)):
        for label, run_id in only:
            yield f"only in the {which}: {named(label)} \u2190 {comparison.label(run_id)}"
    for label, run_id, other_run_id in pair.crossed:
        both = f"{comparison.label(run_id)}{ARROW}{comparison.label(other_run_id)}"
        yield f"crossed, one stands beside another run: {named(label)} \u2190 {both}"


def named(label: Label) -> str:
    """How a source is called by what it names."""
    return WHOLE_RUN if label is None else label


def title(comparison: Comparison, pair: Pair) -> str:
    """What people call the pair."""
    first = comparison.label(pair.run_id)
    return first if pair.run_id == pair.other_run_id else f"{first}{ARROW}{comparison.label(pair.other_run_id)}"


def texts(change: Change) -> tuple[str, str]:
    """The two values as people read them, told apart: text has quotes where it would look like the other value."""
    value, other = _text(change.value), _text(change.other)
    return (value, other) if value != other else (_quoted(change.value), _quoted(change.other))


def _text(value: Any) -> str:
    return "(absent)" if value is MISSING else written(value)


def _quoted(value: Any) -> str:
    return _text(value) if value is MISSING else written([value])[1:-1]


def more(change: Change) -> str:
    """By how much a number grew, as in ``+0.32``; empty where there is no such number.

    >>> more(Change("loss", 0.29, 0.61)), more(Change("rows", 48000, 51310)), more(Change("name", "a", "b"))
    ('+0.32', '+3310', '')
    """
    if not (is_number(change.value) and is_number(change.other)):
        return ""
    if type(change.value) is int and type(change.other) is int:
        grown = change.other - change.value
        return f"{grown:+d}" if abs(grown) < _MOST else ""
    try:
        step = float(change.other) - float(change.value)
    except (ArithmeticError, ValueError):  # too large for a float; a signalling NaN
        return ""
    return f"{step:+.6g}" if abs(step) < _MOST and step else ""


def line(change: Change) -> str:
    """The change on one line, whole."""
    value, other = texts(change)
    grown = more(change)
    return f"{change.key}: {value}{ARROW}{other}{f'  ({grown})' if grown else ''}"
