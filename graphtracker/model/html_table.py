"""A value as a small HTML table, as notebooks show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from graphtracker.model.display import printable, shorten
from graphtracker.model.written import written

_LONGEST = 200  # characters of a value
_MOST = 50  # metadata values


def html_table(title: str, rows: Iterable[tuple[str, str]], metadata: Mapping[str, object]) -> str:
    """The HTML: a caption, what the value says of itself, its metadata."""
    shown = [_row(f"<i>{_text(name)}</i>", value) for name, value in rows]
    shown += [_row(_text(key), metadata[key]) for key in list(metadata)[:_MOST]]
    if len(metadata) > _MOST:
        shown.append(_row("…", f"{len(metadata) - _MOST:,} more"))
    return f"<table><caption>{_text(title)}</caption>{''.join(shown)}</table>"


def _row(name: str, value: object) -> str:
    left = "text-align: left"
    return f'<tr><th style="{left}">{name}</th><td style="{left}">{_text(value)}</td></tr>'


def _text(value: object) -> str:
    return escape(printable(shorten(written(value), _LONGEST)))
