"""The ``find`` command."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from graphtracker import Artifact, Run
from graphtracker.cli.asking import open_existing
from graphtracker.cli.exit_codes import NOT_FOUND
from graphtracker.cli.options import AsJSON, StoreOption, number_option
from graphtracker.cli.output import page, say_json_array, tell
from graphtracker.cli.shell_words import shell_word
from graphtracker.exchange.dicts import artifact_to_dict, run_to_dict
from graphtracker.model.display import printable, quoted
from graphtracker.model.times import to_the_second


def find(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help="Part of an id, of an artifact's name or of a path, or a glob of it."),
    ],
    limit: Annotated[int, number_option("--limit", "At most the newest N.")] = 100,
    as_json: AsJSON = False,
    store: StoreOption = None,
) -> None:
    """Find runs and artifacts by id, name or path, newest first.

    Exit code 1 where there is none.

    Example: graphtracker find '*.parquet'
    """
    with open_existing(store) as tracker:
        found = tracker.find(text, limit=limit + 1)
    if as_json:
        say_json_array(map(_to_dict, found[:limit]))
    else:
        page(map(_line, found[:limit]))
    if not found:
        tell(f"nothing has {quoted(text)} in its id, name or path")
        raise typer.Exit(NOT_FOUND)
    if len(found) > limit:
        tell(f"there are more; give more of the text, or a --limit of more than {limit:,}")


def _to_dict(found: Run | Artifact) -> dict[str, Any]:
    """In plain JSON types, with what it is."""
    return {"kind": found.kind, **(run_to_dict(found) if isinstance(found, Run) else artifact_to_dict(found))}


def _line(found: Run | Artifact) -> str:
    """What it is and since when, then what asks about it, to be copied, so that it is whole."""
    at = found.created_at if isinstance(found, Run) else found.updated_at or found.created_at
    beginning = f"{found.kind:<8}  {to_the_second(at)}  {shell_word(found.run_id)}"
    if isinstance(found, Run):
        return beginning
    path = "" if found.path is None else f"  {printable(found.path)}"
    return f"{beginning} --artifact {shell_word(found.name)}{path}"
