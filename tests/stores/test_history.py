"""Earlier times, forgotten runs: a lineage is that of the store that holds just what counts."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtracker import GraphTracker, IncompleteLineage, InvalidInput, Lineage, RunNotFound
from graphtracker.model.events import Event
from tests.support.event_oracle import Whole, at, model_of, value_differences, whole, whole_differences
from tests.support.oracle import Model, Node, differences
from tests.support.recording import NOON, after
from tests.support.strategies import LAST, arrangements, examples, told

NewUrl = Callable[[], str]


def wrong(there: Whole, model: Model, lineage: Lineage, start: Node, question: dict[str, Any]) -> Iterator[str]:
    """Where an answer differs from the oracle's."""
    shape = replace(lineage, reasons=lineage.reasons - {"overwritten"})
    found = [*value_differences(there, lineage), *differences(model.lineage(start, **question), shape)]
    yield from (f"{start!r} {question}: {line}" for line in found)


def test_a_lineage_of_any_time_is_that_of_the_store_that_holds_what_counts_then(kind: str, new_url: NewUrl) -> None:
    @examples(kind)
    @given(told(), st.data())
    def of(events: list[Event], data: st.DataObject) -> None:
        found: list[str] = []
        with GraphTracker(new_url()) as tracker:
            for transaction in data.draw(arrangements(events), label="transactions"):
                tracker._recorder.store.write(transaction)
            for time in (None, data.draw(st.integers(0, LAST), label="time"), data.draw(st.integers(0, LAST))):
                there = whole(events, None if time is None else time * 1000)
                as_of = None if time is None else at(time * 1000)
                found += whole_differences(there, tracker.graph(as_of))
                model = model_of(there)
                for start in model.nodes:
                    run_id, name = (start, None) if isinstance(start, str) else start
                    for question in data.draw(questions):
                        answer = tracker.lineage(run_id, artifact_name=name, as_of=as_of, **question)
                        found += wrong(there, model, answer, start, question)
        assert not found

    of()


questions: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries({
        "direction": st.sampled_from(["both", "upstream", "downstream"]),
        "depth": st.none() | st.integers(0, 3),
        "max_runs": st.none() | st.integers(1, 5),
    }),
    min_size=2,
    max_size=3,
)  # fmt: skip


# -- as of, by example -------------------------------------------------------------------------------------------------


@pytest.fixture
def history(tracker: GraphTracker) -> GraphTracker:
    """prepare at noon, train at one with a source of two, metadata of two overwritten at three."""
    tracker.record("prepare", artifacts={"rows": "/rows"}, at=after(0))
    tracker.record("train", metadata={"lr": 1}, sources=[("prepare", "rows")], at=after(1))
    tracker.record("train", metadata={"lr": 2}, sources=["base"], at=after(2))
    tracker.record("prepare", artifacts={"rows": "/rows.new", "log": "/log"}, at=after(3))
    return tracker


def test_what_was_there_is_exact(history: GraphTracker) -> None:
    shape = {
        hours: (sorted(graph.runs), sorted(graph.artifacts), len(graph.sources))
        for hours in range(-1, 4)
        for graph in [history.graph(as_of=after(hours))]
    }
    assert shape == {
        -1: ([], [], 0),
        0: (["prepare"], [("prepare", "rows")], 0),
        1: (["prepare", "train"], [("prepare", "rows")], 1),
        2: (["base", "prepare", "train"], [("prepare", "rows")], 2),
        3: (["base", "prepare", "train"], [("prepare", "log"), ("prepare", "rows")], 2),
    }


def test_a_value_that_may_have_been_overwritten_is_left_out_and_said(history: GraphTracker) -> None:
    then = history.lineage("train", as_of=after(1))
    assert not then.complete
    assert then.reasons == {"overwritten"}
    assert then.frontier == {}
    assert then.runs["train"].metadata == {}
    assert then.runs["train"].updated_at is None
    assert then.runs["train"].reported_at == after(1)
    rows = then.artifacts["prepare", "rows"]
    assert (rows.path, rows.place, rows.declared, rows.logged_at, rows.updated_at) == (
        None,
        None,
        False,
        after(0),
        None,
    )
    now = history.lineage("train", as_of=after(3))
    assert (now.complete, now.as_of, history.lineage("train").as_of) == (True, after(3), None)
    assert now.runs["train"].metadata == {"lr": 2}
    assert now.artifacts["prepare", "rows"].path == "/rows.new"
    with pytest.raises(IncompleteLineage, match="overwritten since"):
        history.lineage("train", as_of=after(1), strict=True)


