"""Fits a line through the rows of the run that ``torchx run --parent_run_id`` named."""

import csv
import json
import os
from pathlib import Path

from torchx.tracker.api import AppRun

run = AppRun.run_from_env()
run.add_source(os.environ["TORCHX_PARENT_RUN_ID"], "rows")

with open("rows.csv", encoding="utf-8", newline="") as file:
    points = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
slope = sum(x * y for x, y in points) / sum(x * x for x, _ in points)
model = Path("model.json").absolute()
model.write_text(json.dumps({"slope": slope}), encoding="utf-8")

run.add_metadata(points=len(points), loss=sum((y - slope * x) ** 2 for x, y in points))
run.add_artifact("model", str(model))
print("trained")
