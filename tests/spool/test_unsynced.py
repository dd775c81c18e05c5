"""Reads while something is on its way to the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from graphtracker import GraphTracker, IncompleteLineage, Lineage
from graphtracker.model.question import Question
from graphtracker.spool.delivery import Delivery
from graphtracker.spool.unsynced import UnsyncedSnapshot
from graphtracker.stores.contract import Answered
from graphtracker.stores.snapshot import Snapshot
from tests.support.oracle import Call, tell
from tests.support.spools import content, leave
from tests.support.strategies import STORE_PER_EXAMPLE, histories


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


@STORE_PER_EXAMPLE
@given(histories, histories)
def test_the_two_together_answer_as_a_store_that_has_all(stored: list[Call], waiting: list[Call]) -> None:
    with GraphTracker(":memory:") as store, GraphTracker(":memory:") as ours, GraphTracker(":memory:") as whole:
        tell(store, stored)
        tell(ours, waiting)
        whole.copy_from(store)
        whole.copy_from(ours)
        for run_id in [*whole.graph().runs, "nobody"]:
            for question in (
                Question(run_id),
                Question(run_id, direction="upstream"),
                Question(run_id, depth=1),
                Question(run_id, direction="downstream", max_runs=2),
            ):
                assert_same_answer(store, ours, whole, question)
            for ask in short_reads(run_id):
                assert together(store, ours, ask) == whole._recorder.read(ask)
        assert together(store, ours, lambda view: view.run_ids({}, None)) == whole.run_ids()
        graph = Lineage.from_answer(together(store, ours, lambda view: view.graph()))
        assert content(graph) == content(whole.graph())


def assert_same_answer(store: GraphTracker, ours: GraphTracker, whole: GraphTracker, question: Question) -> None:
    """The store with what waits for it answers as the whole one does, and says that something waits."""
    found = together(store, ours, lambda view: view.lineage(question))
    expected = whole._recorder.read(lambda snapshot: snapshot.lineage(question))
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.reasons == expected.reasons | {"unsynced"}
    assert content(Lineage.from_answer(found)) == content(Lineage.from_answer(expected))
    assert dict(found.frontier) == dict(expected.frontier)


def short_reads(run_id: str) -> list[Callable[[Snapshot], object]]:
    """The other questions about one run."""
    return [
        lambda view: view.consumers(run_id, None),
        lambda view: view.metadata(run_id),
        lambda view: view.sources(run_id),
        # An artifact that others named before it was logged may seem a little younger: its path is compared.
        lambda view: [item.path for item in view.artifacts(run_id)],
        lambda view: view.run(run_id),
    ]


def together(store: GraphTracker, ours: GraphTracker, work: Callable[[Snapshot], Answered]) -> Answered:
    """What ``work`` makes of a store together with the events of another, on their way to it."""
    waiting = list(ours._recorder.events())
    return store._recorder.read(lambda stored: work(UnsyncedSnapshot(stored, waiting)))


def test_reads_of_an_unreachable_store_are_of_the_spool_and_say_so(folder: Path) -> None:
    tracker = GraphTracker("bolt://127.0.0.1:1?connection_timeout=1", spool=folder)
    tracker.add_source("train", "data", "rows")
    lineage = tracker.lineage("train")
    assert (set(lineage.runs), set(lineage.reasons)) == ({"train", "data"}, {"unsynced"})
    assert tracker.run_ids() == ["train"]
    leave(tracker)
