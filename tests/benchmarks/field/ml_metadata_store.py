"""ML Metadata on SQLite: ``put_execution``, in bulk ``put_lineage_subgraph``; asked by ``get_lineage_subgraph``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from tests.benchmarks.field.contender import Answer, batches
from tests.benchmarks.graphs import RecordedRun

_MOST_HOPS = 100  # what a question may ask for; it is refused nothing beyond, and gets no more


class Contender:
    """Runs are executions, named by their ids; a whole run as a source is an artifact of its own."""

    def __init__(self, folder: str, url: str) -> None:
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = f"{folder}/mlmd.db"
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self._store = metadata_store.MetadataStore(config)
        self._run = self._store.put_execution_type(pb.ExecutionType(name="Run"))
        self._artifact = self._store.put_artifact_type(pb.ArtifactType(name="Artifact"))
        self._known: dict[str, Any] = {}  # artifact name → artifact with its id, so that none is looked up again
        self._recorded: set[str] = set()  # an execution has a name of its own: of replicas, the first one records

    def call(self, run: RecordedRun) -> None:
        self._store.put_executions([self._execution(run)])

    def record(self, run: RecordedRun) -> None:
        self._recorded.add(run.run_id)
        pairs = [(artifact, pb.Event(type=pb.Event.OUTPUT)) for artifact in self._outputs(run)]
        pairs += [(artifact, pb.Event(type=pb.Event.INPUT)) for artifact in self._inputs(run)]
        _, ids, _ = self._store.put_execution(self._execution(run), pairs, [])
        self._learn([artifact for artifact, _ in pairs], ids)

    def load(self, many: Iterable[RecordedRun]) -> None:
        for batch in batches(self._new(many), 500):
            artifacts: dict[str, tuple[int, pb.Artifact]] = {}
            edges = []
            for number, run in enumerate(batch):
                for kind, those in ((pb.Event.OUTPUT, self._outputs(run)), (pb.Event.INPUT, self._inputs(run))):
                    for artifact in those:
                        place, _ = artifacts.setdefault(artifact.name, (len(artifacts), artifact))
                        edges.append((number, place, pb.Event(type=kind)))
            listed = [artifact for _, artifact in artifacts.values()]
            executions = [self._execution(run) for run in batch]
            _, ids, _ = self._store.put_lineage_subgraph(executions, listed, [], edges)
            self._learn(listed, ids)

    def _learn(self, artifacts: Iterable[Any], ids: Iterable[int]) -> None:
        for artifact, number in zip(artifacts, ids, strict=True):
            artifact.id = number
            self._known[artifact.name] = artifact

    def _new(self, many: Iterable[RecordedRun]) -> Iterator[RecordedRun]:
        for run in many:
            if run.run_id not in self._recorded:
                self._recorded.add(run.run_id)
                yield run

    def _execution(self, run: RecordedRun) -> Any:
        execution = pb.Execution(type_id=self._run, name=run.run_id)
        for key, value in run.metadata.items():
            if type(value) is int:
                execution.custom_properties[key].int_value = value
            else:  # a double is kept with six digits after the point
                execution.custom_properties[key].string_value = str(value)
        return execution

    def _outputs(self, run: RecordedRun) -> list[Any]:
        return [self._output(run.run_id, *artifact) for artifact in [*run.artifacts, ("", "")]]

    def _output(self, run_id: str, name: str, path: str) -> Any:
        full = json.dumps([run_id, name])
        known = self._known.get(full)
        return pb.Artifact(id=known.id if known else None, type_id=self._artifact, name=full, uri=path)

    def _inputs(self, run: RecordedRun) -> list[Any]:
        return [self._known.get(json.dumps(source)) or self._output(*source, "") for source in run.sources]

    def lineage(self, run_id: str) -> Answer:
        executions: dict[int, Any] = {}
        artifacts: dict[int, Any] = {}
        events: set[tuple[int, int, bool]] = set()
        options = pb.LineageSubgraphQueryOptions
        for direction in (options.UPSTREAM, options.DOWNSTREAM):
            asked = options(max_num_hops=_MOST_HOPS, direction=direction)
            asked.starting_executions.filter_query = f"name = {json.dumps(run_id)}"
            graph = self._store.get_lineage_subgraph(asked, ["executions", "artifacts", "events"])
            executions.update((each.id, each) for each in graph.executions)
            artifacts.update((each.id, each) for each in graph.artifacts)
            events |= {(e.execution_id, e.artifact_id, e.type == pb.Event.INPUT) for e in graph.events}
        self._add_those_of_whole_runs(executions, artifacts, events)
        names = {number: tuple(json.loads(each.name)) for number, each in artifacts.items()}
        runs = {each.name: _metadata(each) for each in executions.values()}
        sources = [(executions[run].name, *names[item]) for run, item, used in events if used and run in executions]
        for source in sources:
            runs.setdefault(source[1], {})
        return Answer(runs, [(*names[number], each.uri) for number, each in artifacts.items() if each.uri], sources)

    def _add_those_of_whole_runs(
        self, executions: dict[int, Any], artifacts: dict[int, Any], events: set[tuple[int, int, bool]]
    ) -> None:
        """Adds the artifacts of runs that were used whole: the lineage has only the one that stands for them."""
        used = {item for _, item, as_input in events if as_input}
        whole = {name for name, part in (json.loads(artifacts[item].name) for item in used) if not part}
        ids = [number for number, execution in executions.items() if execution.name in whole]
        if ids:
            made = self._store.get_events_by_execution_ids(ids)
            missing = {event.artifact_id for event in made if event.type == pb.Event.OUTPUT} - artifacts.keys()
            artifacts.update((each.id, each) for each in self._store.get_artifacts_by_id(list(missing)))

    def answer(self, found: Answer) -> Answer:
        return found

    def run_count(self) -> int:
        return len(self._store.get_executions())

    def close(self) -> None:
        del self._store


def _metadata(execution: Any) -> dict[str, Any]:
    return {key: getattr(value, value.WhichOneof("value")) for key, value in execution.custom_properties.items()}
