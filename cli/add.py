"""The commands that record, and that bring elsewhere what was recorded."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli import options as given
from graphtracker.cli.options import pairs, reading, value_of
from graphtracker.cli.output import tell
from graphtracker.cli.progress import counting


def add_artifact(
    run: given.RecordedRun,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the artifact.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Where it lies.")],
    metadata: Annotated[
        list[str] | None,
        typer.Option(
            "--metadata",
            metavar="KEY=VALUE",
            help=given.METADATA,
        ),
    ] = None,
    store: given.Store = None,
) -> None:
    """Record an artifact of a run."""
    values = {key: value_of(text) for key, text in pairs(metadata).items()}
    with GraphTracker(store) as opened:
        opened.add_artifact(run, name, path, values or None)


def add_metadata(
    run: given.RecordedRun,
    metadata: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE...", help=given.METADATA, show_default=False),
    ] = None,
    store: given.Store = None,
) -> None:
    """Record metadata of a run; without any, report the run."""
    values = {key: value_of(text) for key, text in pairs(metadata).items()}
    with GraphTracker(store) as opened:
        opened.record(run, metadata=values)


def add_source(
    run: given.RecordedRun,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of the run it was made from.")],
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="NAME", help="The artifact of SOURCE that it used.")
    ] = None,
    store: given.Store = None,
) -> None:
    """Record what a run was made from."""
    with GraphTracker(store) as opened:
        opened.add_source(run, source, artifact)


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
    as_json: given.AsJSON = False,
    store: given.SyncStore = None,
) -> None:
    """Deliver what jobs recorded while their store was away."""
    from graphtracker.cli.sync import deliver

    code = deliver(spool, store, dry_run=dry_run, keep=keep, as_json=as_json)
    if code:
        raise typer.Exit(code)


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="URL or path of the store to copy.")],
    target: Annotated[
        str | None, typer.Argument(metavar="TO", help="URL or path of the store to copy into; else that of --store.")
    ] = None,
    store: given.Store = None,
) -> None:
    """Copy one store into another; again, only what is new."""
    other = reading(source)
    with GraphTracker(target if target is not None else store) as opened, counting("facts copied") as progress:
        copied = opened.copy_from(other, progress=progress)
    tell(f"{opened.url} has the {copied:,} facts of {other.url}")
