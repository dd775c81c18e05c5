"""Whether a value that was read is the value that was written, type and all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo


def same(left: Any, right: Any) -> bool:
    """Whether both are one value: 1 is not 1.0 nor True, nan is nan, 0.0 is not -0.0, a zone and its fold count."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _same_in_any_order(list(left.items()), list(right.items()))
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, (set, frozenset)):
        return _same_in_any_order(list(left), list(right))
    if isinstance(left, Decimal):
        return bool(left.as_tuple() == right.as_tuple())
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    if isinstance(left, datetime):
        return _moment(left) == _moment(right)
    return bool(left == right)


def _same_in_any_order(left: list[object], right: list[object]) -> bool:
    """Whether each is the same as one of the others; 1 and True, which sets and dicts take for one, are not."""
    left_over = list(right)
    for each in left:
        found = next((place for place, other in enumerate(left_over) if same(each, other)), None)
        if found is None:
            return False
        del left_over[found]
    return not left_over


def _moment(at: datetime) -> tuple[object, ...]:
    zone = at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else None
    return at.replace(tzinfo=None), at.fold, zone, type(at.tzinfo), at.utcoffset()
