"""The ``copy`` command."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.options import StoreOption
from graphtracker.cli.output import tell
from graphtracker.cli.progress import counting
from graphtracker.model.counted import counted


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="URL or path of the store to copy.")],
    target: Annotated[
        str | None, typer.Argument(metavar="TO", help="URL or path of the store to copy into; else that of --store.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Copy one store into another; again, only what is new.

    Example: graphtracker copy lineage.db neo4j://localhost:7687
    """
    other = GraphTracker(source)
    with GraphTracker(target if target is not None else store) as tracker, counting("events copied") as progress:
        copied = tracker.copy_from(other, progress=progress)
    tell(f"{tracker.url} has the {counted(copied, 'event')} of {other.url}")
