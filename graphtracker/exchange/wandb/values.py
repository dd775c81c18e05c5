"""The values of a config or a summary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from graphtracker.exchange.report import Report

_OF_ITS_OWN = frozenset({"_runtime", "_step", "_timestamp", "_wandb"})
"""What W&B itself says: when, after how many steps, with what. Users may have other keys that begin so."""


def prefixed(prefix: str, values: Mapping[str, Any], report: Report) -> dict[str, object]:
    """The values, prefix and dot before their keys, without W&B's own and without media, which are counted."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if key in _OF_ITS_OWN:
            continue
        if _is_media(value):
            report.leave_out("media")
            continue
        found[f"{prefix}.{key}"] = value
    return found


def _is_media(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("_type"), str)


def present(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """W&B's own fields of a run or an artifact, by the names under which they are metadata, but for the empty ones."""
    return ((f"wandb.{key}", value) for key, value in values.items() if value not in (None, "", [], 0))


def update(values: dict[str, Any], change: Any, report: Report) -> None:
    """Puts the changed items in, which are of one key or of nested ones, and takes the removed ones out."""
    for item in change.update:
        keys = list(item.nested_key) or [item.key]
        try:
            value = json.loads(item.value_json)
        except (ValueError, RecursionError):
            report.leave_out("values other than JSON")
            continue
        inner = values
        for key in keys[:-1]:
            found = inner.get(key)
            inner[key] = inner = found if isinstance(found, dict) else {}
        inner[keys[-1]] = value
    for item in change.remove:
        _remove(values, list(item.nested_key) or [item.key])


def _remove(values: Any, keys: list[str]) -> None:
    for key in keys[:-1]:
        values = values.get(key) if isinstance(values, dict) else None
    if isinstance(values, dict):
        values.pop(keys[-1], None)
