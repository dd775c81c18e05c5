"""What filters and orders mean, told a second time: values that compare so where Python evaluates a filter's text."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from graphtracker.model.encoding import to_json
from graphtracker.model.values import Run

ABSENT = object()


class Valued:
    """A value, or its absence, that compares as a filter does; true where it is there."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: object) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return self.value is not ABSENT

    def __eq__(self, other: object) -> bool:
        return bool(self) and alike(self.value, other)

    def __ne__(self, other: object) -> bool:
        return bool(self) and not alike(self.value, other)

    def _ordered(self, other: object) -> tuple[Any, Any] | None:
        value: Any = self.value
        if isinstance(value, str) and isinstance(other, str):
            return value.encode("utf-32-be"), other.encode("utf-32-be")
        if _number(value) and _number(other):
            if any(Decimal(each).is_nan() for each in (value, other)):  # type: ignore[arg-type]
                return None
            return Decimal(value), Decimal(other)  # type: ignore[arg-type]
        if isinstance(value, date) and isinstance(other, str) and _time(other) is not None:
            return _instant(value), _time(other)
        return None

    def __lt__(self, other: object) -> bool:
        pair = self._ordered(other)
        return pair is not None and bool(pair[0] < pair[1])

    def __gt__(self, other: object) -> bool:
        pair = self._ordered(other)
        return pair is not None and bool(pair[0] > pair[1])

    def __le__(self, other: object) -> bool:
        pair = self._ordered(other)
        return pair is not None and bool(pair[0] <= pair[1])

    def __ge__(self, other: object) -> bool:
        pair = self._ordered(other)
        return pair is not None and bool(pair[0] >= pair[1])

    def __getattr__(self, name: str) -> Valued:
        value = self.value
        return Valued(value[name] if isinstance(value, dict) and name in value else ABSENT)

    def __getitem__(self, index: object) -> Valued:
        value = self.value
        if isinstance(value, list) and isinstance(index, int) and -len(value) <= index < len(value):
            return Valued(value[index])
        return Valued(value[index] if isinstance(value, dict) and index in value else ABSENT)


def alike(value: Any, other: Any) -> bool:
    """Whether two values are equal: one way to say it in JSON, but for numbers, and for times against text."""
    if isinstance(value, date) and isinstance(other, str):
        return _time(other) is not None and _instant(value) == _time(other)
    if isinstance(value, bool) or isinstance(other, bool):
        return type(value) is type(other) and value is other
    if _number(value) and _number(other):
        if Decimal(value).is_nan() or Decimal(other).is_nan():
            return type(value) is type(other) and repr(value) == repr(other)
        return Decimal(value) == Decimal(other)
    return type(value) is type(other) and json.dumps(to_json(value), sort_keys=True) == json.dumps(
        to_json(other), sort_keys=True
    )


def held(value: object, container: Valued) -> bool:
    """``value in key``."""
    inside: Any = container.value
    if isinstance(inside, str):
        return isinstance(value, str) and value in inside
    return isinstance(inside, (list, set, frozenset)) and any(alike(item, value) for item in inside)


def _number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


def _time(text: str) -> datetime | None:
    try:
        return _instant(datetime.fromisoformat(text))
    except ValueError:
        return None


def in_order(runs: list[Run], key: str, descending: bool) -> list[str]:
    """The ids of runs in the order of a metadata key."""

    def rank(run: Run) -> tuple[Any, ...]:
        value: Any = run.metadata.get(key, ABSENT)
        sign = -1 if descending else 1
        if value is ABSENT:
            return (5, 0)
        if _number(value):
            number = Decimal(value)
            return (1, 0) if number.is_nan() else (0, sign * number)
        if isinstance(value, str):
            return (2, tuple(sign * ord(letter) for letter in value) + ((math.inf,) if descending else ()))
        if isinstance(value, date):
            return (3, sign * _instant(value).timestamp())
        return (4, 0)

    newest = sorted(sorted(runs, key=lambda run: run.run_id), key=lambda run: -run.created_at.timestamp())
    return [run.run_id for run in sorted(newest, key=rank)]
