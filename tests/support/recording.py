"""What tests of recording say, compare and expect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)


def after(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


class Stopped(Exception):
    """Leaves a block."""
