"""Hypothesis strategies: calls over few ids, so that every shape of graph arises, and every value that round-trips."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from graphtracker.model.context import KEYS as CONTEXT_KEYS
from graphtracker.model.events import (
    ArtifactLogged,
    ContextSet,
    Event,
    Forgotten,
    Mentioned,
    MetadataSet,
    Reported,
    SourceNamed,
)
from tests.support.event_oracle import events_of
from tests.support.oracle import Call, Logs, Names, Reports

# The fixtures make a new store at each call (``new_url``), or the test writes before it reads (``tracker``): nothing of
# one example reaches the next, which is what the health check of function-scoped fixtures is about.
# Fifty examples, because each of them is many questions to each of the stores.
STORE_PER_EXAMPLE = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def examples(kind: str) -> settings:
    """STORE_PER_EXAMPLE for this kind of store: half as many on Neo4j, where a new store takes a hundred times as long.

    So each example there must ask much of its store. What goes wrong in any store the fifty of the others find; what
    only Neo4j's statements can answer wrong lies in how a question meets a graph, of which every example has many.
    """
    return settings(STORE_PER_EXAMPLE, max_examples=25 if kind == "neo4j" else 50)


# Ids end in one another, hold one another, and "\uff5e" < "\U0001f600" by code point is the reverse of Java's order.
RUN_IDS = ["a", "b", "c", "aa", "s3://x/a", "\uff5e", "\U0001f600", "d'\"\\%_"]
NAMES = ["model", "m", "\U0001f4be"]
KEYS = ["lr", "tags", "run_id"]

run_ids = st.sampled_from(RUN_IDS)
names = st.sampled_from(NAMES)

# -- values ------------------------------------------------------------------------------------------------------------

# No lone surrogates: they are refused everywhere, and test_values.py holds that.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
tricky_texts = st.sampled_from(["", "\0", "a\0b", "json:", 'json:{"a":1}', "$type", "null", "1", "true", "NaN", "\r\n"])

# Up to 4,200 digits: Python cannot print more than 4,300, so Hypothesis could not show such an example. Larger ones
# stand by hand in test_values.py. Of bytes, because Hypothesis writes out the bounds of integers in each strategy.
_long_integers = st.binary(max_size=1750).map(lambda digits: int.from_bytes(digits, "big", signed=True))
integers = st.integers() | _long_integers | st.sampled_from([2**53 + 1, 2**63 - 1, 2**63, -(2**63)])

# Whole seconds: Python's own reader takes an offset of less than a second for UTC (test_values.py has one by hand).
# No offset of a day or more: Python has none.
_day = 24 * 60 * 60
_fixed = st.integers(1 - _day, _day - 1).map(lambda seconds: timezone(timedelta(seconds=seconds)))
# Zones with offsets of seconds (Monrovia, before 1972), of half-hour folds (Lord Howe), and one that is UTC by name.
_named = st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Monrovia", "Australia/Lord_Howe", "UTC"]).map(
    ZoneInfo
)
_zones = st.none() | st.just(timezone.utc) | _fixed | _named
_in_the_fold = st.builds(
    lambda minute, fold: datetime(2024, 10, 27, 2, minute, fold=fold, tzinfo=ZoneInfo("Europe/Berlin")),
    st.integers(0, 59),
    st.integers(0, 1),
)
datetimes = (
    st.builds(lambda at, zone, fold: at.replace(tzinfo=zone, fold=fold), st.datetimes(), _zones, st.integers(0, 1))
    | _in_the_fold
)

_tricky_decimals = st.sampled_from(["NaN", "-NaN12", "sNaN", "-sNaN7", "-0", "0E+3", "1.50", "1E+999999", "1E-999999"])
decimals = st.decimals() | _tricky_decimals.map(Decimal)

scalars = (
    st.none() | st.booleans() | integers | st.floats() | texts | tricky_texts | st.binary() | st.dates() | datetimes
    | st.timedeltas() | decimals | st.uuids()
)  # fmt: skip
_members = st.recursive(
    scalars.filter(lambda value: not (isinstance(value, Decimal) and value.is_snan())),  # a signalling NaN has no hash
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
_inner_keys = texts | tricky_texts | st.sampled_from(["$type", "value", "fold"])
_mixed_keys = _inner_keys | integers | st.floats() | st.booleans() | st.none()
values = st.recursive(
    scalars | st.sets(_members, max_size=4) | st.frozensets(_members, max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_inner_keys, inner, max_size=4)
        | st.dictionaries(_mixed_keys, inner, max_size=4)
    ),
    max_leaves=8,
)
"""Any value that reads back as the very same value."""

# No NUL, nothing empty, nothing over 4,000 bytes: those are refused as ids, names and keys.
identifiers = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
_our_words = [
    "run_id",
    "name",
    "path",
    "created_at",
    "updated_at",
    "self",
    "graphtracker.clock",
    "graphtracker.",
    "json:",
]
metadata_keys = identifiers | st.sampled_from([*_our_words, "metadata.", "metadata.run_id", "metadata.metadata.name"])

# -- calls -------------------------------------------------------------------------------------------------------------

# No nan: it is not equal to itself, and answers are compared by ==. test_values.py writes and reads it.
_small_values = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | texts | st.lists(texts)
_metadata = st.dictionaries(st.sampled_from(KEYS), _small_values, max_size=2)


def _calls(ids: list[str]) -> st.SearchStrategy[Call]:
    """Any call about these runs; sources are as many as the rest, for they make the graph."""
    run_id = st.sampled_from(ids)
    logged = st.builds(Logs, run_id, names, st.just("/path"), st.none() | _metadata)
    reported = st.builds(Reports, run_id, _metadata)
    return st.builds(Names, run_id, run_id, names) | st.builds(Names, run_id, run_id, st.none()) | logged | reported


_some_ids = st.builds(lambda ids, count: ids[:count], st.permutations(RUN_IDS), st.sampled_from([2, 3, 5, 8]))


@st.composite
def _tangles(draw: st.DrawFn) -> list[Call]:
    calls = _calls(draw(_some_ids))
    return draw(st.lists(calls, min_size=1, max_size=12) | st.lists(calls, min_size=12, max_size=30))


@st.composite
def _chains(draw: st.DrawFn) -> list[Call]:
    ids = draw(_some_ids)
    links = st.sets(st.none() | names, min_size=1)
    chain: list[Call] = [
        Names(later, earlier, name) for earlier, later in pairwise(ids) for name in sorted(draw(links), key=str)
    ]
    beside = draw(st.lists(_calls(ids), min_size=1, max_size=10))
    return chain + beside


tangles = _tangles()
"""Calls about a few runs in any order: cycles, self-loops, diamonds, externals, declared artifacts, shortcuts.

