"""The command line as one Typer app, made of a table of its commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

import graphtracker
from graphtracker.cli.add import add_artifact, add_metadata, add_source
from graphtracker.cli.browse import browse
from graphtracker.cli.copy import copy
from graphtracker.cli.demo import demo
from graphtracker.cli.doctor import doctor
from graphtracker.cli.export import export_
from graphtracker.cli.lineage import lineage
from graphtracker.cli.options import StoreOption, inlined
from graphtracker.cli.output import say
from graphtracker.cli.runs import runs
from graphtracker.cli.show import show
from graphtracker.cli.sync import sync

COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "runs": runs,
    "show": show,
    "lineage": lineage,
    "export": export_,
    "add-artifact": add_artifact,
    "add-metadata": add_metadata,
    "add-source": add_source,
    "sync": sync,
    "copy": copy,
    "browse": browse,
    "doctor": doctor,
}
"""Name → command, in the order of the help."""

app = typer.Typer(
    rich_markup_mode=None,  # plain help, which comes in half the time
    name="graphtracker",
    help="Lineage for ML jobs: what a run came from, and what was made from it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"graphtracker {graphtracker.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    store: StoreOption = None,  # found there by the commands' own --store
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for _name, _command in COMMANDS.items():
    app.command(_name)(inlined(_command))
