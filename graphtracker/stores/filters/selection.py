"""Which runs are asked for, in which order, how many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.model.equality import MISSING, instant, is_nan, is_number, is_time
from graphtracker.model.values import Run
from graphtracker.stores.filters.conditions import Condition, Field
from graphtracker.stores.filters.meaning import Artifacts, asks_for_artifacts, value_of
from graphtracker.stores.filters.parsing import field


class Order(NamedTuple):
    """By which field runs are ordered: numbers first, nan last of them, then text, then times, then what has another
    type, then runs without it; ``descending`` turns the order of numbers, of text and of times. Of what is equal the
    newest run comes first, then by id."""

    field: Field
    descending: bool = False


@dataclass(frozen=True)
class Selection:
    """Reported runs that match: all, or from behind ``after`` on at most ``limit``; newest first, then by id, unless
    ``order_by`` says otherwise.

    ``after`` is a run as it was when it was the last of the page before: what has changed since moves no page.
    """

    where: Condition | None = None
    parent_run_id: str | None = None
    order_by: Order | None = None
    limit: int | None = None
    after: Run | None = None
    as_of: datetime | None = None


def order(text: str) -> Order:
    """The order that the text names: a field as a filter has it, behind ``-`` descending; raises InvalidInput.

    >>> order("-metrics.auc").descending
    True
    """
    if not isinstance(text, str) or not text.strip(" -"):
        raise InvalidInput(f"an order is a key, or - and a key, as in '-metrics.auc', not {quoted(text)}")
    try:
        return _order(text.strip())
    except InvalidInput as error:
        raise InvalidInput(f"an order is one key, or - and a key, as in '-metrics.auc': {error}") from error


@lru_cache(maxsize=128)
def _order(text: str) -> Order:
    return Order(field(text.removeprefix("-")), text.startswith("-"))


def ranked(run: Run, field: Field, artifacts: Artifacts) -> object:
    """The value by which a run is ordered.

    That of an artifact's field is kept with the run, which does not tell of artifacts: so the page behind this run
    begins where it was, whatever is logged anew.
    """
    if not asks_for_artifacts(field):
        return value_of(field, run)
    kept: dict[Field, object] = run.__dict__.setdefault(_KEPT, {})
    if field not in kept:
        kept[field] = value_of(field, run, artifacts)
    return kept[field]


def keep_rank(run: Run, value: object, field: Field) -> Run:
    """The run, to be ranked so from now on."""
    if asks_for_artifacts(field):
        run.__dict__.setdefault(_KEPT, {})[field] = value
    return run


_KEPT = "ranked by"  # no name of an attribute that anybody could ask for


class Ranked(NamedTuple):
    """What decides where a run stands."""

    value: object
    created_at: Any
    """In whatever compares: the greater, the newer."""
    run_id: str
    run: Any = None
    """The run itself, however its store knows it."""


def page_of(found: Iterable[Ranked], selection: Selection, after: Ranked | None) -> list[Ranked]:
    """The runs that are asked for, in order, of all that match; ``after`` is where the page before ended."""
    descending = selection.order_by is not None and selection.order_by.descending
    if after is None:
        return _in_order(found, descending)[: selection.limit]
    others = [each for each in found if each.run_id != after.run_id]
    ordered = _in_order([*others, after], descending)
    begin = next(number for number, each in enumerate(ordered) if each is after) + 1
    return ordered[begin:][: selection.limit]


def _in_order(found: Iterable[Ranked], descending: bool) -> list[Ranked]:
    by_id = sorted(found, key=lambda each: each.run_id)
    groups: list[list[Ranked]] = [[] for _ in range(_MISSING + 1)]
    for each in sorted(by_id, key=lambda each: each.created_at, reverse=True):
        groups[group_of(each.value)].append(each)
    for group in (NUMBERS, TEXT):
        groups[group].sort(key=lambda each: each.value, reverse=descending)  # type: ignore[arg-type, return-value]
    groups[TIMES].sort(key=lambda each: instant(each.value), reverse=descending)  # type: ignore[arg-type]
    return [each for group in groups for each in group]


NUMBERS, NAN, TEXT, TIMES, OTHERS, _MISSING = range(6)


def group_of(value: Any) -> int:
    """Which of the groups of an order the value is in."""
    if isinstance(value, str):
        return TEXT
    if is_number(value):
        return NAN if is_nan(value) else NUMBERS
    if value is MISSING:
        return _MISSING
    return TIMES if is_time(value) else OTHERS
