"""An answer in plain JSON types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.model.display import printable, quoted
from graphtracker.model.encoding import from_json, to_json
from graphtracker.model.question import Answer, Question, checked_question
from graphtracker.model.times import time_from_text, time_text
from graphtracker.model.values import Artifact, Run, Source

FORMAT = 1
"""The version of this layout; it stands first in the dict."""


def to_dict(answer: Answer) -> dict[str, Any]:
    """The answer in plain JSON types, in the order of ids."""
    return {
        **asked_to_dict(answer),
        "runs": [run_to_dict(run) for run in answer.runs.values()],
        "artifacts": [artifact_to_dict(artifact) for artifact in answer.artifacts.values()],
        "sources": [source_to_dict(source) for source in answer.sources],
    }


def asked_to_dict(answer: Answer) -> dict[str, Any]:
    """What was asked, and whether the answer is whole."""
    start = answer.start
    return {
        "graphtracker": FORMAT,
        "start": list(start) if isinstance(start, tuple) else start,
        "direction": answer.direction,
        "depth": answer.depth,
        "max_runs": answer.max_runs,
        "complete": answer.complete,
        "reasons": sorted(answer.reasons),
        "frontier": {run_id: sorted(answer.frontier[run_id]) for run_id in sorted(answer.frontier)},
    }


def run_to_dict(run: Run) -> dict[str, Any]:
    """A run in plain JSON types."""
    return {
        "run_id": run.run_id,
        "name": run.name,
        "external": run.external,
        "metadata": {key: to_json(value) for key, value in run.metadata.items()},
        "created_at": time_text(run.created_at),
        "updated_at": time_text(run.updated_at),
    }


def artifact_to_dict(artifact: Artifact) -> dict[str, Any]:
    """An artifact in plain JSON types."""
    return {
        "run_id": artifact.run_id,
        "name": artifact.name,
        "path": artifact.path,
        "declared": artifact.declared,
        "metadata": {key: to_json(value) for key, value in artifact.metadata.items()},
        "created_at": time_text(artifact.created_at),
        "updated_at": time_text(artifact.updated_at),
    }


def source_to_dict(source: Source) -> dict[str, Any]:
    """A source in plain JSON types."""
    return {"run_id": source.run_id, "source_run_id": source.source_run_id, "artifact_name": source.artifact_name}


def from_dict(data: Mapping[str, Any]) -> Answer:
    """The answer of what ``to_dict`` wrote; raises InvalidInput where it is something else."""
    if not isinstance(data, Mapping) or data.get("graphtracker") != FORMAT:
        raise InvalidInput(f"this is no lineage of format {FORMAT}: {quoted(data)}; give what Lineage.to_dict() wrote")
    try:
        return _answer(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidInput(
            f"this is no lineage, something in it is missing or misshapen ({printable(str(error))}); "
            "give what Lineage.to_dict() wrote"
        ) from error


def _question(data: Mapping[str, Any]) -> Question | None:
    start = data["start"]
    if start is None:
        return None
    run_id, name = (start, None) if isinstance(start, str) else start
    return checked_question(run_id, name, data["direction"], data["depth"], data["max_runs"])


def _answer(data: Mapping[str, Any]) -> Answer:
    question = _question(data)
    runs = [Run(**{**item, **_restored(item)}) for item in data["runs"]]
    artifacts = [Artifact(**{**item, **_restored(item)}) for item in data["artifacts"]]
    return Answer(
        question,
        {run.run_id: run for run in runs},
        {(artifact.run_id, artifact.name): artifact for artifact in artifacts},
        [Source(**item) for item in data["sources"]],
        frozenset(data["reasons"]),
        {run_id: frozenset(directions) for run_id, directions in data["frontier"].items()},
    )


def _restored(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {key: from_json(value) for key, value in item["metadata"].items()},
        "created_at": time_from_text(item["created_at"]),
        "updated_at": time_from_text(item["updated_at"]),
    }
