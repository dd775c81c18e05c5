"""The ``browse`` command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.options import Latest, OptionalRun, StoreOption
from graphtracker.cli.output import say, tell
from graphtracker.errors import InvalidInput
from graphtracker.files import write_file
from graphtracker.model.display import quoted


@dataclass(frozen=True)
class Files:
    """What to write for Neo4j Browser in place of its address."""

    style: Annotated[bool, typer.Option("--style", help="Print (or save) the style sheet instead.")] = False
    queries: Annotated[bool, typer.Option("--queries", help="Print (or save) the saved queries instead.")] = False
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="PATH", help="File of the style, or folder of the queries.")
    ] = None


def browse(
    run: OptionalRun = None,
    latest: Latest = False,
    *,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the web browser.")] = False,
    browser: Annotated[
        str | None,
        typer.Option("--browser", metavar="URL", help="Where Neo4j Browser is; else the store is asked."),
    ] = None,
    files: Files,
    store: StoreOption = None,
) -> None:
    """Print the address of Neo4j Browser, ready to show RUN.

    Without RUN it shows the recent runs.
    """
    if files.style and files.queries:
        raise InvalidInput("--style and --queries exclude each other; ask for one")
    if files.style:
        _write_style(files.output)
    elif files.queries:
        _write_queries(files.output)
    else:
        with open_existing(store) as tracker:
            address = tracker.browser_url(None if run is None else find(tracker, run, latest=latest), browser=browser)
        say(address)
        if open_:
            typer.launch(address)


def _write_style(output: str | None) -> None:
    """Prints the style sheet, or saves it, and says how to load it."""
    from graphtracker.stores.neo4j.browser_files import STYLE, style

    if output is None:
        typer.echo(style(), nl=False)
    else:
        write_file(output, [style().encode()])
    tell(f"drag the file ({STYLE if output is None else output}) onto the window of Neo4j Browser to load it")


def _write_queries(output: str | None) -> None:
    """Prints the saved queries, or saves them into a folder, and says how to load them."""
    from graphtracker.stores.neo4j.browser_files import queries

    if output is None:
        typer.echo("\n".join(queries().values()), nl=False)
        tell("save them with -o FOLDER, then drag the files onto the list of saved queries in Neo4j Browser")
        return
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"cannot make the folder {quoted(output)}: {error.strerror}; name another") from error
    for name, text in queries().items():
        write_file(str(Path(output) / name), [text.encode()])
    tell(f"drag the files of {output} onto the list of saved queries in Neo4j Browser to load them")
