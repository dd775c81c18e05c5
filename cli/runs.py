"""The ``runs`` command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from graphtracker import Run
from graphtracker.cli.asking import find, open_existing, tell_as_of
from graphtracker.cli.key_values import texts_by_key
from graphtracker.cli.options import AsJSON, AsOf, StoreOption, Where, moment
from graphtracker.cli.output import columns, page, say_json, tell, width
from graphtracker.cli.values import metadata_text, rest_of_line
from graphtracker.exchange.dicts import run_to_dict
from graphtracker.model.display import printable, shorten
from graphtracker.model.times import to_the_second


def runs(
    parent: Annotated[str | None, typer.Option("--parent", metavar="RUN", help="Only runs made from it.")] = None,
    where: Where = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help="At most the newest N.")] = None,
    as_of: AsOf = None,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """List the runs that reported, newest first."""
    then = None if as_of is None else moment(as_of)
    with open_existing(store) as tracker:
        source = None if parent is None else find(tracker, parent)
        found = tracker.runs(where=texts_by_key(where), parent_run_id=source, limit=limit, as_of=then)
    if as_json:
        say_json([run_to_dict(run) for run in found])
    else:
        page(_lines(found, then))
        if not found:
            nobody = "no run has reported yet" if then is None else "no run had reported by then"
            tell("no run matches" if where or parent or limit == 0 else nobody)
    tell_as_of(then)
    if where and then is not None:
        tell("a run whose value was overwritten since is not found by what it was")
    _tell_updated(sum(_updated_since(run, then) for run in found))


def _lines(found: list[Run], then: datetime | None) -> Iterator[str]:
    """Of each run when it was created (UTC), its status where any has one, its id, and as much metadata as fits."""
    statuses = [_status(run) for run in found]
    widest = max(map(width, statuses), default=0)
    room = columns()
    for run, status in zip(found, statuses, strict=True):
        padded = f"{status}{' ' * (widest - width(status))}  " if widest else ""
        note = "[updated since]  " if _updated_since(run, then) else ""
        beginning = f"{to_the_second(run.created_at)}  {padded}{printable(run.run_id)}  {note}"
        yield (beginning + rest_of_line(beginning, shorten(metadata_text(run.metadata), 120), room)).rstrip()


def _status(run: Run) -> str:
    """How it ended as far as anybody knows, at most 30 characters."""
    return "forgotten" if run.forgotten else shorten(printable(str(run.context.get("status", ""))), 30)


def _updated_since(run: Run, then: datetime | None) -> bool:
    return then is not None and run.updated_at is None


def _tell_updated(count: int) -> None:
    if count:
        were = "run was" if count == 1 else "runs were"
        tell(f"{count:,} {were} updated since then, values of which may be missing that were overwritten")
