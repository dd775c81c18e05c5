"""The ``sync`` command: what it tells of each spool, and its exit code."""

from __future__ import annotations

from dataclasses import asdict

import typer

from graphtracker.cli.exit_codes import NOT_FOUND, STORE
from graphtracker.cli.output import say, tell
from graphtracker.cli.progress import counting
from graphtracker.exchange.json import pretty
from graphtracker.spool.sync import Synced, sync


def deliver(spool: str | None, store: str | None, *, dry_run: bool, keep: bool, as_json: bool) -> int:
    """Delivers, and tells what became of each spool; 1 where not all could be delivered, 3 for lack of a store."""
    with counting("facts delivered") as progress:
        done = list(sync(spool, to=store, keep=keep, dry_run=dry_run, progress=progress))
    if as_json:
        typer.echo(pretty([asdict(each) for each in done]), nl=False)
    for each in done:
        if not as_json and each.path:
            say(_line(each, dry_run))
        for line in each.trouble:
            tell(line)
        if each.aside is not None:
            tell(f"what could not be delivered is kept in {each.aside}")
    facts, spools = sum(each.facts for each in done), sum(1 for each in done if each.path)
    tell(f"{_facts(facts)} of {spools:,} spool{'' if spools == 1 else 's'} {'to be' if dry_run else 'were'} delivered")
    if any(each.failed for each in done):
        return STORE
    return NOT_FOUND if any(each.trouble for each in done) else 0


def _line(each: Synced, dry_run: bool) -> str:
    if each.failed:
        what = "not delivered"
    elif dry_run:
        what = f"{_facts(each.facts)} for {each.store or 'the store of --store'}"
    else:
        left = "" if each.removed else ", its process still runs" if each.alive else ", kept"
        what = f"{_facts(each.facts)} to {each.store}{left}"
    return f"{each.path}  {what}"


def _facts(count: int) -> str:
    return f"{count:,} fact{'' if count == 1 else 's'}"
