"""The logged models of MLflow, by the artifacts that they are here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from graphtracker.exchange.mlflow.server import Server
from graphtracker.exchange.times import from_milliseconds

_HISTORY = "mlflow.log-model.history"  # a tag, where MLflow 2 kept its models


class Model(NamedTuple):
    """A logged model: the artifact of this name of that run ('' where no run is known to have logged it)."""

    model_id: str
    run_id: str
    artifact: str
    path: str
    kind: str | None
    base: str
    """Its name in MLflow, which others may have, too."""


class Models:
    """All logged models of some experiments."""

    def __init__(self, found: Iterable[Any]) -> None:
        self.by_id: dict[str, Model] = {}
        self.by_path: dict[str, Model] = {}
        self._of_run: dict[str, list[Model]] = {}
        taken: set[tuple[str, str]] = set()
        for each in sorted(
            found, key=lambda each: (from_milliseconds(each.creation_timestamp) or 0, str(each.model_id))
        ):
            # Files of YAML may hold anything where text should be.
            model_id, run_id = str(each.model_id), str(each.source_run_id or "")
            name, path = str(each.name or model_id), str(each.artifact_location or "")
            artifact = f"{name}@{model_id}" if (run_id, name) in taken else name
            taken.add((run_id, artifact))
            model = Model(model_id, run_id, artifact, path, each.model_type, name)
            self.by_id[model.model_id] = self.by_path[model.path] = model
            if run_id:
                self._of_run.setdefault(run_id, []).append(model)

    def __len__(self) -> int:
        return len(self.by_id)

    def of_run(self, run_id: str, outputs: Iterable[str]) -> list[Model]:
        """The models that a run logged, and those that it has as outputs though another, or none, logged them."""
        found = list(self._of_run.get(run_id, ()))
        names = {model.artifact for model in found}
        for model in filter(None, map(self.by_id.get, outputs)):
            if model.run_id != run_id:
                name = f"{model.base}@{model.model_id}" if model.base in names else model.base
                names.add(name)
                found.append(model._replace(artifact=name))
        return found


def all_models(server: Server, experiments: Iterable[str]) -> Models:
    """The logged models of these experiments, by id."""
    return Models(each for id in experiments for each in server.search("search_logged_models", experiment_ids=[id]))


def of_mlflow_2(tags: dict[str, str]) -> Iterator[str]:
    """The paths, among a run's artifacts, of the models that MLflow 2 logged."""
    try:
        entries = json.loads(tags.get(_HISTORY, "[]"))
    except (ValueError, RecursionError):
        return
    for entry in entries if isinstance(entries, list) else ():
        path = entry.get("artifact_path") if isinstance(entry, dict) else None
        if isinstance(path, str) and path and ":" not in path and not path.startswith("/"):
            yield path
