"""How commands choose runs by what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.options import Where, moment
from graphtracker.cli.output import tell
from graphtracker.stores.filters.conditions import (
    Comparison,
    Condition,
    Every,
    Field,
    Own,
    Wanted,
)
from graphtracker.stores.filters.given import argument
from graphtracker.unknown_fields import unknown_fields


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


def tell_unknown(tracker: GraphTracker, fields: Iterable[Field]) -> None:
    """Says on stderr which of these fields no run has, and what is near them."""
    for sentence in unknown_fields(tracker, fields):
        tell(sentence)
