"""An MLflow store of many runs, copied row by row from one of few that MLflow's own client has written.

The client takes a fifth of a second for a run; SQLite copies thousands in that.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.mlflow_stores import MLflow

# Table → columns that get the number of the copy behind them, so that each row is another one of another run. All of
# them name runs, inputs, datasets and models within these tables; a dataset of another digest is another one. Copies of
# a run keep its folder of files, which is listed for each of them.
_OTHERS = {
    "runs": ("run_uuid",),
    "params": ("run_uuid",),
    "tags": ("run_uuid",),
    "metrics": ("run_uuid",),
    "latest_metrics": ("run_uuid",),
    "datasets": ("dataset_uuid", "digest"),
    "inputs": ("input_uuid", "source_id", "destination_id"),
    "input_tags": ("input_uuid",),
    "logged_models": ("model_id", "source_run_id", "artifact_location"),
}
_LATER = {"start_time", "end_time"}  # of the runs of a copy, than those of the one before
_HOUR = 3_600_000


def copied(few: MLflow, folder: Path, copies: int) -> MLflow:
    """A new store in a folder with so many copies of each run of another, its inputs and its models."""
    many = MLflow("sqlite", folder)
    with closing(sqlite3.connect(folder / "mlflow.db", isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS few", [str(few.folder / "mlflow.db")])
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("INSERT OR IGNORE INTO main.experiments SELECT * FROM few.experiments")
        for table, others in _OTHERS.items():
            connection.execute(_statement(connection, table, others), {"copies": copies, "hour": _HOUR})
        connection.execute("COMMIT")
    return many


def _statement(connection: sqlite3.Connection, table: str, others: tuple[str, ...]) -> str:
    columns = [column for _, column, *_ in connection.execute("SELECT * FROM few.pragma_table_info(?)", [table])]
    values = [
        f"\"{column}\" || '-' || i"
        if column in others
        else f'"{column}" + i * :hour'
        if column in _LATER
        else f'"{column}"'
        for column in columns
    ]
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :copies) "
        f'INSERT INTO main."{table}" ({names}) SELECT {", ".join(values)} FROM n CROSS JOIN few."{table}"'
    )
