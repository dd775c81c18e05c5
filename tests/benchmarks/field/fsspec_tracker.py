"""TorchX's FsspecTracker on local files; its answer is one reading of every run's sources, walked in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable

import fsspec
from torchx.tracker.backend.fsspec import FsspecTracker

from tests.benchmarks.field.contender import Answer, Links
from tests.benchmarks.graphs import RecordedRun


class Contender:
    """A folder with a folder for each run.

    ``run_ids(parent_run_id=...)`` looks at every run for each question: reading all sources once is faster.
    """

    def __init__(self, folder: str, url: str) -> None:
        root = os.path.join(folder, "runs")
        os.makedirs(root, exist_ok=True)
        self._tracker = FsspecTracker(fsspec.filesystem("file"), root)

    def call(self, run: RecordedRun) -> None:
        self._tracker.add_metadata(run.run_id, **run.metadata)

    def record(self, run: RecordedRun) -> None:
        self.call(run)
        for name, path in run.artifacts:
            self._tracker.add_artifact(run.run_id, name, path)
        for source, name in run.sources:
            self._tracker.add_source(run.run_id, source, name)

    def load(self, many: Iterable[RecordedRun]) -> None:
        for run in many:
            self.record(run)

    def lineage(self, run_id: str) -> Answer:
        tracker = self._tracker
        links = Links(
            (each, source.source_run_id, source.artifact_name or "")
            for each in tracker.run_ids()
            for source in tracker.sources(each)
        )
        runs = links.lineage(run_id)
        return Answer(
            {each: tracker.metadata(each) for each in runs},
            [(each, item.name, item.path) for each in runs for item in tracker.artifacts(each).values()],
            links.among(runs),
        )

    def answer(self, found: Answer) -> Answer:
        return found

    def run_count(self) -> int:
        return len(list(self._tracker.run_ids()))

    def close(self) -> None:
        pass