def test_what_nothing_stood_before_is_no_overwriting(history: GraphTracker) -> None:
    history.record("late", metadata={"lr": 1}, artifacts={"m": "/m"}, at=after(5))
    history.record("late", metadata={"lr": 2}, artifacts={"m": "/n"}, at=after(6))
    history.record("user", sources=[("late", "m")], at=after(4))
    then = history.lineage("late", as_of=after(4))
    assert then.complete
    assert then.runs["late"].external
    assert then.artifacts["late", "m"].declared


def test_a_run_that_nobody_knew_then_is_not_found(history: GraphTracker) -> None:
    for run_id, hours in (("train", 0), ("base", 1), ("prepare", -1)):
        with pytest.raises(RunNotFound):
            history.lineage(run_id, as_of=after(hours))
        assert history.lineage(run_id, as_of=after(hours + 1)).start == run_id


def test_runs_are_those_that_had_reported(history: GraphTracker) -> None:
    assert [run.run_id for run in history.runs(as_of=after(0))] == ["prepare"]
    assert [run.run_id for run in history.runs(as_of=after(1))] == ["train", "prepare"]
    assert history.runs(where={"lr": 2}, as_of=after(1)) == []
    assert [run.run_id for run in history.runs(where={"lr": 2}, as_of=after(2))] == ["train"]
    assert history.runs(parent_run_id="base", as_of=after(1)) == []
    assert [run.run_id for run in history.runs(parent_run_id="base", as_of=after(2))] == ["train"]


@pytest.mark.parametrize("as_of", ["2024-01-01", datetime(2024, 1, 1), 3, datetime(9000, 1, 1, tzinfo=timezone.utc)])
def test_a_time_that_is_none_is_refused(tracker: GraphTracker, as_of: Any) -> None:
    asks: Sequence[Callable[[], object]] = (
        lambda: tracker.graph(as_of=as_of),
        lambda: tracker.lineage("train", as_of=as_of),
        lambda: tracker.runs(as_of=as_of),
    )
    for ask in asks:
        with pytest.raises(InvalidInput, match="as_of"):
            ask()


def test_a_time_is_one_moment_in_every_zone(history: GraphTracker) -> None:
    tokyo = timezone(timedelta(hours=9))
    assert history.graph(as_of=after(1).astimezone(tokyo)) == history.graph(as_of=after(1))


def test_what_lay_at_a_place_then_is_what_was_logged_there_by_then(tracker: GraphTracker) -> None:
    tracker.record("a", artifacts={"m": "/old"}, at=after(0))
    tracker.record("b", artifacts={"m": "/new"}, at=after(1))
    tracker.record("a", artifacts={"m": "/new"}, at=after(2))
    at_new = {hours: tracker.find_artifacts("/new", as_of=after(hours)) for hours in range(3)}
    assert [[item.run_id for item in found] for found in at_new.values()] == [[], ["b"], ["a", "b"]]
    assert tracker.find_artifacts("/old", as_of=after(1)) == []  # what a log stood for before another is not kept


# -- forgetting, by example --------------------------------------------------------------------------------------------


@pytest.fixture
def secret(tracker: GraphTracker) -> GraphTracker:
    """A run that others were made from, and that was made from others."""
    tracker.record("prepare", metadata={"name": "ada"}, artifacts={"rows": "/rows", "log": "/log"}, sources=["raw"])
    tracker.record("train", sources=[("prepare", "rows")])
    tracker.record("other", sources=["train"])
    return tracker


def test_forgetting_values_keeps_the_shape_of_every_lineage(secret: GraphTracker) -> None:
    before = secret.graph()
    told = secret.forget("prepare", links=False)
    assert (told.runs, told.artifacts) == (("prepare",), (("prepare", "log"), ("prepare", "rows")))
    assert (told.paths, told.consumers, told.links, told.dry_run) == (("/log", "/rows"), ("train",), False, False)
    graph = secret.graph()
    assert graph.complete
    assert (list(graph.runs), list(graph.artifacts), graph.sources) == (
        list(before.runs), list(before.artifacts), before.sources
    )  # fmt: skip
    run, rows = graph.runs["prepare"], graph.artifacts["prepare", "rows"]
    assert (run.forgotten, run.external, run.metadata) == (True, False, {})
    assert run.reported_at == before.runs["prepare"].reported_at
    assert (rows.path, rows.place, rows.declared) == (None, None, False)
    assert rows.logged_at == before.artifacts["prepare", "rows"].logged_at
    assert secret.find_artifacts("/rows") == []
    assert secret.run_ids(name="ada") == []
    assert not graph.runs["train"].forgotten


