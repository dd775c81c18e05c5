"""The last call stands, also that of a host whose clock is behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.api import TrackerArtifact
from graphtracker.model import events
from tests.support.stores import STORES

SECOND = 10**9


@pytest.fixture(params=sorted(set(STORES) - {"spool"}))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store that is written to directly: what goes into a spool keeps the time of its machine."""
    return str(request.param)


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Begins another process, as it were, whose clock is so many seconds ahead."""
    real = time.time_ns

    def shift(seconds: float) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: real() + int(seconds * SECOND))
        events._writer.renew()

    return shift


def test_a_call_of_a_host_that_is_behind_stands(tracker: GraphTracker, shifted: Callable[[float], None]) -> None:
    shifted(90)
    tracker.record(
        "train", metadata={"status": "running", "lr": 1}, artifacts=[TrackerArtifact("model", "/1", {"a": 1})]
    )
    shifted(0)
    tracker.add_metadata("train", status="finished")
    tracker.add_artifact("train", "model", "/2", {"b": 2})
    assert tracker.metadata("train") == {"lr": 1, "status": "finished"}
    assert tracker.artifacts("train") == {"model": TrackerArtifact("model", "/2", {"b": 2})}
    tracker.record("train", metadata={"status": "kept", "new": True}, artifacts=[TrackerArtifact("model", "/3", None)])
    assert tracker.metadata("train") == {"lr": 1, "new": True, "status": "kept"}
    assert tracker.artifacts("train")["model"].path == "/3"


def test_its_run_was_created_when_it_was(tracker: GraphTracker, shifted: Callable[[float], None]) -> None:
    shifted(90)
    tracker.add_metadata("train", status="running")
    created = tracker.run("train").created_at
    shifted(0)
    tracker.add_metadata("train", status="finished")
    run = tracker.run("train")
    assert run.created_at == created
    assert run.updated_at is not None
    assert run.updated_at > created


def test_what_follows_is_later_too(tracker: GraphTracker, shifted: Callable[[float], None]) -> None:
    shifted(90)
    tracker.add_metadata("train", status="running")
    shifted(0)
    tracker.add_metadata("train", status="finished")
    tracker.add_metadata("next", status="running")
    assert tracker.run_ids() == ["next", "train"]


def test_a_batch_of_such_a_host_stands(tracker: GraphTracker, shifted: Callable[[float], None]) -> None:
    shifted(90)
    with tracker.batch() as batch:
        for number in range(20):
            batch.add_metadata(f"run-{number}", status="running", number=number)
    shifted(0)
    with tracker.batch() as batch:
        for number in range(0, 20, 2):
            batch.add_metadata(f"run-{number}", status="interim")
            batch.add_metadata(f"run-{number}", status="finished")
    assert set(tracker.run_ids(status="finished")) == {f"run-{number}" for number in range(0, 20, 2)}
    assert len(tracker.run_ids(status="running")) == 10


def test_a_time_that_was_given_is_kept(tracker: GraphTracker, shifted: Callable[[float], None]) -> None:
    tracker.add_metadata("train", status="running")
    tracker.record("train", metadata={"status": "earlier"}, at=datetime.now(timezone.utc) - timedelta(hours=1))
    assert tracker.metadata("train") == {"status": "running"}
    assert tracker.run("train").created_at < datetime.now(timezone.utc) - timedelta(minutes=30)


def test_a_time_far_ahead_that_was_given_moves_no_clock(tracker: GraphTracker) -> None:
    ahead = datetime(2200, 1, 1, tzinfo=timezone.utc)
    tracker.record("train", metadata={"status": "planned"}, at=ahead)
    tracker.add_metadata("train", status="running")
    assert tracker.metadata("train") == {"status": "running"}
    tracker.add_metadata("other", status="running")
    assert tracker.run("other").created_at < datetime(2199, 1, 1, tzinfo=timezone.utc)


def test_what_comes_by_a_spool_keeps_the_time_of_its_machine(
    tracker: GraphTracker, tmp_path: Path, shifted: Callable[[float], None]
) -> None:
    shifted(-90)
    with GraphTracker(tmp_path / "behind.spool") as behind:
        behind.add_metadata("train", status="of a machine that is behind", step=1)
    shifted(0)
    tracker.add_metadata("train", status="finished")
    tracker.copy_from(tmp_path / "behind.spool")
    assert tracker.metadata("train") == {"status": "finished", "step": 1}


# -- two processes -----------------------------------------------------------------------------------------------------


def told_by_another_process(url: str, seconds: int, *statements: str) -> None:
    """Makes the calls in a process whose clock is so many seconds ahead."""
    script = [
        "import time",
        "real = time.time_ns",
        f"time.time_ns = lambda: real() + {seconds} * 10**9",
        "from graphtracker import GraphTracker",
        f"tracker = GraphTracker({url!r})",
        *statements,
        "tracker.close()",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "GRAPHTRACKER_CONTEXT"}
    subprocess.run([sys.executable, "-c", "\n".join(script)], check=True, env=environment)


@pytest.mark.parametrize(("first", "second"), [(60, 0), (0, 60)])
def test_of_two_processes_with_clocks_a_minute_apart_the_later_call_stands(
    tracker: GraphTracker, first: int, second: int
) -> None:
    values = "tracker.record('train', metadata={'lr': %d}, artifacts={'model': '/%d'})"
    for number, seconds in enumerate((first, second, first)):
        told_by_another_process(tracker._recorder.store.url, seconds, values % (number, number))
        assert tracker.metadata("train") == {"lr": number}
        assert tracker.artifacts("train")["model"].path == f"/{number}"
    run = tracker.run("train")
    assert run.created_at <= (run.reported_at or run.created_at) < (run.updated_at or run.created_at)


@pytest.mark.parametrize(("first", "second"), [(60, 0), (0, 60)])
def test_of_their_contexts_too(tracker: GraphTracker, first: int, second: int) -> None:
    for number, seconds in enumerate((first, second, first)):
        ended = f"tracker.start_run(run_id='train').end('failed: Error{number}')"
        told_by_another_process(tracker._recorder.store.url, seconds, ended)
        assert tracker.run("train").context["status"] == f"failed: Error{number}"


def test_forgetting_does_not_ask_whose_clock_is_right(tracker: GraphTracker) -> None:
    url = tracker._recorder.store.url
    told_by_another_process(url, 60, "tracker.add_metadata('train', lr=1)", "tracker.add_source('deploy', 'train')")
    told_by_another_process(url, 0, "tracker.forget('train', links=False)")
    assert tracker.run("train").metadata == {}
    told_by_another_process(url, 0, "tracker.forget('train')")
    assert tracker.run("train").external
    told_by_another_process(url, 60, "assert tracker.run('train').forgotten")
