"""The walk of a folder of Parquet in Spark: from every run, along the links and against them.

It runs in Spark's own environment, with the folder and the file for what it found: a direction, a run, a run there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

_FOR_SMALL_TABLES = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}


def main(folder: str, found: str) -> None:
    alone = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    inside = {"spark.sql.warehouse.dir": f"{folder}.warehouse", "spark.local.dir": f"{folder}.local"}
    spark = SparkSession.builder.master("local[1]").config(map={**_FOR_SMALL_TABLES, **alone, **inside}).getOrCreate()
    nodes, edges = (spark.read.parquet(f"{folder}/{name}.parquet") for name in ("nodes", "edges"))
    runs = nodes.where("kind = 'run'").select("id", "run_id").cache()
    along = edges.selectExpr("'downstream' AS way", "src AS id", "dst AS next")
    steps = along.union(edges.selectExpr("'upstream' AS way", "dst AS id", "src AS next")).cache()
    reached = waiting = steps.select("way").distinct().crossJoin(runs.selectExpr("run_id AS start", "id"))
    while not waiting.isEmpty():
        beyond = waiting.join(steps, ["way", "id"]).selectExpr("way", "start", "next AS id").distinct()
        waiting = beyond.join(reached, ["way", "start", "id"], "left_anti").localCheckpoint()
        reached = reached.union(waiting)
    triples = [[row.way, row.start, row.run_id] for row in reached.join(runs, "id").collect()]
    Path(found).write_text(json.dumps(triples), encoding="utf-8")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
