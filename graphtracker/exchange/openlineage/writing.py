"""An answer as OpenLineage's run events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from graphtracker.exchange.openlineage.facet import FACET, Externals, facet_of
from graphtracker.exchange.openlineage.naming import OURS, Dataset, dataset_at
from graphtracker.exchange.openlineage.schemas import ERROR_MESSAGE, EVENT, LINEAGE
from graphtracker.model.context_rows import has_failed
from graphtracker.model.counted import counted
from graphtracker.model.display import listed, printable_json
from graphtracker.model.encoding import compact
from graphtracker.model.question import Answer
from graphtracker.model.times import time_text
from graphtracker.model.values import Artifact, Run, Source

_TYPES = {"running": "RUNNING", "succeeded": "COMPLETE"}
"""Status → type of the event; a failed one is FAIL, any other OTHER."""


def openlineage(answer: Answer) -> Iterator[str]:
    """An event a line for each run that is not external, in the order of ids; the same for equal answers."""
    externals = Externals(answer)
    wholly_used = frozenset(source.source_run_id for source in answer.sources if source.artifact_name is None)
    for run, artifacts, sources in _by_run(answer):
        if not run.external:
            event = _event(run, _Flow(answer, run, artifacts, sources, wholly_used))
            event["run"]["facets"][FACET] = facet_of(run, artifacts, sources, externals)
            yield printable_json(compact(event)) + "\n"


def unsaid(answer: Answer) -> str | None:
    """What no event says, for people: the question, and external runs that no run of the answer names."""
    kinds = {
        "what was asked": answer.question is not None or answer.as_of is not None,
        "that not all is there": not answer.complete,
    }
    unasked = listed(kind for kind, there in kinds.items() if there)
    told = [f"OpenLineage does not say {unasked}"] if unasked else []
    return "; ".join([*told, *_without_event(answer)]) or None


def _without_event(answer: Answer) -> Iterator[str]:
    external = {run_id for run_id, run in answer.runs.items() if run.external}
    unnamed = external - {source.source_run_id for source in answer.sources}
    if unnamed:
        left_out = counted(len(unnamed), "external run")
        yield f"OpenLineage has events of runs alone; left out: {left_out} that none of them names"


def _by_run(answer: Answer) -> Iterator[tuple[Run, list[Artifact], list[Source]]]:
    """Each run with its artifacts and its sources, which are in the order of runs, too."""
    artifacts, sources = iter(answer.artifacts.values()), iter(answer.sources)
    artifact, source = next(artifacts, None), next(sources, None)
    for run_id, run in answer.runs.items():
        own, named = [], []
        while artifact is not None and artifact.run_id == run_id:
            own.append(artifact)
            artifact = next(artifacts, None)
        while source is not None and source.run_id == run_id:
            named.append(source)
            source = next(sources, None)
        yield run, own, named


def _event(run: Run, flow: _Flow) -> dict[str, Any]:
    status = str(run.context.get("status", ""))
    failed = has_failed(run.context)
    facets = {"errorMessage": _error(status)} if failed else {}
    ended_at = run.context.get("ended_at") if failed or status == "succeeded" else None
    return {
        "eventType": "FAIL" if failed else _TYPES.get(status, "OTHER"),
        "eventTime": time_text(ended_at or run.updated_at or run.reported_at or run.created_at),  # type: ignore[arg-type]  # context's type is a time
        "run": {"runId": _uuid(run.run_id), "facets": facets},
        "job": {**_job(run), "facets": {"lineage": {**LINEAGE, "entries": flow.entries()}}},
        "inputs": [_named(dataset) for dataset in flow.inputs],
        "outputs": [_named(dataset) for dataset in flow.outputs],
        **EVENT,
    }


def _error(status: str) -> dict[str, str]:
    return {**ERROR_MESSAGE, "message": status.removeprefix("failed: "), "programmingLanguage": "Python"}


def _job(run: Run) -> dict[str, str]:
    return {"namespace": OURS, "name": run.name}


def _uuid(run_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, run_id))


def _named(dataset: Dataset) -> dict[str, str]:
    return {"namespace": dataset[0], "name": dataset[1]}


def _dataset_of(artifact: Artifact) -> Dataset:
    if artifact.place:
        return dataset_at(artifact.place)
    return OURS, f"artifact:{compact([artifact.run_id, artifact.name])}"


def _dataset_of_run(run_id: str) -> Dataset:
    return OURS, f"run:{run_id}"


class _Flow:
    """The datasets that went into a run, those that came out, each once, and how the facet ``lineage`` says it."""

    def __init__(
        self, answer: Answer, run: Run, artifacts: list[Artifact], sources: list[Source], wholly_used: frozenset[str]
    ) -> None:
        self._run_id = run.run_id
        self._runs = [answer.runs[source.source_run_id] for source in sources if source.artifact_name is None]
        used = [
            answer.artifacts[source.source_run_id, source.artifact_name]
            for source in sources
            if source.artifact_name is not None
        ]
        self._used = dict.fromkeys(map(_dataset_of, used))
        self.inputs = dict.fromkeys([*self._used, *(_dataset_of_run(source.run_id) for source in self._runs)])
        made = [_dataset_of(artifact) for artifact in artifacts if not artifact.declared]
        self.outputs = dict.fromkeys([*made, *([_dataset_of_run(run.run_id)] if run.run_id in wholly_used else [])])

    def entries(self) -> list[dict[str, Any]]:
        """That the run came of what it used, and what it made of the run: by way of it, not each of each."""
        me = {"type": "JOB", "runId": _uuid(self._run_id)}
        into = [{"type": "DATASET", **_named(dataset)} for dataset in self._used]
        into += map(_whole, self._runs)
        out = [{"type": "DATASET", **_named(dataset), "inputs": [me]} for dataset in self.outputs]
        return [{**me, "inputs": into}, *out]


def _whole(run: Run) -> dict[str, str]:
    """A whole run as an input: an external one has no job."""
    if run.external:
        return {"type": "DATASET", **_named(_dataset_of_run(run.run_id))}
    return {"type": "JOB", **_job(run), "runId": _uuid(run.run_id)}
