"""The registered model versions of MLflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtracker.errors import InvalidInput
from graphtracker.exchange.history import History
from graphtracker.exchange.mlflow.models import Models
from graphtracker.exchange.mlflow.runs import run_id_of
from graphtracker.exchange.mlflow.server import Server
from graphtracker.exchange.mlflow.times import first_and_last
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event

_PROMPT = "mlflow.prompt.is_prompt"


def versions(server: Server, models: Models, report: Report) -> Iterator[list[Event]]:
    """The events of each registered model version; of prompts, which are kept among them, only their number is told."""
    for _ in server.search("search_registered_models", filter_string=f"tags.`{_PROMPT}` = 'true'"):
        report.leave_out("prompts")
    aliases = _aliases(server)
    for version in server.search("search_model_versions"):
        if str(version.tags.get(_PROMPT)).lower() == "true":
            continue
        try:
            history = History(f"models:/{version.name}/{version.version}", report)
        except InvalidInput:
            report.leave_out("registered model versions whose name cannot be stored")
            continue
        report.add("registered model versions")
        named = aliases.get((str(version.name), str(version.version)), ())
        _tell(history, version, sorted(named), models, report)
        yield history.events()


def _aliases(server: Server) -> dict[tuple[str, str], list[str]]:
    """(Name, version) → aliases, which searching for versions does not tell in a database."""
    found: dict[tuple[str, str], list[str]] = {}
    for model in server.search("search_registered_models"):
        for alias, version in model.aliases.items():
            found.setdefault((str(model.name), str(version)), []).append(alias)
    return found


def _tell(history: History, version: Any, aliases: list[str], models: Models, report: Report) -> None:
    first, last = first_and_last(version.creation_timestamp, version.last_updated_timestamp, False)
    history.reported(first)
    history.context({"user": version.user_id}, first)
    history.metadata({f"tags.{key}": value for key, value in version.tags.items()}, last)
    history.metadata({"aliases": aliases, "stage": version.current_stage}, last)
    if version.description:
        history.metadata({"description": version.description}, last)
    source = _source(version, models)
    if source is not None:
        report.add("sources", history.source(*source, first))


def _source(version: Any, models: Models) -> tuple[str, str | None] | None:
    """The run, and the artifact of it, that the version is; else the place that it was made from."""
    source = str(version.source or "")
    model_id = str(version.model_id or source.removeprefix("models:/"))
    model = models.by_id.get(model_id) or models.by_path.get(source)
    if model and model.run_id:
        return run_id_of(model.run_id), model.artifact
    if version.run_id:
        return run_id_of(version.run_id), _path_in(str(version.run_id), source)
    return (source, None) if source else None


def _path_in(run_id: str, source: str) -> str | None:
    """The path among a run's artifacts that a URI names, if it does."""
    for root in (f"runs:/{run_id}/", f"/{run_id}/artifacts/"):
        _, found, path = source.partition(root)
        if found:
            return path.strip("/") or None
    return None
