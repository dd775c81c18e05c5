"""The ``copy`` command."""

from __future__ import annotations

from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.options import StoreOption
from graphtracker.cli.output import tell
from graphtracker.cli.progress import counting
from graphtracker.cli.stopping import REPEATABLE, stoppable
from graphtracker.model.counted import counted


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="URL or path of the store to copy.")],
    target: Annotated[
        str | None, typer.Argument(metavar="TO", help="URL or path of the store to copy into; else that of --store.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Copy one store into another; again, only what is new.

    Exit code 3 where FROM is not there, or a store cannot be used.

    Example: graphtracker copy lineage.db neo4j://localhost:7687
    """
    other = GraphTracker(source)
    into = GraphTracker(target if target is not None else store)
    with stoppable(REPEATABLE), into as tracker, counting("events copied") as progress:
        copied = tracker.copy_from(other, progress=progress)
    tell(f"{tracker.url} has the {counted(copied, 'event')} of {other.url}")
