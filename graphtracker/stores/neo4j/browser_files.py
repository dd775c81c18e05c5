"""What can be loaded into Neo4j Browser: the saved queries, the style sheet."""

from __future__ import annotations

import io
from importlib.resources import files

STYLE = "graphtracker.grass"
"""The name of the style sheet."""

STYLE_SUFFIX, QUERIES_SUFFIX = ".grass", ".zip"
"""Browser loads a style, or several queries at once, from files of no other suffix."""

FOLDER = "graphtracker"
"""Where the queries of the archive stand among those that the user saved."""

PREFIX = "browser_"
"""How the name of a saved query begins in ``cypher/``."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that an archive can hold: the same queries are the same bytes


def style() -> str:
    """The style sheet: runs, externals, artifacts and links in the colours of the other pictures."""
    return files("graphtracker.cypher").joinpath(STYLE).read_text(encoding="utf-8")


def queries() -> dict[str, str]:
    """The saved queries, file name → text with the comment that names it, sorted."""
    found = (path for path in files("graphtracker.cypher").iterdir() if path.name.startswith(PREFIX))
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(found, key=lambda path: path.name)}


def archive() -> bytes:
    """The saved queries as a zip file, all of which Browser saves in a folder; other files it takes one at a time."""
    from zipfile import ZipFile, ZipInfo  # 10 ms, for one option of one command

    written = io.BytesIO()
    with ZipFile(written, "w") as file:
        for name, text in queries().items():
            file.writestr(ZipInfo(f"{FOLDER}/{name.removeprefix(PREFIX)}", _LONG_AGO), text)
    return written.getvalue()