The fewer the runs, the more often one pair has a whole-run source beside sources that name artifacts.
"""

chains = _chains()
"""A chain through a few runs and calls beside it, so that distances grow; a link is any mixture of sources."""

histories = tangles | chains

# -- events ------------------------------------------------------------------------------------------------------------

# Whole microseconds, as graphtracker stamps them: a datetime holds no less.
_times = st.sampled_from([-1_000_000, 0, 1_700_000_000_000_000_000])
_writers = st.sampled_from([bytes(8), bytes(7) + b"\1", b"\xff" * 8])
_sequences = st.sampled_from([0, 1, 255, 256, 2**32 - 1])


def stamp(time: int, writer: bytes, sequence: int) -> bytes:
    """A stamp as it is laid out: event time, writer, sequence, each big end first."""
    return (time + 2**63).to_bytes(8, "big") + writer + sequence.to_bytes(4, "big")


_moments = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1), timezones=st.just(timezone.utc)).map(
    lambda moment: moment.replace(fold=0)  # which UTC has none of
)
contexts = st.fixed_dictionaries(
    {},
    optional={key: {str: texts, bool: st.booleans(), datetime: _moments}[kind] for key, kind in CONTEXT_KEYS.items()},
)
"""The context of a run, in no order."""


def _events_with(at: bytes) -> st.SearchStrategy[Event]:
    # Few of each, so that most examples have several events that speak of the same run, key and artifact.
    run_id, name, key = st.sampled_from(["a", "s3://x/a"]), st.sampled_from(NAMES[:2]), st.sampled_from(KEYS[:2])
    metadata = st.none() | st.dictionaries(metadata_keys, values, min_size=1, max_size=2)
    consumer = run_id | st.just("b")
    return st.one_of(
        st.builds(Reported, run_id, st.just(at)),
        st.builds(MetadataSet, run_id, key, values, st.just(at)),
        st.builds(ContextSet, run_id, contexts, st.just(at)),
        st.builds(ArtifactLogged, run_id, name, texts, texts, metadata, st.just(at)),
        st.builds(SourceNamed, consumer, run_id, st.none() | name, st.just(at)),
        st.builds(SourceNamed, consumer, run_id, st.none() | name, st.just(at)),
        st.builds(Forgotten, consumer, st.booleans(), st.just(at)),
        st.builds(Mentioned, consumer, st.none() | name, st.just(at)),
    )


@st.composite
def event_sets(draw: st.DrawFn) -> list[Event]:
    """Events with a stamp each; no two share one, because a writer's sequence only grows."""
    stamps = draw(st.lists(st.builds(stamp, _times, _writers, _sequences), unique=True, min_size=1, max_size=20))
    return [draw(_events_with(at)) for at in stamps]


LAST = 6
"""Microseconds after 1970 at which something happens at last."""


@st.composite
def told(draw: st.DrawFn) -> list[Event]:
    """Calls at any of a few times, with runs that are forgotten at one of them."""
    events: list[Event] = []
    for number, call in enumerate(draw(histories)):
        time = draw(st.integers(1, LAST)) * 1000
        events += events_of(call, stamp(time, bytes(8), number))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        time = draw(st.integers(1, LAST)) * 1000
        events.append(Forgotten(draw(run_ids), draw(st.booleans()), stamp(time, b"\xff" * 8, number)))
    return events


@st.composite
def arrangements(draw: st.DrawFn, events: list[Event]) -> list[list[Event]]:
    """The events in any order, some more than once, in transactions of any size."""
    repeated = draw(st.lists(st.sampled_from(events), max_size=6))
    order = draw(st.permutations([*events, *repeated]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=6)) | {len(order)})
    return [order[begin:end] for begin, end in pairwise([0, *cuts])]
