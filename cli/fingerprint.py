"""The ``fingerprint`` command."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from graphtracker.cli import completion
from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.exit_codes import DIFFERENT
from graphtracker.cli.options import AsJSON, Latest, StoreOption
from graphtracker.cli.output import say_json, say_rows, tell
from graphtracker.cli.shell_words import shell_line
from graphtracker.model.values import run_name


def fingerprint(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="Run id, or what only one run has: a name, the beginning of one, or the ending of an id.",
            autocompletion=completion.runs,
        ),
    ],
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="PATTERN",
            help="Leave out metadata keys that match: KEY, or of an artifact NAME.KEY; a glob. May be repeated.",
        ),
    ] = None,
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="NAME", help="Of this artifact of each RUN.")
    ] = None,
    no_sha256: Annotated[
        bool, typer.Option("--no-sha256", help="Look behind artifacts that have a sha256 in their metadata, too.")
    ] = False,
    latest: Latest = False,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Print what is equal for runs that came from the same.

    It is made of metadata and sources of all that a run came from, not of ids, paths or times. An artifact that has a
    sha256 in its metadata stands for all that it came from. Exit code 1 where several differ.

    Example: graphtracker fingerprint train-x7mw train-b5ga
    """
    with open_existing(store) as tracker:
        run_ids = [find(tracker, run, latest=latest) for run in runs]
        found = tracker.fingerprints(run_ids, artifact_name=artifact, ignore=ignore or (), sha256=not no_sha256)
    if as_json:
        say_json([_to_dict(run_id, artifact, value) for run_id, value in zip(run_ids, found, strict=True)])
    else:
        say_rows([f"{value}  {label}"] for value, label in zip(found, _labels(run_ids), strict=True))
    if len(found) > 1:
        narrowed = [] if artifact is None else ["--artifact", artifact]
        narrowed += [word for pattern in ignore or () for word in ("--ignore", pattern)]
        tell(_verdict(runs, found, [*narrowed, *(["--latest"] if latest else [])]))
    if len(set(found)) > 1:
        raise typer.Exit(DIFFERENT)


def _verdict(runs: list[str], found: list[str], options: list[str]) -> str:
    """Whether they are the same; where not, what says where the first differs from the next that does."""
    kinds = len(set(found))
    if kinds == 1:
        return "the same"
    other = next(place for place, value in enumerate(found) if value != found[0])
    command = shell_line(["graphtracker", "diff", runs[0], runs[other], *options])
    return f"they differ: {kinds:,} fingerprints of {len(found):,}; {command} says where"


def _to_dict(run_id: str, artifact: str | None, value: str) -> dict[str, str]:
    named = {} if artifact is None else {"artifact_name": artifact}
    return {"run_id": run_id, **named, "fingerprint": value}


def _labels(run_ids: list[str]) -> list[str]:
    """Their names, or ids where two have one name."""
    names = Counter(map(run_name, dict.fromkeys(run_ids)))
    return [name if names[name := run_name(run_id)] == 1 else run_id for run_id in run_ids]
