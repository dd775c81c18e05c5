"""SQLite files of other programs and versions, and what is expected of a store that meets them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import (
    GraphTracker,
    GraphTrackerError,
)
from graphtracker.stores.sqlite.file import SQLiteFile

Use = Callable[[GraphTracker], object]


READS: dict[str, Use] = {
    "artifacts": lambda tracker: tracker.artifacts("run"),
    "metadata": lambda tracker: tracker.metadata("run"),
    "sources": lambda tracker: tracker.sources("run"),
    "run_ids": lambda tracker: tracker.run_ids(),
    "runs": lambda tracker: tracker.runs(limit=1),
    "consumers": lambda tracker: tracker.consumers("run"),
    "find_artifacts": lambda tracker: tracker.find_artifacts("model.pt"),
    "graph": lambda tracker: tracker.graph(),
    "lineage": lambda tracker: tracker.lineage("run"),
    "health": lambda tracker: tracker.health(),
}


WRITES: dict[str, Use] = {
    "add_artifact": lambda tracker: tracker.add_artifact("run", "model", "model.pt"),
    "add_metadata": lambda tracker: tracker.add_metadata("run", lr=0.1),
    "add_source": lambda tracker: tracker.add_source("run", "data"),
    "record": lambda tracker: tracker.record("run"),
}


def fill(path: Path, runs: int = 200) -> None:
    """A store of a few dozen pages."""
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for number in range(runs):
            batch.add_metadata(f"run-{number}", note="x" * 200)
            batch.add_source(f"run-{number}", f"run-{number - 1}")


def content(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder by its name, with its bytes; None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refusal(tracker: GraphTracker, use: Use) -> GraphTrackerError:
    with tracker, pytest.raises(GraphTrackerError) as caught:
        use(tracker)
    return caught.value


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def limited(monkeypatch: pytest.MonkeyPatch, limit: Callable[[sqlite3.Connection], object]) -> None:
    """Every connection that is opened from now on gets a limit."""
    prepared = SQLiteFile._prepared

    def prepare(file: SQLiteFile, connection: sqlite3.Connection) -> sqlite3.Connection:
        limit(connection)
        return prepared(file, connection)

    monkeypatch.setattr(SQLiteFile, "_prepared", prepare)
