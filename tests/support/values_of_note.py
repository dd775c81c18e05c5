"""Values that were, or might be, read as something else."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
BIG = 7**12_000  # over 10,000 digits, more than Python prints

BY_HAND: dict[str, object] = {
    "more digits than Python prints": BIG,
    "and below zero": -BIG,
    "and inside": [{"n": BIG}],
    "2**63": 2**63,
    "2**53 + 1": 2**53 + 1,
    "nan": math.nan,
    "infinities": [math.inf, -math.inf],
    "-0.0": -0.0,
    "least float": 5e-324,
    "int beside float": [1, 2.5],
    "one as text, int, float and bool": ["1", 1, 1.0, True],
    "None": None,
    "empty list": [],
    "empty dict": {},
    "empty text": "",
    "empty bytes": b"",
    "all bytes": bytes(range(256)),
    "NUL": "a\0b",
    "text that looks encoded": 'json:{"$type":"int","value":"0x1"}',
    "dict that looks encoded": {"$type": "nonsense"},
    "and wrapped": {"$type": "dict", "value": {"$type": "dict", "value": {}}},
    "every type within": [None, True, 1, 1.0, "a", b"a", date(2024, 1, 1), datetime(2024, 1, 1), [], {}],
    "first date": date.min,
    "last date": date.max,
    "first datetime": datetime.min,
    "last datetime in UTC": datetime.max.replace(tzinfo=timezone.utc),
    "date beside datetime": [date(2024, 1, 1), datetime(2024, 1, 1)],
    "offset of seconds": datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1, seconds=7))),
    "offset of a microsecond": datetime(2024, 1, 1, tzinfo=timezone(timedelta(microseconds=1))),
    "offset before UTC": datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
    "offset of zero is not a zone of zero": [
        datetime(2024, 1, 1, tzinfo=timezone.utc),
        datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")),
    ],
    "before the fold": datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN),
    "in the fold": datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    "an hour that the clock skipped": datetime(2024, 3, 31, 2, 30, tzinfo=BERLIN),
    "when the zone's offset had seconds": datetime(1850, 1, 1, tzinfo=BERLIN),
    "shortest timedelta": timedelta.min,
    "longest timedelta": timedelta.max,
    "a microsecond less than nothing": -timedelta(microseconds=1),
    "UUID": UUID(int=2**127 + 1),
    "Decimal with a zero at its end": Decimal("1.50"),
    "Decimal with an exponent": [Decimal("1E+3"), Decimal("1000"), Decimal("0E-7")],
    "Decimal that is no number": [Decimal("NaN"), Decimal("-NaN12"), Decimal("sNaN"), Decimal("-sNaN7")],
    "Decimal without an end": [Decimal("Infinity"), Decimal("-Infinity")],
    "Decimal below zero by its sign alone": Decimal("-0.00"),
    "Decimal of more digits than its context keeps": Decimal("1." + "1" * 100),
    "empty set": set(),
    "empty frozenset": frozenset(),
    "set": {1, "1", 2.5, None, b"1", date(2024, 1, 1), UUID(int=1), Decimal("0.1"), timedelta(1)},
    "set of tuples": {(1, ("a", 2.5)), (), frozenset({(1,), frozenset()})},
    "set within": [{"tags": {"a", "b"}}, frozenset({"a"})],
    "set with nan": {math.nan, Decimal("NaN")},
    "keys that are numbers": {0: "cat", 1: "dog", 2.5: "bird"},
    "keys as text and as numbers": {1: "a", "1": "b", 2.5: "c", "2.5": "d"},
    "keys that are bools and None": {True: "yes", False: "no", None: "?"},
    "key that is nan": {math.nan: 1},
    "key of more digits than Python prints": {BIG: 1},
    "a number as key beside $type": {"$type": "set", 1: []},
    "keys that are numbers, within": {"a": [{1: {2: {None: {}}}}]},
    "200 levels": eval("[" * 199 + "{1: 2}" + "]" * 199),  # noqa: S307  # our own text
    "100 levels": eval("[" * 100 + "1" + "]" * 100),  # noqa: S307  # our own text
}