def test_forgetting_a_run_leaves_what_others_name_of_it(secret: GraphTracker) -> None:
    secret.forget(secret.run("prepare"))
    graph = secret.graph()
    assert set(graph.runs) == {"prepare", "train", "other"}  # raw was named by nobody else
    assert set(graph.artifacts) == {("prepare", "rows")}
    assert graph.artifacts["prepare", "rows"].declared
    assert (graph.runs["prepare"].external, graph.runs["prepare"].forgotten) == (True, True)
    assert set(secret.run_ids()) == {"train", "other"}
    with pytest.raises(RunNotFound):
        secret.run("raw")
    with pytest.raises(RunNotFound):
        secret.lineage("raw")
    assert set(secret.lineage("other").runs) == {"prepare", "train", "other"}


def test_a_run_that_nobody_names_is_in_no_answer(secret: GraphTracker) -> None:
    secret.forget("other")
    with pytest.raises(RunNotFound):
        secret.run("other")
    assert secret.metadata("other") == {}
    assert secret.consumers("train") == []
    assert "other" not in secret.graph()
    assert "other" not in secret.lineage("prepare")
    with pytest.raises(RunNotFound):
        secret.find_run("other")
    secret.add_source("late", "other")
    assert secret.run("other").forgotten


def test_forgotten_is_forgotten_at_every_time(history: GraphTracker) -> None:
    history.forget("prepare", links=False)
    for hours in range(4):
        then = history.graph(as_of=after(hours))
        assert then.runs["prepare"].forgotten
        assert then.artifacts["prepare", "rows"].path is None
    assert history.graph(as_of=after(0)).complete  # of what is forgotten nothing was overwritten
    history.forget("prepare")
    assert len(history.graph(as_of=after(0))) == 0


def test_recording_into_a_forgotten_run_is_refused_and_stores_nothing(secret: GraphTracker) -> None:
    secret.forget("other")
    secret.forget("prepare", links=False)
    before = secret.graph()
    for run_id in ("other", "prepare"):
        for call in (
            lambda run_id=run_id: secret.add_metadata(run_id, lr=1),
            lambda run_id=run_id: secret.add_artifact(run_id, "m", "/m"),
            lambda run_id=run_id: secret.add_source(run_id, "raw"),
            lambda run_id=run_id: secret.record(run_id, at=NOON),
            lambda run_id=run_id: secret.start_run(run_id=run_id),
        ):
            with pytest.raises(InvalidInput, match=f"'{run_id}' was forgotten.*another id"):
                call()
    assert secret.graph() == before


def test_forgetting_again_changes_nothing(secret: GraphTracker) -> None:
    secret.forget(["prepare", "train", "prepare"], links=False)
    before = secret.graph()
    assert secret.forget(["prepare", "train"], links=False).paths == ()
    assert secret.graph() == before
    assert secret.forget("other").runs == ("other",)
    shown = secret.graph()
    assert secret.forget(["other", "train"], links=False).runs == ("other", "train")  # where it was cut off, it goes on
    assert secret.graph() == shown


def test_an_external_run_may_be_forgotten(secret: GraphTracker) -> None:
    secret.forget("raw")
    assert secret.run("raw").external
    assert secret.run("raw").forgotten
    with pytest.raises(InvalidInput, match="forgotten"):
        secret.add_metadata("raw", lr=1)


def test_an_unknown_run_is_told_and_none_is_forgotten(secret: GraphTracker) -> None:
    before = secret.graph()
    with pytest.raises(RunNotFound, match="'nobody'"):
        secret.forget(["prepare", "nobody"])
    assert secret.graph() == before
    assert secret.forget([]).runs == ()


def test_a_dry_run_tells_what_would_go_and_takes_nothing(secret: GraphTracker) -> None:
    before = secret.graph()
    dry = secret.forget(["prepare", "train"], dry_run=True)
    assert (dry.runs, dry.consumers, dry.dry_run) == (("prepare", "train"), ("other",), True)
    assert secret.graph() == before
    assert replace(dry, dry_run=False) == secret.forget(["prepare", "train"])


def test_nothing_that_comes_later_brings_it_back(secret: GraphTracker, tmp_path: Path) -> None:
    """A spool, an older copy of the store, another store's copy: in any order, and again."""
    with GraphTracker(":memory:") as older, GraphTracker(tmp_path / "left.spool") as spool:
        older.copy_from(secret)
        spool.record("prepare", metadata={"late": True}, artifacts={"late": "/late"}, sources=["late source"])
        secret.forget("prepare")
        before = secret.graph()
        for _ in range(2):
            for other in (older, spool):
                secret.copy_from(other)
                assert secret.graph() == before
        older.copy_from(secret)
        assert older.graph() == before
        assert set(older.run_ids()) == {"train", "other"}


