"""The context of a launch: recorded unasked, once, by its first rank, with how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerSource
from graphtracker.jobs import launch, remembering
from graphtracker.torchx import TorchXTracker, create
from tests.support.jobs import JOB_ID, told
from tests.support.tools import run

AT = datetime(2020, 1, 1, tzinfo=timezone.utc)

Ends = list[Callable[[str], None]]


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    """This process records its context; what it would do at its end is in this list."""
    watching: Ends = []
    monkeypatch.setenv("GRAPHTRACKER_CONTEXT", "")
    monkeypatch.setattr(remembering, "watch", watching.append)
    monkeypatch.setattr(remembering, "_remembered", set())
    launch._of_this_process.cache_clear()
    yield watching
    launch._told.clear()


def context(tracker: GraphTracker, run_id: str = JOB_ID) -> Mapping[str, object]:
    return tracker.run(run_id).context


# -- when it is recorded -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize(
    "call",
    [
        lambda tracker: tracker.add_metadata(JOB_ID),
        lambda tracker: tracker.add_metadata(JOB_ID, lr=0.1),
        lambda tracker: tracker.add_artifact(JOB_ID, "model", "/model"),
        lambda tracker: tracker.add_source(JOB_ID, "prepare"),
        lambda tracker: tracker.record(JOB_ID, sources=[TrackerSource("prepare", None)], at=AT),
        lambda tracker: [tracker.add_metadata("other"), tracker.add_metadata(JOB_ID)],
    ],
)
def test_the_first_call_on_the_run_of_this_launch_records_it(
    tracker: TorchXTracker, call: Callable[[TorchXTracker], object]
) -> None:
    call(tracker)
    assert context(tracker)["status"] == "running"
    assert {"host", "directory", "command", "python", "started_at"} <= set(context(tracker))


@pytest.mark.usefixtures("_job")
def test_a_batch_records_it(tracker: TorchXTracker) -> None:
    with tracker.batch() as batch:
        batch.add_metadata("other", lr=0.1)
        batch.add_metadata(JOB_ID, lr=0.1)
    assert context(tracker)["status"] == "running"
    assert context(tracker, "other") == {}


def test_a_launch_without_an_id_has_one_too(tracker: TorchXTracker) -> None:
    tracker.add_metadata("<UNDEFINED>", lr=0.1)
    (run_id,) = tracker.run_ids()
    assert context(tracker, run_id)["status"] == "running"


def test_a_launch_that_a_person_named_has_one_too(tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_RUN_ID", "train")
    tracker.add_metadata("<UNDEFINED>", lr=0.1)
    assert context(tracker, "train")["status"] == "running"


@pytest.mark.usefixtures("_job")
def test_what_is_said_of_other_runs_records_none(tracker: TorchXTracker, tmp_path: Path, ends: Ends) -> None:
    with GraphTracker(tmp_path / "other.db") as other:
        other.add_metadata(JOB_ID, lr=0.1)
    tracker.add_metadata("other", lr=0.1)
    tracker.add_source("other", JOB_ID)
    tracker.copy_from(tmp_path / "other.db")
    assert [context(tracker), context(tracker, "other")] == [{}, {}]
    assert ends == []


@pytest.mark.usefixtures("_job")
def test_the_bare_verbs_record_none(store: Path) -> None:
    with GraphTracker(store) as tracker:
        tracker.add_metadata(JOB_ID, lr=0.1)
        assert context(tracker) == {}


@pytest.mark.usefixtures("_job")
@pytest.mark.parametrize("value", ["off", "OFF", "0", "false", "no", " off "])
def test_the_environment_says_that_none_is_recorded(
    tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, ends: Ends, value: str
) -> None:
    monkeypatch.setenv("GRAPHTRACKER_CONTEXT", value)
    tracker.add_metadata(JOB_ID, lr=0.1)
    assert context(tracker) == {}
    assert ends == []


@pytest.mark.usefixtures("_job")
def test_another_rank_records_none(tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, ends: Ends) -> None:
    monkeypatch.setenv("RANK", "1")
    tracker.add_metadata(JOB_ID, lr=0.1)
    assert context(tracker) == {}
    assert ends == []


@pytest.mark.usefixtures("_job")
def test_a_store_has_it_once_however_many_trackers_there_are(
    tracker: TorchXTracker, store: Path, tmp_path: Path, ends: Ends
) -> None:
    tracker.add_metadata(JOB_ID, lr=0.1)
    first = context(tracker)
    with create(str(store)) as again, create(str(tmp_path / "other.db")) as other:
        again.add_metadata(JOB_ID, lr=0.2)
        other.add_metadata(JOB_ID, lr=0.2)
        assert context(tracker) == first
        assert context(other) == first
    assert len(ends) == 2


@pytest.mark.usefixtures("_job")
def test_the_end_adds_a_time_and_the_status(tracker: TorchXTracker, ends: Ends) -> None:
    tracker.add_metadata(JOB_ID, lr=0.1)
    begun = context(tracker)
    tracker.close()
    ends[0]("failed: ValueError")
    over = context(tracker)
    assert over["status"] == "failed: ValueError"
    assert {key: over[key] for key in over if key not in ("status", "ended_at")} == {
        key: begun[key] for key in begun if key != "status"
    }


# -- nothing of it hurts the job ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_job")
def test_an_error_in_it_is_told_and_the_call_recorded(
    tracker: TorchXTracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(remembering, "started", lambda at: {"mood": at})
    tracker.add_metadata(JOB_ID, lr=0.1)
    tracker.add_metadata(JOB_ID, seed=1)
    assert tracker.metadata(JOB_ID) == {"lr": 0.1, "seed": 1}
    (line,) = told(caplog)
    assert "does not record the context of this run: context has no key 'mood'" in line


@pytest.mark.usefixtures("_job")
def test_a_store_that_fails_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, ends: Ends) -> None:
    (tmp_path / "store.db").write_text("This is no database, and it never was one.", encoding="utf-8")
    with create(str(tmp_path / "store.db")) as tracker:
        tracker.add_metadata(JOB_ID, lr=0.1)
        ends[0]("succeeded")
    assert len([line for line in told(caplog) if "cannot use its store" in line]) == 1


# -- the ways out of real programs -------------------------------------------------------------------------------------

JOB = """\
import os, signal, sys, threading
from graphtracker.torchx import create
tracker = create(sys.argv[1])
tracker.add_metadata(os.environ["TORCHX_JOB_ID"], lr=0.1)
"""
WAYS_OUT = {
    "": (0, "succeeded"),
    "tracker.close()": (0, "succeeded"),
    "sys.exit()": (0, "succeeded"),
    "sys.exit(3)": (3, "failed: SystemExit"),
    "raise ValueError": (1, "failed: ValueError"),
    "del tracker; raise ValueError": (1, "failed: ValueError"),
    "raise SystemExit(3)": (3, "running"),
    "os._exit(3)": (3, "running"),
    "signal.raise_signal(signal.SIGTERM)": (-15, "running"),
    "signal.raise_signal(signal.SIGKILL)": (-9, "running"),
    "signal.raise_signal(signal.SIGINT)": (-2, "failed: KeyboardInterrupt"),
    "os.fork() or sys.exit(3); os.wait()": (0, "succeeded"),
}


def ended(folder: Path, way_out: str, url: str, **variables: str) -> int:
    (folder / "train.py").write_text(JOB + way_out, encoding="utf-8")
    code, _ = WAYS_OUT[way_out]
    run(folder, "python", "train.py", url, env={"TORCHX_JOB_ID": JOB_ID, **variables}, code=code)
    return code


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_a_program_is_remembered_by_how_it_ended(tmp_path: Path, way_out: str) -> None:
    ended(tmp_path, way_out, "lineage.db")
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        over = context(tracker)
    assert over["status"] == WAYS_OUT[way_out][1]
    assert ("ended_at" in over) == (over["status"] != "running")
    assert str(over["command"]).endswith(" train.py lineage.db")


@pytest.mark.parametrize("way_out", ["", "sys.exit(3)", "raise ValueError", "os._exit(3)"])
def test_what_cannot_be_delivered_at_the_end_waits_with_the_rest(tmp_path: Path, way_out: str) -> None:
    spools = tmp_path / "spools"
    ended(tmp_path, way_out, "bolt://127.0.0.1:1", GRAPHTRACKER_SPOOL=str(spools), GRAPHTRACKER_EXIT_TIMEOUT="0.1")
    with GraphTracker(spools) as tracker:
        assert tracker.metadata(JOB_ID) == {"lr": 0.1}
        assert context(tracker)["status"] == WAYS_OUT[way_out][1]


@pytest.mark.parametrize("way_out", ["", "raise ValueError"])
def test_a_spool_folder_in_the_place_of_a_store_has_it(tmp_path: Path, way_out: str) -> None:
    (tmp_path / "team.spool").mkdir()
    ended(tmp_path, way_out, "team.spool")
    with GraphTracker(tmp_path / "team.spool") as tracker:
        assert context(tracker)["status"] == WAYS_OUT[way_out][1]
