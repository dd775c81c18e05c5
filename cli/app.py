"""The command line as one Typer app, made of a table of its commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import graphtracker
from graphtracker.cli.add import add_artifact, add_metadata, add_source
from graphtracker.cli.browse import browse
from graphtracker.cli.contrast import contrast
from graphtracker.cli.copy import copy
from graphtracker.cli.demo import demo
from graphtracker.cli.diff import diff
from graphtracker.cli.doctor import doctor
from graphtracker.cli.exit_codes import USAGE
from graphtracker.cli.export import export_
from graphtracker.cli.find import find
from graphtracker.cli.fingerprint import fingerprint
from graphtracker.cli.forget import forget, prune
from graphtracker.cli.impact import impact
from graphtracker.cli.import_ import import_
from graphtracker.cli.lineage import lineage
from graphtracker.cli.mcp import mcp
from graphtracker.cli.options import StoreOption, inlined
from graphtracker.cli.output import say
from graphtracker.cli.runs import runs
from graphtracker.cli.show import show
from graphtracker.cli.stale import stale
from graphtracker.cli.stopping import stoppable
from graphtracker.cli.sync import sync
from graphtracker.cli.verify import verify
from graphtracker.model.display import quoted

COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "runs": runs,
    "find": find,
    "show": show,
    "lineage": lineage,
    "export": export_,
    "diff": diff,
    "impact": impact,
    "stale": stale,
    "contrast": contrast,
    "fingerprint": fingerprint,
    "verify": verify,
    "add-artifact": add_artifact,
    "add-metadata": add_metadata,
    "add-source": add_source,
    "forget": forget,
    "prune": prune,
    "import": import_,
    "sync": sync,
    "copy": copy,
    "browse": browse,
    "mcp": mcp,
    "doctor": doctor,
}
"""Name → command, in the order of the help."""

OTHER_WORDS = {
    **dict.fromkeys(("list", "log", "ls", "ps", "history"), "runs"),
    **dict.fromkeys(("search", "grep", "locate", "query"), "find"),
    **dict.fromkeys(("tree",), "lineage"),
    **dict.fromkeys(("draw", "graph", "plot"), "export"),
    **dict.fromkeys(("compare",), "diff"),
    **dict.fromkeys(("delete", "remove", "rm"), "forget"),
    **dict.fromkeys(("check", "status"), "doctor"),
    "help": "--help",
    "version": "--version",
}
"""What other programs call it → command, or the option of ours."""


class _Commands(TyperGroup):
    """Names the nearest command where there is none of this name, and shows the help where nothing is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left for the command; the help, on stderr, where nothing was written at all."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(USAGE)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command; a UsageError where there is none."""
        near = _nearest(args[0])
        if near is not None and not ctx.resilient_parsing:
            ctx.fail(f"there is no command {quoted(args[0])}; the nearest is {near}")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """What the words are read into; raises Stopped, before Typer makes an exit code of what stopped it."""
        with stoppable():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """What the command returns; raises Stopped likewise."""
        with stoppable():
            return super().invoke(ctx)


def _nearest(word: str) -> str | None:
    """None for a command itself, for an option, and where none is near."""
    if word in COMMANDS or word.startswith("-"):
        return None
    from difflib import get_close_matches  # for typing errors alone

    known = dict(zip(COMMANDS, COMMANDS, strict=True)) | OTHER_WORDS
    return next((known[near] for near in get_close_matches(word.lower(), known, 1)), None)


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,  # plain help, which comes in half the time
    name="graphtracker",
    help="Lineage for ML jobs: what a run came from, and what was made from it.\n\n"
    "Exit codes: 0; 1 not found, different, out of date, not explained, or not whole (of some commands only with "
    "--strict); 2 usage, or output that cannot be written; 3 store.",
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
