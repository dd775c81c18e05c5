"""The commands that record: ``add-artifact``, ``add-metadata``, ``add-source``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.key_values import values_by_key
from graphtracker.cli.options import StoreOption

_METADATA = "Metadata: JSON where VALUE reads as JSON, else text. May be repeated."
_NewRun = Annotated[str, typer.Argument(metavar="RUN", help="Run id, as it is to be recorded.")]


def add_artifact(
    run: _NewRun,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the artifact.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Where it lies.")],
    metadata: Annotated[list[str] | None, typer.Option("--metadata", metavar="KEY=VALUE", help=_METADATA)] = None,
    store: StoreOption = None,
) -> None:
    """Record an artifact of a run."""
    values = values_by_key(metadata)
    with GraphTracker(store) as tracker:
        tracker.add_artifact(run, name, path, values or None)


def add_metadata(
    run: _NewRun,
    metadata: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE...", help=_METADATA, show_default=False)
    ] = None,
    store: StoreOption = None,
) -> None:
    """Record metadata of a run; without any, report the run."""
    values = values_by_key(metadata)
    with GraphTracker(store) as tracker:
        tracker.record(run, metadata=values)


def add_source(
    run: _NewRun,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of the run it was made from.")],
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="NAME", help="The artifact of SOURCE that it used.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Record what a run was made from."""
    with GraphTracker(store) as tracker:
        tracker.add_source(run, source, artifact)
