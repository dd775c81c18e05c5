"""What is found by an index is not looked for in every row, whatever SQLite's planner knows of the store."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from graphtracker import GraphTracker
from graphtracker.model.question import JointQuestion
from graphtracker.stores.filters.parsing import condition
from graphtracker.stores.filters.selection import Selection, order
from graphtracker.stores.snapshot import Snapshot
from graphtracker.stores.sqlite.snapshot import SQLiteSnapshot
from tests.support.recording import after

LAST = "run-7"
ASKED: dict[str, Callable[[Snapshot], object]] = {
    "the newest": lambda store: store.runs(Selection(limit=20)),
    "all ids": lambda store: store.run_ids(Selection()),
    "the next page": lambda store: store.runs(Selection(limit=20, after=store.run(LAST))),
    "a range": lambda store: store.runs(Selection(condition("0 < lr < 5"))),
    "a range of the newest": lambda store: store.runs(Selection(condition("lr < 5"), limit=20)),
    "a common value of the newest": lambda store: store.runs(Selection(condition("note == 'a'"), limit=2)),
    "a long text": lambda store: store.runs(Selection(condition(f"note == '{'a' * 200}'"))),
    "one of two keys": lambda store: store.runs(Selection(condition("lr == 3 and note in ['a', 'b']"))),
    "the best": lambda store: store.runs(Selection(order_by=order("-lr"), limit=1)),
    "the next best": lambda store: store.runs(Selection(order_by=order("lr"), limit=1, after=store.run(LAST))),
    "since a day": lambda store: store.run_ids(Selection(condition("created > '2024-01-03'"), limit=5)),
    "made from a run": lambda store: store.runs(Selection(parent_run_id="data")),
    "a name": lambda store: store.named("run-3", beginning=False, limit=5),
    "a beginning": lambda store: store.named("run-", beginning=True, limit=5),
    "keys": lambda store: store.keys("l", 5),
    "the newest at a place": lambda store: store.newest_at(["/rows.parquet"]),
    "several lineages": lambda store: store.lineages(JointQuestion((LAST, "run-3"), "upstream")),
}
SORTED = re.compile(r"USE TEMP B-TREE FOR ORDER BY")
EVERY_ROW = re.compile(r"SCAN (?:r|run|m|metadata|s|source|a|artifact)\b(?! USING (?:COVERING )?INDEX run_newest)")


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("name", ASKED)
def test_no_statement_reads_every_row(tmp_path: Path, name: str, analysed: bool) -> None:
    path = tmp_path / "lineage.db"
    with GraphTracker(path) as tracker, tracker.batch() as batch:
        for number in range(50):
            values, artifacts = {"lr": number, "note": "a"}, {"rows": "/rows.parquet"}
            batch.record(f"run-{number}", metadata=values, artifacts=artifacts, sources=["data"], at=after(number))
    connection = sqlite3.connect(path, isolation_level=None)
    if analysed:
        connection.execute("ANALYZE")
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    ASKED[name](SQLiteSnapshot(connection.cursor()))
    connection.set_trace_callback(None)
    assert statements
    for statement in statements:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if EVERY_ROW.search(step)], (statement, plan)
        assert name != "the newest at a place" or not [step for step in plan if SORTED.search(step)], (statement, plan)
    connection.close()
