"""A run or an artifact as a small HTML table, as notebooks show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from graphtracker.model.display import printable, shorten
from graphtracker.model.encoding import dumps

if TYPE_CHECKING:
    from graphtracker.model.values import Artifact, Run

_LONGEST = 200  # characters of a value
_MOST = 50  # metadata values


def run_table(run: Run) -> str:
    """The HTML of a run: what it is called, when it was there, its metadata."""
    kind = "external run" if run.external else "run"
    return _table(f"{kind} {run.name}", [("run_id", run.run_id), *_times(run)], run.metadata)


def artifact_table(artifact: Artifact) -> str:
    """The HTML of an artifact: whose it is, where it lies, its metadata."""
    kind = "declared artifact" if artifact.declared else "artifact"
    rows = [("run_id", artifact.run_id)]
    if artifact.path is not None:
        rows.append(("path", artifact.path))
    return _table(f"{kind} {artifact.name}", [*rows, *_times(artifact)], artifact.metadata)


def _times(node: Run | Artifact) -> Iterable[tuple[str, str]]:
    yield "created_at", _time(node.created_at)
    if node.updated_at is not None:
        yield "updated_at", _time(node.updated_at)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _table(title: str, rows: Iterable[tuple[str, str]], metadata: Mapping[str, object]) -> str:
    shown = [_row(f"<i>{_text(name)}</i>", value) for name, value in rows]
    shown += [_row(_text(key), metadata[key]) for key in list(metadata)[:_MOST]]
    if len(metadata) > _MOST:
        shown.append(_row("…", f"{len(metadata) - _MOST:,} more"))
    return f"<table><caption>{_text(title)}</caption>{''.join(shown)}</table>"


def _row(name: str, value: object) -> str:
    left = "text-align: left"
    return f'<tr><th style="{left}">{name}</th><td style="{left}">{_text(value)}</td></tr>'


def _text(value: object) -> str:
    return escape(printable(shorten(value if isinstance(value, str) else dumps(value), _LONGEST)))
