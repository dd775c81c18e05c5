"""An answer in plain JSON types."""

from __future__ import annotations

from typing import Any

from graphtracker.model.encoding import to_json
from graphtracker.model.question import Answer
from graphtracker.model.times import time_text
from graphtracker.model.values import Artifact, Node, Run, Source

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
    """What was asked, and whether the answer is whole; ``begin`` is there where paths alone are asked for."""
    begin = None if answer.question is None else answer.question.begin
    return {
        "graphtracker": FORMAT,
        "start": _node_to_json(answer.start),
        **({} if begin is None else {"begin": _node_to_json(begin)}),
        "direction": answer.direction,
        "depth": answer.depth,
        "max_runs": answer.max_runs,
        "as_of": time_text(answer.as_of),
        "complete": answer.complete,
        "reasons": sorted(answer.reasons),
        "frontier": {run_id: sorted(answer.frontier[run_id]) for run_id in sorted(answer.frontier)},
    }


def _node_to_json(node: Node | None) -> str | list[str] | None:
    return list(node) if isinstance(node, tuple) else node


def run_to_dict(run: Run) -> dict[str, Any]:
    """A run in plain JSON types."""
    return {
        "run_id": run.run_id,
        "name": run.name,
        "external": run.external,
        "forgotten": run.forgotten,
        "metadata": {key: to_json(value) for key, value in run.metadata.items()},
        "context": {key: to_json(value) for key, value in run.context.items()},
        "created_at": time_text(run.created_at),
        "reported_at": time_text(run.reported_at),
        "updated_at": time_text(run.updated_at),
    }


def artifact_to_dict(artifact: Artifact) -> dict[str, Any]:
    """An artifact in plain JSON types."""
    return {
        "run_id": artifact.run_id,
        "name": artifact.name,
        "path": artifact.path,
        "place": artifact.place,
        "declared": artifact.declared,
        "metadata": {key: to_json(value) for key, value in artifact.metadata.items()},
        "created_at": time_text(artifact.created_at),
        "logged_at": time_text(artifact.logged_at),
        "updated_at": time_text(artifact.updated_at),
    }


def source_to_dict(source: Source) -> dict[str, Any]:
    """A source in plain JSON types."""
    return {
        "run_id": source.run_id,
        "source_run_id": source.source_run_id,
        "artifact_name": source.artifact_name,
        "created_at": time_text(source.created_at),
    }