# -- prune -------------------------------------------------------------------------------------------------------------


def test_pruning_keeps_what_something_younger_came_from(tracker: GraphTracker) -> None:
    for hours, (run_id, sources) in enumerate({
        "raw": [],
        "prepare": ["raw", "s3://data"],
        "failed": ["prepare"],
        "failed too": ["failed"],
        "train": ["prepare"],
    }.items()):  # fmt: skip
        tracker.record(run_id, sources=sources, at=after(hours))
    dry = tracker.prune(after(4), dry_run=True)
    assert dry.runs == ("failed", "failed too")
    assert len(tracker.run_ids()) == 5
    assert tracker.prune(after(3)).runs == ()
    assert tracker.prune(after(4)) == replace(dry, dry_run=False)
    assert set(tracker.run_ids()) == {"raw", "prepare", "train"}
    assert tracker.prune(after(9)).runs == ("prepare", "raw", "train")
    assert len(tracker.graph()) == 0


def test_pruning_keeps_to_runs_with_these_values(tracker: GraphTracker) -> None:
    for run_id, status in (("a", "failed"), ("b", "done"), ("c", "failed")):
        tracker.record(run_id, metadata={"status": status}, at=NOON)
    assert tracker.prune(after(1), where={"status": "failed"}).runs == ("a", "c")
    assert tracker.run_ids() == ["b"]


def test_a_cycle_of_old_runs_is_pruned(tracker: GraphTracker) -> None:
    tracker.record("a", sources=["b", "a"], at=NOON)
    tracker.record("b", sources=["a"], at=NOON)
    assert tracker.prune(after(1)).runs == ("a", "b")


def test_pruning_wants_an_aware_time(tracker: GraphTracker) -> None:
    with pytest.raises(InvalidInput, match="older_than"):
        tracker.prune(datetime(2024, 1, 1))


# -- SQLite erases -----------------------------------------------------------------------------------------------------


def test_what_is_forgotten_is_in_no_file_of_an_sqlite_store(tmp_path: Path) -> None:
    words = [f"secret{number}word" for number in range(8)]
    path = tmp_path / "store.db"
    with GraphTracker(path) as tracker:
        for number in range(200):
            tracker.record(f"keep-{number}", metadata={"text": "x" * 100})
        for word in words[:2]:
            tracker.add_metadata("run", note=word, large=word * 2000)  # the first one is overwritten
        for word in words[2:4]:
            tracker.add_artifact("run", "model", f"/{word}", {"note": word})
        tracker.add_source("train", "run", "model")
        content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert all(word.encode() in content for word in (words[1], words[3]))
        tracker.forget("run", links=False)
        for file in tmp_path.iterdir():
            content = file.read_bytes()
            assert not [word for word in words if word.encode() in content], file.name
        assert len(tracker.run_ids()) == 202


def test_nobody_waits_for_somebody_who_reads_meanwhile_and_it_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.db"
    idle = sqlite3.connect(path)
    with GraphTracker(path) as tracker:
        tracker.add_metadata("run", note="secretword")
        reader = sqlite3.connect(path)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM run").fetchall()
        idle.execute("SELECT count(*) FROM run").fetchall()
        tracker.forget("run")
        assert "something of what is forgotten is left in its files" in caplog.text
        with GraphTracker(f"sqlite:///{path}?timeout=0") as other:
            other.add_metadata("recorded meanwhile")
        reader.close()
    assert b"secretword" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    idle.close()


def test_what_another_store_has_forgotten_is_erased_when_that_is_copied(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "here.db") as here, GraphTracker(":memory:") as there:
        here.add_metadata("run", note="secretword")
        there.copy_from(here)
        there.forget("run")
        here.copy_from(there)
        assert here.run_ids() == []
        assert b"secretword" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_rows_that_moved_leave_no_copies(tmp_path: Path) -> None:
    """Rows of all sizes, changed and moved as others grow: pages are split and joined on the way."""
    choose = random.Random(7)
    words = [f"word{number:06}secret" for number in range(300)]
    with GraphTracker(tmp_path / "store.db") as tracker:
        for round_ in range(3):
            for number, word in enumerate(words):
                note = word * choose.randint(1, 40)
                tracker.record(f"run-{number}", metadata={"note": note, f"more-{round_}": "x" * choose.randint(1, 900)})
        tracker.forget([f"run-{number}" for number in range(0, 300, 2)], links=False)
        content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert not [word for word in words[::2] if word.encode() in content]
        assert all(word.encode() in content for word in words[1::2])
        assert tracker.metadata("run-1")["note"]
