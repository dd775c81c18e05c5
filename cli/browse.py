"""What the ``browse`` command gives to load into Neo4j Browser."""

from __future__ import annotations

from pathlib import Path

import typer

from graphtracker.cli.files import write_file
from graphtracker.cli.output import tell
from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted
from graphtracker.stores.neo4j.browser import STYLE, queries, style


def give_style(output: str | None) -> None:
    """Prints the style sheet, or saves it, and says how to load it."""
    if output is None:
        typer.echo(style(), nl=False)
    else:
        write_file(output, [style().encode()])
    tell(f"drag the file ({STYLE if output is None else output}) onto the window of Neo4j Browser to load it")


def give_queries(output: str | None) -> None:
    """Prints the saved queries, or saves them into a folder, and says how to load them."""
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
