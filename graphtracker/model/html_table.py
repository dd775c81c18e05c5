"""Values as small HTML tables, as notebooks show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Any

from graphtracker.model.display import printable, shorten
from graphtracker.model.written import written

Said = tuple[Mapping[str, str], Mapping[str, object]]
"""What a value says of itself, and its metadata."""

LONGEST = 200
"""Characters of a value; of a longer one its two ends are shown."""

_MOST = 50  # metadata values of one, rows of several
_MOST_KEYS = 20  # of several
_LEFT = "text-align: left"


def html_table(title: str, rows: Iterable[tuple[str, str]], metadata: Mapping[str, object]) -> str:
    """The HTML: a caption, what the value says of itself, its metadata."""
    shown = [_row(f"<i>{_text(name)}</i>", value) for name, value in rows]
    shown += [_row(_text(key), metadata[key]) for key in list(metadata)[:_MOST]]
    if len(metadata) > _MOST:
        shown.append(_row("…", f"{len(metadata) - _MOST:,} more"))
    return _table(title, shown)


def html_list(title: str, values: Sequence[Any], said_of: Callable[[Any], Said]) -> str:
    """The HTML of several values: a caption, and in a row each what it says of itself and its metadata."""
    shown = [said_of(value) for value in islice(values, _MOST)]
    names = list(dict.fromkeys(name for said, _ in shown for name in said))
    keys = sorted({key for _, metadata in shown for key in metadata})
    heads = [f"<i>{_text(name)}</i>" for name in names] + [_text(key) for key in keys[:_MOST_KEYS]]
    if len(keys) > _MOST_KEYS:
        heads.append(f"<i>… {len(keys) - _MOST_KEYS:,} more</i>")
    lines = ["".join(f'<th style="{_LEFT}">{head}</th>' for head in heads)]
    for said, metadata in shown:
        cells = [said.get(name, "") for name in names] + [metadata.get(key, "") for key in keys[:_MOST_KEYS]]
        lines.append("".join(f'<td style="{_LEFT}">{_text(cell)}</td>' for cell in cells))
    if len(values) > _MOST:
        lines.append(f'<td style="{_LEFT}">… {len(values) - _MOST:,} more</td>')
    return _table(title, (f"<tr>{line}</tr>" for line in lines))


def _table(title: str, rows: Iterable[str]) -> str:
    """A caption is as wide as it is: browsers would break it at every word where the table below it is narrow."""
    return f'<table><caption style="white-space: nowrap; {_LEFT}">{_text(title)}</caption>{"".join(rows)}</table>'


def _row(name: str, value: object) -> str:
    return f'<tr><th style="{_LEFT}">{name}</th><td style="{_LEFT}">{_text(value)}</td></tr>'


def _text(value: object) -> str:
    return escape(printable(shorten(written(value), LONGEST)))
