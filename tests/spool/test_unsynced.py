"""Reads while something is on its way to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker, IncompleteLineage, Run
from graphtracker.model.events import (
    ArtifactLogged,
    Event,
    Forgotten,
    Reported,
    SourceNamed,
)
from graphtracker.model.question import Answer, Direction, JointQuestion, Question
from graphtracker.spool.delivery import Delivery
from graphtracker.spool.unsynced import UnsyncedSnapshot
from graphtracker.stores.contract import Store
from graphtracker.stores.filters.conditions import Comparison, MetadataKey, Not, Own, Place, Wanted
from graphtracker.stores.filters.given import given as given_filter
from graphtracker.stores.filters.selection import Selection, order
from graphtracker.stores.opening import memory_store
from graphtracker.stores.snapshot import Snapshot
from tests.support.event_oracle import at, events_of
from tests.support.spools import leave
from tests.support.strategies import STORE_PER_EXAMPLE, histories, run_ids, stamp


def test_reads_while_the_store_is_away_are_of_store_and_spool_together(
    tmp_path: Path, folder: Path, away: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    away(False)
    with GraphTracker(tmp_path / "store.db") as before:
        before.add_artifact("prepare", "rows", "/rows", {"size": 7})
        before.add_source("prepare", "s3://data")
        before.add_source("deploy", "train", "model")
        before.add_metadata("train", old=1, lr=0.1)
    away(True)
    monkeypatch.setattr(Delivery, "away", False)  # as one that is slow: it can be read
    tracker = GraphTracker(tmp_path / "store.db", spool=folder)
    tracker.add_source("train", "prepare", "rows")
    tracker.add_metadata("train", lr=0.2)
    tracker.add_artifact("train", "model", "/model")
    lineage = tracker.lineage("s3://data")
    assert set(lineage.runs) == {"s3://data", "prepare", "train", "deploy"}
    assert (lineage.complete, set(lineage.reasons)) == (False, {"unsynced"})
    assert lineage.runs["train"].metadata == {"lr": 0.2, "old": 1}
    assert tracker.lineage("train", direction="upstream", depth=1).reasons == {"depth", "unsynced"}
    with pytest.raises(IncompleteLineage, match="cut by unsynced; ask again when `graphtracker sync` has delivered it"):
        tracker.lineage("train", strict=True)
    assert tracker.metadata("train") == {"lr": 0.2, "old": 1}
    assert tracker.run("prepare").metadata == {}
    assert [item.source_run_id for item in tracker.sources("prepare")] == ["s3://data"]
    assert set(tracker.artifacts("train")) == {"model"}
    assert tracker.consumers("prepare", "rows") == ["train"]
    assert tracker.consumers("train", "model") == ["deploy"]
    assert [item.run_id for item in tracker.find_artifacts("/model") + tracker.find_artifacts("/rows")] == [
        "train",
        "prepare",
    ]
    assert set(tracker.run_ids()) == {"prepare", "train", "deploy"}
    assert tracker.run_ids(lr=0.2) == ["train"]
    assert tracker.run_ids(lr=0.1) == []
    assert len(tracker.runs(limit=2)) == 2
    assert tracker.find_run("data") == "s3://data"
    graph = tracker.graph()
    assert (set(graph.runs), graph.complete) == ({"prepare", "train", "deploy", "s3://data"}, False)
    assert tracker.run("train").created_at == GraphTracker(tmp_path / "store.db").run("train").created_at


# -- the store with what waits for it, and the store that has all of it ------------------------------------------------


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """Events of a history at any times, of which a store has some and others wait; some do both."""
    calls = draw(histories)
    times = draw(st.lists(st.integers(1, 6), min_size=len(calls), max_size=len(calls)))
    places = draw(st.lists(st.sampled_from(["stored", "waiting", "both"]), min_size=len(calls), max_size=len(calls)))
    stored: list[Event] = []
    waiting: list[Event] = []
    for number, (call, time, place) in enumerate(zip(calls, times, places, strict=True)):
        events = list(events_of(call, stamp(time * 1_000_000, bytes(8), number)))
        stored += events if place != "waiting" else []
        waiting += events if place != "stored" else []
    forgotten = [Forgotten(draw(run_ids), draw(st.booleans()), stamp(0, bytes(8), number)) for number in range(2)]
    stored += forgotten[: draw(st.sampled_from([0, 0, 1]))]
    waiting += forgotten[: draw(st.sampled_from([0, 0, 0, 2]))]
    return stored, waiting


@STORE_PER_EXAMPLE
@given(splits(), st.data())
def test_every_read_is_answered_as_by_a_store_that_has_all(
    split: tuple[list[Event], list[Event]], data: st.DataObject
) -> None:
    store, whole = merged(split[0]), merged([*split[0], *split[1]])
    chosen = data.draw(questions(whole))
    for name, asks in reads(whole, chosen).items():
        for ask in asks:
            assert answered(ask, store, split[1]) == answered(ask, whole, None), name


def answered(ask: Callable[[Snapshot], Any], store: Store, waiting: Sequence[Event] | None) -> Any:
    """From a view of its own: what one read fetches must not be what makes the next one right."""
    if waiting is None:
        return store.read(lambda snapshot: comparable(ask(snapshot)))
    return store.read(lambda stored: comparable(ask(UnsyncedSnapshot(stored, [waiting]))))


def merged(events: Sequence[Event]) -> Store:
    store = memory_store()
    store.write(events)
    return store


times = st.integers(0, 7).map(lambda time: at(time * 1_000_000))


def questions(whole: Store) -> st.SearchStrategy[list[Question]]:
    graph = whole.read(lambda snapshot: snapshot.graph())
    nodes = [*((run_id, None) for run_id in graph.runs), *graph.artifacts]
    if not nodes:
        return st.just([])
    question = st.builds(
        lambda node, direction, depth, most, as_of: Question(node[0], node[1], direction, depth, most, as_of),
        st.sampled_from(nodes),
        st.sampled_from(["both", "upstream", "downstream"]),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(1, 5),
        st.none() | times,
    )
    return st.lists(question, min_size=5, max_size=10)


def joint(asked: list[Question]) -> JointQuestion:
    """What the first of these asks, about the starts of all."""
    first = asked[0]
    direction: Literal["downstream", "upstream"] = "downstream" if first.direction == "downstream" else "upstream"
    starts = ("nobody", *(question.start for question in asked))
    return JointQuestion(starts, direction, first.depth, first.max_runs, first.as_of)


ORDERS = ("k", "-k", "created", "-id", "name", "updated", "artifact.model.k", "artifact.x.path")


def reads(whole: Store, chosen: list[Question]) -> dict[str, list[Callable[[Snapshot], Any]]]:
    """Every question that a snapshot answers, about all that is known and about what nobody knows."""
    graph = whole.read(lambda snapshot: snapshot.graph())
    run_ids = [*graph.runs, "nobody"]
    values = [(key, value) for run in graph.runs.values() for key, value in run.metadata.items()]
    selections = [
        Selection(),
        *(Selection(parent_run_id=run_id) for run_id in run_ids),
        *(Selection(given_filter({key: value}, dict)) for key, value in values),
        *(Selection(Not(Comparison(MetadataKey((Place(key),)), "has"))) for key, _ in values[:2]),
        *(Selection(Comparison(Own("created"), "<", (Wanted(at(time * 1_000_000)),))) for time in range(2, 6)),
        *(Selection(order_by=order(text)) for text in ORDERS),
        *(Selection(order_by=order(text), after=run) for text in (*ORDERS, "-created") for run in graph.runs.values()),
        *(Selection(after=run) for run in graph.runs.values()),
    ]
    asked: dict[str, list[tuple[Any, ...]]] = {
        "run": [(run_id,) for run_id in run_ids],
        "runs": [
            *((replace(asked, limit=limit),) for asked in selections for limit in (None, 0, 1, 2, 3)),
            *((replace(asked, limit=2, as_of=at(3_000_000)),) for asked in selections),
        ],
        "run_ids": [(asked,) for asked in selections],
        "containing": [
            (text, matches, limit) for text in "a:" for matches in (bool, "aa".__eq__) for limit in (1, 2, 9)
        ],
        "named": [],
        "find": [(text, matches, limit) for text in "a/m" for matches in (bool, "aa".__eq__) for limit in (1, 2, 9)],
        "keys": [(text, limit) for text in ("", "k") for limit in (1, 9)],
        "metadata": [(run_id,) for run_id in run_ids],
        "artifacts": [(run_id,) for run_id in run_ids],
        "sources": [(run_id,) for run_id in run_ids],
        "consumers": [
            *((run_id, None) for run_id in run_ids),
            *graph.artifacts,
            *((run_id, "x") for run_id in run_ids),
        ],
        "find_artifacts": [("/path",), ("/nowhere",)],
        "newest_at": [(["/path", "/nowhere"],), ([],)],
        "lineage": [(question,) for question in [*chosen, Question("nobody")]],
        "lineages": [(joint(chosen[begin : begin + 3]),) for begin in range(0, len(chosen), 2)],
        "graph": [(), (at(2_000_000),)],
        "loose_ends": [(place, limit) for place in (str, lambda run_id: "/path") for limit in (1, 9)],
        "belongings": [(run_ids,), (run_ids[:1],)],
        "outdated": [(at(time * 1_000_000), None) for time in range(2, 6)],
        "events": [(None,), (run_ids,)],
    }
    made: dict[str, list[Callable[[Snapshot], Any]]] = {
        name: [methodcaller(name, *arguments) for arguments in each] for name, each in asked.items()
    }
    for name in ("a", "aa", "/path"):
        made["named"] += [methodcaller("named", name, beginning=flag, limit=9) for flag in (True, False)]
    return made


def comparable(found: Any) -> Any:
    """What was found: a lineage without the word ``unsynced``, events as what they make of a store."""
    if isinstance(found, Answer):
        return replace(found, reasons=found.reasons - {"unsynced"})
    if isinstance(found, Iterator):
        return merged([event for events in found for event in events]).read(lambda snapshot: snapshot.graph())
    return found


def test_an_artifact_that_only_a_waiting_event_declares_has_the_consumers_of_the_whole_run() -> None:
    stored = [SourceNamed("b", "a", None, stamp(1000, bytes(8), 1))]
    waiting = [SourceNamed("c", "a", "model", stamp(2000, bytes(8), 2))]
    assert answered(methodcaller("consumers", "a", "model"), merged(stored), waiting) == ["b", "c"]


def test_an_artifact_that_was_declared_then_is_in_the_lineages_of_then() -> None:
    stored = [
        SourceNamed("c", "a", None, stamp(1000, bytes(8), 1)),
        SourceNamed("late", "a", "model", stamp(5000, bytes(8), 2)),
        SourceNamed("then", "a", "model", stamp(1000, bytes(8), 3)),
        SourceNamed("c", "a", "rows", stamp(5000, bytes(8), 4)),  # from now on it means no other artifact of the run
    ]
    waiting = [Reported("c", stamp(2000, bytes(8), 5))]
    questions = (
        methodcaller("lineage", Question("c", direction="upstream", as_of=at(3000))),
        methodcaller("lineages", JointQuestion(("c",), "upstream", as_of=at(3000))),
    )
    for ask in questions:
        found = answered(ask, merged(stored), waiting)
        assert set(found.artifacts) == {("a", "model")}
        assert found == answered(ask, merged([*stored, *waiting]), None)


def test_a_run_that_a_waiting_event_named_long_ago_is_no_longer_among_the_newest() -> None:
    stored = [Reported(run_id, stamp(time, bytes(8), 0)) for run_id, time in (("a", 3000), ("b", 2000), ("c", 4000))]
    waiting = [SourceNamed("c", "a", None, stamp(1000, bytes(8), 2))]
    newest = answered(methodcaller("runs", Selection(limit=2)), merged(stored), waiting)
    assert [run.run_id for run in newest] == ["b", "a"]
    assert newest == answered(methodcaller("runs", Selection(limit=2)), merged([*stored, *waiting]), None)


def test_what_waits_may_log_what_the_store_only_knows_as_named() -> None:
    stored = [SourceNamed("b", name, None, stamp(1000, bytes(8), 1)) for name in ("/a", "/b")]
    stored += [SourceNamed("b", "a", name, stamp(1000, bytes(8), 2)) for name in ("model", "rows")]
    waiting = [ArtifactLogged("a", "model", "/a", "/a", None, stamp(2000, bytes(8), 2))]
    loose = methodcaller("loose_ends", str, 9)
    assert answered(loose, merged(stored), waiting) == (["/a"], 1, [("a", "rows")], 1)


def test_every_question_is_asked_here() -> None:
    assert set(reads(merged([]), [])) == {name for name in vars(Snapshot) if not name.startswith("_")}


def test_reads_of_an_unreachable_store_are_of_the_spool_and_say_so(folder: Path) -> None:
    tracker = GraphTracker("bolt://127.0.0.1:1?connection_timeout=1", spool=folder)
    tracker.add_source("train", "data", "rows")
    lineage = tracker.lineage("train")
    assert (set(lineage.runs), set(lineage.reasons)) == ({"train", "data"}, {"unsynced"})
    assert tracker.run_ids() == ["train"]
    leave(tracker)


@pytest.mark.parametrize("direction", ["upstream", "both", "downstream"])
def test_an_external_that_only_stored_sources_name_has_a_lineage_whatever_waits(direction: Direction) -> None:
    stored = [SourceNamed("c", "external", None, stamp(1000, bytes(8), 1))]
    for waiting in ([], [Reported("other", stamp(2000, bytes(8), 2))]):
        for depth in (None, 0, 2):
            ask = methodcaller("lineage", Question("external", None, direction, depth))
            found = answered(ask, merged(stored), waiting)
            assert found is not None
            assert found == answered(ask, merged([*stored, *waiting]), None)


def test_a_forgotten_run_that_stored_sources_name_is_found_where_what_waits_of_it_is_void() -> None:
    forgotten = Forgotten("a", True, stamp(0, bytes(8), 0))
    stored: list[Event] = [SourceNamed("b", "a", "model", stamp(1000, bytes(8), 1)), forgotten]
    waiting: list[Event] = [Reported("a", stamp(1000, bytes(8), 2))]
    ask = methodcaller("find", "a", bool, 9)
    found = answered(ask, merged(stored), waiting)
    assert "a" in {each.run_id for each in found if isinstance(each, Run)}
    assert found == answered(ask, merged([*stored, *waiting]), None)


def test_what_waits_of_a_forgotten_run_counts_for_when_it_was_first_heard_of() -> None:
    forgotten = Forgotten("a", True, stamp(0, bytes(8), 0))
    stored: list[Event] = [SourceNamed("b", "a", "model", stamp(6000, bytes(8), 1)), forgotten]
    waiting: list[Event] = [Reported("a", stamp(1000, bytes(8), 2))]
    for ask in (methodcaller("run", "a"), methodcaller("find", "a", bool, 9)):
        assert answered(ask, merged(stored), waiting) == answered(ask, merged([*stored, *waiting]), None)
