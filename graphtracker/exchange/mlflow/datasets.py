"""The datasets that MLflow's runs used, by the sources that they are here."""

from __future__ import annotations

import json
from typing import Any

CONTEXT = "mlflow.data.context"


def named(dataset: Any, experiment: str) -> tuple[str, str]:
    """The external run and its artifact that a dataset is; of other data by the same name it is another artifact."""
    place = _place(dataset.source) or f"mlflow-dataset:/{experiment}/{dataset.name}"
    return place, f"{dataset.name}@{dataset.digest}"


def _place(source: object) -> str | None:
    """Where it says that it is: the first of its uri, path and url."""
    try:
        found = json.loads(source) if isinstance(source, str) else None
    except (ValueError, RecursionError):
        return None
    values = (found.get(key) for key in ("uri", "path", "url")) if isinstance(found, dict) else ()
    return next((value for value in values if isinstance(value, str) and value), None)
