"""What can be loaded into Neo4j Browser: the saved queries, the style sheet."""

from __future__ import annotations

from importlib.resources import files

STYLE = "graphtracker.grass"
"""The name of the style sheet."""

PREFIX = "browser_"
"""How the name of a saved query begins in ``cypher/``."""


def style() -> str:
    """The style sheet: runs, externals, artifacts and links in the colours of the other pictures."""
    return files("graphtracker.cypher").joinpath(STYLE).read_text(encoding="utf-8")


def queries() -> dict[str, str]:
    """The saved queries, file name → text with the comment that names it, sorted."""
    found = (path for path in files("graphtracker.cypher").iterdir() if path.name.startswith(PREFIX))
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(found, key=lambda path: path.name)}
