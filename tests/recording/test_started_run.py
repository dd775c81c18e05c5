"""Runs that a program starts without TorchX: one line to enter, and how they ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import GraphTracker, InvalidInput, StoreError, TrackerArtifact
from graphtracker.api import AppRun, TrackerSource
from graphtracker.jobs.started_run import new_run_id
from graphtracker.stores.sqlite.writing_sql import SCHEMA_VERSION
from tests.support.sqlite_files import sql


@pytest.fixture(autouse=True)
def _context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are remembered by their context, as they are for users."""
    monkeypatch.delenv("GRAPHTRACKER_CONTEXT")


def test_a_block_is_a_run_that_is_remembered_by_its_context(tracker: GraphTracker) -> None:
    with tracker.start_run("train", lr=0.001) as run:
        assert isinstance(run, AppRun)
        assert tracker.run(run).context["status"] == "running"
        run.add_metadata(loss=0.1)
        run.add_artifact("model", "/m.pt", {"size": 3})
        run.add_source("prepare", "rows")
    found = tracker.run(run)
    assert run.id == found.run_id
    assert run.id.startswith(f"local://{os.uname().nodename}/train-")
    assert found.name.startswith("train-")
    assert found.metadata == {"loss": 0.1, "lr": 0.001}
    assert found.context["status"] == "succeeded"
    assert found.context["started_at"] <= found.context["ended_at"]  # type: ignore[operator]
    assert found.context["python"] == sys.version.partition(" ")[0]
    assert found.context["directory"] == os.getcwd()
    assert tracker.artifacts(run) == {"model": TrackerArtifact("model", "/m.pt", {"size": 3})}
    assert set(run.lineage().runs) == {run.id, "prepare"}


def test_two_runs_of_one_name_are_two(tracker: GraphTracker) -> None:
    assert tracker.start_run("train").id != tracker.start_run("train").id
    assert len({new_run_id("train") for _ in range(10_000)}) == 10_000


def test_an_id_may_be_given_and_a_name_left_out(tracker: GraphTracker) -> None:
    assert tracker.start_run("train", run_id="mine").id == "mine"
    assert tracker.start_run(run_id="mine too").id == "mine too"
    assert tracker.run(tracker.start_run()).name.startswith("run-")
    assert sorted(tracker.run_ids())[-2:] == ["mine", "mine too"]


def test_a_name_alone_may_be_a_keyword(tracker: GraphTracker) -> None:
    run = tracker.start_run(name="train", lr=1)
    assert tracker.run(run).name.startswith("train-")
    assert tracker.metadata(run) == {"lr": 1}
    assert tracker.metadata(tracker.start_run("train", name="a key")) == {"name": "a key"}


def test_a_run_without_a_block_is_ended_once(tracker: GraphTracker) -> None:
    run = tracker.start_run("train")
    assert tracker.run(run).context["status"] == "running"
    run.end("failed: by hand")
    with run:
        run.end()
    assert tracker.run(run).context["status"] == "failed: by hand"


def test_a_name_is_any_text_that_an_id_can_hold(tracker: GraphTracker) -> None:
    assert tracker.run(tracker.start_run('{"a"}\n\x1b[0m')).name.startswith('{"a"}\n\x1b[0m-')
    with pytest.raises(InvalidInput, match="4,000"):
        tracker.start_run("x" * 5000)


ENDS: dict[str, tuple[Callable[[], object], str]] = {
    "the end": (lambda: None, "succeeded"),
    "sys.exit()": (lambda: sys.exit(), "succeeded"),
    "sys.exit(0)": (lambda: sys.exit(0), "succeeded"),
    "sys.exit(3)": (lambda: sys.exit(3), "failed: SystemExit"),
    "sys.exit of a text": (lambda: sys.exit("no rows"), "failed: SystemExit"),
    "an exception": (lambda: dict[str, str]()["rows"], "failed: KeyError"),
    "Ctrl-C": (lambda: signal.raise_signal(signal.SIGINT), "failed: KeyboardInterrupt"),
}


