"""The datasets that MLflow's runs used, by the sources that they are here."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

CONTEXT = "mlflow.data.context"


def named(dataset: Any, experiment: str) -> tuple[str, str]:
    """The external run and its artifact that a dataset is; of other data by the same name it is another artifact."""
    source = dataset.source
    place = _place(source) if isinstance(source, str) else None
    return place or f"mlflow-dataset:/{experiment}/{dataset.name}", f"{dataset.name}@{dataset.digest}"


@lru_cache(100)  # most runs used the data of another one
def _place(source: str) -> str | None:
    """Where it says that it is: the first of its uri, path and url."""
    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        return None
    values = (found.get(key) for key in ("uri", "path", "url")) if isinstance(found, dict) else ()
    return next((value for value in values if isinstance(value, str) and value), None)
