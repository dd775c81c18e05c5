"""The ``import`` command."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.cli.options import StoreOption
from graphtracker.cli.output import tell
from graphtracker.cli.progress import counting
from graphtracker.cli.stopping import REPEATABLE, stoppable
from graphtracker.exchange.report import Report
from graphtracker.imports import IMPORTS, events_of


def import_(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help=f"What it is written in: one of {', '.join(IMPORTS)}.",
            autocompletion=lambda: sorted(IMPORTS),
        ),
    ],
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="Where it is: for torchx ENTRYPOINT[=CONFIG], for mlflow a tracking URI, for wandb ENTITY/PROJECT "
            "or an offline folder, for openlineage FILE or -, else a file or folder.",
        ),
    ],
    parent_as_source: Annotated[
        bool, typer.Option("--parent-as-source", help="For mlflow: a run's parent is a source of it, too.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Read the history that another system keeps.

    All has the times of its source; an import may be repeated, or cut off and continued, and overwrites nothing newer.
    At the end it says what was read and, by kind, what could not be mapped. Exit code 2 where SOURCE cannot be read, 3
    where its server does not answer.

    The password of a URL is *** in ids, names, paths and context; values are kept as they were logged.

    Example: graphtracker import mlflow sqlite:///mlflow.db
    """
    gc.enable()  # which is off in commands, since most end soon: what others' libraries leave behind would pile up
    report = Report()
    options = {"parent_as_source": True} if parent_as_source else {}
    with stoppable(REPEATABLE), GraphTracker(store) as tracker, counting("events read") as progress:
        tracker.copy_from(events_of(name, source, report, **options), progress=progress)
    tell(f"{tracker.url}: {report.sentence()}")
