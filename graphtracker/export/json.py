"""A lineage as JSON text, which ``Lineage.from_dict`` reads back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphtracker.display import printable_json

if TYPE_CHECKING:
    from graphtracker.lineage import Lineage


def json_text(lineage: Lineage) -> str:
    """``lineage.to_dict()`` as indented JSON with a closing newline."""
    return pretty(lineage.to_dict())


def pretty(value: object) -> str:
    """JSON types as indented text with a closing newline, in which no character acts on a terminal."""
    return printable_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)) + "\n"
