"""How long it takes to import OpenLineage's events, beside loading what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from graphtracker import GraphTracker
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from tests.benchmarks.graphs import projects
from tests.benchmarks.importing import beside_loading, beside_recording
from tests.benchmarks.measuring import Result
from tests.benchmarks.recording import fill_tracker


def of_openlineage(folder: Path, *, runs: int = 20_000, rounds: int = 3) -> Iterator[Result]:
    """Events with our own facet, and two events a run as others write them."""
    ours, others = folder / "ours.ndjson", folder / "others.ndjson"
    fill_tracker(folder / "recorded.db", projects(runs, size=2500))
    with GraphTracker(folder / "recorded.db") as tracker:
        tracker.graph().save(str(ours))
    with ours.open(encoding="utf-8") as lines, others.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for line in lines for event in _as_others(json.loads(line)))
    for whose, source in (("ours", ours), ("others'", others)):
        read = partial(events_of, "openlineage", str(source), Report())
        what = f"OpenLineage ({whose}) of {runs:,} runs"
        yield beside_loading(folder, what, read, rounds)
        yield beside_recording(folder, what, read, rounds)


def _as_others(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A START and a COMPLETE, the run's metadata as the fields of a facet."""
    facet = event["run"]["facets"].pop("graphtracker_run")
    own = {key: facet[key] for key in ("_producer", "_schemaURL")}
    event["run"]["facets"]["parameters"] = {**own, **facet["runs"][0]["metadata"]}
    event["job"]["facets"] = {}
    yield {**event, "eventType": "START", "outputs": []}
    yield {**event, "eventType": "COMPLETE"}
