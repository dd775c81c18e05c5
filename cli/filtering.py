"""How commands choose runs by what they are."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.options import Where, moment
from graphtracker.cli.output import tell
from graphtracker.errors import InvalidInput
from graphtracker.model.context import KEYS
from graphtracker.model.display import printable, quoted
from graphtracker.stores.filters.conditions import (
    Comparison,
    Condition,
    Every,
    MetadataKey,
    Own,
    Wanted,
    comparisons_of,
    keys_of,
)
from graphtracker.stores.filters.given import argument
from graphtracker.stores.filters.parsing import field as field_called

_LONGEST_COMPARED = 200  # characters of a key
_MOST_COMPARED = 1_000  # keys


@dataclass(frozen=True)
class Filtered:
    """Filters that must all hold."""

    where: Where = None
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only runs created then or later: a date, a time or an age (7d)."),
    ] = None
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only runs created before then.")] = None


def conditions(filtered: Filtered) -> Condition | None:
    """What a run must be; None is any. Raises InvalidInput."""
    created = Own("created")
    tests = list(map(argument, filtered.where or []))
    if filtered.since is not None:
        tests.append(Comparison(created, ">=", (Wanted(moment(filtered.since)),)))
    if filtered.until is not None:
        tests.append(Comparison(created, "<", (Wanted(moment(filtered.until)),)))
    return Every(tuple(tests)) if tests else None


def tell_unknown_keys(tracker: GraphTracker, condition: Condition | None) -> None:
    """Says on stderr which keys of a filter no run has, and what is near them."""
    compared = [] if condition is None else comparisons_of(condition)
    fields = dict.fromkeys(each.field for each in compared if isinstance(each.field, MetadataKey))
    for field in fields:
        keys = keys_of(field)
        if not any(tracker.keys(key, limit=1) == [key] for key in keys):
            tell(f"no run has the key {quoted(keys[0])}{_near(tracker, keys)}")


def _near(tracker: GraphTracker, keys: list[str]) -> str:
    """What may have been meant by the longest of these keys, or by the part of it before a dot."""
    if keys[0] in KEYS:
        return f"; what a run is remembered by is context.{keys[0]}"
    if not _means_metadata(keys[0]):
        return f"; {printable(keys[0])} == … asks for what is no metadata of the run"
    known = {key[:_LONGEST_COMPARED]: None for key in tracker.keys(limit=_MOST_COMPARED)}
    near = [found for key in keys for found in get_close_matches(key[:_LONGEST_COMPARED], known, n=3)]
    return f"; near it: {', '.join(map(quoted, dict.fromkeys(near)))}" if near else ""


def _means_metadata(key: str) -> bool:
    """Whether a filter that has this as a field asks for metadata of the run, or for nothing."""
    try:
        return isinstance(field_called(key), MetadataKey)
    except InvalidInput:
        return True
