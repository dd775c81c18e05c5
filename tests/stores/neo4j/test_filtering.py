"""Runs by filters, in orders, page by page, on Neo4j: as SQLite answers, whatever the values, the keys, the indexes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from operator import methodcaller
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact, TrackerSource
from graphtracker.model.events import ContextSet, least_stamp
from graphtracker.model.values import Artifact, Run
from graphtracker.stores.contract import Store
from graphtracker.stores.filters.conditions import (
    ArtifactKey,
    ArtifactPath,
    Comparison,
    Condition,
    ContextKey,
    Every,
    Field,
    HasArtifact,
    MetadataKey,
    Not,
    Operator,
    Own,
    Place,
    Some,
    Wanted,
)
from graphtracker.stores.filters.selection import Order, Selection
from graphtracker.stores.neo4j.filtering import property_of
from tests.support.neo4j_server import GENERATIONS
from tests.support.recording import after as hours_after_noon
from tests.support.sameness import same
from tests.support.servers import driver, emptied, rows

TIMES: list[Any] = [
    date(2024, 5, 1),
    datetime(2024, 5, 1),
    datetime(2024, 5, 1, 12, 0, 0, 1, tzinfo=timezone.utc),
    datetime(2024, 5, 1, 12, 0, 0, 1),
    datetime(2024, 5, 1, 14, tzinfo=timezone(timedelta(hours=2))),
    datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(seconds=1))),
    datetime.max.replace(tzinfo=timezone.utc),
    datetime.min,
    date.max,
]
NUMBERS: list[Any] = [
    *(0, 0.0, -0.0, 1, 1.0, -1, 0.1, 5e-324, 1e22, 10**22, 10**400, math.inf, -math.inf, math.nan),
    *(2**53, 2.0**53, 2**53 + 1, 2**62, 2.0**62, 2**63 - 1, 2**63 - 512, 2.0**63, 2**63, -(2**63), -(2.0**63)),
    *(-(2**63) + 1, -(2**63) - 1, Decimal("0.10"), Decimal("1"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")),
]
TEXTS: list[Any] = [
    *("", "a", "b", "aa", "ab", "json:", "json:null", 'json:{"a":1}', "json:{", "1", "2024-05-01", "é"),
    *("\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0001f600", "a\uffff", "a\U00010000", "a\ue000b"),
]
OTHERS: list[Any] = [
    *(None, True, False, b"", b"a", [], [1, 2], [1.0, math.nan], ["a", "b"], [True], [None], {}, {"b": 1}, {"b": "a"}),
    *({"b": {"c": [0, 1]}}, {"b": None}, {"$type": 1}, {1: 2}, {1, "a"}, frozenset({"a"}), UUID(int=1)),
    *(timedelta(1), timedelta.max, TIMES[:2]),
]
VALUES = [*TIMES, *NUMBERS, *TEXTS, *OTHERS]

KEYS = ["k", "a", "a.b", "n", "t", "run_id", "`", "\\u0060", "context.user"]
IDS = ["x/{}", "{}", "\uff5e{}", "\U0001f600{}", "s3://b/{}/", "json:{}"]


def stamp(number: int) -> bytes:
    return least_stamp(int(hours_after_noon(number % 8).timestamp()) * 10**9)


def populate(*trackers: GraphTracker) -> None:
    """The same runs in each store: every value under some key, many of one time, some beside each other."""
    chance = random.Random(16)
    for number in range(260):
        run_id = chance.choice(IDS).format(number % 90)
        kinds = {"n": NUMBERS, "t": TEXTS}
        metadata = {key: chance.choice(kinds.get(key, VALUES)) for key in chance.sample(KEYS, chance.randint(0, 5))}
        metadata["n"] = chance.choice([0, 0.0, -0.0, 1, 1.0, 2**53, math.nan, "a", "\uffff", "\U0001f600"])
        metadata["k"] = VALUES[number % len(VALUES)]
        at = hours_after_noon(chance.randint(0, 8))
        sources = [TrackerSource(chance.choice(["data", "x/1"]), chance.choice([None, "model"]))] * chance.randint(0, 1)
        logged = {key: value for key, value in metadata.items() if key in ("k", "a", "a.b")}
        path = chance.choice(["/m", "json:x", "\uffff", "\U0001f600", "m/é"])
        artifacts = [TrackerArtifact("model", path, logged)] if chance.random() < 0.4 else []
        context = {"user": chance.choice(TEXTS), "dirty": chance.random() < 0.5, "started_at": at}
        said = ContextSet(run_id, {key: context[key] for key in chance.sample(list(context), 2)}, stamp(number))
        for tracker in trackers:
            tracker._recorder.store.write([said])
            tracker.record(run_id, metadata=metadata, artifacts=artifacts, sources=sources, at=at)


@pytest.fixture(scope="module", params=[(generation, index) for generation in GENERATIONS for index in (False, True)],
                ids=lambda each: f"{each[0]}, {'with' if each[1] else 'without'} indexes of the user's")  # fmt: skip
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[Store, Store]]:
    """An SQLite store with what a Neo4j store has."""
    generation, indexed = request.param
    with GraphTracker(emptied(generation)) as neo4j, GraphTracker(":memory:") as sqlite:
        populate(sqlite, neo4j)
        if indexed:
            for number, key in enumerate(("k", "n", "t", "metadata.run_id")):
                rows(driver(generation), f"CREATE INDEX users_{number} FOR (r:Run) ON ({property_of('r', key)})")
            rows(driver(generation), "CALL db.awaitIndexes()")
        yield sqlite._recorder.store, neo4j._recorder.store
        for number in range(4 if indexed else 0):
            rows(driver(generation), f"DROP INDEX users_{number}")


moments = st.sampled_from([hours_after_noon(hours) for hours in (0, 3, 8)]) | st.sampled_from(
    [at for at in TIMES if isinstance(at, datetime) and at.tzinfo]
)
recent = moments.filter(lambda at: at.year == 2024)
wanted = st.sampled_from(VALUES).map(Wanted) | st.builds(Wanted, st.sampled_from(TEXTS), moments)
places = st.sampled_from(KEYS).map(Place) | st.builds(
    Place, st.sampled_from(["a", "k"]), st.lists(st.sampled_from(["b", "c", 0, -1]), min_size=1, max_size=2).map(tuple)
)
several = st.lists(places, min_size=1, max_size=2).map(tuple) | st.just((Place("a.b"), Place("a", ("b",))))
keys = st.builds(MetadataKey, several)
fields: st.SearchStrategy[Field] = (
    keys
    | st.builds(Own, st.sampled_from(["id", "name", "external", "forgotten"]))
    | st.builds(ContextKey, st.sampled_from(["user", "dirty", "started_at"]))
    | st.builds(ArtifactKey, st.sampled_from(["model", "x"]), several)
    | st.builds(ArtifactPath, st.just("model"))
    | st.builds(HasArtifact, st.just("model"))
)
own_times: st.SearchStrategy[Field] = st.builds(Own, st.sampled_from(["created", "reported", "updated"]))
TESTS: list[Operator] = ["has", "is None", "is not None"]
SINGLE: list[Operator] = ["==", "!=", "<", "<=", ">", ">=", "holds", "lacks"]
MANY: list[Operator] = ["in", "not in"]


def comparisons(of: st.SearchStrategy[Field], to: st.SearchStrategy[Wanted]) -> st.SearchStrategy[Condition]:
    return (
        st.builds(Comparison, of, st.sampled_from(TESTS))
        | st.builds(Comparison, of, st.sampled_from(SINGLE), st.tuples(to))
        | st.builds(Comparison, of, st.sampled_from(MANY), st.lists(to, max_size=3).map(tuple))
    )


conditions = st.recursive(
    comparisons(fields, wanted) | comparisons(own_times, recent.map(Wanted)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Every, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=4,
)
orders = st.builds(Order, fields | own_times | keys, st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_selection_is_answered_as_by_sqlite(stores: tuple[Store, Store], data: st.DataObject) -> None:
    sqlite, neo4j = stores
    selection = Selection(
        data.draw(st.none() | conditions),
        data.draw(st.sampled_from([None, None, None, "data", "x/1", "nobody"])),
        data.draw(st.none() | orders),
        data.draw(st.sampled_from([None, 0, 1, 2, 5, 30])),
        as_of=data.draw(st.sampled_from([None, None, hours_after_noon(4)])),
    )
    for _ in range(3):  # pages
        expected = sqlite.read(methodcaller("runs", selection))
        found = neo4j.read(methodcaller("runs", selection))
        assert [run.run_id for run in found] == [run.run_id for run in expected]
        assert same(_said(found), _said(expected))
        assert neo4j.read(methodcaller("run_ids", selection)) == [run.run_id for run in expected]
        if not expected or selection.limit is None:
            break
        selection = replace(selection, after=expected[-1])


def _said(runs: list[Run]) -> list[tuple[str, dict[str, Any]]]:
    return [(run.run_id, vars(run)) for run in runs]


@pytest.mark.parametrize(
    "text", ["", "1", "x", "\uff5e", "\U0001f600", "a", "json:", "/m", "\uffff", "m", "nothing has it"]
)
@pytest.mark.parametrize("limit", [0, 1, 3, 1000])
def test_what_a_text_means_is_found_as_by_sqlite(stores: tuple[Store, Store], text: str, limit: int) -> None:
    def ends(found: str) -> bool:
        return found.endswith(("1", "/", "é"))

    for ask in (
        methodcaller("named", text, beginning=False, limit=limit),
        methodcaller("named", text, beginning=True, limit=limit),
        methodcaller("containing", text, bool, limit),
        methodcaller("containing", text, ends, limit),
        methodcaller("find", text, bool, limit),
        methodcaller("find", text, ends, limit),
        methodcaller("keys", text, limit),
    ):
        sqlite, neo4j = (store.read(ask) for store in stores)
        assert same(list(map(_known, neo4j)), list(map(_known, sqlite)))


def _known(found: Any) -> Any:
    return vars(found) if isinstance(found, (Run, Artifact)) else found


HOSTILE_KEYS = [
    *("`", "``", "a`b`", "'\"", "\n\r\t", "\\", "\\\\", "\\u0060", "\\\\u0060", "\\uuuu0060", "\\uZZ", "\\u005Cu0060"),
    *("``\\u0060``", "/* order */ true", "$p0", "{value}", "}) RETURN 1 //", "\u202eabc", "\u2028", "\U0001f600"),
    "é" * 2000,
]


@pytest.mark.parametrize("key", HOSTILE_KEYS)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_key_of_any_text_stands_in_a_statement_as_itself(key: str, generation: str) -> None:
    with GraphTracker(emptied(generation)) as tracker:
        tracker.record("run", metadata={key: 1, key[:1] + "x": 2})
        tracker.record("other", metadata={key[:-1] + "x": 1})
        is_one = Comparison(MetadataKey((Place(key),)), "==", (Wanted(1),))
        store = tracker._recorder.store
        assert store.read(methodcaller("run_ids", Selection(is_one))) == ["run"]
        assert store.read(methodcaller("run_ids", Selection(Not(is_one)))) == ["other"]
        ordered = Selection(order_by=Order(MetadataKey((Place(key),))), limit=1)
        assert store.read(methodcaller("run_ids", ordered)) == ["run"]
        bare = rows(driver(generation), f"MATCH (r:Run) WHERE {property_of('r', key)} = 1 RETURN r.run_id")
        assert bare == [["run"]]


@pytest.mark.parametrize(
    "text", ["", "\0", "a\0", "\ud800", "x" * 4001], ids=["empty", "NUL", "NUL behind", "surrogate", "long"]
)
def test_what_cannot_be_recorded_is_not_found(tracker_of_one: GraphTracker, text: str) -> None:
    store = tracker_of_one._recorder.store
    fields = (MetadataKey((Place(text),)), HasArtifact(text), ArtifactKey("model", (Place(text),)))
    tests = [Comparison(field, "has") for field in fields]
    tests += [Comparison(field, "holds", (Wanted(text),)) for field in (Own("id"), MetadataKey((Place("k"),))) if text]
    tests += [Comparison(field, "==", (Wanted(text),)) for field in (Own("id"), MetadataKey((Place("k"),)))]
    for test in tests:
        assert store.read(methodcaller("run_ids", Selection(test))) == []
        assert store.read(methodcaller("run_ids", Selection(Not(test)))) == ["run"]


@pytest.fixture(params=GENERATIONS)
def tracker_of_one(request: pytest.FixtureRequest) -> Iterator[GraphTracker]:
    """A tracker of a store with one run."""
    with GraphTracker(emptied(request.param)) as tracker:
        tracker.record("run", metadata={"k": "v"}, artifacts=[TrackerArtifact("model", "/m", {"k": 1})])
        yield tracker
