"""The ``browse`` command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from graphtracker.cli.asking import find, open_existing
from graphtracker.cli.options import Latest, OptionalRun, StoreOption
from graphtracker.cli.output import columns, say, tell
from graphtracker.errors import InvalidInput
from graphtracker.files import write_file
from graphtracker.model.display import quoted


@dataclass(frozen=True)
class Files:
    """What to write for Neo4j Browser in place of its address."""

    style: Annotated[bool, typer.Option("--style", help="Print (or save) the style sheet instead.")] = False
    queries: Annotated[bool, typer.Option("--queries", help="Print (or save) the saved queries instead.")] = False
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="PATH", help="File (.grass) of the style; file (.zip) or folder of the queries."
        ),
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

    Without RUN it shows the recent runs. Exit code 1 where RUN is not found, 3 where the store is not Neo4j.

    Example: graphtracker browse train --open --store neo4j
    """
    if files.style and files.queries:
        raise InvalidInput("--style and --queries exclude each other; ask for one")
    if files.output == "":
        raise InvalidInput("-o names no file; give one, or leave it out")
    if files.output is not None and not (files.style or files.queries):
        raise InvalidInput("-o saves what --style or --queries print; ask for one")
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
        if columns() is not None:  # whoever only wants the address is not told each time
            tell("colours and saved queries for it: browse --style -o NAME.grass, browse --queries -o NAME.zip")


def _write_style(output: str | None) -> None:
    """Prints the style sheet, or saves it, and says how to load it."""
    from graphtracker.stores.neo4j.browser_files import STYLE, STYLE_SUFFIX, style

    if output is None:
        typer.echo(style(), nl=False)
        tell(f"save it with -o {STYLE}, then drag the file onto the window of Neo4j Browser")
        return
    if not output.endswith(STYLE_SUFFIX):
        raise InvalidInput(
            f"{quoted(output)} is a style to no Neo4j Browser: name a file that ends with {STYLE_SUFFIX}"
        )
    write_file(output, [style().encode()])
    tell(f"wrote {output}: drag it onto the window of Neo4j Browser (:style reset takes it off again)")


def _write_queries(output: str | None) -> None:
    """Prints the saved queries, or saves them into a folder or an archive, and says how to load them."""
    from graphtracker.stores.neo4j.browser_files import FOLDER, QUERIES_SUFFIX, archive, queries

    texts = queries()
    if output is None:
        typer.echo("\n".join(texts.values()), nl=False)
        tell(f"save them with -o {FOLDER}{QUERIES_SUFFIX}, then drag the file onto the window of Neo4j Browser")
    elif output.lower().endswith(QUERIES_SUFFIX):
        write_file(output, [archive()])
        tell(f"wrote {len(texts)} queries to {output}: drag it onto the window of Neo4j Browser")
        tell(
            f"they are then under its star, in the folder {FOLDER}; the comment of each says which parameters it takes"
        )
    else:
        _write_folder(Path(output), texts)
        tell(f"wrote {len(texts)} queries into {output}: drag them onto the window of Neo4j Browser, one at a time")
        tell(f"it takes all at once from one file: -o {FOLDER}{QUERIES_SUFFIX}")


def _write_folder(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"cannot make the folder {quoted(str(folder))}: {error.strerror}; name another") from error
    for name, text in texts.items():
        write_file(str(folder / name), [text.encode()])
