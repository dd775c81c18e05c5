"""A time is read as people write it, and refused with the way out."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from graphtracker.errors import InvalidInput
from graphtracker.model.times import moment_from_text, time_text
from tests.support.hostile import HOSTILE, obeyed

NOW = datetime(2026, 3, 8, 12, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("7d", timedelta(days=7)),
        ("-7d", timedelta(days=7)),
        ("-12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
        (" 0m ", timedelta(0)),
    ],
)
def test_an_age_is_so_long_ago(text: str, before: timedelta) -> None:
    at = moment_from_text(text, NOW)
    assert at == NOW - before
    assert at.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-01", "2026-03-01T00:00:00.000000+00:00"),
        ("2026-03-01T09:30", "2026-03-01T09:30:00.000000+00:00"),
        ("2026-03-01 09:30:05", "2026-03-01T09:30:05.000000+00:00"),
        ("2026-03-01 09:30:05Z", "2026-03-01T09:30:05.000000+00:00"),
        ("2026-03-01t09:30:05.5z", "2026-03-01T09:30:05.500000+00:00"),
        ("2026-03-01T09:30:05.123456789 Z", "2026-03-01T09:30:05.123456+00:00"),
        ("2026-03-01T09:30+02:00", "2026-03-01T07:30:00.000000+00:00"),
        ("2026-03-01T23:30:00-0330", "2026-03-02T03:00:00.000000+00:00"),
        ("1678-01-01", "1678-01-01T00:00:00.000000+00:00"),
        ("2261-12-31T23:59:59.999999Z", "2261-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_date_or_time_is_utc_unless_it_says_an_offset(text: str, read: str) -> None:
    assert time_text(moment_from_text(text, NOW)) == read


def test_what_answers_write_of_a_time_is_read() -> None:
    written = time_text(NOW)
    assert written is not None
    assert moment_from_text(written, NOW) == NOW


@pytest.mark.parametrize(
    "text",
    [
        *["", "yesterday", "7", "d", "+7d", "--7d", "7 d", "7D", "7y", "1.5h", "\u0667d", "1e3d", "9999999999d"],
        *["2026", "2026-03", "20260301", "2026-3-1", "2026-02-30", "2026-13-01", "2026-03-01T", "2026-03-01T9:30"],
        *["2026-03-01T24:00", "2026-03-01T09:60", "2026-03-01T09:30:61", "2026-03-01T09:30.5", "2026-03-01Z"],
        *["2026-03-01T09:30+24:00", "2026-03-01T09:30+2", "\uff12026-03-01", "2026-03-01\n2026-03-01"],
        *["999999999w", "1677-12-31", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2262-01-01", "200000d"],
    ],
)
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"such as 2026-03-01 or .* age such as|outside the years"):
        moment_from_text(text, NOW)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_no_refusal_repeats_what_a_terminal_obeys(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        moment_from_text(text, NOW)
    assert not obeyed(str(refused.value))
