"""The ``runs`` command."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import Run
from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.key_values import texts_by_key
from graphtracker.cli.options import AsJSON, StoreOption
from graphtracker.cli.output import columns, page, say_json, tell
from graphtracker.cli.values import metadata_text, rest_of_line, time_text
from graphtracker.exchange.dicts import run_to_dict
from graphtracker.model.display import printable, shorten


def runs(
    parent: Annotated[str | None, typer.Option("--parent", metavar="RUN", help="Only runs made from it.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="KEY=VALUE",
            help="Only runs whose metadata has this text or number. May be repeated.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help="At most the newest N.")] = None,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """List the runs that reported, newest first."""
    with open_existing(store) as tracker:
        source = None if parent is None else find(tracker, parent)
        found = tracker.runs(where=texts_by_key(where), parent_run_id=source, limit=limit)
    if as_json:
        say_json([run_to_dict(run) for run in found])
        return
    page(_line(run, columns()) for run in found)
    if not found:
        tell("no run matches" if where or parent else "no run has reported yet")


def _line(run: Run, columns: int | None) -> str:
    """When a run was created (UTC), its id, and its metadata as far as it fits."""
    beginning = f"{time_text(run.created_at)}  {printable(run.run_id)}  "
    return (beginning + rest_of_line(beginning, shorten(metadata_text(run.metadata), 120), columns)).rstrip()
