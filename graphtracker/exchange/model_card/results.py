"""The results in a card's model index, by dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtracker.exchange.report import Report

FIELD = "model-index"
"""The field: https://github.com/huggingface/hub-docs/blob/main/modelcard.md?plain=1."""


def of_index(index: object, report: Report) -> dict[str, object]:
    """Key → value of each result; what is of another shape is counted."""
    found: dict[str, object] = {}
    for dataset, metric in _metrics(index):
        where, value = _dataset(dataset), _items(metric).get("value")
        keys = [f"results.{where}.{name}" for name in _names(metric)]
        key = next((key for key in keys if key not in found), None)
        if where is None or value is None or key is None:
            report.leave_out("results without a dataset, a metric or a value of their own")
        else:
            report.add("results")
            found[key] = value
    return found


def _metrics(models: object) -> Iterator[tuple[object, object]]:
    """Each metric with the dataset that it is about."""
    for model in _list(models):
        for result in _list(_items(model).get("results")):
            for metric in _list(_items(result).get("metrics")):
                yield _items(result).get("dataset"), metric


def _dataset(dataset: object) -> str | None:
    said = _items(dataset)
    called = next((said[key] for key in ("type", "name") if _is_text(said.get(key))), None)
    return called and "/".join([called, *(said[key] for key in ("config", "split") if _is_text(said.get(key)))])


def _names(metric: object) -> list[str]:
    said = _items(metric)
    return [said[key] for key in ("type", "name") if _is_text(said.get(key))]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _items(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
