"""The ``sync`` command."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from graphtracker.cli.exit_codes import NOT_FOUND, STORE
from graphtracker.cli.options import AsJSON, store_option
from graphtracker.cli.output import say, say_json, tell
from graphtracker.cli.progress import counting
from graphtracker.cli.stopping import REPEATABLE, stoppable
from graphtracker.model.counted import counted

if TYPE_CHECKING:
    from graphtracker.spool.sync import Synced


def sync(
    spool: Annotated[
        str | None,
        typer.Argument(
            metavar="SPOOL",
            help="Spool file or folder. Default: those of this user.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be delivered.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave delivered spools where they are.")] = False,
    as_json: AsJSON = False,
    store: Annotated[str | None, store_option("Store URL or path. Default: what each spool names.")] = None,
) -> None:
    """Deliver what jobs recorded while their store was away.

    Exit code 1 where a spool holds what cannot be delivered, 3 where a store takes nothing.

    Example: graphtracker sync --dry-run
    """
    from graphtracker.spool import sync as spools  # loads sockets and hashes: 8 ms that no other command needs

    with stoppable(REPEATABLE), counting("events delivered") as progress:
        done = list(spools.sync(spool, to=store, keep=keep, dry_run=dry_run, progress=progress))
    if as_json:
        say_json([asdict(each) for each in done])
    for each in done:
        if not as_json:
            say(_line(each, dry_run))
        for line in each.trouble:
            tell(line)
        if each.aside is not None:
            tell(f"what could not be delivered is kept in {each.aside}")
    tell(_summary(done, dry_run))
    if any(each.failed for each in done):
        raise typer.Exit(STORE)
    if any(each.trouble for each in done):
        raise typer.Exit(NOT_FOUND)


def _summary(done: list[Synced], dry_run: bool) -> str:
    delivered, spools = counted(sum(each.events for each in done), "event"), len(done)
    return f"{delivered} of {counted(spools, 'spool')} {'to be' if dry_run else 'were'} delivered"


def _line(each: Synced, dry_run: bool) -> str:
    if each.failed and not each.events:
        what = "not delivered"
    elif dry_run:
        what = f"{counted(each.events, 'event')} for {each.store}"
    else:
        what = f"{counted(each.events, 'event')} to {each.store}{_left(each)}"
    return f"{each.path}  {what}"


def _left(each: Synced) -> str:
    """Why the spool is still there."""
    if each.failed:
        return ", the spool stays"
    return "" if each.removed else f", {each.doubt or 'kept'}"
