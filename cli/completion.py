"""What a shell completes: runs, keys, formats."""

from __future__ import annotations

import re
from collections.abc import Callable

import typer

from graphtracker import GraphTracker
from graphtracker.errors import GraphTrackerError
from graphtracker.formats import FORMATS
from graphtracker.model.context import KEYS
from graphtracker.model.values import run_name
from graphtracker.stores.filters.conditions import OWN, MetadataKey
from graphtracker.stores.filters.parsing import field

_MOST = 100
# Shells evaluate what is completed (zsh through Typer's eval, bash by splitting and globbing): nothing is offered that
# one would read as more than a word.
_PLAIN = re.compile(r"[\w.:/@%+,=][\w.:/@%+,=-]*")
_WORDS = [*OWN, *(f"context.{key}" for key in KEYS)]
"""What a filter names beside metadata."""


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Names that begin so, those of the newest runs first; where there are none, ids.

    Names come first, since a shell such as bash splits words at the colons that ids have.
    """
    ids = _asked(context, lambda tracker: tracker.run_ids_beginning(incomplete, limit=_MOST))
    names = [name for name in dict.fromkeys(map(run_name, ids)) if name.startswith(incomplete)]
    return _plain(names or ids)


def keys(context: typer.Context, incomplete: str) -> list[str]:
    """Metadata keys that begin so, in order, then the other words of a filter."""
    known = _asked(context, lambda tracker: tracker.keys(incomplete, limit=_MOST))
    return _plain([*filter(_is_written_so, known), *(word for word in _WORDS if word.startswith(incomplete))])


def lists_of_keys(context: typer.Context, incomplete: str) -> list[str]:
    """The same of the last of several, with commas between them."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{key}" for key in keys(context, last)] if _PLAIN.fullmatch(f"{before}x") else []


def formats(incomplete: str) -> list[str]:
    """Formats that begin so."""
    return [format for format in FORMATS if format.startswith(incomplete)]


def _asked(context: typer.Context, ask: Callable[[GraphTracker], list[str]]) -> list[str]:
    """What a store that is there answers, else nothing."""
    store = context.params.get("store") or context.find_root().params.get("store")
    try:
        with GraphTracker(store) as opened:
            return ask(opened) if opened.exists() else []
    except GraphTrackerError:
        return []


def _plain(texts: list[str]) -> list[str]:
    return [text for text in texts if _PLAIN.fullmatch(text)]


def _is_written_so(key: str) -> bool:
    """Whether a filter means this metadata key by its plain name."""
    if not _PLAIN.fullmatch(key):
        return False
    try:
        named = field(key)
    except GraphTrackerError:
        return False
    return isinstance(named, MetadataKey) and named.places[0].key == key
