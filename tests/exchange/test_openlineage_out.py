"""OpenLineage out: every event is valid, says what the lineage does in its words, and is read back with everything."""

from __future__ import annotations

import json
import tracemalloc
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given, settings

from graphtracker import GraphTracker, Lineage, TrackerArtifact, TrackerSource
from graphtracker.exchange.report import Report
from graphtracker.export import export
from graphtracker.imports import events_of
from graphtracker.model.events import ContextSet, Event, least_stamp
from tests.support.hostile import HOSTILE, metadata_of, obeyed, random_texts, record
from tests.support.openlineage import check, imported
from tests.support.oracle import Call, tell
from tests.support.remembered import record_remembered
from tests.support.strategies import STORE_PER_EXAMPLE, event_sets, histories
from tests.support.tools import exported
from tests.support.values_of_note import BY_HAND

AT = datetime(2026, 3, 1, tzinfo=timezone.utc)
FEWER = settings(STORE_PER_EXAMPLE, max_examples=30)


def events_in(lineage: Lineage) -> list[Any]:
    events = [json.loads(line) for line in exported(lineage, "openlineage").splitlines()]
    for event in events:
        check(event)
    return events


def read_back(lineage: Lineage, folder: Path) -> Lineage:
    """What a new store answers that the exported file was imported into, twice."""
    path = folder / "events.ndjson"
    lineage.save(str(path))
    once, _ = imported(path)
    with GraphTracker(":memory:") as tracker:
        for _ in range(2):
            tracker.copy_from(events_of("openlineage", str(path), Report()))
        assert tracker.graph().to_dict() == once.to_dict()
    return once


def same(lineage: Lineage, folder: Path) -> bool:
    return json.dumps(read_back(lineage, folder).to_dict()) == json.dumps(lineage.to_dict())


# -- there and back ----------------------------------------------------------------------------------------------------


