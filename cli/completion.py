"""What a shell completes: runs out of the store, formats out of their table."""

from __future__ import annotations

import re

import typer

from graphtracker import GraphTracker
from graphtracker.errors import GraphTrackerError
from graphtracker.export import FORMATS
from graphtracker.model.values import run_name

_MOST = 100  # runs
# Shells evaluate what is completed (zsh through Typer's eval, bash by splitting and globbing): nothing is offered that
# one would read as more than a word.
_PLAIN = re.compile(r"[\w.:/@%+,=][\w.:/@%+,=-]*")


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Runs whose name begins so, newest first, by their names; by their ids where it begins an id or names are shared.

    Names come first, since a shell such as bash splits words at the colons that ids have.
    """
    store = context.params.get("store") or context.find_root().params.get("store")
    try:
        with GraphTracker(store) as opened:
            ids = opened.run_ids() if opened.exists() else []
    except GraphTrackerError:
        return []
    named: dict[str, list[str]] = {}
    for run_id in ids:
        named.setdefault(run_name(run_id), []).append(run_id)
    found = [name for name, owners in named.items() if name.startswith(incomplete) and len(owners) == 1]
    if incomplete and not found:
        found = [run_id for run_id in ids if run_id.startswith(incomplete)]
    return [text for text in found if _PLAIN.fullmatch(text)][:_MOST]


def formats(incomplete: str) -> list[str]:
    """Formats that begin so."""
    return [format for format in FORMATS if format.startswith(incomplete)]
