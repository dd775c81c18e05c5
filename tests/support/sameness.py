"""Whether a value that was read is the value that was written, type and all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def same(left: Any, right: Any) -> bool:
    """Whether both are one value: 1 is not 1.0 nor True, nan is nan, 0.0 is not -0.0, a zone and its fold count."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    if isinstance(left, datetime):
        return _moment(left) == _moment(right)
    return bool(left == right)


def _moment(at: datetime) -> tuple[object, ...]:
    zone = at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else None
    return at.replace(tzinfo=None), at.fold, zone, type(at.tzinfo), at.utcoffset()
