"""What others do to the file of a tracker that has it open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from graphtracker import GraphTracker, SchemaMismatch


def restored(backup: Path, store: Path) -> None:
    """Puts the backup back as SQLite does, which may be done beside open connections."""
    source, target = sqlite3.connect(backup), sqlite3.connect(store)
    source.backup(target)
    source.close()
    target.close()


def test_a_backup_that_is_put_back_beside_it_mixes_no_runs_up(tmp_path: Path) -> None:
    backup, store = tmp_path / "backup.db", tmp_path / "lineage.db"
    with GraphTracker(backup) as other:
        for number in range(5):
            other.add_metadata(f"backup-{number}", number=number)
    with GraphTracker(store) as tracker:
        for number in range(5):
            tracker.add_metadata(f"job-{number}", number=number)
        restored(backup, store)
        tracker.add_metadata("job-2", after=True)
        tracker.add_source("job-3", "backup-1")
        tracker.add_source("job-3", "job-4", "model")
        graph = tracker.graph()
    assert {run_id: dict(run.metadata) for run_id, run in graph.runs.items()} == {
        **{f"backup-{number}": {"number": number} for number in range(5)},
        "job-2": {"after": True},
        "job-3": {},
        "job-4": {},
    }
    assert {(source.run_id, source.node) for source in graph.sources} == {
        ("job-3", "backup-1"),
        ("job-3", ("job-4", "model")),
    }


def test_runs_that_were_deleted_by_hand_are_made_anew(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("train", lr=1)
        other = sqlite3.connect(tmp_path / "lineage.db")
        other.execute("DELETE FROM metadata")
        other.execute("DELETE FROM run")
        other.execute("INSERT INTO run (run_id, created_at, reported_at, updated_at) VALUES ('by hand', 0, 0, 0)")
        other.commit()
        other.close()
        tracker.add_metadata("train", lr=2)
        assert {run_id: dict(run.metadata) for run_id, run in tracker.graph().runs.items()} == {
            "by hand": {},
            "train": {"lr": 2},
        }


def test_a_schema_that_is_raised_beside_it_is_not_written_to(tmp_path: Path) -> None:
    with GraphTracker(tmp_path / "lineage.db") as tracker:
        tracker.add_metadata("train", lr=1)
        other = sqlite3.connect(tmp_path / "lineage.db")
        other.execute("PRAGMA user_version = 1000")
        other.execute("CREATE TABLE more (id)")
        other.close()
        for call in (lambda: tracker.add_metadata("train", lr=2), lambda: tracker.metadata("train")):
            with pytest.raises(SchemaMismatch, match="1000"):
                call()