@pytest.mark.parametrize("way", ENDS)
def test_how_a_block_is_left_is_recorded_and_goes_on(tracker: GraphTracker, way: str, unmeasured: None) -> None:
    leave, status = ENDS[way]
    raised: BaseException | None = None
    try:
        with tracker.start_run("train", run_id="train"):
            leave()
    except BaseException as error:  # noqa: BLE001  # whatever ends the block
        raised = error
    assert tracker.run("train").context["status"] == status
    assert type(raised).__name__ == {
        "the end": "NoneType",
        "an exception": "KeyError",
        "Ctrl-C": "KeyboardInterrupt",
    }.get(way, "SystemExit")


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "signal.raise_signal(15)"])
def test_what_ends_the_process_without_leaving_the_block_leaves_it_running(tmp_path: Path, end: str) -> None:
    script = f"""
        import os, signal
        from graphtracker import GraphTracker
        with GraphTracker("store.db").start_run(run_id="train"):
            {end}
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, check=False)
    with GraphTracker(tmp_path / "store.db") as tracker:
        assert tracker.run("train").context["status"] == "running"
        assert "ended_at" not in tracker.run("train").context


def test_a_forked_child_that_leaves_the_block_says_nothing_of_its_parents_run(tmp_path: Path) -> None:
    script = """
        import os, sys
        from graphtracker import GraphTracker
        tracker = GraphTracker("store.db")
        with tracker.start_run(run_id="train"):
            child = os.fork()
            if not child:
                sys.exit(3)
            os.waitpid(child, 0)
            print(tracker.run("train").context["status"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout == "running\n"


def test_a_store_that_fails_at_the_end_does_not_hide_the_exception(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.db"
    with GraphTracker(path) as tracker:
        run = tracker.start_run("train")
        sql(path, "PRAGMA user_version = 1000")
        with pytest.raises(KeyError), run:
            raise KeyError("rows")
    assert "cannot record that a run failed" in caplog.text
    sql(path, f"PRAGMA user_version = {SCHEMA_VERSION}")
    with GraphTracker(path) as tracker:
        run = tracker.start_run("train")
        sql(path, "PRAGMA user_version = 1000")
        with pytest.raises(StoreError), run:
            pass


def test_context_can_be_switched_off(tracker: GraphTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTRACKER_CONTEXT", "off")
    with tracker.start_run("train", lr=1) as run:
        pass
    assert tracker.run(run).context == {}
    assert tracker.metadata(run) == {"lr": 1}


def test_context_is_no_metadata(tracker: GraphTracker) -> None:
    with tracker.start_run(user="not I", status="odd") as run:
        pass
    assert tracker.metadata(run) == {"status": "odd", "user": "not I"}
    assert tracker.run(run).context["status"] == "succeeded"
    assert tracker.run_ids(status="succeeded") == []


# -- use ---------------------------------------------------------------------------------------------------------------


def test_what_is_used_is_the_artifact_that_another_run_logged_there_last(tracker: GraphTracker) -> None:
    for maker in ("older", "newer"):
        tracker.add_artifact(maker, "rows", "/data/rows.parquet")
    with tracker.start_run("train") as run:
        run.add_artifact("rows again", "/data/rows.parquet")
        assert run.use("/data//./rows.parquet") == "/data//./rows.parquet"
    assert [(source.source_run_id, source.artifact_name) for source in tracker.sources(run)] == [("newer", "rows")]


def test_what_nobody_logged_is_used_as_an_external_run(
    tracker: GraphTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with tracker.start_run("train") as run:
        assert run.use(Path("rows.csv")) == "rows.csv"
        assert run.use("S3A://Bucket/rows/") == "S3A://Bucket/rows/"
    assert [(source.source_run_id, source.artifact_name) for source in tracker.sources(run)] == [
        (f"{tmp_path}/rows.csv", None),
        ("s3://bucket/rows", None),
    ]
    assert tracker.run("s3://bucket/rows").external


def test_a_path_that_can_be_no_source_is_refused(tracker: GraphTracker) -> None:
    with tracker.start_run("train") as run:
        for path in ("", "/" + "x" * 5000, 3):
            with pytest.raises(InvalidInput):
                run.use(path)  # type: ignore[arg-type]
    assert tracker.sources(run) == []


def test_the_tracker_records_what_a_run_used_too_and_returns_it(tracker: GraphTracker) -> None:
    tracker.add_artifact("prepare", "rows", "/data/rows.parquet")
    tracker.add_artifact("train", "rows again", "/data/rows.parquet")
    assert tracker.add_source_at("train", "/data//rows.parquet") == TrackerSource("prepare", "rows")
    assert tracker.add_source_at("prepare", "/raw") == TrackerSource("/raw", None)
    assert tracker.sources("train") == [TrackerSource("prepare", "rows")]
    assert tracker.sources("prepare") == [TrackerSource("/raw", None)]
    with tracker.batch() as batch:
        batch.add_artifact("newer", "rows", "/data/rows.parquet")
        assert batch.add_source_at("train", "/data/rows.parquet") == TrackerSource("newer", "rows")
    with pytest.raises(InvalidInput):
        tracker.add_source_at("", "/raw")
