"""What answers show of runs, artifacts, sources: rows that are safe to show."""

from __future__ import annotations

from typing import Any

from graphtracker.mcp.texts import LONGEST_TEXT, shown, text_shown
from graphtracker.model.times import to_the_second
from graphtracker.model.values import Artifact, Node, Run


def run_row(run: Run) -> dict[str, Any]:
    """A run in short: what it is known by, since when, how it ended."""
    status = {"status": text_shown(str(run.context["status"]))} if "status" in run.context else {}
    return {**run_head(run), **status}


def run_head(run: Run) -> dict[str, Any]:
    """What a run is known by, and since when."""
    row: dict[str, Any] = {"run_id": shown(run.run_id)}
    row |= {key: True for key in ("external", "forgotten") if getattr(run, key)}
    return {**row, "created_at": to_the_second(run.created_at)}


def artifact_row(artifact: Artifact, longest: int = LONGEST_TEXT) -> dict[str, Any]:
    """An artifact in short, below its run, with so many characters of its path."""
    row: dict[str, Any] = {"name": shown(artifact.name)}
    row |= {"declared": True} if artifact.declared else {}
    return row | ({} if artifact.path is None else {"path": text_shown(artifact.path, longest)})


def source_row(run_id: str, artifact_name: str | None) -> dict[str, Any]:
    """A source, or a consumer, in short."""
    return {"run_id": shown(run_id), "artifact_name": None if artifact_name is None else shown(artifact_name)}


def node_shown(node: Node) -> str | list[str]:
    """A run id, or the run id and the name of an artifact."""
    return shown(node) if isinstance(node, str) else [shown(part) for part in node]
