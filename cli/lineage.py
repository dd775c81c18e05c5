"""The ``lineage`` command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from graphtracker.cli.asking import ask, open_existing, tell_limits
from graphtracker.cli.options import AsJSON, Beginning, Bounds, StoreOption, Subject
from graphtracker.cli.output import columns, say_all, tell, write
from graphtracker.drawing.tree import tree
from graphtracker.export import export


@dataclass(frozen=True)
class HowMuch:
    """How much of a lineage the tree shows."""

    everything: Annotated[
        bool, typer.Option("--all", help="Print all of a large lineage, not the neighbourhood of the start.")
    ] = False
    expand: Annotated[
        bool, typer.Option("--expand", help="Print each run of a sweep and each numbered artifact, not a line for all.")
    ] = False
    as_json: AsJSON = False


def lineage(subject: Subject, beginning: Beginning, bounds: Bounds, much: HowMuch, store: StoreOption = None) -> None:
    """Print what a run came from and what was made from it.

    Each run has its branches where it is nearest to RUN; other places say where these are. Exit code 1 where what is
    asked about is not found, and with --from where no path leads to it.

    Example: graphtracker lineage train --upstream --depth 2
    """
    with open_existing(store) as tracker:
        answer = ask(tracker, subject, bounds, beginning)
    if much.as_json:
        write(export(answer, "json"))
    else:
        shown = tree(answer, expand=much.expand, everything=much.everything)
        say_all(shown.lines(columns()))
        if shown.left_out is not None:
            tell(f"left out: {shown.left_out}; --all prints all")
    tell_limits(answer)
