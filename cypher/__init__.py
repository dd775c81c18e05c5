"""Every Cypher statement that graphtracker sends, or saves for Neo4j Browser: one a file, loaded by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of ``name.cypher`` without the comment at its head."""
    lines = files(__name__).joinpath(f"{name}.cypher").read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line and not line.startswith("//"))
    return "\n".join(lines[first:])
