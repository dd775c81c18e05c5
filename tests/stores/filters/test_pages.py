"""Pages of runs: each run once, whatever others record between two of them."""

from __future__ import annotations

import pytest

from graphtracker import GraphTracker, InvalidInput, Run, RunNotFound
from tests.support.recording import after


@pytest.mark.parametrize("order_by", [None, "lr", "-lr", "created", "name", "-config.depth", "artifact.model.loss"])
def test_no_run_comes_twice_or_is_left_out_while_others_record(tracker: GraphTracker, order_by: str | None) -> None:
    with tracker.batch() as batch:
        for number in range(40):
            record(batch, number, number)
    expected = [run.run_id for run in tracker.runs(order_by=order_by)]
    found: list[str] = []
    last: Run | None = None
    for page in range(20):
        runs = tracker.runs(order_by=order_by, limit=3, after=last)
        if not runs:
            break
        found += [run.run_id for run in runs]
        last = runs[-1]
        record(tracker, 100 + page, 100 + page)  # new ones
        if order_by != "artifact.model.loss":  # of which the last run of the page does not tell
            change(tracker, last, page)
    assert [run_id for run_id in found if run_id in expected] == expected


def change(tracker: GraphTracker, run: Run, page: int) -> None:
    """Takes the last run of a page away, or changes what it is not ordered by."""
    if page % 3:
        tracker.forget(run.run_id)
    else:
        tracker.add_metadata(run.run_id, note="changed")


def record(tracker: GraphTracker, number: int, hours: int) -> None:
    run_id = f"jobs/{number % 7}/run-{number}"
    values = {"lr": number % 5, "config": {"depth": number % 3}}
    tracker.record(run_id, metadata=values, at=after(hours))
    tracker.add_artifact(run_id, "model", f"/models/{number}.pt", {"loss": (number * 7) % 11})


def test_the_page_after_a_run_is_asked_for_by_its_id_too(tracker: GraphTracker) -> None:
    for number in range(5):
        tracker.record(f"run-{number}", at=after(number))
    assert tracker.run_ids(None, None, 2) == ["run-4", "run-3"]
    assert tracker.run_ids(None, None, 2, "run-3") == ["run-2", "run-1"]
    assert tracker.run_ids(None, None, 2, tracker.run("run-0")) == []


def test_a_page_after_nobody_is_refused(tracker: GraphTracker) -> None:
    tracker.record("run")
    with pytest.raises(RunNotFound, match=r"^no run 'nobody' in .*, so there is no page after it"):
        tracker.runs(after="nobody")


@pytest.mark.parametrize("order_by", ["", "-", " ", "lr <", "len(x)", "1", "lr, loss", "--lr"])
def test_an_order_is_a_key(tracker: GraphTracker, order_by: str) -> None:
    with pytest.raises(InvalidInput):
        tracker.runs(order_by=order_by)


@pytest.mark.parametrize("limit", [-1, True, 1.5, "3"])
def test_a_limit_is_a_whole_number(tracker: GraphTracker, limit: int) -> None:
    with pytest.raises(InvalidInput, match="limit must be a whole number"):
        tracker.runs(limit=limit)
    with pytest.raises(InvalidInput, match="limit must be a whole number"):
        tracker.find("a", limit=limit)


def test_names_of_options_are_keys_of_metadata_to_run_ids(tracker: GraphTracker) -> None:
    tracker.add_metadata("a", limit=1, where="lr < 1", order_by="x", after="b")
    tracker.add_metadata("b", limit=2)
    assert (
        tracker.run_ids(limit=1) == tracker.run_ids(where="lr < 1") == tracker.run_ids(order_by="x", after="b") == ["a"]
    )
    assert tracker.run_ids("limit > 0", None, 1, limit=1) == ["a"]


@pytest.mark.parametrize("option", [{"where": "lr < 1"}, {"limit": 3}, {"order_by": "lr"}])
def test_whoever_meant_the_option_is_told(
    tracker: GraphTracker, option: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    tracker.add_metadata("a", lr=0.1)
    assert tracker.run_ids(**option) == []
    assert "run_ids(where, order_by, limit, after), or ask runs()" in caplog.text


def test_a_page_behind_a_run_begins_where_that_was_though_its_artifact_is_logged_anew(tracker: GraphTracker) -> None:
    for number in range(6):
        tracker.add_artifact(f"run-{number}", "model", "/m.pt", {"loss": number})
    page = tracker.runs(order_by="artifact.model.loss", limit=2)
    tracker.add_artifact("run-1", "model", "/m.pt", {"loss": 99})
    behind = tracker.runs(order_by="artifact.model.loss", after=page[-1])
    assert [run.run_id for run in behind] == ["run-2", "run-3", "run-4", "run-5"]


@pytest.mark.parametrize("order_by", ["loss", "-loss", "-updated", None])
def test_pages_of_an_earlier_time_go_on_behind_an_id(tracker: GraphTracker, order_by: str | None) -> None:
    for number in range(5):
        tracker.record(f"run-{number}", metadata={"loss": number}, at=after(1))
    tracker.record("run-2", metadata={"loss": -7}, at=after(9))
    whole = [run.run_id for run in tracker.runs(order_by=order_by, as_of=after(5))]
    found: list[str] = []
    while page := tracker.runs(order_by=order_by, limit=1, after=found[-1] if found else None, as_of=after(5)):
        found += [run.run_id for run in page]
        assert len(found) <= 5
    assert found == whole
