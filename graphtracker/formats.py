"""The formats that an answer is exported to, by name or by the suffix of a file."""

from __future__ import annotations

from pathlib import PurePath

from graphtracker.errors import InvalidInput
from graphtracker.model.display import quoted

DATA = {
    "graphml": "graphtracker.exchange.graphml:graphml",
    "json": "graphtracker.exchange.json:json_text",
    "openlineage": "graphtracker.exchange.openlineage.writing:openlineage",
    "prov-json": "graphtracker.exchange.prov.prov_json:prov_json",
    "prov-n": "graphtracker.exchange.prov.prov_n:prov_n",
    "ro-crate": "graphtracker.exchange.ro_crate:archive",
}
"""Format → import string of a function from an Answer to all of it, piece by piece."""

FOLDERS = {
    "parquet": "graphtracker.exchange.parquet.writing:files",
    "ro-crate": "graphtracker.exchange.ro_crate:folder",
}
"""Format that is several files → import string of a function from an Answer to each file's name and pieces, in turn."""

UNSAID = {
    "openlineage": "graphtracker.exchange.openlineage.writing:unsaid",
    "ro-crate": "graphtracker.exchange.ro_crate:unsaid",
}
"""Format of data → import string of a function from an Answer to what of it that format cannot say, for people; None
where nothing is."""

PICTURES = {
    "dot": "graphtracker.drawing.graphviz.dot:dot",
    "html": "graphtracker.drawing.page.html:html",
    "mermaid": "graphtracker.drawing.mermaid:mermaid",
    "pdf": "graphtracker.drawing.graphviz.images:pdf",
    "png": "graphtracker.drawing.graphviz.images:png",
    "svg": "graphtracker.drawing.graphviz.images:svg",
}
"""Format → import string of a function from a Picture to its bytes, piece by piece."""

BOUNDED = {"mermaid": "graphtracker.drawing.mermaid:beyond"}
"""Format whose readers draw only so much → import string of a function from a Picture or a Paired to what of it is too
much, for people; None where nothing is."""

FORMATS = sorted({*DATA, *FOLDERS, *PICTURES})

BINARY = frozenset({"pdf", "png", "ro-crate"})
"""Formats that are no text."""

DIFFERENCES = {
    "dot": "graphtracker.drawing.graphviz.dot:dot_of_pairs",
    "mermaid": "graphtracker.drawing.mermaid:mermaid_of_pairs",
    "pdf": "graphtracker.drawing.graphviz.images:pdf",
    "png": "graphtracker.drawing.graphviz.images:png",
    "svg": "graphtracker.drawing.graphviz.images:svg",
}
"""Format → import string of a function from a Paired, which is two lineages in one picture, to its pieces."""

OF_DIFFERENCES = sorted([*DIFFERENCES, "json"])
"""Formats of a difference."""

_DRAWN = ("pdf", "png", "svg")
LOOKS = {
    "labels": ("dot", "html", "mermaid", *_DRAWN),
    "vertical": ("dot", "html", "mermaid", *_DRAWN),
    "dark": ("dot", "html", "mermaid", *_DRAWN),
    "bare": ("html", "mermaid", *_DRAWN),
    "size": _DRAWN,
}
"""Option of how a picture looks → the formats that take it. How much is shown may be asked of each format: data and DOT
are whole anyway."""

SUFFIXES = {
    ".dot": "dot",
    ".graphml": "graphml",
    ".html": "html",
    ".json": "json",
    ".mmd": "mermaid",
    ".ndjson": "openlineage",
    ".pdf": "pdf",
    ".png": "png",
    ".prov.json": "prov-json",
    ".provn": "prov-n",
    ".ro-crate.zip": "ro-crate",
    ".svg": "svg",
}
"""Suffix of a file → format; of two that fit the longer counts."""


def named_format(path: str) -> str | None:
    """The format that the suffix of this file names, in letters of any case; None where it names none."""
    name = PurePath(path).name.lower()
    fitting = [suffix for suffix in SUFFIXES if name.endswith(suffix) and name != suffix]
    return SUFFIXES[max(fitting, key=len)] if fitting else None


def format_of(path: str) -> str:
    """The format that the suffix of this file names; raises InvalidInput."""
    format = named_format(path)
    if format is None:
        known = ", ".join(sorted(SUFFIXES))
        raise InvalidInput(f"the suffix of {quoted(path)} names no format; use one of {known}, or name a format")
    return format


def difference_format_of(path: str) -> str:
    """The format of a difference that the suffix of this file names; raises InvalidInput."""
    format = named_format(path)
    if format not in OF_DIFFERENCES:
        known = ", ".join(suffix for suffix, name in sorted(SUFFIXES.items()) if name in OF_DIFFERENCES)
        raise InvalidInput(f"the suffix of {quoted(path)} names no format of a difference; use one of {known}")
    return str(format)
