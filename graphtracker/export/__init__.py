"""The formats a lineage is exported to, chosen by name or file suffix and imported on use."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from graphtracker.display import quoted
from graphtracker.errors import InvalidInput

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage

FORMATS = {
    "dot": "graphtracker.export.dot:dot",
    "json": "graphtracker.export.json:json_text",
    "svg": "graphtracker.export.svg:svg",
}
"""Format → import string of a function from a Lineage to text. The suffix of a file is the format's name."""


def format_of(path: str) -> str:
    """The format that the suffix of this file names; raises InvalidInput."""
    suffix = PurePath(path).suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InvalidInput(f"the suffix of {quoted(path)} names no format; use one of {known}, or name a format")
    return suffix


def export(lineage: Lineage, format: str) -> str:
    """The lineage as text; raises InvalidInput for an unknown format, MissingExtra where a tool is missing."""
    target = FORMATS.get(format)
    if target is None:
        raise InvalidInput(f"unknown format {quoted(format)}; use one of {', '.join(FORMATS)}")
    module, _, name = target.partition(":")
    text: str = getattr(import_module(module), name)(lineage)
    return text
