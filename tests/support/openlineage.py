"""OpenLineage as its own client writes it, and as its own schemas check it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from graphtracker import GraphTracker, Lineage
from graphtracker.exchange.report import Report
from graphtracker.imports import events_of
from tests.support.needs import missing

try:
    from jsonschema import Draft202012Validator
    from openlineage.client import OpenLineageClient, event_v2
    from openlineage.client.transport.file import FileConfig, FileTransport
    from referencing import Registry, Resource
except ImportError as error:
    missing(f"{error.name} is not installed")

SPEC = Path(__file__).parent / "openlineage_spec"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
PRODUCER = "https://example.org/tests"

Dataset = tuple[str, str]
"""A namespace, a name."""


def run_uuid(name: str) -> str:
    """A run's id, the same for the same name."""
    return str(uuid5(UUID(int=0), name))


def said(
    job: str,
    state: str | None,
    minute: float,
    inputs: Iterable[Dataset | event_v2.InputDataset] = (),
    outputs: Iterable[Dataset | event_v2.OutputDataset] = (),
    *,
    run_facets: Mapping[str, Any] | None = None,
    job_facets: Mapping[str, Any] | None = None,
) -> event_v2.RunEvent:
    """An event of the one run of a job, so many minutes past noon."""
    return event_v2.RunEvent(
        eventType=None if state is None else event_v2.RunState(state),
        eventTime=(NOON + timedelta(minutes=minute)).isoformat(),
        run=event_v2.Run(run_uuid(job), facets=dict(run_facets or {})),
        job=event_v2.Job("jobs", job, facets=dict(job_facets or {})),
        inputs=[one if isinstance(one, event_v2.InputDataset) else event_v2.InputDataset(*one) for one in inputs],
        outputs=[one if isinstance(one, event_v2.OutputDataset) else event_v2.OutputDataset(*one) for one in outputs],
        producer=PRODUCER,
    )


def id_of(job: str) -> str:
    """The id that the run of a job has with us."""
    return f"jobs/{job}/{run_uuid(job)}"


def emitted(path: Path, events: Iterable[Any]) -> str:
    """Writes events with the client's file transport; returns the file's name."""
    client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(path), append=True)))
    for event in events:
        client.emit(event)
    client.close()
    return str(path)


def imported(source: str | Path, tracker: GraphTracker | None = None) -> tuple[Lineage, str]:
    """What a store, by default a new one, holds after an import, and what the import says."""
    report = Report()
    with tracker or GraphTracker(":memory:") as store:
        store.copy_from(events_of("openlineage", str(source), report))
        return store.graph(), report.sentence()


@cache
def _validators() -> tuple[Any, Any]:
    """Of events, and of the files of facets by where their schema says it is."""
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SPEC.glob("*.json"))]
    registry: Any = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)
    checker = Draft202012Validator.FORMAT_CHECKER

    def validator(schema: Any) -> Any:
        return Draft202012Validator(schema, registry=registry, format_checker=checker)

    [core] = [schema for schema in schemas if schema["$id"].endswith("/OpenLineage.json")]
    return validator(core), lambda url: validator({"$ref": url})


def check(event: Any) -> None:
    """Raises unless the event, and each of its facets, is what the schema says that it names."""
    core, of_facet = _validators()
    core.validate(event)
    for owner in (event["run"], event["job"], *event["inputs"], *event["outputs"]):
        for facet in owner.get("facets", {}).values():
            of_facet(facet["_schemaURL"]).validate(facet)
