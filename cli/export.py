"""The ``export`` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated

import typer

from graphtracker import GraphTracker, Lineage
from graphtracker.cli import completion
from graphtracker.cli.asking import ask, open_existing, tell_limits
from graphtracker.cli.options import Beginning, Bounds, StoreOption, Subject
from graphtracker.cli.output import is_terminal, tell, write
from graphtracker.cli.picture_options import PictureChoices, teller
from graphtracker.cli.progress import working
from graphtracker.errors import InvalidInput
from graphtracker.export import export, save
from graphtracker.formats import BINARY, DATA, FOLDERS, FORMATS, PICTURES, SUFFIXES, format_of, named_format
from graphtracker.lineage import IncompleteLineage
from graphtracker.model.display import quoted
from graphtracker.model.flattened import flattened
from graphtracker.model.question import Answer

_LONGEST_COMPARED = 200  # characters of a key
_MOST_COMPARED = 1_000  # keys


@dataclass(frozen=True)
class Target:
    """In which format to write, and where."""

    dot: Annotated[bool, typer.Option("--dot", help="The same as --format dot.")] = False
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.", autocompletion=completion.formats
        ),
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Write there; the suffix names the format: one of {', '.join(SUFFIXES)}. A folder for parquet, or "
            "ro-crate; - for stdout.",
        ),
    ] = None

    @property
    def file(self) -> str | None:
        """None where it is stdout."""
        return None if self.output == "-" else self.output


def export_(
    subject: Subject,
    target: Target,
    choices: PictureChoices,
    beginning: Beginning,
    bounds: Bounds,
    store: StoreOption = None,
) -> None:
    """Write a lineage, or the whole store, as picture or data.

    Without -o, and without a format, it is DOT on stdout. What a format cannot say is said on stderr. Exit code 1 where
    what is asked about is not found, and with --strict where it is not whole.

    Example: graphtracker export train -o train.svg
    """
    format = _format(target)
    options = choices.options
    with open_existing(store) as tracker:
        answer = _answer(tracker, subject, bounds, beginning)
    seen = target.file is None and is_terminal(sys.stdout)
    telling = teller(options) if format in PICTURES else tell
    with working("drawing" if format in PICTURES else "writing", seen=seen):
        if target.file is None:
            write(export(answer, format, options, tell=telling))
        else:
            save(answer, target.file, format, options, tell=telling)
    _tell_unknown(answer, options.labels)
    tell_limits(answer)


def _answer(tracker: GraphTracker, subject: Subject, bounds: Bounds, beginning: Beginning) -> Lineage:
    if subject != Subject() or beginning != Beginning():
        return ask(tracker, subject, bounds, beginning)
    if replace(bounds, as_of=None, strict=False) != Bounds():
        raise InvalidInput("without RUN the whole store is exported; name a run to bound its lineage")
    answer = tracker.graph(bounds.then)
    if bounds.strict and not answer.complete:
        raise IncompleteLineage(f"the store is not whole, it was {answer.cut_note()}; ask without --strict", answer)
    return answer


def _tell_unknown(answer: Answer, labels: Sequence[str]) -> None:
    """Says on stderr which of these keys nothing in the answer has, and what is near them."""
    if not labels:
        return
    from difflib import get_close_matches  # for typing errors alone

    metadata = [run.metadata for run in answer.runs.values()]
    metadata += [artifact.metadata for artifact in answer.artifacts.values()]
    known = dict.fromkeys(key for each in metadata for key in (*flattened(each), *each))
    compared = [key[:_LONGEST_COMPARED] for key in islice(known, _MOST_COMPARED)]
    for key in dict.fromkeys(labels):
        if key not in known:
            near = ", ".join(map(quoted, get_close_matches(key[:_LONGEST_COMPARED], compared, 3)))
            tell(f"no run or artifact here has the key {quoted(key)}{near and '; near it: '}{near}")


def _format(target: Target) -> str:
    """The format that is asked for, or that the suffix names; raises InvalidInput."""
    if target.file == "":
        raise InvalidInput("-o names no file; give one, or leave it out")
    asked = _asked_format(target)
    if target.file is None:
        if asked in FOLDERS and asked not in DATA:
            raise InvalidInput(f"{asked} is several files; name a folder for them with -o")
        if asked in BINARY and is_terminal(sys.stdout):
            raise InvalidInput(f"{asked} is no text for a terminal; name a file with -o, or send it to a program")
        return asked or "dot"
    suffix = named_format(target.file)
    if asked is not None and suffix not in (None, asked):
        raise InvalidInput(
            f"{quoted(target.file)} is named like {suffix}, but {asked} is asked for; leave one of them out"
        )
    return asked or format_of(target.file)


def _asked_format(target: Target) -> str | None:
    named = None if target.format is None else target.format.lower()
    if named is not None and named not in FORMATS:
        raise InvalidInput(f"unknown format {quoted(named)}; use one of {', '.join(FORMATS)}")
    ways = {"dot" if target.dot else None, "json" if target.as_json else None, named}
    asked = sorted(format for format in ways if format is not None)
    if len(asked) > 1:
        raise InvalidInput(f"the formats {' and '.join(asked)} exclude each other; ask for one")
    return asked[0] if asked else None
