"""OpenLineage's client with its file transport: an event for each run; it has no questions, a server would answer."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import datasource_dataset, tags_run
from openlineage.client.transport.file import FileConfig, FileTransport

from tests.benchmarks.field.contender import CannotAnswer
from tests.benchmarks.graphs import RecordedRun

_NAMESPACE = "benchmark"


class Contender:
    """One file of JSON lines, appended to."""

    def __init__(self, folder: str, url: str) -> None:
        self._path = os.path.join(folder, "events.jsonl")
        self._client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=self._path, append=True)))

    def call(self, run: RecordedRun) -> None:
        self.record(run._replace(artifacts=[], sources=[]))

    def record(self, run: RecordedRun) -> None:
        self._client.emit(
            RunEvent(
                eventType=RunState.COMPLETE,
                eventTime=datetime.now(timezone.utc).isoformat(),
                run=Run(runId=str(uuid.uuid4()), facets={"tags": _tags(run)}),
                job=Job(namespace=_NAMESPACE, name=run.run_id),
                inputs=[InputDataset(namespace=source, name=name or "*") for source, name in run.sources],
                outputs=[
                    OutputDataset(
                        run.run_id, name, facets={"dataSource": datasource_dataset.DatasourceDatasetFacet(name, path)}
                    )
                    for name, path in run.artifacts
                ],
                producer="https://example.org/graphtracker",
            )
        )

    def load(self, many: Iterable[RecordedRun]) -> None:
        for run in many:
            self.record(run)

    def lineage(self, run_id: str) -> Any:
        raise CannotAnswer("has no questions")

    def answer(self, found: Any) -> Any:
        raise CannotAnswer("has no questions")

    def run_count(self) -> int:
        with open(self._path, encoding="utf-8") as file:
            return sum(1 for _ in file)

    def close(self) -> None:
        self._client.close()


def _tags(run: RecordedRun) -> tags_run.TagsRunFacet:
    return tags_run.TagsRunFacet(
        [tags_run.TagsRunFacetFields(key, str(value), "USER") for key, value in run.metadata.items()]
    )
