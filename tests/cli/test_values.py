"""Times and ages are written as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from graphtracker.cli.values import age_text

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=999), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=60), "1 m"),
        (timedelta(minutes=59, seconds=59), "59 m"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=364), "364 d"),
        (timedelta(days=365), "1 y"),
        (timedelta(days=800), "2 y"),
        (timedelta(minutes=-3), "in 3 m"),
    ],
)
def test_an_age_is_in_the_largest_unit_of_which_it_has_one(ago: timedelta, said: str) -> None:
    assert age_text(NOW - ago, NOW) == said
