"""The ``diff`` command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import typer

from graphtracker import GraphTracker
from graphtracker.analysis.difference import Comparison
from graphtracker.cli import completion
from graphtracker.cli.asking import find, open_existing, word_for
from graphtracker.cli.difference_text import difference_text
from graphtracker.cli.exit_codes import DIFFERENT
from graphtracker.cli.options import AsJSON, AsOf, Latest, RunArgument, StoreOption, moment, number_option
from graphtracker.cli.output import columns, say_all, say_json, tell
from graphtracker.cli.picture_options import HowDrawn, teller
from graphtracker.cli.values import moment_text
from graphtracker.errors import InvalidInput
from graphtracker.export import export_difference
from graphtracker.files import write_file
from graphtracker.formats import difference_format_of
from graphtracker.model.counted import counted
from graphtracker.model.styled import Line

Other = Annotated[
    str | None,
    typer.Argument(
        metavar="OTHER", help="The run to compare it with.", show_default=False, autocompletion=completion.runs
    ),
]


@dataclass(frozen=True)
class Compared:
    """What of two lineages is compared."""

    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="PATTERN",
            help="Leave out metadata keys like this: loss, 'optim.*'; of an artifact KEY or NAME.KEY. May be repeated.",
        ),
    ] = None
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="NAME", help="Compare this artifact of both.")
    ] = None
    depth: Annotated[int | None, number_option("--depth", "At most N sources away.")] = None
    paths: Annotated[bool, typer.Option("--paths", help="Compare the paths of what was used, too.")] = False
    strict: Annotated[bool, typer.Option("--strict", help="Fail (exit code 1) where a lineage is not whole.")] = False


@dataclass(frozen=True)
class Shown:
    """How the difference is shown."""

    everything: Annotated[
        bool, typer.Option("--all", help="Print also what only follows and what is the same; leave nothing out.")
    ] = False
    as_json: AsJSON = False
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write both ancestries there as one picture; the suffix names the format.",
        ),
    ] = None


def diff(
    run: RunArgument,
    compared: Compared,
    shown: Shown,
    drawn: HowDrawn,
    other: Other = None,
    as_of: AsOf = None,
    latest: Latest = False,
    store: StoreOption = None,
) -> None:
    """Show where what two runs came from begins to differ.

    With --as-of both are as they were then; without OTHER, RUN now is compared with RUN as it was then. Exit code 1
    where something differs, or a lineage is not whole.

    Example: graphtracker diff train-x7mw train-p2qd
    """
    if other is None and as_of is None:
        raise InvalidInput("give another run, or --as-of TIME to compare the run with itself as it was then")
    if shown.output is not None and shown.as_json:
        raise InvalidInput("-o and --json exclude each other; -o FILE.json writes JSON to a file")
    format = None if shown.output is None else difference_format_of(shown.output)
    options = replace(drawn.options, everything=shown.everything)
    if format is None and drawn != HowDrawn():
        raise InvalidInput("--size, --vertical, --horizontal, --bare and --dark are of pictures; name a file with -o")
    with open_existing(store) as tracker:
        difference = tracker.diff(
            find(tracker, run, latest=latest),
            None if other is None else find(tracker, other, latest=latest),
            artifact_name=compared.artifact,
            depth=compared.depth,
            ignore=compared.ignore or (),
            paths=compared.paths,
            as_of=None if as_of is None else moment(as_of),
            strict=compared.strict,
        )
        if shown.output is not None and format is not None:
            write_file(shown.output, export_difference(difference, format, options, tell=teller(options)))
            _tell_written(shown.output, difference)
        elif shown.as_json:
            say_json(difference.to_dict())
        else:
            say_all(_text(tracker, difference, everything=shown.everything))
    _tell_limits(difference)
    if not difference.same:
        raise typer.Exit(DIFFERENT)


def _text(tracker: GraphTracker, difference: Comparison, *, everything: bool) -> Iterator[str | Line]:
    return difference_text(difference, columns(), partial(word_for, tracker), everything=everything)


def _tell_written(name: str, difference: Comparison) -> None:
    """Says on stderr what the file shows, since exit code 1 with nothing said reads as a failure."""
    differ, pairs = len(difference.changed), len(difference.pairs)
    if differ:
        verb = "differs" if differ == 1 else "differ"
        tell(f"{differ:,} of {counted(pairs, 'pair')} {verb}, see {name}")


def _tell_limits(difference: Comparison) -> None:
    """Says on stderr as of when the two are, and which is not whole."""
    first, second = (answer.as_of for answer in difference.answers)
    if first is not None and first == second:
        tell(f"as of {moment_text(first)}")
    for which, answer in zip(("first", "second"), difference.answers, strict=True):
        if not answer.complete:
            tell(f"the {which} is not the whole lineage: {answer.cut_note(bounds=True)}")
    if difference.same is None:
        tell("nothing differs in what is there; whether they are the same cannot be told")