@FEWER
@given(calls=histories, events=event_sets())
def test_what_any_store_holds_is_read_back(calls: list[Call], events: list[Event], tmp_path_factory: Any) -> None:
    with GraphTracker(":memory:") as tracker:
        tell(tracker, calls)
        tracker._recorder.store.write(events)
        lineage = tracker.graph()
    events_in(lineage)
    assert same(lineage, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_data(text: str, tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        record(tracker, text)
        lineage = tracker.graph()
    assert len(events_in(lineage)) == sum(not run.external for run in lineage.runs.values())
    assert not obeyed(exported(lineage, "openlineage"))
    again = read_back(lineage, tmp_path)
    assert again.runs[text].metadata == metadata_of(text)
    assert again.to_dict() == lineage.to_dict()


def test_random_texts_are_data(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        for text in random_texts(1, 200):
            record(tracker, text)
        assert same(tracker.graph(), tmp_path)


def test_every_type_of_value_is_read_back(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_metadata("run", **BY_HAND)
        tracker.add_artifact("run", "model", "/model", BY_HAND)
        assert same(tracker.graph(), tmp_path)


def test_context_and_what_is_forgotten_are_read_back(tmp_path: Path) -> None:
    with GraphTracker(":memory:") as tracker:
        record_remembered(tracker)
        assert same(tracker.graph(), tmp_path)


def test_a_run_that_reported_last_at_the_epoch_is_read_back(tmp_path: Path) -> None:
    """Its time is 0, which is a time like any other."""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    with GraphTracker(":memory:") as tracker:
        tracker.record("train", sources=["prepare"], at=epoch - timedelta(days=1))
        tracker.record("prepare", metadata={"seed": 7}, at=epoch)
        assert same(tracker.graph(), tmp_path)


def test_all_is_told_though_events_are_lost() -> None:
    """A run's event has its sources with the external runs that it names first: each run stands for itself."""
    with GraphTracker(":memory:") as tracker:
        for number in range(3):
            tracker.add_source(f"run-{number}", "s3://data", "rows")
        first, second, _ = (event["run"]["facets"]["graphtracker_run"] for event in events_in(tracker.graph()))
    assert [run["run_id"] for run in first["runs"]] == ["run-0", "s3://data"]
    assert [run["run_id"] for run in second["runs"]] == ["run-1"]


# -- what others read --------------------------------------------------------------------------------------------------


def trained() -> Lineage:
    with GraphTracker(":memory:") as tracker:
        tracker.record("prepare", artifacts=[TrackerArtifact("rows", "s3://bucket/rows")], at=AT)
        tracker.record(
            "scope://jobs/train-1",
            artifacts=[TrackerArtifact("model", "/models/1.pt"), TrackerArtifact("same", "/models//1.pt")],
            sources=[TrackerSource("prepare", "rows"), TrackerSource("prepare"), TrackerSource("s3://raw")],
            at=AT,
        )
        return tracker.graph()


def test_an_event_says_what_a_run_read_and_wrote() -> None:
    prepare, train = events_in(trained())
    assert train["run"]["runId"] == str(uuid5(NAMESPACE_URL, "scope://jobs/train-1"))
    assert (train["job"]["namespace"], train["job"]["name"]) == ("graphtracker", "train-1")
    assert train["eventTime"] == AT.isoformat(timespec="microseconds")
    assert train["inputs"] == [
        {"namespace": "s3://bucket", "name": "rows"},
        {"namespace": "graphtracker", "name": "run:prepare"},
        {"namespace": "graphtracker", "name": "run:s3://raw"},
    ]
    assert train["outputs"] == [{"namespace": "file", "name": "/models/1.pt"}]
    assert prepare["outputs"] == [
        {"namespace": "s3://bucket", "name": "rows"},
        {"namespace": "graphtracker", "name": "run:prepare"},  # which somebody used as a whole
    ]


def test_the_lineage_facet_says_what_flowed_where() -> None:
    prepare, train = events_in(trained())
    me = {"type": "JOB", "runId": train["run"]["runId"]}
    assert train["job"]["facets"]["lineage"]["entries"] == [
        {
            **me,
            "inputs": [
                {"type": "DATASET", "namespace": "s3://bucket", "name": "rows"},
                {"type": "JOB", "namespace": "graphtracker", "name": "prepare", "runId": prepare["run"]["runId"]},
                {"type": "DATASET", "namespace": "graphtracker", "name": "run:s3://raw"},
            ],
        },
        {"type": "DATASET", "namespace": "file", "name": "/models/1.pt", "inputs": [me]},
    ]


def test_an_artifact_without_a_place_is_a_dataset_of_ours() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "base", 'model "1"')
        tracker.add_artifact("train", "empty", "")
        [event] = events_in(tracker.graph())
    assert event["inputs"] == [{"namespace": "graphtracker", "name": r'artifact:["base","model \"1\""]'}]
    assert event["outputs"] == [{"namespace": "graphtracker", "name": 'artifact:["train","empty"]'}]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("succeeded", "COMPLETE"),
        ("failed: ValueError", "FAIL"),
        ("running", "RUNNING"),
        ("odd", "OTHER"),
        (None, "OTHER"),
    ],
)
def test_the_type_of_an_event_is_that_of_the_status(status: str | None, kind: str) -> None:
    ended_at = AT + timedelta(hours=1)
    context: dict[str, object] = {"ended_at": ended_at, **({} if status is None else {"status": status})}
    with GraphTracker(":memory:") as tracker:
        tracker.record("run", at=AT)
        tracker._recorder.store.write([ContextSet("run", context, least_stamp(0))])
        [event] = events_in(tracker.graph())
    assert event["eventType"] == kind
    told = ended_at if kind in ("COMPLETE", "FAIL") else AT
    assert datetime.fromisoformat(event["eventTime"]) == told
    error = event["run"]["facets"].get("errorMessage")
    assert (error and error["message"]) == ("ValueError" if kind == "FAIL" else None)


def test_external_runs_have_no_event_and_are_said_to_have_none() -> None:
    told: list[str] = []
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "s3://data")
        whole, alone = tracker.graph(), tracker.lineage("s3://data", direction="upstream")
    assert len(events_in(whole)) == 1
    assert [*export(whole, "openlineage", tell=told.append)]
    assert told == []
    assert [*export(alone, "openlineage", tell=told.append)] == []
    assert told == [
        "OpenLineage does not say what was asked; "
        "OpenLineage has events of runs alone; left out: 1 external run that none of them names"
    ]


def test_the_question_is_said_to_be_unsaid() -> None:
    with GraphTracker(":memory:") as tracker:
        tracker.add_source("train", "prepare")
        tracker.add_source("prepare", "fetch")
        answers = tracker.lineage("train"), tracker.lineage("train", depth=1), tracker.graph(as_of=AT)
    told: list[str] = []
    for answer in answers:
        b"".join(export(answer, "openlineage", tell=told.append))
    assert told == [
        "OpenLineage does not say what was asked",
        "OpenLineage does not say what was asked and that not all is there",
        "OpenLineage does not say what was asked",
    ]


def test_events_are_made_one_by_one() -> None:
    with GraphTracker(":memory:") as tracker:
        with tracker.batch() as batch:
            for number in range(3000):
                batch.add_metadata(f"run-{number}", note="x" * 500)
                batch.add_source(f"run-{number}", f"data-{number}", "rows")
        lineage = tracker.graph()
    total = sum(map(len, export(lineage, "openlineage")))
    tracemalloc.start()
    largest = max(map(len, export(lineage, "openlineage")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert largest < 100_000
    assert peak < total / 3
